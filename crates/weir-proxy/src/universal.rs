//! The universal endpoint: a list of steps, tried in turn until one succeeds (spec: data-plane 1.5).
//!
//! Every step is a call of its own, through the same pipeline as any other: with its own credential,
//! its own log row, its own answer. What the request's headers say holds for each, unless the step
//! says otherwise.

mod step;

use std::sync::Arc;

use http::{Response, header};
use weir_core::{Error, Kind, LogId};

use crate::exchange::Call;
use crate::front;
use crate::front::headers::Issued;
use crate::inbound::{self, Inbound};
use crate::pipeline::{self, Refusal};
use crate::plane::Shared;
use crate::reply::{Identity, ReplyBody, hear_out, is_failure};
use crate::request_body::{ClientBody, RequestCopy, Wishes};

/// Tries the steps of a request. When all fail, the last one's answer is the client's.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    inbound: Inbound,
    identity: Identity,
) -> Result<Response<ReplyBody>, Refusal> {
    let Inbound { mut facts, sifted, raw, body, expects_continue } = inbound;
    if facts.call.method != http::Method::POST {
        let hint = "the universal endpoint takes a POST of a list of steps";
        return Err(identity.refuse(Error::new(Kind::NotFound, "No such path").with_hint(hint)));
    }
    let wishes = Wishes { keep: false, is_json: true, change: true, whole: true, expects_continue };
    let accepted = inbound::accept(shared, &mut facts, body, wishes).await;
    let body = accepted.map_err(|error| identity.refuse(error))?.whole.unwrap_or_default();
    let mut steps = step::read(&body).map_err(|error| identity.refuse(error))?;
    let snapshot = Arc::clone(&facts.snapshot);
    let account = facts.gateway.account_id.clone();
    let issued = Issued { snapshot: &snapshot, account: account.as_str() };
    steps.iter_mut().for_each(|step| step.drop_tokens(issued));
    let raw = raw.unwrap_or_default();
    let agent = sifted.forward.get(header::USER_AGENT).cloned();
    let last = steps.len() - 1;
    for (index, step) in steps.iter().enumerate() {
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        // What the first step answers is answered in one step: it has the request's id.
        let id = if index == 0 { identity.id } else { LogId::generate() };
        let mut identity = Identity { log: id, step: number, ..identity.clone() };
        let mut headers = step.headers.clone();
        if let Some(agent) = &agent
            && !headers.contains_key(header::USER_AGENT)
        {
            headers.insert(header::USER_AGENT, agent.clone());
        }
        let mut sifted = front::headers::sift(headers, issued);
        let own = std::mem::take(&mut sifted.options);
        let options = raw.clone().overridden_by(own).parse(&facts.gateway.settings);
        let options = options.of_user(facts.caller.user_id());
        identity.metadata_invalid = options.metadata_invalid;
        identity.event.clone_from(&options.event_id);
        let call = Call {
            provider: step.provider.as_str().into(),
            method: http::Method::POST,
            rest: step.endpoint.as_str().into(),
            unified: None,
            content_type: Some("application/json".into()),
            user_agent: facts.call.user_agent.clone(),
            request: RequestCopy::nothing(),
        };
        let of_step = facts.of_step(id, number, options, call, shared.clock.now());
        let body = ClientBody::Whole(step.body.clone());
        let inbound = Inbound { facts: of_step, sifted, raw: None, body, expects_continue: false };
        let served = match step.place() {
            Ok(place) => Box::pin(pipeline::serve(shared, inbound, place, true, identity)).await,
            Err(error) => Err(identity.refuse(error)),
        };
        let go_on = match &served {
            Ok(response) => is_failure(response),
            Err(refusal) => !refusal.is_final(),
        };
        if !go_on || index == last {
            return served.map_err(|refusal| refusal.in_step(number));
        }
        hear_out(shared, served.ok());
    }
    Err(identity.refuse(Error::new(Kind::Internal, "No step was tried")))
}
