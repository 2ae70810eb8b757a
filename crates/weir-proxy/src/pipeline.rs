//! The order of everything, top to bottom. `docs/life-of-a-request.md` says the same in prose.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::{Request, Response, header};
use hyper::body::Incoming;
use weir_core::access::CustomDomain;
use weir_core::gateway::Gateway;
use weir_core::id::DEFAULT_GATEWAY;
use weir_core::trail::Trail;
use weir_core::{AccountId, Error, Kind, LogId, ProviderSlug, Retry, Snapshot};
use weir_llm::catalogue;

use crate::auth::{self, Asked, Caller};
use crate::diagnose;
use crate::dynamic;
use crate::exchange::{Call, Exchange, Facts, Trace};
use crate::front::headers::{Issued, Presented, Sifted};
use crate::front::query::Taken;
use crate::front::{self, Place};
use crate::inbound::{self, Inbound, Sent};
use crate::plane::Shared;
use crate::reply::{self, Host, Identity, ReplyBody};
use crate::request_body::{ClientBody, RequestCopy};
use crate::spending::{self, Scope};
use crate::turn;
use crate::universal;

/// Where a request came in.
#[derive(Debug)]
pub(crate) struct Door {
    /// The other end of the connection.
    pub(crate) peer: IpAddr,
    /// The host, when it is one gateway's own.
    pub(crate) domain: Option<Arc<CustomDomain>>,
}

