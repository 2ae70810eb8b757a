//! Prices that an account sets for its own providers (spec: management-api 7).

use weir_core::provider::ProviderCost;

use super::Price;
use super::rates::Rates;
use crate::decimal;

/// Meters of `token_pricing` that no usage counts; their prices are kept, and charge nothing.
pub const UNMETERED: [&str; 3] = ["input_image_count", "input_video_tokens", "output_image_count"];

/// Decimals of a rate in dollars for one token.
const PER_ONE: i32 = 18;

/// The price of a model among `costs`, which are those of one provider: the heaviest that is
/// enabled and covers the name, see [`ProviderCost::weight`]. Of two with the same weight the one
/// changed last.
pub fn of_account<'a>(
    costs: impl IntoIterator<Item = &'a ProviderCost>,
    model: &str,
) -> Option<Price> {
    let covering = costs.into_iter().filter(|cost| cost.enable && cost.covers(model));
    covering
        .max_by(|one, other| {
            let rank = |cost: &ProviderCost| (cost.weight(), cost.modified_at);
            rank(one).cmp(&rank(other)).then_with(|| other.id.cmp(&one.id))
        })
        .map(price)
}

/// A cost row as a price. `token_pricing` says more than `cost_in` and `cost_out`, so it wins where
/// both name a rate.
fn price(cost: &ProviderCost) -> Price {
    let listed = |name: &str| {
        let figure = cost.token_pricing.as_ref()?.get(name)?.as_f64()?;
        rate(figure)
    };
    let any = listed("total_tokens");
    let input = listed("input_tokens").or_else(|| rate(cost.cost_in?)).or(any);
    let output = listed("output_tokens").or_else(|| rate(cost.cost_out?)).or(any);
    let rates = Rates {
        input: listed("input_text_tokens").or(input),
        output,
        cache_read: listed("input_cached_tokens").or(input),
        cache_write: listed("input_cache_creation_tokens").or(input),
        input_audio: listed("input_audio_tokens").or(input),
        input_image: listed("input_image_tokens").or(input),
        output_reasoning: listed("output_reasoning_tokens").or(output),
        ..Rates::default()
    };
    Price::flat(format!("provider_cost/{}@{}", cost.id, cost.modified_at).into(), rates)
}

/// Dollars for one token, by the shortest text of the float: the figure as it was written.
fn rate(dollars: f64) -> Option<u128> {
    decimal::parse(&dollars.to_string(), PER_ONE)
}

#[cfg(test)]
mod tests;
