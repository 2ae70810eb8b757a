//! From a client's call to what is asked of a provider.

use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use weir_core::{Error, Kind};

use crate::credential::Need;
use crate::dynamic::Routed;
use crate::exchange::{Exchange, Facts, Unified};
use crate::front::door::{Ask, Door};
use crate::front::headers::Sifted;
use crate::options::RawOptions;
use crate::pipeline::Refusal;
use crate::plane::Shared;
use crate::reply::Identity;
use crate::request_body::{self, ClientBody, RequestBody, Wishes};
use crate::spending::{self, Scope};
use crate::stream_usage;
use crate::target;
use crate::turn::{Ask as TurnAsk, NativeAsk, Turn, UnifiedAsk};
use crate::unified::{self, Unwanted, Wanted};

/// A call that has been let in.
pub(crate) struct Inbound {
    pub(crate) facts: Box<Facts>,
    pub(crate) sifted: Sifted,
    /// The options as they came, where steps may change them.
    pub(crate) raw: Option<RawOptions>,
    pub(crate) body: ClientBody,
    /// The client waits for "100 Continue" before it sends.
    pub(crate) expects_continue: bool,
}

/// What a call at a unified endpoint comes to.
pub(crate) enum Sent {
    /// An answer of our own.
    Local(Bytes),
    /// A request for a provider.
    Call(Turn),
    /// A dynamic route chooses.
    Route(Box<Routed>),
}

/// A provider's own path: bytes pass as they are.
pub(crate) async fn native(
    shared: &std::sync::Arc<Shared>,
    inbound: Inbound,
    provider: &str,
    identity: &mut Identity,
) -> Result<Turn, Refusal> {
    let Inbound { mut facts, sifted, body, expects_continue, .. } = inbound;

    // 3. Where it goes.
    let account = facts.gateway.account_id.as_str();
    let target = shared
        .targets
        .find(
            account,
            provider,
            &facts.call.rest,
            &sifted.forward,
            &facts.snapshot,
            &shared.upstream,
        )
        .map_err(|error| identity.refuse(error))?;
    if sifted.upgrade {
        let error = Error::new(Kind::BadRequest, "WebSocket calls are not available")
            .with_hint("this version carries plain HTTP calls; use the provider's HTTP interface");
        return Err(identity.refuse(error));
    }
    facts.call.provider = target.slug.clone();
    if let Some(asked) = target::asked_path(&target, &sifted.forward) {
        facts.call.rest = asked;
    }

    // 4. The body, and from here on a call that is logged.
    let method = &facts.call.method;
    let may_ask = stream_usage::may_ask(&target, &facts.gateway, method, &facts.call.rest);
    // A signature is over all of the body; one that the client made goes as it is.
    let is_signed = target.slug.as_str() == "aws-bedrock"
        && (shared.platform_keys.has("aws-bedrock")
            || facts.snapshot.stored_keys(&facts.gateway, "aws-bedrock").next().is_some());
    let need = Need::native(shared, &facts, &target, &sifted);
    let is_needed_again =
        facts.options.retry.attempts > 1 || facts.options.cache.is_use() || need.is_pooled();
    let wishes = Wishes {
        keep: facts.options.payload,
        is_json: request_body::is_json(facts.call.content_type.as_deref()),
        change: may_ask,
        whole: is_signed || is_needed_again || spending::weighs(&facts),
        expects_continue,
    };
    let body = accept(shared, &mut facts, body, wishes).await;
    let body = body.map_err(|error| identity.refuse(error))?;
    identity.logged = facts.options.collect;
    let exchange = Exchange::new(facts, std::sync::Arc::clone(shared));
    let ask = TurnAsk::Native(Box::new(NativeAsk { target, sifted, body, may_ask }));
    Ok(Turn { exchange, ask })
}

