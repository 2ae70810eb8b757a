//! The order of everything, top to bottom. `docs/life-of-a-request.md` says the same in prose.

use std::sync::Arc;
use std::time::Instant;

use http::{Request, Response, header};
use hyper::body::Incoming;
use weir_core::gateway::Gateway;
use weir_core::id::DEFAULT_GATEWAY;
use weir_core::{Error, Kind, LogId, Snapshot, Timestamp};

use crate::auth::{self, Caller};
use crate::diagnose;
use crate::exchange::{Call, Exchange, Facts, Trace};
use crate::front::headers::{Presented, Sifted};
use crate::front::{self, DataPath};
use crate::plane::Shared;
use crate::reply::{self, Identity, ReplyBody};
use crate::request_body::{self, Wishes};
use crate::{attempt, stream_usage};

/// Answers one data-plane request.
pub(crate) async fn run(shared: &Arc<Shared>, request: Request<Incoming>) -> Response<ReplyBody> {
    let started = Instant::now();
    let id = LogId::generate();
    let origin = request.headers().contains_key(header::ORIGIN);
    if origin && request.method() == http::Method::OPTIONS {
        return reply::preflight(request.headers());
    }
    shared.metrics.requests.inc();
    let mut response = match call(shared, request, started, id).await {
        Ok(response) => response,
        Err(refusal) => {
            shared.metrics.refused(refusal.error.kind());
            reply::error::response(&refusal.error, Some(&refusal.identity))
        }
    };
    if origin {
        reply::allow_origin(response.headers_mut());
    }
    response
}

/// An error of our own, with the ids that its answer carries.
pub(crate) struct Refusal {
    pub(crate) error: Error,
    pub(crate) identity: Identity,
}

async fn call(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
    started: Instant,
    id: LogId,
) -> Result<Response<ReplyBody>, Refusal> {
    let created_at = Timestamp::now();
    let (head, body) = request.into_parts();
    let mut identity = Identity::new(id);

    // 1. What is asked for: path, headers, options.
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let path = front::parse_path(target).map_err(|error| identity.refuse(error))?;
    let snapshot = shared.configuration.snapshot();
    let expects_continue = head.headers.contains_key(header::EXPECT);
    let content_type = reply::text_header(&head.headers, &header::CONTENT_TYPE);
    let user_agent = reply::text_header(&head.headers, &header::USER_AGENT);
    let mut sifted = front::headers::sift(head.headers, &snapshot);
    let (rest, query_token) = front::query::take_tokens(path.rest, &snapshot);
    if let (Some(token), Presented::Nothing | Presented::Placeholder) =
        (query_token, &sifted.presented)
    {
        sifted.presented = Presented::Token(token);
    }
    identity.event = sifted.options.event_id();

    // 2. Who calls, at which gateway, and may they.
    let admitted = admit(shared, &snapshot, &path, &sifted, created_at).await;
    let (gateway, caller) = admitted.map_err(|error| identity.refuse(error))?;
    let options = std::mem::take(&mut sifted.options).parse(&gateway.settings);
    identity.metadata_invalid = options.metadata_invalid;

    // 3. Where it goes.
    let target = shared
        .targets
        .find(path.account, path.provider, &rest, &sifted.forward, &snapshot, &shared.upstream)
        .map_err(|error| identity.refuse(error))?;
    if sifted.upgrade {
        let error = Error::new(Kind::BadRequest, "WebSocket calls are not available")
            .with_hint("this version carries plain HTTP calls; use the provider's HTTP interface");
        return Err(identity.refuse(error));
    }

    // 4. The body, and from here on a call that is logged.
    let waiting = Instant::now();
    let wishes = Wishes {
        keep: options.payload,
        is_json: request_body::is_json(content_type.as_deref()),
        change: stream_usage::may_ask(&target, &gateway, &head.method, &rest),
        expects_continue,
    };
    let accepted = request_body::accept(body, wishes, &shared.limits).await;
    let body_wait = waiting.elapsed();
    let mut accepted = accepted.map_err(|error| identity.refuse(error))?;
    let asked = wishes.change && stream_usage::ask(&mut accepted, &mut sifted.forward);
    identity.logged = options.collect;
    let call = Call {
        provider: target.slug.clone(),
        method: head.method,
        rest: rest.into(),
        content_type,
        user_agent,
        request: accepted.copy,
    };
    let trace = Trace { body_wait, ..Trace::default() };
    let facts = Facts { id, started, created_at, snapshot, gateway, caller, options, call, trace };
    let mut exchange = Exchange::new(facts, Arc::clone(shared));

    // 5. The provider's answer, tapped on its way to the client. `finish` runs at its last byte.
    // Boxed, or every future around this one would carry its size and be copied with it.
    let attempt = attempt::run(&mut exchange, target, sifted, accepted.send, accepted.whole);
    match Box::pin(attempt).await {
        Ok(answer) => {
            // As in `attempt`, for the clients' side.
            tokio::task::yield_now().await;
            Ok(reply::relay(answer, exchange, &identity, asked))
        }
        Err(error) => {
            exchange.refuse(&error);
            Err(identity.refuse(error))
        }
    }
}

/// Finds the gateway and checks the caller. The default gateway comes into being at the first
/// call of a valid token (spec: data-plane 1.10, 4).
async fn admit(
    shared: &Shared,
    snapshot: &Snapshot,
    path: &DataPath<'_>,
    sifted: &Sifted,
    now: Timestamp,
) -> Result<(Arc<Gateway>, Caller), Error> {
    let has_provider_key = !sifted.credentials.is_empty();
    if let Some(gateway) = snapshot.gateway(path.account, path.gateway) {
        let caller = auth::authenticate(&sifted.presented, gateway, has_provider_key, now)?;
        return Ok((Arc::clone(gateway), caller));
    }
    let token = auth::valid_token(&sifted.presented, &path.account.into(), path.gateway, now);
    if path.gateway != DEFAULT_GATEWAY {
        let known = token.is_ok().then(|| snapshot.gateways(path.account));
        let known = known.into_iter().flatten().map(|gateway| gateway.id.as_str());
        return Err(Error::new(Kind::UnknownGateway, "Please configure AI Gateway")
            .with_hint(diagnose::unknown_gateway(path.account, path.gateway, known)));
    }
    let token = token.map_err(|reason| auth::unauthorized(reason, has_provider_key))?;
    let gateway = Box::pin(shared.configuration.ensure_default_gateway(&token.account_id)).await?;
    Ok((gateway, Caller { token: Some(token) }))
}
