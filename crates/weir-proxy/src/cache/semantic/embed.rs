//! The vector of a question, asked for in a turn of its own: with the cache, the keys, the log row
//! and the price of any call at the embeddings endpoint.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use serde::Deserialize;
use weir_core::route::RouteTarget;
use weir_core::traffic::SemanticCache;
use weir_core::trail::AttemptTrail;
use weir_core::{Error, Kind, LogId};
use weir_llm::operation::Operation;

use crate::exchange::{Call, Exchange, Facts, Unified};
use crate::front::door::{self, Door, Family};
use crate::front::headers::Sifted;
use crate::options::retry::RetryPlan;
use crate::plane::Shared;
use crate::reply::{Host, Identity};
use crate::request_body::RequestCopy;
use crate::spending::Scope;
use crate::turn::{self, Ask, Turn, UnifiedAsk};
use crate::unified::{self, Unwanted, Wanted};

/// How long a call waits for its vector.
const PATIENCE: Duration = Duration::from_secs(2);
/// Largest answer that is read, in bytes.
const LARGEST: usize = 1024 * 1024;
const TYPE: &str = "application/json";

/// The turn that asks for the vector of a text. None when the model cannot be asked, which leaves a
/// row like any refusal.
///
/// The client's keys go along to the provider that they are for, and to no other.
pub(super) fn prepare(
    shared: &Arc<Shared>,
    of: &Facts,
    text: &str,
    by: &SemanticCache,
    sent: &[(HeaderName, HeaderValue)],
) -> Option<(Turn, Identity)> {
    let model = format!("{}/{}", by.provider, by.model);
    let body = serde_json::json!({"model": model, "input": text}).to_string();
    let body = Bytes::from(body);
    let target = RouteTarget { provider: by.provider.as_str().into(), model: by.model.clone() };
    let door = Door {
        family: Family::Compat,
        ask: door::Ask::Operation(Operation::Embeddings),
        query: "".into(),
    };
    let mut facts = facts(shared, of, &target, body.clone());
    let asked = unified::Asked {
        account: facts.gateway.account_id.as_str(),
        door: &door,
        body: &body,
        content_type: Some(TYPE),
        aliases: &of.gateway.settings.model_aliases,
        chosen: Some(&target),
    };
    let mut identity = Identity::new(facts.id, Host::Data);
    let wanted = match Wanted::read(&asked, &facts.snapshot, shared) {
        Ok(wanted) => wanted,
        Err(unwanted) => {
            let error = match unwanted {
                Unwanted::Refused(error) => error,
                Unwanted::Route(_) => Error::new(Kind::UnknownRoute, "No such dynamic route"),
            };
            identity.end(&mut Exchange::new(facts, Arc::clone(shared)), error);
            return None;
        }
    };
    identity.dialect = Some(wanted.operation.dialect());
    facts.call.provider = wanted.slug.clone();
    let mut sifted = Sifted::default();
    if wanted.slug == of.call.provider {
        sifted.credentials = sent.to_vec();
    }
    let exchange = Exchange::new(facts, Arc::clone(shared));
    let ask = Ask::Unified(Box::new(UnifiedAsk { wanted, query: "".into(), sifted }));
    Some((Turn { exchange, ask }, identity))
}

/// The facts of the turn: of the same request, with its labels and its budgets, and with a deadline
/// that covers all of it.
fn facts(shared: &Shared, of: &Facts, target: &RouteTarget, body: Bytes) -> Box<Facts> {
    let mut options = of.options.clone();
    options.retry = RetryPlan::default();
    options.request_timeout = None;
    // The caller's word on another model.
    options.custom_cost = None;
    options.custom_cost_invalid = false;
    options.key_alias = None;
    options.explain = false;
    let unified = Unified {
        model: target.model.as_str().into(),
        model_type: Operation::Embeddings.model_type(),
    };
    let call = Call {
        provider: target.provider.clone(),
        method: Method::POST,
        rest: "compat/embeddings".into(),
        unified: Some(unified),
        content_type: Some(TYPE.into()),
        user_agent: of.call.user_agent.clone(),
        request: RequestCopy::Whole(body),
    };
    let now = shared.clock.now();
    let mut facts = of.of_step(LogId::generate(), of.step, options, call, now);
    facts.attempt = of.attempt;
    facts.started = Instant::now();
    facts.created_at = now;
    let deadline = facts.started + PATIENCE;
    facts.deadline = Some(of.deadline.map_or(deadline, |all| all.min(deadline)));
    // The call that it is for asks the limits, if it comes to that.
    facts.admission = None;
    facts.scope = match of.scope {
        Scope::Gateway => Scope::Beside,
        other => other,
    };
    facts.trace.spend.gates.clone_from(&of.trace.spend.gates);
    facts.trail.attempt =
        Some(AttemptTrail { of: 1, kind: "embedding".into(), ..AttemptTrail::default() });
    facts
}

/// Takes the turn. A type of its own, because turns are inside of turns here.
pub(super) fn ask(
    shared: &Arc<Shared>,
    turn: Turn,
    identity: Identity,
) -> Pin<Box<dyn Future<Output = Option<Vec<f32>>> + Send + '_>> {
    Box::pin(async move {
        let response = turn::take(shared, turn, identity).await.ok()?;
        let is_good = response.status() == StatusCode::OK;
        let mut body = response.into_body();
        let mut read = Vec::new();
        // Read to its end in any case, so that its row tells how it ended.
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.ok()?.into_data() else { continue };
            if read.len() + data.len() > LARGEST {
                return None;
            }
            read.extend_from_slice(&data);
        }
        if is_good { first_vector(&read) } else { None }
    })
}

/// The first vector of an answer in OpenAI's form.
fn first_vector(body: &[u8]) -> Option<Vec<f32>> {
    #[derive(Deserialize)]
    struct Answer {
        data: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        embedding: Vec<f32>,
    }
    let answer: Answer = serde_json::from_slice(body).ok()?;
    answer.data.into_iter().next().map(|item| item.embedding)
}
