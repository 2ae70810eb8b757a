use http::{Method, Uri};

use super::*;
use crate::simulate::fault::aws_type;

/// The request of AWS's own example of a Bedrock path, unsigned.
fn asked<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Asked<'a> {
    Asked { method: &Method::POST, uri, headers, body: b"{}" }
}

fn check_form(authorization: &str, date: &str, expected: &str) {
    let uri: Uri = "/model/m/converse".parse().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("authorization", authorization.parse().unwrap());
    headers.insert("x-amz-date", date.parse().unwrap());
    let checked = check(Family::Bedrock, &asked(&uri, &headers));
    let kind = checked.as_ref().err().map_or("", aws_type);
    assert_eq!(kind, expected, "{authorization}");
}

#[test]
fn a_signature_has_its_form() {
    let with = |key: &str, scope: &str, signed: &str, signature: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={signed}, \
             Signature={signature}"
        )
    };
    let scope = "20260102/us-east-1/bedrock/aws4_request";
    let (date, names, hex) = ("20260102T030405Z", "host;x-amz-date", "a".repeat(64));
    check_form(&with("AKIAX", scope, names, &hex), date, "");
    check_form(&with("badkey", scope, names, &hex), date, "UnrecognizedClientException");
    check_form(&with("AKIAX", scope, names, "zz"), date, "IncompleteSignatureException");
    check_form(&with("AKIAX", scope, names, &hex), "now", "IncompleteSignatureException");
    check_form(&with("AKIAX", scope, "host", &hex), date, "InvalidSignatureException");
    check_form(&with("AKIAX", scope, names, &hex), "20260103T030405Z", "InvalidSignatureException");
    // The known key pair is checked, and this is long ago.
    check_form(&with("AKIASIMULATOR", scope, names, &hex), date, "InvalidSignatureException");
    check_form("Bearer x", date, "");
    check_form("Basic x", date, "MissingAuthenticationTokenException");
}

#[test]
fn a_key_is_bad_behind_any_scheme() {
    for scheme in ["", "Bearer ", "Api-Key ", "Token "] {
        for (key, good) in [("bad-key", false), ("sk-1", true)] {
            let uri: Uri = "/v1/chat/completions".parse().unwrap();
            let mut headers = HeaderMap::new();
            headers.insert("authorization", format!("{scheme}{key}").parse().unwrap());
            let checked = check(Family::OpenAi, &asked(&uri, &headers));
            assert_eq!(checked.is_ok(), good, "{scheme}{key}");
        }
    }
}