/// Answers one data-plane request.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
    door: Door,
) -> Response<ReplyBody> {
    let started = Instant::now();
    let id = LogId::generate();
    let origin = request.headers().contains_key(header::ORIGIN);
    if origin && request.method() == http::Method::OPTIONS {
        return reply::preflight(request.headers());
    }
    shared.metrics.requests.inc();
    let mut response = match call(shared, request, door, started, id).await {
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
    /// Boxed, because it is large and errors are carried far.
    pub(crate) identity: Box<Identity>,
}

impl Refusal {
    /// Whether every other target would be refused the same: what is asked for is too much for the
    /// gateway as a whole, not for one model (spec: data-plane 7.4), or its caller has been stopped.
    pub(crate) fn is_final(&self) -> bool {
        let limited = self.error.kind() == Kind::RateLimited && self.error.retry() == Retry::Never;
        limited || self.error.kind() == Kind::Stopped
    }

    /// Says in which step of a universal request it was, though nothing was logged yet.
    pub(crate) fn in_step(mut self, step: u32) -> Self {
        self.identity.extra.insert("cf-aig-step", step.into());
        self
    }
}

async fn call(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
    door: Door,
    started: Instant,
    id: LogId,
) -> Result<Response<ReplyBody>, Refusal> {
    let created_at = shared.clock.now();
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let domain = door.domain.as_deref();
    let is_data = domain.is_some() || target.starts_with("/v1/");
    let host = if is_data { Host::Data } else { Host::Api };
    let mut identity = Identity::new(id, host);

    // 1. What is asked for: path, headers, options. Tokens in the query are taken out first, so that
    // nothing made of the path can carry them on.
    let snapshot = shared.configuration.snapshot();
    let path = front::parse(target, domain).map_err(|error| identity.refuse(error))?;
    let issued = Issued { snapshot: &snapshot, account: path.account };
    let Taken { rest, token: query_token, web_tokens } = front::query::take_tokens(target, issued);
    let path = match &rest {
        Cow::Borrowed(_) => path,
        Cow::Owned(rest) => front::parse(rest, domain).map_err(|error| identity.refuse(error))?,
    };
    let client = shared.edge.client(door.peer, &head.headers);
    let expects_continue = head.headers.contains_key(header::EXPECT);
    let content_type = reply::text_header(&head.headers, &header::CONTENT_TYPE);
    let user_agent = reply::text_header(&head.headers, &header::USER_AGENT);
    let mut sifted = front::headers::sift(head.headers, issued);
    shared.edge.strip(&mut sifted.forward);
    sifted.web_tokens.append(web_tokens);
    if let (Some(token), Presented::Nothing | Presented::Placeholder) =
        (query_token, &sifted.presented)
    {
        sifted.presented = Presented::Token(token);
    }
    if host == Host::Api {
        sifted.keep_no_credentials();
    }
    identity.event = sifted.options.event_id();
    let named = sifted.options.gateway_id().map(ToOwned::to_owned);
    let gateway = path.gateway.or(named.as_deref());

    // 2. Who calls, at which gateway, and may they.
    let account = AccountId::from(path.account);
    let asked = Asked {
        account: &account,
        gateway: gateway.unwrap_or(DEFAULT_GATEWAY),
        issuer: domain.and_then(|domain| domain.issuer_id.as_deref()),
        address: client.address,
        now: created_at,
    };
    let admitted = admit(shared, &snapshot, &asked, &sifted, host).await;
    let (gateway, caller) = admitted.map_err(|error| identity.refuse(error))?;
    let caller = caller.located(client.country.as_deref());
    let raw = std::mem::take(&mut sifted.options);
    // Steps of a universal request change single options.
    let kept = matches!(path.place, Place::Universal).then(|| raw.clone());
    let options = raw.parse(&gateway.settings).of_user(caller.user_id());
    identity.metadata_invalid = options.metadata_invalid;
    let call = Call {
        provider: ProviderSlug::from(""),
        method: head.method,
        rest: match path.place {
            Place::Native { rest, .. } => rest.into(),
            Place::Door(_) | Place::Universal => path.shown.into(),
        },
        unified: None,
        content_type,
        user_agent,
        request: RequestCopy::nothing(),
    };
    let mut facts = Box::new(Facts {
        id,
        request_id: id,
        step: 0,
        attempt: 0,
        started,
        deadline: options.total_timeout.map(|total| started + total),
        created_at,
        universal: matches!(path.place, Place::Universal),
        snapshot,
        gateway,
        caller,
        options,
        call,
        trace: Trace::default(),
        trail: Trail::default(),
        admission: Some(Arc::new(shared.admission())),
        scope: Scope::default(),
        ticket: None,
        lost: None,
    });
    if let Err(error) = spending::stop::check(shared, &facts) {
        identity.logged = facts.options.collect;
        if let Place::Native { provider, .. } = path.place
            && let Some(row) = catalogue::find(provider)
        {
            facts.call.provider = row.slug.into();
        }
        let mut exchange = Exchange::new(facts, Arc::clone(shared));
        return Err(identity.end(&mut exchange, error));
    }
    let body = ClientBody::Streamed(body);
    let inbound = Inbound { facts, sifted, raw: kept, body, expects_continue };

    let names_gateway = path.gateway.is_some() || named.is_some();
    match path.place {
        place @ Place::Native { .. } => {
            serve(shared, inbound, place, names_gateway, identity).await
        }
        // Boxed, so that calls on native paths do not carry its size.
        place => Box::pin(serve_other(shared, inbound, place, names_gateway, identity)).await,
    }
}

async fn serve_other(
    shared: &Arc<Shared>,
    inbound: Inbound,
    place: Place<'_>,
    names_gateway: bool,
    identity: Identity,
) -> Result<Response<ReplyBody>, Refusal> {
    match place {
        Place::Universal => universal::run(shared, inbound, identity).await,
        place => serve(shared, inbound, place, names_gateway, identity).await,
    }
}

/// 3. and 4. differ by the kind of path: what is asked of whom. From there on all is one turn.
pub(crate) async fn serve(
    shared: &Arc<Shared>,
    inbound: Inbound,
    place: Place<'_>,
    names_gateway: bool,
    mut identity: Identity,
) -> Result<Response<ReplyBody>, Refusal> {
    match place {
        Place::Native { provider, .. } => {
            // Boxed, so that the connection gives its room back while the answer streams.
            let turn = inbound::native(shared, inbound, provider, &mut identity);
            let turn = Box::pin(turn).await?;
            turn::take(shared, turn, identity).await
        }
        Place::Door(door) => {
            // Boxed, so that calls on native paths do not carry its size.
            let sent = Box::pin(inbound::door(shared, inbound, door, names_gateway, &mut identity));
            match sent.await? {
                Sent::Local(body) => Ok(reply::local::json(body, &identity)),
                Sent::Call(turn) => turn::take(shared, turn, identity).await,
                Sent::Route(routed) => Box::pin(dynamic::run(shared, *routed, identity)).await,
            }
        }
        Place::Universal => Err(identity.refuse(front::no_such_path("/v1"))),
    }
}

/// Finds the gateway and checks the caller. The default gateway comes into being at the first
/// call of a valid credential (spec: data-plane 1.10, 4).
async fn admit(
    shared: &Arc<Shared>,
    snapshot: &Snapshot,
    asked: &Asked<'_>,
    sifted: &Sifted,
    host: Host,
) -> Result<(Arc<Gateway>, Caller), Error> {
    let has_provider_key = !sifted.credentials.is_empty();
    let mut identified = auth::identify(shared, snapshot, asked, sifted).await;
    // At the API host there is no way in without a credential, whatever the gateway says.
    if host == Host::Api {
        identified = Ok(identified.map_err(|reason| reason.into_error(false))?);
    }
    let account = asked.account.as_str();
    if let Some(gateway) = snapshot.gateway(account, asked.gateway) {
        let caller = auth::decide(identified, gateway, asked, has_provider_key)?;
        return Ok((Arc::clone(gateway), caller));
    }
    if asked.gateway != DEFAULT_GATEWAY {
        let known = identified.is_ok().then(|| snapshot.gateways(account));
        let known = known.into_iter().flatten().map(|gateway| gateway.id.as_str());
        return Err(Error::new(Kind::UnknownGateway, "Please configure AI Gateway")
            .with_hint(diagnose::unknown_gateway(account, asked.gateway, known)));
    }
    let caller = identified.map_err(|reason| reason.into_error(has_provider_key))?;
    let gateway = Box::pin(shared.configuration.ensure_default_gateway(asked.account)).await?;
    Ok((gateway, caller))
}
