use serde_json::{Map, Number, Value, json};

use super::{body, lenient, refusal, request, strict_refusal, tool};
use crate::canonical::{Format, Request, ToolChoice};
use crate::capability::Capabilities;

fn number(value: f64) -> Option<Number> {
    Number::from_f64(value)
}

fn plain() -> Capabilities {
    Capabilities::default()
}

#[test]
fn the_limit_is_always_there() {
    let unlimited = request(|it| it.max_tokens = None);
    assert_eq!(body(&unlimited, plain())["max_tokens"], 4096);
    let facts = Capabilities { max_output_tokens: Some(64_000), ..plain() };
    assert_eq!(body(&unlimited, facts)["max_tokens"], 64_000);
}

#[test]
fn sampling() {
    let hot = request(|it| it.temperature = number(1.5));
    let (got, dropped) = lenient(&hot, plain());
    assert_eq!((&got["temperature"], dropped.len()), (&json!(1), 1));
    assert!(strict_refusal(&hot, plain()).contains("takes 0 to 1, not 1.5"));

    let both = request(|it| {
        it.temperature = number(0.2);
        it.top_p = number(0.9);
        it.top_k = Some(5);
    });
    let (got, dropped) = lenient(&both, plain());
    assert_eq!(
        (&got["temperature"], &got["top_p"], &got["top_k"]),
        (&json!(0.2), &Value::Null, &json!(5))
    );
    assert_eq!(dropped.len(), 1);
    let facts = Capabilities { sampling_params: Some(false), ..plain() };
    let (got, dropped) = lenient(&both, facts);
    assert_eq!((got.get("temperature"), got.get("top_k"), dropped.len()), (None, None, 3));
    let usual = request(|it| {
        it.temperature = Some(Number::from(1));
        it.top_p = number(1.0);
    });
    assert_eq!(body(&usual, facts).get("temperature"), None);
}

#[test]
fn what_changes_the_meaning_is_refused() {
    let check = |change: fn(&mut Request), why: &str| {
        let got = refusal(&request(change), plain());
        assert!(got.contains(why), "{got}");
    };
    check(|it| it.n = Some(2), "one answer");
    check(|it| it.logit_bias = Some(Map::from_iter([("1".to_owned(), json!(1))])), "single tokens");
    check(|it| it.logprobs = Some(true), "likelihoods");
    check(|it| it.stop = vec!["a".to_owned(), " \n".to_owned()], "white space");
    check(|it| it.service_tier = Some("flex".to_owned()), "no tier `flex`");
    for (name, value) in [
        ("modalities", json!(["text", "audio"])),
        ("web_search_options", json!({})),
        ("audio", json!({"voice": "x"})),
    ] {
        let own = Map::from_iter([(name.to_owned(), value)]);
        assert!(refusal(&request(|it| it.own = own), plain()).starts_with(name));
    }
}

#[test]
fn what_only_tunes_is_left_out() {
    let tuned = request(|it| {
        it.n = Some(1);
        it.logprobs = Some(false);
        it.seed = Some(1);
        it.frequency_penalty = number(0.0);
        it.presence_penalty = number(0.5);
        it.metadata = Some(Map::from_iter([("a".to_owned(), json!("b"))]));
        it.own = json!({"prediction": {"type": "content"}, "verbosity": "low"})
            .as_object()
            .unwrap()
            .clone();
    });
    let (_, dropped) = lenient(&tuned, plain());
    assert_eq!(dropped.len(), 5, "{dropped:?}");
    assert!(strict_refusal(&tuned, plain()).contains("leave it out"));
}

#[test]
fn users_tiers_and_stops() {
    let got = body(
        &request(|it| {
            it.user = Some("u".to_owned());
            it.service_tier = Some("default".to_owned());
            it.stop = vec!["END".to_owned()];
            it.stream = true;
        }),
        plain(),
    );
    assert_eq!(got["metadata"], json!({"user_id": "u"}));
    assert_eq!(got["service_tier"], "standard_only");
    assert_eq!(got["stop_sequences"], json!(["END"]));
    assert_eq!(got["stream"], true);
}

fn choose(choice: Option<ToolChoice>, parallel: Option<bool>) -> Request {
    request(|it| {
        it.tools = vec![tool("a"), tool("b")];
        it.tool_choice = choice;
        it.parallel_tools = parallel;
    })
}

#[test]
fn choices_of_tools() {
    let check = |choice, parallel, expected: Value| {
        assert_eq!(body(&choose(choice, parallel), plain())["tool_choice"], expected);
    };
    check(None, None, Value::Null);
    check(None, Some(false), json!({"type": "auto", "disable_parallel_tool_use": true}));
    check(Some(ToolChoice::Auto), Some(true), json!({"type": "auto"}));
    check(Some(ToolChoice::None), Some(false), json!({"type": "none"}));
    check(Some(ToolChoice::Required), None, json!({"type": "any"}));
    check(
        Some(ToolChoice::Named("b".to_owned())),
        Some(false),
        json!({"type": "tool", "name": "b", "disable_parallel_tool_use": true}),
    );
    let names = vec!["b".to_owned()];
    let some = choose(Some(ToolChoice::Allowed { names, required: true }), None);
    let got = body(&some, plain());
    assert_eq!(
        (got["tools"].as_array().unwrap().len(), &got["tool_choice"]),
        (1, &json!({"type": "any"}))
    );

    let facts = Capabilities { forced_tool_choice: Some(false), ..plain() };
    assert!(refusal(&choose(Some(ToolChoice::Required), None), facts).contains("choose `auto`"));
    let missing = choose(Some(ToolChoice::Named("c".to_owned())), None);
    assert!(refusal(&missing, plain()).contains("called `c`"));
    assert!(
        refusal(&request(|it| it.tool_choice = Some(ToolChoice::Required)), plain())
            .contains("no tool")
    );
}

fn shaped() -> Request {
    request(|it| {
        it.format = Format::JsonSchema {
            name: "city".to_owned(),
            description: Some("A city.".to_owned()),
            schema: json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 0}}}),
            strict: Some(true),
        };
    })
}

#[test]
fn schemas_natively_or_by_a_tool() {
    let native = Capabilities { native_json_schema: Some(true), ..plain() };
    let got = body(&shaped(), native);
    let schema = &got["output_config"]["format"]["schema"];
    assert_eq!(schema["description"], "A city.");
    assert_eq!(schema["properties"]["n"]["description"], "Must hold: minimum: 0");

    let outcome = super::run(&shaped(), plain(), crate::fault::Strictness::Strict);
    let prepared = outcome.result.unwrap();
    assert_eq!(prepared.schema_tool.as_deref(), Some("city"));
    let got: Value = serde_json::from_slice(&prepared.body).unwrap();
    assert_eq!(got["tool_choice"]["name"], "city");
    assert_eq!(got["tools"][0]["input_schema"]["properties"]["n"]["minimum"], 0);

    let mut with_tools = shaped();
    with_tools.tools = vec![tool("a")];
    assert!(refusal(&with_tools, plain()).contains("while it has tools"));
    assert_eq!(body(&with_tools, native)["tools"][0]["name"], "a");
    let neither = Capabilities {
        native_json_schema: Some(false),
        forced_tool_choice: Some(false),
        ..plain()
    };
    assert!(refusal(&shaped(), neither).contains("json_object"));
}
