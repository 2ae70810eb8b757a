//! Asking an issuer for its keys, through the one way out.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use weir_core::credential::BoundTo;
use weir_llm::auth::jwt::{KeySet, discovery_url, read_discovery};

use super::Place;
use crate::plane::Shared;
use crate::upstream::origin::Origin;
use crate::upstream::{SendBody, Unread, UpstreamRequest};

/// Longest wait for the keys, discovery included.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest document that is read, in bytes.
const LONGEST: usize = 256 * 1024;

/// The keys of an issuer; else why there are none, in words for the operator. No redirect is
/// followed: keys that lie elsewhere are entered there.
pub(super) async fn key_set(shared: &Shared, place: &Place) -> Result<KeySet, String> {
    let asking = async {
        let found;
        let url = match &place.jwks_url {
            Some(url) => url,
            None => {
                let document = get(shared, &discovery_url(&place.issuer)).await?;
                found = read_discovery(&document, &place.issuer).map_err(|it| it.to_string())?;
                found.as_str()
            }
        };
        let keys = get(shared, url).await?;
        KeySet::read(&keys).map_err(|fault| format!("{}: {fault}", shown(url)))
    };
    let late = |_| Err("no answer in ten seconds".to_owned());
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(late)
}

async fn get(shared: &Shared, url: &str) -> Result<Vec<u8>, String> {
    let failed = |reason: &str| format!("{}: {reason}", shown(url));
    let (origin, path) = Origin::of_url(url).map_err(|_| failed("it is not a URL"))?;
    let endpoint = shared.upstream.endpoint(&origin);
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let request = UpstreamRequest {
        method: Method::GET,
        path,
        headers,
        credentials: BoundTo::new(origin, Vec::new()),
        body: SendBody::whole(Bytes::new()),
        replay: Some(Bytes::new()),
    };
    let response = shared.upstream.send(&endpoint, request).await;
    let response = response.map_err(|error| failed(error.hint().unwrap_or("no answer")))?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(failed(&format!("it answers {status}")));
    }
    response.into_body().whole(LONGEST).await.map_err(|unread| match unread {
        Unread::Broken(_) => failed("it broke off"),
        Unread::TooLong => failed("its answer is too long"),
    })
}

/// An address without its query, which could hold a secret.
fn shown(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}
