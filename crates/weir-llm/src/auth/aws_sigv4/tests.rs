use serde::Deserialize;
use weir_core::{Secret, Timestamp};

use super::{AwsCredential, Body, Scope, Signing, authorize, sha256, sign};

fn example() -> AwsCredential {
    AwsCredential {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into()),
        session_token: None,
    }
}

/// A case of AWS's published suite: only `host` and `x-amz-date` are signed there.
fn check_published(method: &str, path: &str, query: &str, expected: &str) {
    let request = Signing {
        method,
        host: "example.amazonaws.com",
        path,
        query,
        headers: &[],
        body: Body::Bytes(b""),
    };
    let date = "20150830T123600Z";
    let scope = Scope { region: "us-east-1", service: "service" };
    let headers = [("x-amz-date", date)];
    let got = authorize(&request, &headers, &sha256(b""), &example(), scope, date);
    assert_eq!(
        got,
        format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature={expected}"
        )
    );
}

#[test]
fn published_signatures_come_out() {
    let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    check_published("GET", "/", "", vanilla);
    check_published("GET", "//", "", vanilla);
    check_published("GET", "/example/..", "", vanilla);
    let post = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
    check_published("POST", "/", "", post);
    let order = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
    check_published("GET", "/", "Param1=value1&Param2=value2", order);
    check_published("GET", "/", "Param2=value2&Param1=value1", order);
}

#[derive(Deserialize)]
struct Case {
    method: String,
    host: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
    region: String,
    service: String,
    session_token: Option<String>,
    now_millis: i64,
    expected: Vec<(String, String)>,
}

/// The cases were signed with botocore (signed_cases.py).
#[test]
fn signs_like_the_official_client() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("signed_cases.json")).unwrap();
    assert!(cases.len() >= 20);
    for case in &cases {
        let headers: Vec<(&str, &str)> =
            case.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let request = Signing {
            method: &case.method,
            host: &case.host,
            path: &case.path,
            query: &case.query,
            headers: &headers,
            body: Body::Bytes(case.body.as_bytes()),
        };
        let session_token = case.session_token.clone().map(Secret::new);
        let credential = AwsCredential { session_token, ..example() };
        let scope = Scope { region: &case.region, service: &case.service };
        let mut got: Vec<(String, String)> =
            sign(&request, &credential, scope, Timestamp::from_millis(case.now_millis))
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
        got.sort();
        assert_eq!(got, case.expected, "{} {}?{}", case.method, case.path, case.query);
    }
}

#[test]
fn a_hash_stands_for_its_body() {
    let hash = sha256(b"{}");
    let request = |body| Signing {
        method: "POST",
        host: "bedrock-runtime.eu-west-1.amazonaws.com",
        path: "/model/a/converse",
        query: "",
        headers: &[],
        body,
    };
    let scope = Scope { region: "eu-west-1", service: "bedrock" };
    let now = Timestamp::from_millis(1_800_000_000_000);
    let bytes = sign(&request(Body::Bytes(b"{}")), &example(), scope, now);
    assert_eq!(bytes, sign(&request(Body::Hash(&hash)), &example(), scope, now));
    assert_ne!(bytes, sign(&request(Body::Bytes(b"{ }")), &example(), scope, now));
}

#[test]
fn debug_shows_no_key() {
    let session_token = Some(Secret::new("TOKEN".to_owned()));
    let shown = format!("{:?}", AwsCredential { session_token, ..example() });
    assert!(!shown.contains("wJalr") && !shown.contains("TOKEN"), "{shown}");
}
