//! Providers behind a private CA that ask who calls.

use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::RootCertStore;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use weir_e2e::weir::{Config, Weir};

use crate::rig::chat;

/// An authority of our own, with certificates as files.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("ca.pem"), issuer.pem())?;
        Ok(Self { issuer, folder })
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Writes a certificate and its key, signed here.
    fn sign(&self, name: &str, usage: ExtendedKeyUsagePurpose) -> Result<KeyPair> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
        params.extended_key_usages = vec![usage];
        let certificate = params.signed_by(&key, &self.issuer)?;
        std::fs::write(self.folder.path().join(format!("{name}.pem")), certificate.pem())?;
        std::fs::write(self.folder.path().join(format!("{name}.key")), key.serialize_pem())?;
        Ok(key)
    }

    /// A provider that serves callers with a certificate of this authority alone.
    async fn provider(&self) -> Result<u16> {
        use rustls::pki_types::CertificateDer;
        use rustls::pki_types::pem::PemObject as _;
        let key = self.sign("server", ExtendedKeyUsagePurpose::ServerAuth)?;
        let chain = CertificateDer::from_pem_file(self.file("server.pem"))?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.file("ca.pem"))?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![chain], key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let answer = service_fn(|_: Request<Incoming>| async {
                        let body = Full::new(Bytes::from_static(b"{\"ok\":true}"));
                        Ok::<_, std::convert::Infallible>(Response::new(body))
                    });
                    let builder = auto::Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        Ok(port)
    }
}

#[tokio::test]
async fn a_private_provider_is_called_with_a_certificate_and_nobody_else_shares_it() -> Result<()> {
    let authority = Authority::new()?;
    let port = authority.provider().await?;
    authority.sign("client", ExtendedKeyUsagePurpose::ClientAuth)?;
    let place = format!("https://localhost:{port}");
    let identified = |config: Config, slug: &str| {
        config
            .origin(slug, &place)
            .set(&["providers", slug, "tls_ca"], json!(authority.file("ca.pem")))
            .set(&["providers", slug, "tls_client_cert"], json!(authority.file("client.pem")))
            .set(&["providers", slug, "tls_client_key"], json!(authority.file("client.key")))
    };
    let config = identified(Config::bare().gateway("gw1", &json!({})), "openai")
        // The same place without an identity, and with trust alone.
        .origin("groq", &place)
        .origin("mistral", &place)
        .set(&["providers", "mistral", "tls_ca"], json!(authority.file("ca.pem")));
    let weir = Weir::start(&config).await?;
    for _ in 0..3 {
        let answer = weir.send(&chat()).await?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        // A connection of the first is open and free by now.
        for slug in ["groq", "mistral"] {
            let path = format!("{slug}/v1/chat/completions");
            let request = weir_e2e::http::Request::call(&path, &crate::rig::chat_body());
            let answer = weir.send(&request).await?;
            assert_eq!(answer.status, 502, "{slug}: {}", answer.text());
        }
    }
    let half = identified(Config::bare(), "openai")
        .set(&["providers", "openai", "tls_client_key"], json!(authority.file("none.key")));
    let Err(error) = Weir::start(&half).await else { panic!("it started") };
    assert!(format!("{error:#}").contains("tls_client_key"), "{error:#}");
    Ok(())
}
