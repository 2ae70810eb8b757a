//! Pictures and documents at an address, for providers that take bytes only (spec: providers 4.1).
//!
//! The address is the client's, so it is fetched through the one guarded way out: over TLS, from
//! public addresses unless `egress.allow_media` lists others, whatever is listed for providers; with no
//! redirect followed and no credential sent. All of a request's together have one limit of size and one of time.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use weir_core::Kind;
use weir_core::credential::BoundTo;
use weir_llm::canonical::{Request, Source};
use weir_llm::dialect::Dialect;
use weir_llm::fault::{Fault, Param};

use crate::plane::Shared;
use crate::upstream::origin::Origin;
use crate::upstream::{SendBody, Unread, Upstream, UpstreamRequest};

/// Longest wait for all of them.
const PATIENCE: Duration = Duration::from_secs(30);
/// Their size together, in bytes: no provider takes more in a request, and it is held in memory
/// three times while the request is made.
const LARGEST: usize = 20 * 1024 * 1024;
/// Most of them in one request.
const MOST: usize = 20;

/// Fetches every source at an address and puts its bytes in.
///
/// # Errors
/// When one cannot be had: the client's fault, in whose words it is told (spec: providers 4, 5).
pub(super) async fn fetch(
    shared: &Shared,
    request: &mut Request,
    dialect: Dialect,
) -> Result<(), Fault> {
    let place = dialect.param(&Param::Messages);
    let fetching = tokio::time::timeout(PATIENCE, fetch_all(shared, request, &place));
    let late = || unreachable("it takes too long").fault(&place);
    fetching.await.unwrap_or_else(|_| Err(late()))
}

async fn fetch_all(shared: &Shared, request: &mut Request, place: &str) -> Result<(), Fault> {
    let mut left = LARGEST;
    for (index, source) in request.remote_sources().enumerate() {
        if index >= MOST {
            let message = format!("More than {MOST} pictures at addresses; send their bytes");
            return Err(Fault::invalid(place, message));
        }
        let Source::Url(url) = source else { continue };
        let fetched = one(shared, url, &mut left).await;
        *source = fetched.map_err(|trouble| trouble.fault(place))?;
    }
    Ok(())
}

/// Why there is no picture.
enum Trouble {
    Unreachable(String),
    TooLarge,
}

impl Trouble {
    fn fault(self, place: &str) -> Fault {
        match self {
            Self::Unreachable(reason) => {
                let message = format!(
                    "A picture or document could not be fetched: {reason}; send its bytes as a \
                     data: URL instead"
                );
                Fault::invalid(place, message)
            }
            Self::TooLarge => {
                let message = format!("Pictures and documents are larger than {LARGEST} bytes");
                Fault::too_large(place, message)
            }
        }
    }
}

fn unreachable(reason: impl std::fmt::Display) -> Trouble {
    Trouble::Unreachable(crate::diagnose::ascii(&reason.to_string()))
}

async fn one(shared: &Shared, url: &str, left: &mut usize) -> Result<Source, Trouble> {
    let (origin, path) = Origin::of_url(url).map_err(|error| {
        let user = error.holds_user();
        unreachable(if user { "its address holds a user name" } else { "its address is not a URL" })
    })?;
    let endpoint = Upstream::foreign(origin.clone());
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, http::HeaderValue::from_static("*/*"));
    headers.insert(header::ACCEPT_ENCODING, http::HeaderValue::from_static("identity"));
    let request = UpstreamRequest {
        method: Method::GET,
        path,
        headers,
        credentials: BoundTo::new(origin, Vec::new()),
        body: SendBody::whole(Bytes::new()),
        replay: Some(Bytes::new()),
    };
    let response =
        shared.upstream.send(&endpoint, request).await.map_err(|error| match error.kind() {
            Kind::EgressRefused => unreachable("only https and public addresses are permitted"),
            _ => unreachable(error.hint().unwrap_or("its host does not answer")),
        })?;
    if !response.status().is_success() {
        return Err(unreachable(format_args!("its host answers {}", response.status().as_u16())));
    }
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let media_type = media_type.unwrap_or("application/octet-stream");
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
    let bytes = response.into_body().whole(*left).await.map_err(|unread| match unread {
        Unread::Broken(_) => unreachable("its host broke off"),
        Unread::TooLong => Trouble::TooLarge,
    })?;
    *left -= bytes.len();
    Ok(Source::Data { media_type, base64: STANDARD.encode(bytes) })
}
