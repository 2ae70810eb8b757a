//! The one way out: connections to providers, pooled for each origin, guarded by the egress
//! policy. No redirect is ever followed; a 3xx is an answer like any other.

mod connect;
mod endpoint;
mod http1;
mod http2;
mod io;
pub(crate) mod origin;
mod send_body;
mod tls;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use prometheus_client::metrics::counter::Counter;
use weir_core::credential::BoundTo;
use weir_core::{Error, Kind};

use self::connect::Connector;
use self::endpoint::By;
pub(crate) use self::endpoint::Endpoint;
use self::http1::{Failed, Http1, Http1Body};
use self::http2::{Http2, Http2Body, Permit};
use self::origin::Origin;
pub(crate) use self::send_body::SendBody;
pub use self::tls::TlsIdentity;
use crate::egress::EgressPolicy;

/// What the client is told when a provider gives no answer (spec: data-plane 13, code 2005).
pub(crate) const NO_ANSWER: &str = "Failed to get response from provider";

/// Connections unused for this long are closed; below the minute or so after which providers do.
const IDLE_LIMIT: Duration = Duration::from_secs(55);

/// Headers that carry a provider's key, releasable to one origin only.
pub(crate) type Credentials = BoundTo<Origin, Vec<(HeaderName, HeaderValue)>>;

/// A request for a provider.
pub(crate) struct UpstreamRequest {
    /// HTTP method.
    pub method: Method,
    /// Path and query, byte for byte as they go out.
    pub path: PathAndQuery,
    /// Headers without `host`, `content-length` and credentials.
    pub headers: HeaderMap,
    /// The provider's key.
    pub credentials: Credentials,
    /// The body.
    pub body: SendBody,
    /// The body once more, when it is whole in memory: lets a request go out again on a fresh
    /// connection if the pooled one turns out to be dead.
    pub replay: Option<Bytes>,
}

/// What connections are kept by: the name of whose rules are its own, and the origin. Connections that
/// were made with an identity serve nobody else.
type Place = (Option<Box<str>>, Origin);

/// All connections to all providers.
pub(crate) struct Upstream {
    connector: Connector,
    /// For places that callers name.
    foreign: Connector,
    /// For providers and others with rules of their own, by name.
    own: HashMap<Box<str>, Arc<Connector>>,
    endpoints: RwLock<HashMap<Place, Arc<Endpoint>>>,
    /// Connections made so far.
    opened: Counter,
}

impl Upstream {
    /// A pool with nothing in it. `policy` holds for providers, `foreign` for places that callers
    /// name. Every connection that is made raises `opened`.
    ///
    /// # Errors
    /// When no TLS configuration can be made.
    pub(crate) fn new(
        policy: EgressPolicy,
        foreign: EgressPolicy,
        connect_limit: Duration,
        opened: Counter,
    ) -> Result<Self, rustls::Error> {
        let connector = Connector::new(policy, connect_limit, TlsIdentity::default())?;
        let foreign = connector.by(foreign);
        let own = HashMap::new();
        Ok(Self { connector, foreign, own, endpoints: RwLock::default(), opened })
    }

    /// Gives one provider an identity of its own.
    ///
    /// # Errors
    /// When certificates and key do not fit.
    pub(crate) fn identify(
        &mut self,
        name: &str,
        identity: TlsIdentity,
    ) -> Result<(), rustls::Error> {
        self.own.insert(name.into(), Arc::new(self.connector.with(identity)?));
        Ok(())
    }

    /// Gives one name a policy of its own, and an identity.
    ///
    /// # Errors
    /// When certificates and key do not fit.
    pub(crate) fn admit(
        &mut self,
        name: &str,
        policy: EgressPolicy,
        identity: TlsIdentity,
    ) -> Result<(), rustls::Error> {
        let connector = self.connector.by(policy).with(identity)?;
        self.own.insert(name.into(), Arc::new(connector));
        Ok(())
    }

    /// The endpoint of an origin, by the rules of all providers.
    pub(crate) fn endpoint(&self, origin: &Origin) -> Arc<Endpoint> {
        self.endpoint_of("", origin)
    }

