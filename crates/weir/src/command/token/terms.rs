//! Budgets of tokens as people write them at the command line: `25 dollars monthly`.

use anyhow::{Context, bail};
use weir_core::budget::{BudgetPeriod, BudgetTerms, BudgetUnit};
use weir_core::route::Technique;

/// Reads `AMOUNT UNIT TIME`. The time is a period, or a window such as `60s`.
pub(super) fn parse(text: &str) -> anyhow::Result<BudgetTerms> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [amount, unit, time] = words.as_slice() else {
        bail!(
            "'{text}' is no budget; one is an amount, a unit and a time, e.g. '25 dollars monthly'"
        );
    };
    let unit = match *unit {
        "dollars" => BudgetUnit::Dollars,
        "tokens" => BudgetUnit::Tokens,
        "requests" => BudgetUnit::Requests,
        "seconds" => BudgetUnit::Seconds,
        other => bail!("'{other}' is no unit; there are: dollars, tokens, requests, seconds"),
    };
    let period = match *time {
        "hourly" => Some(BudgetPeriod::Hourly),
        "daily" => Some(BudgetPeriod::Daily),
        "weekly" => Some(BudgetPeriod::Weekly),
        "monthly" => Some(BudgetPeriod::Monthly),
        "total" => Some(BudgetPeriod::Total),
        _ => None,
    };
    let window = match (period, time.strip_suffix('s').and_then(|seconds| seconds.parse().ok())) {
        (Some(_), _) => None,
        (None, Some(seconds)) => Some(seconds),
        (None, None) => bail!(
            "'{time}' is no time; there are: hourly, daily, weekly, monthly, total, or seconds such \
             as 60s"
        ),
    };
    let limit = amount.parse().with_context(|| format!("'{amount}' is no amount"))?;
    let technique = Technique::Fixed;
    Ok(BudgetTerms { unit, limit, period, window, technique, soft: None, hard: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_read_as_people_say_them() {
        let monthly = parse("25.5 dollars monthly").unwrap();
        assert_eq!((monthly.limit, monthly.period), (25.5, Some(BudgetPeriod::Monthly)));
        let window = parse(" 100  requests 60s").unwrap();
        assert_eq!((window.unit, window.window), (BudgetUnit::Requests, Some(60)));
        assert!(monthly.faults().is_empty() && window.faults().is_empty());
        for bad in [
            "",
            "25 dollars",
            "x dollars daily",
            "1 euros daily",
            "1 dollars yearly",
            "1 tokens 6m",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
