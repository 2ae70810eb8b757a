//! How TLS is spoken with a provider: whose certificates are trusted, and who we say we are.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// What an operator chose for connections to one provider.
#[derive(Debug, Default)]
pub struct TlsIdentity {
    /// The only authorities that are trusted there; empty means the usual ones.
    pub authorities: Vec<CertificateDer<'static>>,
    /// Certificate chain and key that we show when asked.
    pub client: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl TlsIdentity {
    /// The settings of connections.
    pub(super) fn into_config(self) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let builder = builder.with_root_certificates(roots(self.authorities)?);
        let mut config = match self.client {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => builder.with_client_auth_cert(chain, key)?,
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// The given authorities; else the system's certificates, or the bundled ones where the system has
/// none.
fn roots(given: Vec<CertificateDer<'static>>) -> Result<RootCertStore, rustls::Error> {
    let mut store = RootCertStore::empty();
    if !given.is_empty() {
        for authority in given {
            store.add(authority)?;
        }
        return Ok(store);
    }
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if store.is_empty() {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Ok(store)
}
