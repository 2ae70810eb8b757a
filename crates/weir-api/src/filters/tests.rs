use proptest::prelude::*;
use serde_json::json;
use weir_core::Timestamp;
use weir_core::log_filter::FilterValue;

use super::*;

const PLACE: Place<'static> = &["query", "filters"];

fn pairs(query: &str) -> Vec<(String, String)> {
    let uri: http::Uri = format!("/?{query}").parse().unwrap();
    crate::query::Params::read(&uri).unwrap().pairs().to_vec()
}

/// What a query's filters mean, or the message of their refusal.
fn read(query: &[(String, String)]) -> Result<Vec<Condition>, String> {
    let found = from_query(query).and_then(|found| conditions(&found, &LOGS, PLACE));
    found.map_err(|error| match error {
        ApiError::Input(refusals) => refusals[0].message.clone(),
        other => panic!("{other:?}"),
    })
}

fn filter(key: &str, operator: &str, values: &[Value]) -> Filter {
    let values = values.to_vec();
    Filter { key: key.to_owned(), operator: operator.to_owned(), values }
}

#[test]
fn the_four_forms_say_the_same() {
    let expected = conditions(
        &[
            filter("provider", "eq", &[json!("open ai+%"), json!("anthropic")]),
            filter("cost", "gt", &[json!(0.1)]),
        ],
        &LOGS,
        PLACE,
    );
    let expected = expected.unwrap();
    for query in [
        // As captured from the two official clients, then JSON, then brackets.
        "filters.key=provider&filters.operator=eq&filters.value=open%20ai%2B%25&\
         filters.value=anthropic&filters.key=cost&filters.operator=gt&filters.value=0.1",
        "filters.key=provider&filters.key=cost&filters.operator=eq&filters.operator=gt&\
         filters.value=open+ai%2B%25&filters.value=anthropic&filters.value=0.1",
        "filters=%5B%7B%22key%22:%22provider%22,%22operator%22:%22eq%22,%22value%22:\
         %5B%22open%20ai%2B%25%22,%22anthropic%22%5D%7D,%7B%22key%22:%22cost%22,\
         %22operator%22:%22gt%22,%22value%22:%5B0.1%5D%7D%5D",
        "filters%5B0%5D%5Bkey%5D=provider&filters%5B1%5D%5Bkey%5D=cost&\
         filters%5B0%5D%5Boperator%5D=eq&filters%5B1%5D%5Boperator%5D=gt&\
         filters%5B0%5D%5Bvalue%5D%5B1%5D=anthropic&filters%5B1%5D%5Bvalue%5D=0.1&\
         filters%5B0%5D%5Bvalue%5D%5B0%5D=open%20ai%2B%25",
    ] {
        assert_eq!(read(&pairs(query)).as_ref(), Ok(&expected), "{query}");
    }
}

#[test]
fn columns_are_shared_out_only_where_one_way_is_left() {
    let read = |keys: &[&str], values: &[&str]| {
        let shares = columns::share_out(keys, values)?;
        Some(shares.iter().map(|share| share.len()).collect::<Vec<_>>())
    };
    type Case = (&'static [&'static str], &'static [&'static str], Option<&'static [usize]>);
    let cases: &[Case] = &[
        (&["provider", "model"], &["a", "b"], Some(&[1, 1])),
        (&["provider", "cost"], &["a", "b", "1"], Some(&[2, 1])),
        (&["cost", "provider"], &["1", "a", "b"], Some(&[1, 2])),
        (&["success", "cost"], &["true", "1", "2"], Some(&[1, 2])),
        // "1" may be a provider's name as well as a cost.
        (&["provider", "cost"], &["a", "1", "2"], None),
        (&["provider", "model"], &["a", "b", "c"], None),
        (&["provider", "cost"], &["a", "b", "c"], None),
        (&["provider", "cost"], &["a"], None),
        (&["provider", "cost"], &[], None),
    ];
    for (keys, values, expected) in cases {
        assert_eq!(read(keys, values).as_deref(), *expected, "{keys:?} {values:?}");
    }
}

