//! A credential on a request.

use http::header::{AUTHORIZATION, HeaderName};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method};
use weir_core::{Error, Kind, Timestamp};
use weir_llm::auth::aws_sigv4::{Body, Scope, Signing, sign};
use weir_llm::auth::stored::ProviderCredential;
use weir_llm::catalogue::Provider;

use crate::plane::Shared;

/// The request as it goes over the wire.
pub(crate) struct Wire<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) row: Option<&'static Provider>,
    pub(crate) method: &'a Method,
    /// Value of the `host` header.
    pub(crate) host: &'a str,
    pub(crate) path: &'a PathAndQuery,
    /// Path after the slug; names AWS's service and region.
    pub(crate) rest: &'a str,
    /// The body, when it is whole in memory.
    pub(crate) body: Option<&'a [u8]>,
    /// It came in at a unified endpoint.
    pub(crate) unified: bool,
}

/// The headers that carry the credential.
pub(crate) async fn headers(
    credential: &ProviderCredential,
    wire: &Wire<'_>,
) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
    match credential {
        ProviderCredential::Key(key) => {
            let (name, scheme) = wire.place();
            Ok(vec![(name, value(&[scheme, key.expose()].concat())?)])
        }
        ProviderCredential::GoogleServiceAccount(account) => {
            let token = wire.shared.google_tokens.token(wire.shared, account).await?;
            Ok(vec![(AUTHORIZATION, value(&["Bearer ", token.expose()].concat())?)])
        }
        ProviderCredential::Aws { credential, region } => {
            let body = wire.body.ok_or_else(|| {
                Error::new(Kind::TooLarge, "The request is too large to be signed")
                    .with_hint("requests signed by the gateway are held in memory first")
            })?;
            let mut parts = wire.rest.split(['/', '?']);
            let service = match parts.next() {
                Some("bedrock-mantle") => "bedrock-mantle",
                _ => "bedrock",
            };
            let region = parts.next().filter(|it| !it.is_empty()).unwrap_or(region);
            let signing = Signing {
                method: wire.method.as_str(),
                host: wire.host,
                path: wire.path.path(),
                query: wire.path.query().unwrap_or_default(),
                headers: &[],
                body: Body::Bytes(body),
            };
            let made = sign(&signing, credential, Scope { region, service }, Timestamp::now());
            let pair = |(name, text): (&'static str, String)| {
                Ok((HeaderName::from_static(name), value(&text)?))
            };
            made.into_iter().map(pair).collect()
        }
    }
}

impl Wire<'_> {
    /// The header that a key goes into, and what stands before it there.
    fn place(&self) -> (HeaderName, &'static str) {
        let Some(row) = self.row else { return (AUTHORIZATION, "Bearer ") };
        // The chat of this provider wants a bearer, its other interfaces a header of their own.
        if self.unified && row.slug == "parallel" {
            return (AUTHORIZATION, "Bearer ");
        }
        let name = row.credential_headers.first().copied().unwrap_or("authorization");
        (HeaderName::from_static(name), row.credential_scheme)
    }
}

fn value(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Error::new(Kind::BadRequest, "Invalid provider credential"))?;
    value.set_sensitive(true);
    Ok(value)
}