    /// The endpoint of an origin, by the rules of that name if there are any.
    pub(crate) fn endpoint_of(&self, name: &str, origin: &Origin) -> Arc<Endpoint> {
        let own = self.own.get_key_value(name);
        let place = (own.map(|(name, _)| name.clone()), origin.clone());
        let known = self.endpoints.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(endpoint) = known.get(&place) {
            return Arc::clone(endpoint);
        }
        drop(known);
        let fresh = || {
            Arc::new(match own {
                None => Endpoint::new(origin.clone()),
                Some((_, connector)) => Endpoint::own(origin.clone(), Arc::clone(connector)),
            })
        };
        let mut known = self.endpoints.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(place).or_insert_with(fresh))
    }

    /// An endpoint for one call to a place that a caller named: what the operator listed for
    /// providers does not hold for it, and no connection is kept.
    pub(crate) fn foreign(origin: Origin) -> Arc<Endpoint> {
        Arc::new(Endpoint::foreign(origin))
    }

    /// Sends a request and waits for the head of the answer. Dropping the future, or later the
    /// answer's body, stops the call at once.
    pub(crate) async fn send(
        &self,
        endpoint: &Arc<Endpoint>,
        request: UpstreamRequest,
    ) -> Result<Response<UpstreamBody>, Error> {
        let replay = request.replay.clone();
        let mut outgoing = assemble(endpoint, request)?;
        let again = replay.map(|body| (copy_head(&outgoing), body));
        if let Some((connection, permit)) = endpoint.reserve_shared() {
            match Box::pin(connection.call(to_http2(outgoing, endpoint)?, permit)).await {
                Ok(answer) => return Ok(answer.map(UpstreamBody::http2)),
                Err(failed) => outgoing = revive(failed, again)?,
            }
        } else if let Some(connection) = endpoint.take_idle() {
            match connection.call(outgoing, Arc::clone(endpoint)).await {
                Ok(answer) => return Ok(answer.map(UpstreamBody::http1)),
                // Only a pooled connection earns a second try: the peer may have closed it just
                // before our request arrived.
                Err(failed) => outgoing = revive(failed, again)?,
            }
        }
        // Boxed because it is large and rare: a future's size is paid by every call.
        Box::pin(self.send_fresh(endpoint, outgoing)).await
    }

    async fn send_fresh(
        &self,
        endpoint: &Arc<Endpoint>,
        request: Request<SendBody>,
    ) -> Result<Response<UpstreamBody>, Error> {
        // Where connections are shared, calls that start together wait for one of them to connect
        // rather than all doing so.
        let turn = endpoint.turn_to_connect().await;
        if turn.is_some()
            && let Some((connection, permit)) = endpoint.reserve_shared()
        {
            drop(turn);
            return call_shared(connection, permit, request, endpoint).await;
        }
        let connector = match &endpoint.by {
            By::Providers => &self.connector,
            By::Callers => &self.foreign,
            By::Own(connector) => connector,
        };
        let connected = connector.connect(&endpoint.origin).await?;
        self.opened.inc();
        endpoint.note_sharing(connected.is_http2);
        if connected.is_http2 {
            let connection = Http2::handshake(connected.io).await.map_err(broken)?;
            let permit = connection.reserve().ok_or_else(|| broken("no stream available"))?;
            endpoint.put_shared(connection.clone());
            drop(turn);
            call_shared(connection, permit, request, endpoint).await
        } else {
            drop(turn);
            let connection = Http1::handshake(connected.io).await.map_err(broken)?;
            let answer = connection.call(to_http1(request), Arc::clone(endpoint)).await;
            answer
                .map(|answer| answer.map(UpstreamBody::http1))
                .map_err(|failed| broken(failed.error))
        }
    }

    /// Closes connections that are dead or long unused. Returns how many idle ones remain.
    ///
    /// Endpoints without any are forgotten: callers name parts of some hosts, so there is no end to
    /// them.
    pub(crate) fn sweep(&self) -> usize {
        let known = self.endpoints.read().unwrap_or_else(PoisonError::into_inner);
        let left: Vec<usize> = known.values().map(|endpoint| endpoint.sweep(IDLE_LIMIT)).collect();
        drop(known);
        if left.contains(&0) {
            let mut known = self.endpoints.write().unwrap_or_else(PoisonError::into_inner);
            known.retain(|_, endpoint| !endpoint.is_bare() || Arc::strong_count(endpoint) > 1);
        }
        left.iter().sum()
    }
}

async fn call_shared(
    connection: Http2,
    permit: Permit,
    request: Request<SendBody>,
    endpoint: &Endpoint,
) -> Result<Response<UpstreamBody>, Error> {
    let answer = connection.call(to_http2(request, endpoint)?, permit).await;
    answer.map(|answer| answer.map(UpstreamBody::http2)).map_err(|failed| broken(failed.error))
}

