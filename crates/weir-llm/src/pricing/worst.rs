//! The most that a call can cost at a price: for limits that must hold before it is made.

use weir_core::Cost;

use super::Price;
use super::rates::{Rates, Schedule};

/// Rates are pico-dollars for a million.
const MILLION: u128 = 1_000_000;

impl Price {
    /// The most that up to `input` tokens of a prompt and up to `output` tokens of an answer can
    /// cost: in the dearest service tier, in the dearest step of a long prompt, with all of them of
    /// the dearest kind. `None` when tokens have no price, or beyond what can be counted. What is
    /// charged by other measures, such as searches, is not in it.
    pub fn at_most(&self, input: u64, output: u64) -> Option<Cost> {
        let tiers = self.service_tiers.iter().map(|(_, schedule)| schedule);
        let schedules = std::iter::once(&self.standard).chain(tiers);
        let rates = || {
            let steps = schedules.clone().flat_map(|schedule| steps(schedule, input));
            steps.chain(self.off_peak.as_ref().map(|hours| &hours.rates))
        };
        let of_input = priced(input, rates().filter_map(dearest_input).max())?;
        let of_output = priced(output, rates().filter_map(dearest_output).max())?;
        // The call as such may have a price, too.
        let request = self.units.request.unwrap_or_default();
        let sum = of_input.checked_add(of_output)?.checked_add(request)?;
        i64::try_from(sum.div_ceil(MILLION)).ok().map(Cost::from_pico)
    }
}

/// All rates that a prompt of up to `input` tokens can come under.
fn steps(schedule: &Schedule, input: u64) -> impl Iterator<Item = &Rates> {
    let reached = schedule.steps.iter().filter(move |(above, _)| input > *above);
    std::iter::once(&schedule.rates).chain(reached.map(|(_, rates)| rates))
}

fn priced(tokens: u64, rate: Option<u128>) -> Option<u128> {
    if tokens == 0 { Some(0) } else { u128::from(tokens).checked_mul(rate?) }
}

fn dearest_input(rates: &Rates) -> Option<u128> {
    let Rates { input, cache_read, cache_write, cache_write_1h, input_audio, input_image, .. } =
        *rates;
    [input, cache_read, cache_write, cache_write_1h, input_audio, input_image]
        .into_iter()
        .flatten()
        .max()
}

fn dearest_output(rates: &Rates) -> Option<u128> {
    let Rates { output, output_audio, output_image, output_reasoning, .. } = *rates;
    [output, output_audio, output_image, output_reasoning].into_iter().flatten().max()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use weir_core::Usage;

    use super::super::PriceTable;

    #[test]
    fn the_dearest_step_and_tier_count() {
        let table = PriceTable::parse(r#"{"p/m": {"in": 0.001, "out": 0.002}}"#).unwrap();
        let price = table.find("p", "m").unwrap();
        let cost = |input, output| price.at_most(input, output).map(|cost| cost.pico());
        assert_eq!(cost(1, 0), Some(1_000_000_000));
        assert_eq!(cost(10, 5), Some(20_000_000_000));
        assert_eq!(cost(0, 0), Some(0));
        assert_eq!(cost(u64::MAX, u64::MAX), None);
    }

    proptest! {
        /// Whatever a call turns out to use, within its bounds it never costs more.
        #[test]
        fn no_usage_within_the_bounds_costs_more(
            row in 0..400_usize,
            input in 0..400_000_u64,
            output in 0..100_000_u64,
            parts in prop::array::uniform5(0..100_u64),
            tier in prop::option::of(prop::sample::select(vec!["priority", "flex", "batch"])),
        ) {
            let models = PriceTable::builtin().models();
            let Some(listed) = models.get(row * models.len() / 400) else { return Ok(()) };
            let price = listed.price;
            let share = |of: u64, part: u64| of * part / 300;
            let usage = Usage {
                input,
                output,
                total: input + output,
                cache_read: share(input, parts[0]),
                cache_write: share(input, parts[1]),
                cache_write_1h: share(input, parts[2]),
                audio_out: share(output, parts[3]),
                reasoning: share(output, parts[4]),
                ..Usage::default()
            };
            if let (Some(cost), Some(most)) = (price.cost(&usage, tier), price.at_most(input, output)) {
                prop_assert!(cost <= most, "{} of {usage:?}: {cost} > {most}", price.id());
            }
        }
    }
}
