//! Where a gateway's clients send their calls.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use http::header::HOST;

use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{InGateway, Segments};
use crate::schema::Schema;
use crate::{Api, envelope};

pub(super) const GET: Operation = Operation {
    id: "gatewayUrl",
    summary: "The address to use as a provider's base URL",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::TEXT),
};

/// `GET /gateways/{gateway_id}/url/{provider}`, without a slash at the end. Any provider name will
/// do, `compat` and `custom-...` among them.
pub(super) async fn get(
    State(api): State<Arc<Api>>,
    InGateway(gateway): InGateway,
    segments: Segments,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let provider = segments.get("provider")?;
    let base = match &api.options.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => base_of(&headers),
    };
    let (account, gateway) = (&gateway.account_id, &gateway.id);
    Ok(envelope::object(&format!("{base}/v1/{account}/{gateway}/{provider}")))
}

/// The address that this very request was sent to, as far as it shows.
pub(in crate::v4) fn base_of(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = match text("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    let host = text("x-forwarded-host").or_else(|| text(HOST.as_str())).unwrap_or("localhost");
    format!("{scheme}://{host}")
}