/// A unified endpoint: the model decides where the call goes, so the body comes first.
pub(crate) async fn door(
    shared: &std::sync::Arc<Shared>,
    inbound: Inbound,
    door: Door,
    names_gateway: bool,
    identity: &mut Identity,
) -> Result<Sent, Refusal> {
    let Inbound { mut facts, sifted, body, expects_continue, .. } = inbound;
    identity.dialect = Some(door.operation().dialect());
    if !door.takes(&facts.call.method) {
        let shown = format!("/{}", facts.call.rest);
        return Err(identity.refuse(crate::front::no_such_path(&shown)));
    }
    let asker = &sifted.forward;
    match &door.ask {
        Ask::Models(form) => {
            return Ok(Sent::Local(unified::listing::models(shared, door.family, *form, asker)));
        }
        Ask::Model { name, form } => {
            let found = unified::listing::model(shared, door.family, name, *form, asker);
            let unknown = || {
                Error::new(Kind::UnknownModel, "Model not found")
                    .with_hint("GET .../models lists the names that are known")
            };
            return found.map(Sent::Local).ok_or_else(|| identity.refuse(unknown()));
        }
        _ => {}
    }

    readable(&sifted.forward).map_err(|error| identity.refuse(error))?;

    // 3. The body, which names the model, which names the provider.
    let wishes = Wishes {
        keep: facts.options.payload,
        is_json: request_body::is_json(facts.call.content_type.as_deref()),
        change: true,
        whole: true,
        expects_continue,
    };
    let accepted = accept(shared, &mut facts, body, wishes).await;
    let accepted = accepted.map_err(|error| identity.refuse(error))?;
    let body = accepted.whole.unwrap_or_default();
    let asked = unified::Asked {
        account: facts.gateway.account_id.as_str(),
        door: &door,
        body: &body,
        content_type: facts.call.content_type.as_deref(),
        aliases: &facts.gateway.settings.model_aliases,
        chosen: None,
    };
    let wanted = match Wanted::read(&asked, &facts.snapshot, shared) {
        Ok(wanted) => wanted,
        Err(Unwanted::Refused(error)) => return Err(identity.refuse(error)),
        Err(Unwanted::Route(name)) => {
            identity.logged = facts.options.collect;
            return Ok(Sent::Route(Box::new(Routed { name, facts, sifted, door, body })));
        }
    };
    identity.dialect = Some(wanted.operation.dialect());
    if let Some(body) = unified::counted(&wanted).map_err(|error| identity.refuse(error))? {
        return Ok(Sent::Local(body));
    }
    facts.call.provider = wanted.slug.clone();
    let model_type = wanted.operation.model_type();
    facts.call.unified = Some(Unified { model: wanted.model.clone(), model_type });

    // 4. From here on a call that is logged, unless it goes past all gateways.
    if wanted.is_direct(&door, names_gateway) {
        facts.options.go_past_the_gateway();
        facts.admission = None;
        facts.scope = Scope::Account;
    }
    identity.logged = facts.options.collect;
    let exchange = Exchange::new(facts, std::sync::Arc::clone(shared));
    let query = door.query.clone();
    let ask = TurnAsk::Unified(Box::new(UnifiedAsk { wanted, query, sifted }));
    Ok(Sent::Call(Turn { exchange, ask }))
}

/// Whether there is one way to read the body: it is read here and sent on with the same headers.
fn readable(headers: &HeaderMap) -> Result<(), Error> {
    let plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    let refuse = |hint: &'static str| {
        Err(Error::new(Kind::BadRequest, "The request body cannot be read").with_hint(hint))
    };
    if !headers.get_all(header::CONTENT_ENCODING).iter().all(plain) {
        return refuse("unified endpoints read it: send it without content-encoding");
    }
    if headers.get_all(header::CONTENT_TYPE).iter().count() > 1 {
        return refuse("it has several content types: send one");
    }
    Ok(())
}

/// Takes the body in and keeps what the log wants of it.
pub(crate) async fn accept(
    shared: &Shared,
    facts: &mut Facts,
    body: ClientBody,
    wishes: Wishes,
) -> Result<RequestBody, Error> {
    let waiting = Instant::now();
    let accepted = request_body::accept(body, wishes, &shared.limits).await;
    facts.trace.body_wait = waiting.elapsed();
    let mut accepted = accepted?;
    facts.call.request =
        std::mem::replace(&mut accepted.copy, request_body::RequestCopy::nothing());
    Ok(accepted)
}

#[cfg(test)]
mod tests;
