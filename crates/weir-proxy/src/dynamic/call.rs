//! A model of a route: one turn.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use weir_core::LogId;
use weir_core::route::{ModelCall, RouteTarget, Walk};
use weir_core::trail::AttemptTrail;

use super::{Run, Served, name_model};
use crate::exchange::{Exchange, Facts, Unified};
use crate::options::retry::{Backoff, RetryPlan};
use crate::reply::{Identity, local};
use crate::turn::{self, Ask, Turn, UnifiedAsk};
use crate::unified::{self, Asked, Unwanted, Wanted};

/// Milliseconds between the tries of a model (spec: data-plane 8.3).
const DELAY: u64 = 100;

impl Run<'_> {
    /// Asks a model in a turn of its own.
    pub(super) async fn call(&mut self, walk: &Walk, call: &ModelCall) -> Served {
        let target = RouteTarget { provider: call.provider.clone(), model: call.model.clone() };
        let mut facts = self.facts();
        facts.options.request_timeout = Some(Duration::from_millis(call.timeout_ms));
        facts.options.retry = RetryPlan {
            attempts: call.retries + 1,
            delay: Duration::from_millis(DELAY),
            backoff: Backoff::Constant,
            // The element promises what comes after its timeout.
            last_waits: false,
        };
        facts.trail.route = Some(self.trail(walk));
        let fallback = self.asked > 0;
        facts.trail.attempt = fallback.then(|| AttemptTrail {
            of: call.retries + 1,
            kind: "fallback".into(),
            ..AttemptTrail::default()
        });
        self.asked += 1;
        let mut served = self.turn(facts, &target).await;
        name_model(&mut served, target.provider.as_str(), &target.model);
        served
    }

    /// The facts of what is asked next.
    pub(super) fn facts(&self) -> Box<Facts> {
        let of = &self.routed.facts;
        // In a list of steps the client counts the steps, and this is one of them.
        let (step, attempt) = if of.universal { (of.step, self.asked) } else { (self.asked, 0) };
        let id = if self.asked == 0 { of.id } else { LogId::generate() };
        let call = of.call.whole();
        let mut facts = of.of_step(id, step, of.options.clone(), call, self.shared.clock.now());
        facts.attempt = attempt;
        facts.trace.budgets.clone_from(&self.budgets);
        facts
    }

    async fn turn(&mut self, mut facts: Box<Facts>, target: &RouteTarget) -> Served {
        let mut identity = Identity { log: facts.id, step: facts.step, ..self.identity.clone() };
        let routed = self.routed;
        let body = with_model(&routed.body, target);
        let asked = Asked {
            account: facts.gateway.account_id.as_str(),
            door: &routed.door,
            body: &body,
            content_type: facts.call.content_type.as_deref(),
            aliases: &facts.gateway.settings.model_aliases,
            chosen: Some(target),
        };
        let wanted = Wanted::read(&asked, &facts.snapshot, self.shared);
        let refused = match wanted {
            Ok(wanted) => {
                identity.dialect = Some(wanted.operation.dialect());
                match unified::counted(&wanted) {
                    Ok(Some(body)) => return Ok(local::json(body, &identity)),
                    Ok(None) => {
                        facts.call.provider = wanted.slug.clone();
                        let model_type = wanted.operation.model_type();
                        let model = wanted.model.clone();
                        facts.call.unified = Some(Unified { model, model_type });
                        let exchange = Exchange::new(facts, Arc::clone(self.shared));
                        let query = routed.door.query.clone();
                        let sifted = routed.sifted.clone();
                        let ask = Ask::Unified(Box::new(UnifiedAsk { wanted, query, sifted }));
                        return turn::take(self.shared, Turn { exchange, ask }, identity).await;
                    }
                    Err(error) => error,
                }
            }
            Err(Unwanted::Refused(error)) => error,
            Err(Unwanted::Route(_)) => {
                weir_core::Error::new(weir_core::Kind::UnknownRoute, "No such dynamic route")
            }
        };
        // It leaves a row as any failure of a model does.
        facts.call.provider = target.provider.clone();
        let mut exchange = Exchange::new(facts, Arc::clone(self.shared));
        Err(identity.end(&mut exchange, refused))
    }
}

/// The client's body with the chosen model in it, so that a direct call of that model has the same
/// cache key. Bodies that hold no model stay as they are.
fn with_model(body: &Bytes, target: &RouteTarget) -> Bytes {
    let name = format!("{}/{}", target.provider.as_str(), target.model);
    weir_llm::provider::set_model(body, &name).map_or_else(|_| body.clone(), Bytes::from)
}
