//! What a turn asks of the limits (spec: data-plane 6).

use weir_core::Error;
use weir_core::traffic::{LimitBy, LimitUnit};
use weir_llm::tokens;

use super::Ask;
use crate::admission::Applicant;
use crate::credential::{self, Identity};
use crate::exchange::Exchange;
use crate::finish::request_facts;
use crate::plane::Shared;

/// Bytes of a request for each token that is set apart for it, where nobody knows its dialect.
const BYTES_PER_TOKEN: u64 = 4;

/// Takes from the limits what the request needs, unless another turn of it has.
pub(super) async fn pass(shared: &Shared, exchange: &mut Exchange, ask: &Ask) -> Result<(), Error> {
    let Some(facts) = exchange.facts_mut() else { return Ok(()) };
    let Some(admission) = facts.admission.clone() else { return Ok(()) };
    let rules = &facts.gateway.settings.rate_limits;
    // What no rule asks for is not looked for.
    let by_model = rules.iter().any(|rule| rule.by == LimitBy::Model);
    let by_tokens = rules.iter().any(|rule| rule.unit == LimitUnit::Tokens);
    let model = if by_model { request_facts(&facts.call).model } else { None };
    let slug = facts.call.provider.as_str();
    let platform = shared.platform_keys.has(slug)
        && matches!(credential::identity(&ask.need(shared, facts)), Identity::Platform);
    let who = Applicant {
        gateway: &facts.gateway,
        token_id: facts.caller.token.as_ref().map(|token| &*token.id),
        metadata: facts.options.metadata.as_ref(),
        provider: slug,
        model: model.as_deref().unwrap_or_default(),
        estimated_tokens: if by_tokens { ask.estimated_tokens() } else { 0 },
        platform,
    };
    let passed = admission.pass(&who).await;
    if facts.is_told() {
        facts.trail.limits = admission.trail();
    }
    facts.trace.passed = passed?;
    Ok(())
}

impl Ask {
    /// Tokens that a request may use: those of its body, and the most that it permits in answer. What
    /// was really used takes their place when the answer is over.
    pub(crate) fn estimated_tokens(&self) -> u64 {
        let Some(body) = self.body() else { return 0 };
        let size = body.len() as u64 / BYTES_PER_TOKEN;
        tokens::guess(body)
            .map_or(size, |guess| guess.input.saturating_add(guess.most_output.unwrap_or_default()))
    }
}