#[test]
fn text_of_a_query_becomes_the_type_of_its_key() {
    let one = |key: &str, operator: &str, value: &str| {
        let text = |text: &str| text.to_owned();
        let query = [
            (text("filters.key"), text(key)),
            (text("filters.operator"), text(operator)),
            (text("filters.value"), text(value)),
        ];
        read(&query).map(|mut conditions| conditions.remove(0).values.remove(0))
    };
    assert_eq!(one("cost", "lt", "1e-3"), Ok(FilterValue::Number(0.001)));
    assert_eq!(one("cached", "neq", "true"), Ok(FilterValue::Flag(true)));
    assert_eq!(one("model", "eq", "4"), Ok(FilterValue::Text("4".into())));
    assert_eq!(one("feedback", "eq", ""), Ok(FilterValue::Null));
    assert_eq!(one("metadata.team", "eq", "1"), Ok(FilterValue::Text("1".into())));
    let at = Timestamp::from_millis(1_795_206_896_040);
    let shown = "2026-11-20T21:34:56.04+01:00";
    assert_eq!(one("created_at", "gt", shown), Ok(FilterValue::Time(at)));
    assert_eq!(one("prompts.prompt_id", "eq", "x"), Ok(FilterValue::Text("x".into())));
}

#[test]
fn what_cannot_be_heard_is_refused_by_name() {
    let cases = [
        ("filters.key=provder&filters.operator=eq&filters.value=x", "'provider' is known"),
        ("filters.key=metadata.&filters.operator=eq&filters.value=x", "unknown filter key"),
        ("filters.key=provider&filters.operator=equ&filters.value=x", "'eq' is known"),
        ("filters.key=provider&filters.operator=like&filters.value=x", "known are eq, neq"),
        ("filters.key=provider&filters.operator=gt&filters.value=x", "does not suit provider"),
        ("filters.key=success&filters.operator=contains&filters.value=t", "does not suit success"),
        ("filters.key=cost&filters.operator=gt&filters.value=many", "which is a number"),
        ("filters.key=cost&filters.operator=gt&filters.value=inf", "which is a number"),
        ("filters.key=success&filters.operator=eq&filters.value=1", "which is true or false"),
        ("filters.key=created_at&filters.operator=gt&filters.value=today", "RFC 3339"),
        ("filters.key=cost&filters.operator=gt&filters.value=", "eq and neq only"),
        ("filters.key=cost&filters.operator=gt", "no value"),
        ("filters.key=cost&filters.value=1", "needs a key, an operator"),
        ("filters.operator=gt&filters.value=1", "begins with filters.key"),
        ("filters.key=cost&filters.operator=gt&filters.operator=lt&filters.value=1", "two keys"),
        ("filters.key=cost&filters.key=model&filters.operator=gt&filters.value=1", "filters=["),
        (
            "filters.key=model&filters.key=provider&filters.operator=eq&filters.operator=eq&\
             filters.value=a&filters.value=b&filters.value=c",
            "not clear which filters.value",
        ),
        ("filters.name=cost", "is no filter"),
        ("filters%5B%5D%5Bkey%5D=cost", "is no filter"),
        ("filters%5B0%5D%5Bkey%5D%5B0%5D=cost", "is no filter"),
        ("filters%5B99999%5D%5Bkey%5D=cost", "is no filter"),
        ("filters%5B0%5D%5Bkey%5D=cost", "needs a key, an operator"),
        ("filters=cost", "not valid JSON"),
        ("filters=7", "must be an array"),
        ("filters=%5B7%5D", "must be an object"),
        ("filters=%5B%7B%22key%22:%22cost%22%7D%5D", "both strings"),
        ("filters=%5B%7B%22key%22:%22cost%22,%22op%22:1%7D%5D", "no field 'op'"),
        ("filters=%7B%22key%22:%22cost%22,%22operator%22:%22gt%22%7D", "must have a value"),
        ("filters=%7B%22key%22:%22model%22,%22operator%22:%22eq%22,%22value%22:7%7D", "a text"),
    ];
    for (query, part) in cases {
        let message = read(&pairs(query)).unwrap_err();
        assert!(message.contains(part), "{query}: {message}");
    }
    let many = "filters.key=cost&filters.operator=gt&filters.value=1&".repeat(MOST_FILTERS + 1);
    assert!(read(&pairs(&many)).unwrap_err().contains("50 filters at most"));
    let values = "&filters.value=1".repeat(MOST_VALUES + 1);
    let many = format!("filters.key=cost&filters.operator=eq{values}");
    assert!(read(&pairs(&many)).unwrap_err().contains("1000 values at most"));
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let words = "[a-z&=+% \\[\\]]{1,6}";
    let texts = || prop::collection::vec(words.prop_map(Value::from), 1..4);
    let numbers = || {
        // Eighths, which JSON carries exactly.
        let number = any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0));
        prop::collection::vec(number, 1..4)
    };
    let flags = || prop::collection::vec(any::<bool>().prop_map(Value::from), 1..2);
    let times = || {
        let at = (0_i64..4_000_000_000_000).prop_map(Timestamp::from_millis);
        prop::collection::vec(at.prop_map(|at| Value::from(at.to_string())), 1..3)
    };
    let of = |keys: &'static [&'static str], operators: &'static [&'static str]| {
        (prop::sample::select(keys), prop::sample::select(operators))
    };
    prop_oneof![
        (of(&["provider", "metadata.key", "metadata.team"], &["eq", "neq", "contains"]), texts()),
        (of(&["cost", "tokens", "feedback"], &["eq", "lt", "gt", "gte", "lte"]), numbers()),
        (of(&["success", "compatibilityMode"], &["eq", "neq"]), flags()),
        (of(&["created_at"], &["lt", "gt"]), times()),
        (of(&["feedback", "dlp_action"], &["eq", "neq"]), Just(vec![Value::Null])),
    ]
    .prop_map(|((key, operator), values)| Filter {
        key: key.to_owned(),
        operator: operator.to_owned(),
        values,
    })
}

fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn pair(name: impl Into<String>, text: impl Into<String>) -> (String, String) {
    (name.into(), text.into())
}

proptest! {
    #[test]
    fn each_form_reads_back_as_what_was_written(
        filters in prop::collection::vec(any_filter(), 1..6),
    ) {
        let meant = conditions(&filters, &LOGS, PLACE).unwrap();
        let (mut grouped, mut indexed) = (Vec::new(), Vec::new());
        for (place, filter) in filters.iter().enumerate() {
            grouped.push(pair("filters.key", &filter.key));
            grouped.push(pair("filters.operator", &filter.operator));
            indexed.push(pair(format!("filters[{place}][key]"), &filter.key));
            indexed.push(pair(format!("filters[{place}][operator]"), &filter.operator));
            for (at, value) in filter.values.iter().enumerate() {
                grouped.push(pair("filters.value", as_text(value)));
                indexed.push(pair(format!("filters[{place}][value][{at}]"), as_text(value)));
            }
        }
        let mut shuffled = indexed.clone();
        shuffled.reverse();
        prop_assert_eq!(read(&grouped), Ok(meant.clone()));
        prop_assert_eq!(read(&indexed), Ok(meant.clone()));
        prop_assert_eq!(read(&shuffled), Ok(meant.clone()));
        let json = [pair("filters", to_json(&filters).to_string())];
        prop_assert_eq!(read(&json), Ok(meant));
    }

    #[test]
    fn columns_are_read_as_written_or_refused(
        filters in prop::collection::vec(any_filter(), 2..6),
        single: bool,
    ) {
        let mut filters = filters;
        if single {
            filters.iter_mut().for_each(|filter| filter.values.truncate(1));
        }
        let keys = filters.iter().map(|filter| pair("filters.key", &filter.key));
        let operators = filters.iter().map(|filter| pair("filters.operator", &filter.operator));
        let values = filters.iter().flat_map(|filter| &filter.values);
        let values = values.map(|value| pair("filters.value", as_text(value)));
        let query: Vec<_> = keys.chain(operators).chain(values).collect();
        let meant = conditions(&filters, &LOGS, PLACE).unwrap();
        match read(&query) {
            Ok(found) => prop_assert_eq!(found, meant),
            Err(message) => prop_assert!(!single && message.contains("filters=["), "{}", message),
        }
    }

    #[test]
    fn no_query_is_too_strange(
        query in prop::collection::vec(
            ("filters[.\\[\\]a-z0-9]{0,12}|filters.(key|operator|value)|filters\\[[0-9]\\]\\[(key|operator|value)\\](\\[[0-9]?\\])?", ".{0,8}"),
            0..12,
        ),
    ) {
        let _ = read(&query);
    }
}