/// Puts the parts together; the only place where a credential is released.
fn assemble(endpoint: &Endpoint, request: UpstreamRequest) -> Result<Request<SendBody>, Error> {
    let Some(credentials) = request.credentials.release_to(&endpoint.origin) else {
        return Err(Error::new(
            Kind::Internal,
            "A credential was about to leave for another origin",
        ));
    };
    let mut outgoing = Request::new(request.body);
    *outgoing.method_mut() = request.method;
    *outgoing.uri_mut() = Uri::from(request.path);
    *outgoing.headers_mut() = request.headers;
    let headers = outgoing.headers_mut();
    for (name, value) in credentials {
        headers.append(name, value);
    }
    headers.insert(header::HOST, endpoint.host_header.clone());
    Ok(outgoing)
}

fn copy_head(request: &Request<SendBody>) -> Request<()> {
    let mut copy = Request::new(());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

/// The request to send once more after a pooled connection failed, or the failure when it cannot
/// be sent again.
fn revive(failed: Failed, again: Option<(Request<()>, Bytes)>) -> Result<Request<SendBody>, Error> {
    if let Some(unsent) = failed.unsent {
        return Ok(unsent);
    }
    let closed_unanswered = failed.error.is_incomplete_message()
        || failed.error.is_canceled()
        || failed.error.is_closed()
        || is_reset(&failed.error);
    match again {
        Some((head, body)) if closed_unanswered => Ok(head.map(|()| SendBody::whole(body))),
        _ => Err(broken(failed.error)),
    }
}

fn is_reset(error: &hyper::Error) -> bool {
    use std::error::Error as _;
    use std::io::ErrorKind;
    error.source().and_then(|source| source.downcast_ref::<std::io::Error>()).is_some_and(|error| {
        matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
    })
}

/// A connection that gave no answer.
fn broken(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let source = source.into();
    let reason = match source.downcast_ref::<hyper::Error>() {
        Some(error) if error.is_parse() => "it answered with something that is not HTTP",
        Some(error) if error.is_incomplete_message() || error.is_canceled() || is_reset(error) => {
            "it closed the connection without an answer"
        }
        _ => "the connection to it failed",
    };
    Error::new(Kind::UpstreamFailed, NO_ANSWER).with_hint(reason).because(source)
}

/// HTTP/2 wants scheme and authority in the target, and no `host` header beside it.
fn to_http2(
    mut request: Request<SendBody>,
    endpoint: &Endpoint,
) -> Result<Request<SendBody>, Error> {
    request.headers_mut().remove(header::HOST);
    let path = request.uri().path_and_query().cloned();
    let uri = Uri::builder()
        .scheme(if endpoint.origin.is_https() { "https" } else { "http" })
        .authority(endpoint.origin.authority())
        .path_and_query(path.unwrap_or_else(|| PathAndQuery::from_static("/")))
        .build()
        .map_err(broken)?;
    *request.uri_mut() = uri;
    Ok(request)
}

/// Undoes [`to_http2`] for a request that comes back from a dead HTTP/2 connection.
fn to_http1(mut request: Request<SendBody>) -> Request<SendBody> {
    if let Some(authority) = request.uri().authority() {
        if let Ok(host) = HeaderValue::from_str(authority.as_str()) {
            request.headers_mut().insert(header::HOST, host);
        }
        if let Some(path) = request.uri().path_and_query().cloned() {
            *request.uri_mut() = Uri::from(path);
        }
    }
    request
}

/// The body of a provider's answer.
pub(crate) struct UpstreamBody(Inner);

enum Inner {
    Http1(Http1Body),
    Http2(Http2Body),
}

impl UpstreamBody {
    const fn http1(body: Http1Body) -> Self {
        Self(Inner::Http1(body))
    }

    const fn http2(body: Http2Body) -> Self {
        Self(Inner::Http2(body))
    }
}

/// Why a body could not be read whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("it broke off: {0}")]
    Broken(#[from] hyper::Error),
    #[error("it is too long")]
    TooLong,
}

impl UpstreamBody {
    /// All of a body of at most `limit` bytes, in pieces joined.
    pub(crate) async fn whole(mut self, limit: usize) -> Result<Vec<u8>, Unread> {
        let mut bytes = Vec::new();
        while let Some(frame) = self.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            if bytes.len() + data.len() > limit {
                return Err(Unread::TooLong);
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes)
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.get_mut().0 {
            Inner::Http1(body) => Pin::new(body).poll_frame(cx),
            Inner::Http2(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Http1(body) => body.is_end_stream(),
            Inner::Http2(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Http1(body) => body.size_hint(),
            Inner::Http2(body) => body.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests;
