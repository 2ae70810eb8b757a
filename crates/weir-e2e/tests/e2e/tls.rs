//! TLS and HTTP/2, towards clients and towards providers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use weir_e2e::weir::{Config, Weir};
use weir_e2e::{http as raw, ports};

use crate::rig::{chat, chat_body};

/// A certificate for `localhost`, its key, and both as files.
struct Identity {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
    folder: tempfile::TempDir,
}

impl Identity {
    fn new() -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("cert.pem"), made.cert.pem())?;
        std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem())?;
        let key = made.signing_key.serialize_der();
        Ok(Self { certificate: made.cert.der().clone(), key, folder })
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A server's side that offers these protocols.
    fn acceptor(&self, protocols: &[&[u8]]) -> Result<TlsAcceptor> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key)?;
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// A client's side that trusts this certificate only.
    fn connector(&self, protocols: &[&[u8]]) -> Result<TlsConnector> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.certificate.clone())?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

/// A provider over TLS that answers with the HTTP version and the host it was asked for, after a
/// moment: calls made together must overlap.
async fn provider(identity: &Identity, protocols: &[&[u8]]) -> Result<SocketAddr> {
    let acceptor = identity.acceptor(protocols)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let answer = service_fn(|request: Request<Incoming>| async move {
                    let version = format!("{:?}", request.version());
                    let in_header = request.headers().get("host").and_then(|h| h.to_str().ok());
                    let host = request.uri().authority().map_or(in_header, |a| Some(a.as_str()));
                    let body = json!({"version": version, "host": host}).to_string();
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    let mut response = Response::new(Full::new(Bytes::from(body)));
                    let json = http::HeaderValue::from_static("application/json");
                    response.headers_mut().insert("content-type", json);
                    Ok::<_, std::convert::Infallible>(response)
                });
                let builder = auto::Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    Ok(address)
}

async fn weir_before(provider: SocketAddr, identity: &Identity) -> Result<Weir> {
    let port = provider.port();
    let config = Config::bare()
        .gateway("gw1", &json!({}))
        .origin("openai", &format!("https://localhost:{port}"))
        .variable("SSL_CERT_FILE", &identity.file("cert.pem"));
    Weir::start(&config).await
}

#[tokio::test]
async fn providers_are_spoken_to_in_http2_when_they_offer_it() -> Result<()> {
    let identity = Identity::new()?;
    for (protocols, version) in
        [(&[&b"h2"[..], b"http/1.1"][..], "HTTP/2.0"), (&[&b"http/1.1"[..]][..], "HTTP/1.1")]
    {
        let address = provider(&identity, protocols).await?;
        let weir = weir_before(address, &identity).await?;
        // Together at first, when nothing is known of the provider, then one after another.
        let request = chat();
        let together = (0..8).map(|_| weir.send(&request));
        let mut seen = futures_util::future::try_join_all(together).await?;
        for _ in 0..3 {
            seen.push(weir.send(&chat()).await?);
        }
        if version == "HTTP/2.0" {
            let metrics = weir.send(&raw::Request::get("/metrics")).await?.text();
            assert!(metrics.contains("weir_upstream_connections_opened_total 1\n"), "{metrics}");
        }
        for response in seen {
            assert_eq!(response.status, 200, "{}", response.text());
            let said: serde_json::Value = serde_json::from_str(&response.text())?;
            assert_eq!(said["version"], version);
            assert_eq!(said["host"], format!("localhost:{}", address.port()));
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_untrusted_certificate_is_no_connection() -> Result<()> {
    let (theirs, ours) = (Identity::new()?, Identity::new()?);
    let address = provider(&theirs, &[b"h2"]).await?;
    let weir = weir_before(address, &ours).await?;
    let response = weir.send(&chat()).await?;
    assert_eq!((response.status, response.code()), (502, Some(2005)));
    let hint = response.header("weir-hint").unwrap_or_default();
    assert!(hint.contains("certificate"), "{hint}");
    Ok(())
}

#[tokio::test]
async fn clients_may_speak_tls_and_both_versions() -> Result<()> {
    let identity = Identity::new()?;
    let upstream = weir_e2e::upstream::Upstream::start().await?;
    let config = Config::new(&upstream)
        .set(&["tls", "cert"], json!(identity.file("cert.pem")))
        .set(&["tls", "key"], json!(identity.file("key.pem")))
        .set(&["admin", "listen"], json!(ports::free()?.to_string()));
    let weir = Weir::start(&config).await?;
    let wanted = [(&b"h2"[..], Version::HTTP_2), (b"http/1.1", Version::HTTP_11)];
    for (protocol, version) in wanted {
        let connector = identity.connector(&[protocol])?;
        let stream = TcpStream::connect(weir.address()).await?;
        let stream = connector.connect(ServerName::try_from("localhost")?, stream).await?;
        let response = call(TokioIo::new(stream), version).await?;
        assert_eq!((response.status().as_u16(), response.version()), (200, version));
        let body = response.into_body().collect().await?.to_bytes();
        assert!(!body.is_empty());
    }
    assert!(raw::exchange(weir.address(), &chat()).await.is_err(), "plain HTTP on a TLS port");
    Ok(())
}

#[tokio::test]
async fn clients_may_speak_http2_without_tls() -> Result<()> {
    let upstream = weir_e2e::upstream::Upstream::start().await?;
    let weir = Weir::start(&Config::new(&upstream)).await?;
    let stream = TokioIo::new(TcpStream::connect(weir.address()).await?);
    let response = call(stream, Version::HTTP_2).await?;
    assert_eq!((response.status().as_u16(), response.version()), (200, Version::HTTP_2));
    Ok(())
}

/// One chat call on an open connection.
async fn call<S>(stream: TokioIo<S>, version: Version) -> Result<Response<Incoming>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let request = Request::post("https://localhost/v1/acc1/gw1/openai/chat/completions")
        .header("host", "localhost")
        .header("cf-aig-authorization", "Bearer tok-run")
        .header("authorization", "Bearer sk-client")
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(chat_body().to_string())))?;
    if version == Version::HTTP_2 {
        let executor = TokioExecutor::new();
        let (mut sender, driver) = hyper::client::conn::http2::handshake(executor, stream).await?;
        tokio::spawn(driver);
        sender.send_request(request).await.context("call over HTTP/2")
    } else {
        let (mut sender, driver) = hyper::client::conn::http1::handshake(stream).await?;
        tokio::spawn(driver);
        let (mut head, body) = request.into_parts();
        head.uri = head.uri.path().parse()?;
        sender.send_request(Request::from_parts(head, body)).await.context("call over HTTP/1.1")
    }
}
