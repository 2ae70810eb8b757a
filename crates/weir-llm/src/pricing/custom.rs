//! The price a caller sets with `cf-aig-custom-cost` (spec: data-plane 11.5).

use std::collections::HashMap;

use serde_json::value::RawValue;
use weir_core::{Cost, Usage};

use super::bill::Bill;
use crate::decimal;

/// A caller's own price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomCost {
    /// This much for the call.
    Total(Cost),
    /// So much for a token.
    PerToken(PerToken),
}

/// Dollars for one token, times ten to the power of [`SCALE`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerToken {
    input: u128,
    output: u128,
    cache_read: u128,
    cache_write: u128,
}

/// Decimals kept of a rate. A sum of products is rounded once, at its end.
const SCALE: i32 = 24;
/// Such parts of a dollar in a pico-dollar.
const PARTS: u128 = 10_u128.pow(12);

impl CustomCost {
    /// Reads the header's value: a JSON object with `total_cost`, or with rates for a token. A
    /// missing rate is zero, a missing cache rate is the input rate. `None`, and so no custom cost,
    /// when the text is not such an object, names none of the keys, or has a figure that is
    /// negative or no number.
    pub fn parse(header: &str) -> Option<Self> {
        let fields: HashMap<&str, &RawValue> = serde_json::from_str(header).ok()?;
        // The outer option is a bad figure, the inner one an absent key.
        let get = |key: &str, scale: i32| match fields.get(key) {
            None => Some(None),
            // As some clients write what they leave out.
            Some(raw) if raw.get() == "null" => Some(None),
            Some(raw) => decimal::parse(raw.get(), scale).map(Some),
        };
        let total = get("total_cost", 12)?;
        let (input, output) = (get("per_token_in", SCALE)?, get("per_token_out", SCALE)?);
        let read = get("per_cache_read_token", SCALE)?;
        let write = get("per_cache_write_token", SCALE)?;
        if let Some(total) = total {
            return i64::try_from(total).ok().map(|pico| Self::Total(Cost::from_pico(pico)));
        }
        input.or(output).or(read).or(write)?;
        let input = input.unwrap_or_default();
        Some(Self::PerToken(PerToken {
            input,
            output: output.unwrap_or_default(),
            cache_read: read.unwrap_or(input),
            cache_write: write.unwrap_or(input),
        }))
    }

    /// What a call costs at this price, see [`Self::bill`].
    pub fn cost(&self, usage: Option<&Usage>) -> Option<Cost> {
        self.bill(usage)?.total()
    }

    /// The most that so many tokens can cost at this price. `None` beyond what can be counted.
    pub fn at_most(&self, input: u64, output: u64) -> Option<Cost> {
        let rates = match self {
            Self::Total(cost) => return Some(*cost),
            Self::PerToken(rates) => rates,
        };
        let highest = rates.input.max(rates.cache_read).max(rates.cache_write);
        let of_input = u128::from(input).checked_mul(highest)?;
        let sum = of_input.checked_add(u128::from(output).checked_mul(rates.output)?)?;
        i64::try_from(sum.div_ceil(PARTS)).ok().map(Cost::from_pico)
    }

    /// What a call costs at this price, line by line. Rates need a usage; a total does not.
    pub fn bill(&self, usage: Option<&Usage>) -> Option<Bill> {
        let rates = match self {
            Self::Total(cost) => {
                let mut bill = Bill::new(1);
                bill.add("requests", 1, u128::try_from(cost.pico()).ok()?);
                return Some(bill);
            }
            Self::PerToken(rates) => rates,
        };
        let usage = usage?;
        let read = usage.cache_read.min(usage.input);
        let written =
            usage.cache_write.saturating_add(usage.cache_write_1h).min(usage.input - read);
        let mut bill = Bill::new(PARTS);
        for (unit, tokens, rate) in [
            ("cache_read", read, rates.cache_read),
            ("cache_write", written, rates.cache_write),
            ("input", usage.input - read - written, rates.input),
            ("output", usage.output, rates.output),
        ] {
            bill.add(unit, tokens, u128::from(tokens).checked_mul(rate)?);
        }
        Some(bill)
    }
}
