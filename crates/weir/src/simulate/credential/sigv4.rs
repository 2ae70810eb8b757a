//! Checks AWS Signature Version 4, written apart from the signer it is to prove.
//!
//! The form is checked always. The signature itself is checked for one key pair, which is public:
//! `AKIASIMULATOR` with the secret `simulator-secret`.

mod date;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use http::{HeaderMap, StatusCode};

use crate::simulate::fault::Fault;
use crate::simulate::handler::Asked;

/// The access key id whose signatures are checked.
const KEY_ID: &str = "AKIASIMULATOR";
const SECRET: &str = "simulator-secret";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far a signature's time may be from ours, in seconds.
const TOLERANCE: u64 = 300;

/// The parts of the `authorization` header.
struct Authorization<'a> {
    key_id: &'a str,
    /// Date, region, service and terminator.
    scope: [&'a str; 4],
    signed: Vec<&'a str>,
    signature: &'a str,
}

/// Whether a request is signed rather than bearing a key.
pub(super) fn is_signed(headers: &HeaderMap) -> bool {
    text(headers, "authorization").starts_with(ALGORITHM)
}

/// Checks form, time and, for the known key, the signature.
pub(super) fn check(asked: &Asked<'_>) -> Result<(), Fault> {
    let parts = parse(text(asked.headers, "authorization")).ok_or_else(|| {
        refused(
            "IncompleteSignatureException",
            "Authorization must have Credential=KEY/DATE/REGION/SERVICE/aws4_request, \
             SignedHeaders=... and Signature= with 64 hexadecimal digits.",
        )
    })?;
    let time = text(asked.headers, "x-amz-date");
    let Some(seconds) = date::seconds(time) else {
        return Err(refused(
            "IncompleteSignatureException",
            "The header `x-amz-date` must have the form 20260101T000000Z.",
        ));
    };
    let [day, _, service, terminator] = parts.scope;
    if !time.starts_with(day) || terminator != "aws4_request" || !service.starts_with("bedrock") {
        return Err(wrong(
            "The credential's scope does not fit: the day of `x-amz-date`, a region, a service \
             that begins with `bedrock`, and `aws4_request` are needed.",
        ));
    }
    if !parts.signed.contains(&"host") || !parts.signed.contains(&"x-amz-date") {
        return Err(wrong("`host` and `x-amz-date` must be among the signed headers."));
    }
    if parts.key_id.starts_with("bad") {
        return Err(refused(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ));
    }
    if parts.key_id != KEY_ID {
        return Ok(());
    }
    if date::now().abs_diff(seconds) > TOLERANCE {
        return Err(wrong("The signature is not of now: its time is more than 5 minutes away."));
    }
    let canonical = canonical_request(asked, &parts.signed)?;
    let hashed = hex(digest(&SHA256, canonical.as_bytes()).as_ref());
    let to_sign = [ALGORITHM, time, &parts.scope.join("/"), &hashed].join("\n");
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in parts.scope {
        key = keyed(&key, part.as_bytes());
    }
    if hex(&keyed(&key, to_sign.as_bytes())) == parts.signature {
        return Ok(());
    }
    Err(wrong(format!(
        "The signature does not match. The canonical request should have been:\n{canonical}"
    )))
}

/// Method, path, query, headers, their names and the payload's hash, one a line.
fn canonical_request(asked: &Asked<'_>, signed: &[&str]) -> Result<String, Fault> {
    if !signed.is_sorted() {
        return Err(wrong("The names of the signed headers must be sorted."));
    }
    let body = hex(digest(&SHA256, asked.body).as_ref());
    let declared = text(asked.headers, "x-amz-content-sha256");
    if !matches!(declared, "" | "UNSIGNED-PAYLOAD") && declared != body {
        return Err(wrong("`x-amz-content-sha256` is not the hash of the body."));
    }
    let payload = if declared.is_empty() { &body } else { declared };
    let headers: String = signed.iter().map(|name| canonical_header(asked, name)).collect();
    Ok([
        asked.method.as_str(),
        &encode_path(asked.uri.path()),
        &canonical_query(asked.uri.query().unwrap_or_default()),
        &headers,
        &signed.join(";"),
        payload,
    ]
    .join("\n"))
}

/// `name:value` and a line feed; runs of spaces count as one.
fn canonical_header(asked: &Asked<'_>, name: &str) -> String {
    let all = asked.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let mut value: Vec<String> =
        all.map(|value| value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")).collect();
    // HTTP/2 has the host in its own place.
    if name == "host" && value.is_empty() {
        value.extend(asked.uri.authority().map(ToString::to_string));
    }
    format!("{name}:{}\n", value.join(","))
}

/// Encodes what is already encoded once more, as all services but S3 do.
fn encode_path(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") })
        .collect();
    pairs.sort_unstable();
    pairs.join("&")
}

fn parse(authorization: &str) -> Option<Authorization<'_>> {
    let rest = authorization.strip_prefix(ALGORITHM)?;
    let field = |name: &str| {
        rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let mut credential = field("Credential")?.splitn(5, '/');
    let key_id = credential.next().filter(|id| !id.is_empty())?;
    let scope: Vec<&str> = credential.collect();
    let signature = field("Signature")?;
    let is_hex = signature.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (is_hex && signature.len() == 64).then_some(())?;
    let signed = field("SignedHeaders")?.split(';').collect();
    Some(Authorization { key_id, scope: scope.try_into().ok()?, signed, signature })
}

fn keyed(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Fault {
    refused("InvalidSignatureException", message)
}

fn refused(code: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> Fault {
    Fault::new(StatusCode::FORBIDDEN, message).with_code(code)
}
