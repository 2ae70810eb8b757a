//! What there is to say of a cost besides the figure.

use weir_core::store::StoredLog;
use weir_core::{Cost, LogRecord};

/// Percent by which two figures may differ before it is worth a sentence.
const APART: f64 = 3.0;

/// That the caller named a price which does not count, and why.
pub(super) fn passed_over(record: &LogRecord) -> Option<String> {
    let price = record.trail.as_ref()?.price.as_ref()?;
    let reason = price.ignored.as_deref()?;
    let mut letters = reason.chars();
    let first = letters.next()?.to_uppercase();
    Some(format!("{first}{}.", letters.as_str()))
}

/// How far our own figure is from the provider's, if that is far.
pub(super) fn apart(record: &LogRecord) -> Option<String> {
    let (ours, theirs) = (record.computed_cost()?, record.provider_reported_cost?);
    if theirs == Cost::ZERO {
        let told = "The provider told that it charged nothing";
        return (ours != Cost::ZERO).then(|| format!("{told}; our own prices make it ${ours}."));
    }
    let percent = (ours.dollars() / theirs.dollars() - 1.0) * 100.0;
    if percent.abs() < APART {
        return None;
    }
    let way = if percent > 0.0 { "more" } else { "less" };
    Some(format!(
        "The provider told a cost of ${theirs}; our own prices make it ${ours}, {:.1} % {way}: the \
         price of this model may have changed.",
        percent.abs()
    ))
}

/// That a price was corrected since.
pub(super) fn priced_anew(row: &StoredLog) -> Option<String> {
    let first = row.cost_history.first()?;
    let before = first.cost.map_or_else(|| "no known cost".to_owned(), |cost| format!("${cost}"));
    let times = match row.cost_history.len() {
        1 => "once".to_owned(),
        many => format!("{many} times"),
    };
    Some(format!("It was priced anew {times} since; at first it had {before}."))
}

#[cfg(test)]
mod tests {
    use weir_core::Timestamp;
    use weir_core::store::FormerCost;
    use weir_core::trail::{PriceTrail, Trail};

    use super::*;
    use crate::tests::fake_logs::full_row;

    fn row(by: &'static str, cost: i64, reported: Option<i64>) -> LogRecord {
        let price = PriceTrail { by: by.into(), ..PriceTrail::default() };
        LogRecord {
            cost: Some(Cost::from_pico(cost)),
            provider_reported_cost: reported.map(Cost::from_pico),
            trail: Some(Box::new(Trail { price: Some(price), ..Trail::default() })),
            ..full_row(1)
        }
    }

    #[test]
    fn figures_that_are_far_apart_are_told() {
        assert_eq!(apart(&row("list", 100, None)), None);
        assert_eq!(apart(&row("list", 102, Some(100))), None);
        let told = apart(&row("account", 120, Some(100))).unwrap();
        assert!(told.contains("our own prices make it $0.00000000012, 20.0 % more"), "{told}");
        let mut theirs = row("provider", 100, Some(100));
        assert_eq!(apart(&theirs), None, "our own figure is not known");
        let price = theirs.trail.as_mut().unwrap().price.as_mut().unwrap();
        price.computed = Some(Cost::from_pico(50));
        assert!(apart(&theirs).unwrap().contains("50.0 % less"));
        assert!(apart(&row("list", 5, Some(0))).unwrap().contains("charged nothing"));
        assert_eq!(apart(&row("list", 0, Some(0))), None);
    }

    #[test]
    fn a_price_that_does_not_count_is_told() {
        let mut row = row("list", 1, None);
        assert_eq!(passed_over(&row), None);
        let price = row.trail.as_mut().unwrap().price.as_mut().unwrap();
        price.ignored = Some("the reason".into());
        assert_eq!(passed_over(&row).as_deref(), Some("The reason."));
    }

    #[test]
    fn a_correction_is_told() {
        let former = |cost: Option<i64>| FormerCost {
            cost: cost.map(Cost::from_pico),
            price_id: None,
            at: Timestamp::from_millis(0),
        };
        let stored = |cost_history| StoredLog {
            record: row("list", 1, None),
            payload_stored: false,
            feedback: None,
            score: None,
            cost_history,
        };
        assert_eq!(priced_anew(&stored(Vec::new())), None);
        let once = priced_anew(&stored(vec![former(None)])).unwrap();
        assert_eq!(once, "It was priced anew once since; at first it had no known cost.");
        let twice = priced_anew(&stored(vec![former(Some(5)), former(None)])).unwrap();
        assert!(twice.contains("2 times since; at first it had $0.000000000005"), "{twice}");
    }
}
