//! From an origin to an open connection: resolve, judge, connect, TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use weir_core::{Error, Kind};

use super::NO_ANSWER;
use super::io::Io;
use super::origin::Origin;
use super::tls::TlsIdentity;
use crate::egress::EgressPolicy;

/// How long an address may take to answer before the next one is tried.
const NEXT_ADDRESS: Duration = Duration::from_secs(2);

/// Opens connections, and is the only code that does.
pub(super) struct Connector {
    policy: EgressPolicy,
    tls: TlsConnector,
    limit: Duration,
}

/// A fresh connection and what was agreed on it.
pub(super) struct Connected {
    pub(super) io: Io,
    pub(super) is_http2: bool,
}

impl Connector {
    pub(super) fn new(
        policy: EgressPolicy,
        limit: Duration,
        identity: TlsIdentity,
    ) -> Result<Self, rustls::Error> {
        let tls = TlsConnector::from(Arc::new(identity.into_config()?));
        Ok(Self { policy, tls, limit })
    }

    /// The same by another rule.
    pub(super) fn by(&self, policy: EgressPolicy) -> Self {
        Self { policy, tls: self.tls.clone(), limit: self.limit }
    }

    /// The same with another identity.
    pub(super) fn with(&self, identity: TlsIdentity) -> Result<Self, rustls::Error> {
        Self::new(self.policy.clone(), self.limit, identity)
    }

    /// Connects to `origin` within the connect limit. The name is resolved once, and the
    /// connection is made to an address that was judged.
    pub(super) async fn connect(&self, origin: &Origin) -> Result<Connected, Error> {
        let attempt = timeout(self.limit, self.connect_unlimited(origin));
        attempt.await.unwrap_or_else(|_| {
            let late = io::Error::from(io::ErrorKind::TimedOut);
            Err(unreachable_error("no connection to it within the connect timeout", late))
        })
    }

    async fn connect_unlimited(&self, origin: &Origin) -> Result<Connected, Error> {
        let addresses = resolve(origin)
            .await
            .map_err(|error| unreachable_error("its name cannot be resolved", error))?;
        let permitted = self.policy.judge(origin, &addresses).map_err(|refusal| {
            Error::new(Kind::EgressRefused, NO_ANSWER)
                .with_hint(refusal.to_string())
                .because(refusal)
        })?;
        let stream = connect_first(&permitted, origin.port()).await.map_err(|error| {
            let reason = match error.kind() {
                io::ErrorKind::ConnectionRefused => "it refuses connections",
                io::ErrorKind::TimedOut => "it does not answer to connections",
                _ => "it cannot be reached",
            };
            unreachable_error(reason, error)
        })?;
        // Requests and stream chunks are small and must leave at once. Failing to say so only makes
        // things slower.
        let _ = stream.set_nodelay(true);
        if !origin.is_https() {
            return Ok(Connected { io: Io::Plain(stream), is_http2: false });
        }
        let no_tls = "TLS cannot be set up with it; is its certificate trusted here?";
        let name = ServerName::try_from(origin.host().to_owned())
            .map_err(|error| unreachable_error(no_tls, error))?;
        let stream = self
            .tls
            .connect(name, stream)
            .await
            .map_err(|error| unreachable_error(no_tls, error))?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok(Connected { io: Io::Tls(Box::new(stream)), is_http2 })
    }
}

/// No connection, and why in words that give no address away.
fn unreachable_error(
    reason: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::new(Kind::UpstreamFailed, NO_ANSWER).with_hint(reason).because(source)
}

async fn resolve(origin: &Origin) -> io::Result<Vec<IpAddr>> {
    if let Some(address) = origin.address() {
        return Ok(vec![address]);
    }
    let found = tokio::net::lookup_host((origin.host(), origin.port())).await?;
    Ok(found.map(|socket| socket.ip()).collect())
}

/// Tries the addresses in the resolver's order; the error is that of the last one. An address that
/// does not answer holds the others up for [`NEXT_ADDRESS`] only.
async fn connect_first(addresses: &[IpAddr], port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for (index, address) in addresses.iter().enumerate() {
        let connecting = TcpStream::connect(SocketAddr::new(*address, port));
        let connected = if index + 1 == addresses.len() {
            connecting.await
        } else {
            let timed_out = |_| Err(io::Error::from(io::ErrorKind::TimedOut));
            timeout(NEXT_ADDRESS, connecting).await.unwrap_or_else(timed_out)
        };
        match connected {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}
