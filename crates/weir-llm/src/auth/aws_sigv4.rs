//! AWS Signature Version 4 in headers (spec: providers 3, Bedrock).
//!
//! What is signed is the request as it goes over the wire. The path there is percent-encoded once
//! (`:` is `%3A`) and the canonical form encodes it a second time (`%253A`), as every AWS API but S3
//! asks.

mod canonical;

#[cfg(test)]
mod tests;

use aws_lc_rs::{digest, hmac};
use weir_core::{Secret, Timestamp};

use canonical::{canonical_path, canonical_query, canonical_value};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A request to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// In capitals.
    pub method: &'a str,
    /// As in the `host` header, with the port if that has one.
    pub host: &'a str,
    /// As on the wire, without the query.
    pub path: &'a str,
    /// As on the wire, without the question mark; empty if there is none.
    pub query: &'a str,
    /// Further headers to sign; they have to arrive unchanged. `host` and those that [`sign`] makes
    /// are always signed.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: Body<'a>,
}

/// The body of a request to be signed.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// The bytes themselves.
    Bytes(&'a [u8]),
    /// Their SHA-256 in lower-case hex.
    Hash(&'a str),
}

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsCredential {
    /// Names the key.
    pub access_key_id: String,
    /// Signs.
    pub secret_access_key: Secret<String>,
    /// Comes with temporary keys.
    pub session_token: Option<Secret<String>>,
}

/// Where a signature is good.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// E.g. `us-east-1`.
    pub region: &'a str,
    /// `bedrock`, or `bedrock-mantle` for that host.
    pub service: &'a str,
}

/// Signs a request as of `now`; AWS takes a signature for some five minutes. Gives the headers to
/// send: `x-amz-date`, `x-amz-content-sha256`, `x-amz-security-token` for temporary keys, and
/// `authorization`.
pub fn sign(
    request: &Signing<'_>,
    credential: &AwsCredential,
    scope: Scope<'_>,
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    let date = basic_format(now);
    let hash = match request.body {
        Body::Bytes(bytes) => sha256(bytes),
        Body::Hash(hash) => hash.to_owned(),
    };
    let mut made = vec![("x-amz-date", date.clone()), ("x-amz-content-sha256", hash.clone())];
    if let Some(token) = &credential.session_token {
        made.push(("x-amz-security-token", token.expose().clone()));
    }
    let signed = made.iter().map(|(name, value)| (*name, &**value));
    let signed: Vec<(&str, &str)> = signed.chain(request.headers.iter().copied()).collect();
    let authorization = authorize(request, &signed, &hash, credential, scope, &date);
    made.push(("authorization", authorization));
    made
}

/// The `authorization` header over `host` and exactly these headers.
fn authorize(
    request: &Signing<'_>,
    headers: &[(&str, &str)],
    hash: &str,
    credential: &AwsCredential,
    scope: Scope<'_>,
    date: &str,
) -> String {
    let (names, document) = canonical_request(request, headers, hash);
    let day = date.get(..8).unwrap_or_default();
    let Scope { region, service } = scope;
    let place = format!("{day}/{region}/{service}/aws4_request");
    let text = format!("{ALGORITHM}\n{date}\n{place}\n{}", sha256(document.as_bytes()));
    let secret = format!("AWS4{}", credential.secret_access_key.expose());
    let key = [day, region, service, "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, step| hmac_sha256(&key, step));
    let signature = hex(&hmac_sha256(&key, &text));
    let id = &credential.access_key_id;
    format!("{ALGORITHM} Credential={id}/{place}, SignedHeaders={names}, Signature={signature}")
}

/// Names of the signed headers, and the canonical request.
fn canonical_request(
    request: &Signing<'_>,
    headers: &[(&str, &str)],
    hash: &str,
) -> (String, String) {
    let all = headers.iter().copied().chain([("host", request.host)]);
    let mut all: Vec<(String, String)> =
        all.map(|(name, value)| (name.to_ascii_lowercase(), canonical_value(value))).collect();
    // Stable: values of one name stay in their order.
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all.dedup_by(|next, first| {
        let same = next.0 == first.0;
        if same {
            first.1 = format!("{},{}", first.1, next.1);
        }
        same
    });
    let names = all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    let lines: String = all.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let document = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{hash}",
        request.method,
        canonical_path(request.path),
        canonical_query(request.query),
    );
    (names, document)
}

/// `20150830T123600Z`.
fn basic_format(now: Timestamp) -> String {
    let text = now.to_string();
    let digits = text.chars().take_while(|c| *c != '.').filter(|c| !matches!(c, '-' | ':'));
    digits.chain(['Z']).collect()
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
