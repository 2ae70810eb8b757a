//! Which part answers which path.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body as ApiBody;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use tower::ServiceExt;
use weir_api::Peer;
use weir_proxy::metrics::Metrics;
use weir_proxy::record::LogQueue;
use weir_proxy::{DataPlane, ReplyBody};

/// Everything that answers requests: a cheap handle.
#[derive(Clone)]
pub(crate) struct Front(Arc<Parts>);

struct Parts {
    data_plane: DataPlane,
    api: Router,
    metrics: Arc<Metrics>,
    queue: LogQueue,
    ready: AtomicBool,
    /// Metrics have a listener of their own.
    admin_apart: bool,
}

/// The front as one client sees it.
#[derive(Clone)]
pub(crate) struct Client {
    front: Front,
    /// The other end of the connection: the client, or a proxy.
    address: IpAddr,
    /// The client may see metrics: it is on the admin listener, or on this machine.
    sees_metrics: bool,
    /// The admin listener serves nothing else.
    admin_only: bool,
}

/// A body of whichever part answered.
pub(crate) enum FrontBody {
    Data(ReplyBody),
    Api(ApiBody),
    Text(Full<Bytes>),
}

impl Front {
    pub(crate) fn new(
        data_plane: DataPlane,
        api: Router,
        metrics: Arc<Metrics>,
        queue: LogQueue,
        admin_apart: bool,
    ) -> Self {
        let ready = AtomicBool::new(true);
        Self(Arc::new(Parts { data_plane, api, metrics, queue, ready, admin_apart }))
    }

    pub(super) fn for_peer(&self, peer: SocketAddr) -> Client {
        let address = peer.ip().to_canonical();
        let sees_metrics = !self.0.admin_apart && address.is_loopback();
        Client { front: self.clone(), address, sees_metrics, admin_only: false }
    }

    pub(super) fn for_admin(&self, peer: SocketAddr) -> Client {
        let address = peer.ip().to_canonical();
        Client { front: self.clone(), address, sees_metrics: true, admin_only: true }
    }

    /// From now on `/readyz` says no, so that load balancers send nothing more.
    pub(super) fn stop_being_ready(&self) {
        self.0.ready.store(false, Ordering::Release);
    }
}

impl Client {
    pub(super) async fn answer(
        self,
        request: Request<Incoming>,
    ) -> Result<Response<FrontBody>, Infallible> {
        let data_plane = &self.front.0.data_plane;
        // A host that is one gateway's own serves nothing else of this process.
        let domain = if self.admin_only { None } else { data_plane.domain(&request) };
        let path = request.uri().path();
        let is_data = path.starts_with("/v1/") || DataPlane::serves(path);
        if domain.is_some() || (is_data && !self.admin_only) {
            let answer = data_plane.handle(request, self.address, domain);
            return Ok(answer.await.map(FrontBody::Data));
        }
        Ok(match path {
            "/healthz" => text(StatusCode::OK, "ok\n".to_owned()),
            "/readyz" if self.front.0.ready.load(Ordering::Acquire) => {
                text(StatusCode::OK, "ready\n".to_owned())
            }
            "/readyz" => text(StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned()),
            "/metrics" if self.sees_metrics && !is_relayed(request.headers()) => self.metrics(),
            _ if self.admin_only => text(StatusCode::NOT_FOUND, "not here\n".to_owned()),
            "/" => text(StatusCode::OK, WELCOME.to_owned()),
            _ if path.starts_with("/client/v4") => {
                let mut request = request.map(ApiBody::new);
                let client = data_plane.client(self.address, request.headers());
                if let Some(address) = client.address {
                    request.extensions_mut().insert(Peer(address));
                }
                match self.front.0.api.clone().oneshot(request).await {
                    Ok(response) => response.map(FrontBody::Api),
                    Err(never) => match never {},
                }
            }
            _ => {
                let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
                data_plane.not_found(target).map(FrontBody::Data)
            }
        })
    }

    fn metrics(&self) -> Response<FrontBody> {
        let queue = &self.front.0.queue;
        let mut response =
            text(StatusCode::OK, self.front.0.metrics.render(queue.depth(), queue.depth_bytes()));
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8"),
        );
        response
    }
}

const WELCOME: &str = "This is Weir, an AI gateway.\n\
    Data plane:     /v1/{account}/{gateway}/{provider}/...\n\
    Management API: /client/v4/accounts/{account}/ai-gateway/...\n\
    Health:         /healthz, /readyz\n";

/// Behind a proxy on the same machine every client looks local; then metrics need a listener of
/// their own.
fn is_relayed(headers: &HeaderMap) -> bool {
    headers.contains_key(header::FORWARDED) || headers.contains_key("x-forwarded-for")
}

fn text(status: StatusCode, text: String) -> Response<FrontBody> {
    let mut response = Response::new(FrontBody::Text(Full::from(text)));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

impl Body for FrontBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::Data(body) => Pin::new(body).poll_frame(cx),
            Self::Api(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Text(text) => Pin::new(text).poll_frame(cx).map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Data(body) => body.is_end_stream(),
            Self::Api(body) => body.is_end_stream(),
            Self::Text(text) => text.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Data(body) => body.size_hint(),
            Self::Api(body) => body.size_hint(),
            Self::Text(text) => text.size_hint(),
        }
    }
}
