//! A server of the management API somewhere else.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use weir_core::Secret;

use super::retry::{Again, pause};
use crate::declared::api::{Api, CallError};

/// One call may take this long, connection included.
const CALL_TIME: Duration = Duration::from_secs(60);

/// Larger answers are given up: no page of settings is that large.
const ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Tries of one call.
const TRIES: u32 = 6;

/// The other server, and the way to it.
pub(crate) struct Remote {
    base: Uri,
    host: String,
    port: u16,
    tls: Option<TlsConnector>,
    token: Secret<HeaderValue>,
    /// Kept from call to call. Calls come one after the other, so it is never waited for.
    connection: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

/// What came back.
struct Reply {
    status: u16,
    retry_after: Option<Duration>,
    body: Bytes,
}

impl Remote {
    /// The server at `url`: `https://`, or `http://` on this machine, because the token goes there.
    pub(crate) fn new(url: &str, token: &Secret<String>) -> anyhow::Result<Self> {
        let base: Uri = url.trim_end_matches('/').parse().context("--api-url is no address")?;
        let host = base.host().context("--api-url names no host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let (tls, port) = match base.scheme_str() {
            Some("https") => (Some(connector()?), 443),
            Some("http") if is_this_machine(&host) => (None, 80),
            Some("http") => bail!("--api-url must begin with https://: the token goes there"),
            _ => bail!("--api-url must begin with https://"),
        };
        ensure!(base.query().is_none(), "--api-url may have no query");
        let port = base.port_u16().unwrap_or(port);
        let mut token = HeaderValue::from_str(&format!("Bearer {}", token.expose().trim()))
            .map_err(|_| anyhow::anyhow!("the token holds characters that no token has"))?;
        token.set_sensitive(true);
        let connection = Mutex::new(None);
        Ok(Self { base, host, port, tls, token: Secret::new(token), connection })
    }

    async fn try_once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Reply> {
        let prefix = self.base.path().trim_end_matches('/');
        let authority = self.base.authority().map_or("", http::uri::Authority::as_str);
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(format!("{prefix}/client/v4{path}"))
            .header(header::HOST, authority)
            .header(header::AUTHORIZATION, self.token.expose())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("weir/", env!("CARGO_PKG_VERSION")))
            .body(Full::from(body))?;
        let kept = self.connection.lock().await.take();
        let mut connection = match kept.filter(|kept| !kept.is_closed()) {
            Some(kept) => kept,
            None => self.connect().await?,
        };
        connection.ready().await?;
        let answer = connection.send_request(request).await?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(header::RETRY_AFTER).cloned();
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
        *self.connection.lock().await = Some(connection);
        Ok(Reply { status, retry_after: retry_after.map(Duration::from_secs), body })
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let Some(tls) = &self.tls else { return speak(stream).await };
        let name = ServerName::try_from(self.host.clone())?;
        speak(tls.connect(name, stream).await?).await
    }
}

async fn speak<S>(stream: S) -> anyhow::Result<SendRequest<Full<Bytes>>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    });
    Ok(sender)
}

fn connector() -> anyhow::Result<TlsConnector> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[async_trait]
impl Api for Remote {
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let attempt = timeout(CALL_TIME, self.try_once(&method, path, body)).await;
            let outcome = attempt.unwrap_or_else(|_| Err(anyhow::anyhow!("no answer in time")));
            let again = match &outcome {
                Ok(reply) => Again::after_status(reply.status, reply.retry_after),
                // Reading twice does no harm.
                Err(_) if method == Method::GET => Again::Later(None),
                Err(_) => Again::Never,
            };
            if let Again::Later(wanted) = again
                && tries < TRIES
            {
                tokio::time::sleep(pause(tries, wanted)).await;
                continue;
            }
            let about = || format!("{method} {path} at {}", self.host);
            let reply = outcome.with_context(about).map_err(CallError::Failed)?;
            let answer: Result<Value, _> = serde_json::from_slice(&reply.body);
            return match answer {
                Ok(answer) if (200..300).contains(&reply.status) => Ok(answer),
                Ok(answer) => Err(CallError::refused(reply.status, &answer)),
                Err(_) if (200..300).contains(&reply.status) => Err(CallError::Failed(
                    anyhow::anyhow!("the answer is not JSON").context(about()),
                )),
                Err(_) => Err(CallError::Refused { status: reply.status, errors: Vec::new() }),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_goes_to_no_one_but_https_and_this_machine() {
        let token = Secret::new("t".to_owned());
        for good in ["https://api.cloudflare.com", "http://127.0.0.1:8787", "http://[::1]:1/x/"] {
            assert!(Remote::new(good, &token).is_ok(), "{good}");
        }
        for bad in ["http://api.cloudflare.com", "ftp://h", "h", "https://h?x=1", ""] {
            assert!(Remote::new(bad, &token).is_err(), "{bad}");
        }
        assert!(Remote::new("https://h", &Secret::new("a\nb".to_owned())).is_err());
    }
}
