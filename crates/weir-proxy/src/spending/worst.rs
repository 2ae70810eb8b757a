//! The most that a call can cost, for strict limits (spec: observability 8.2).
//!
//! An upper bound, not an estimate: a prompt of text has no more tokens than bytes, an answer no more
//! than the call permits or the model can give, and each is charged in the dearest way that the
//! model's price knows. Where any of that is not known, nothing is.

use weir_core::{Cost, Timestamp};
use weir_llm::pricing::Market;
use weir_llm::request::bounds::{Bounds, Prompt};

use super::target::{Target, Work};
use crate::exchange::Facts;
use crate::plane::Shared;

/// Why the worst case of a call is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) &'static str);

/// The worst case of a call. `prepaid`: credits pay for it, so that the caller's own price does not
/// count.
pub(super) fn cost(
    shared: &Shared,
    facts: &Facts,
    target: &Target,
    (work, body): (Work, Option<&[u8]>),
    prepaid: bool,
) -> Result<Cost, Unknown> {
    if work == Work::Nothing {
        return Ok(Cost::ZERO);
    }
    let custom = facts.options.custom_cost.as_ref().filter(|_| !prepaid);
    // One price for all of it needs no bounds.
    if let Some(total) = custom.and_then(|custom| custom.cost(None)) {
        return Ok(total);
    }
    if custom.is_none() && searches(target) {
        return Err(Unknown("its model searches by itself, as often as it likes"));
    }
    let bounds = work.bounds(body).ok_or(Unknown("what this kind of call costs is not known"))?;
    let capabilities = shared.prices.capabilities(target.provider.as_str(), &target.model);
    let input = input(&bounds, capabilities.max_input_tokens)?;
    let output = bounds.output.or(capabilities.max_output_tokens);
    let output = output.ok_or(Unknown("it does not say how long its answer may be"))?;
    let output = output.saturating_mul(bounds.answers);
    let cost = match custom {
        Some(custom) => custom.at_most(input, output),
        None => price(shared, facts, target, facts.created_at, (input, output)),
    };
    cost.ok_or(Unknown("the price of its model is not known"))
}

/// Whether a model looks things up that are charged for, though no tool of the request says so.
fn searches(target: &Target) -> bool {
    const WORDS: [&str; 5] = ["search-preview", "search-api", "deep-research", "sonar", "compound"];
    let model = target.model.to_ascii_lowercase();
    let embeds = model.contains("embed");
    target.provider.as_str() == "perplexity-ai" && !embeds
        || WORDS.iter().any(|word| model.contains(word))
}

fn input(bounds: &Bounds, context: Option<u64>) -> Result<u64, Unknown> {
    match (bounds.prompt, context) {
        (Prompt::Text(most), _) => Ok(most),
        (Prompt::Context, Some(context)) => Ok(context),
        (Prompt::Context, None) => Err(Unknown(
            "it holds more than text, and the length of its model's context is not known",
        )),
        (Prompt::Open, _) => Err(Unknown("it may run tools of the provider, or cannot be read")),
    }
}

/// The most that so many tokens can cost by the prices in force.
fn price(
    shared: &Shared,
    facts: &Facts,
    target: &Target,
    at: Timestamp,
    (input, output): (u64, u64),
) -> Option<Cost> {
    let (provider, model) = (target.provider.as_str(), &*target.model);
    let market = Market::of(&facts.snapshot, &shared.prices, &facts.gateway);
    market.find(provider, [model], at)?.price.at_most(input, output)
}

#[cfg(test)]
mod tests {
    use weir_core::ProviderSlug;

    use super::*;

    #[test]
    fn models_that_search_by_themselves_are_known() {
        let searches = |slug: &str, model: &str| {
            searches(&Target { provider: ProviderSlug::from(slug), model: model.into() })
        };
        assert!(searches("openai", "gpt-4o-mini-search-preview-2025-03-11"));
        assert!(searches("openrouter", "perplexity/sonar"));
        assert!(searches("groq", "groq/Compound-mini"));
        assert!(searches("perplexity-ai", "anthropic/claude-haiku-4-5"));
        assert!(!searches("perplexity-ai", "pplx-embed-v1-4b"));
        assert!(!searches("openai", "gpt-4o-mini"));
    }
}
