use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use weir_core::Timestamp;

use super::exchange::assertion;
use super::{ServiceAccount, TokenUri, form, read_token};

fn pem(key: &RsaKeyPair) -> String {
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(key).unwrap();
    let text = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

fn file(changes: &Value) -> String {
    let mut file = json!({
        "type": "service_account",
        "project_id": "my-project",
        "private_key_id": "kid1",
        "private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "client_email": "weir@my-project.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
        "region": "europe-west4",
    });
    for (name, value) in changes.as_object().unwrap() {
        file[name] = value.clone();
    }
    file.to_string()
}

fn detect(text: &str) -> Result<Option<ServiceAccount>, String> {
    ServiceAccount::detect(text, TokenUri::GoogleOnly).map_err(|error| error.to_string())
}

#[test]
fn the_assertion_is_signed_and_says_who_asks() {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let account = detect(&file(&json!({"private_key": pem(&key)}))).unwrap().unwrap();
    let now = Timestamp::from_millis(1_795_206_896_999);
    let jwt = assertion(&account, now).unwrap();
    let (text, signature) = jwt.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    public.verify(text.as_bytes(), &signature).unwrap();
    let part = |text: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    let (header, claims) = text.split_once('.').unwrap();
    assert_eq!(part(header), json!({"alg": "RS256", "typ": "JWT", "kid": "kid1"}));
    assert_eq!(
        part(claims),
        json!({
            "iss": "weir@my-project.iam.gserviceaccount.com",
            "scope": "https://www.googleapis.com/auth/cloud-platform",
            "aud": "https://oauth2.googleapis.com/token",
            "iat": 1_795_206_896,
            "exp": 1_795_210_496,
        })
    );
    let form = form(&account, now).unwrap();
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    assert_eq!(form.expose(), &format!("{grant}{jwt}"));
}

#[test]
fn a_key_file_is_read_as_json_and_in_base64() {
    let text = file(&json!({}));
    let account = detect(&text).unwrap().unwrap();
    assert_eq!(account.region(), Ok("europe-west4"));
    assert_eq!(account.project_id.as_deref(), Some("my-project"));
    for packed in [STANDARD.encode(&text), STANDARD_NO_PAD.encode(&text)] {
        assert_eq!(detect(&packed), Ok(Some(account.clone())));
        let (left, right) = packed.split_at(76);
        assert_eq!(detect(&format!("{left}\n{right}\n")), Ok(Some(account.clone())));
    }
    assert_eq!(detect("ya29.a0AfH6SMB"), Ok(None));
    assert_eq!(detect(""), Ok(None));
}

#[test]
fn escaped_line_ends_in_the_key_are_read() {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let escaped = pem(&key).replace('\n', "\\n");
    let account = detect(&file(&json!({"private_key": escaped}))).unwrap().unwrap();
    assert!(form(&account, Timestamp::from_millis(0)).is_ok());
}

fn check_fault(changes: &Value, expected: &str) {
    assert_eq!(detect(&file(changes)).unwrap_err(), format!("the service account{expected}"));
}

#[test]
fn what_is_wrong_is_named() {
    check_fault(&json!({"client_email": null}), " has no \"client_email\"");
    check_fault(&json!({"private_key": ""}), " has no \"private_key\"");
    let pkcs8 = ": \"private_key\" has to be a PKCS#8 key between BEGIN and END PRIVATE KEY";
    check_fault(&json!({"private_key": "MIIE"}), pkcs8);
    check_fault(
        &json!({"type": "authorized_user"}),
        ": \"type\" has to be service_account; other key files cannot be used",
    );
    check_fault(
        &json!({"region": "a.b/c"}),
        ": \"region\" has to be the name of a region, e.g. us-east-1",
    );
    let account = detect(&file(&json!({"region": null}))).unwrap().unwrap();
    let missing = account.region().unwrap_err().to_string();
    assert_eq!(missing, "the service account has no \"region\"");
    let refused = form(&account, Timestamp::from_millis(0)).unwrap_err().to_string();
    assert_eq!(refused, "the service account: \"private_key\" has to be an RSA key");
}

#[test]
fn only_google_is_asked_for_tokens() {
    for good in [
        "https://oauth2.googleapis.com/token",
        "https://sts.googleapis.com/v1/token",
        "https://oauth2.mtls.googleapis.com/token",
    ] {
        assert!(detect(&file(&json!({"token_uri": good}))).is_ok(), "{good}");
    }
    for bad in [
        "http://oauth2.googleapis.com/token",
        "https://evil.example/token",
        "https://googleapis.com.evil.example/",
        "https://evilgoogleapis.com/",
        "https://user@oauth2.googleapis.com/",
        "https://evil.example#.googleapis.com/",
        "https://evil.example?.googleapis.com/",
        "https://evil.example\\.googleapis.com/",
        "https://oauth2.googleapis.com:8080/",
        "https://.googleapis.com/",
        "https://169.254.169.254/",
        "file:///etc/passwd",
    ] {
        assert!(detect(&file(&json!({"token_uri": bad}))).is_err(), "{bad}");
        let vouched = ServiceAccount::detect(&file(&json!({"token_uri": bad})), TokenUri::Any);
        assert_eq!(vouched.unwrap().unwrap().token_uri, bad);
    }
}

#[test]
fn the_answer_is_a_token_or_a_reason() {
    let granted = br#"{"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"}"#;
    let token = read_token(200, granted).unwrap();
    assert_eq!((token.token.expose().as_str(), token.expires_in), ("ya29.x", 3599));
    let check = |status, body: &str, expected: (u16, &str)| {
        let failure = read_token(status, body.as_bytes()).unwrap_err();
        let said = failure.message.strip_prefix("Google gave no token for the service account: ");
        assert_eq!((failure.status, said.unwrap_or(&failure.message)), expected);
    };
    check(
        400,
        r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#,
        (401, "invalid_grant: Invalid JWT Signature."),
    );
    check(
        403,
        r#"{"error":{"code":403,"message":"disabled","status":"PERMISSION_DENIED"}}"#,
        (401, "PERMISSION_DENIED: disabled"),
    );
    check(503, "<html>", (503, "no reason given"));
    check(500, "", (502, "no reason given"));
    let odd =
        "the provider's answer could not be read: Google's token endpoint gave no access_token";
    check(200, r#"{"access_token":7}"#, (502, odd));
}

#[test]
fn debug_shows_no_key() {
    let account = detect(&file(&json!({}))).unwrap().unwrap();
    assert!(
        !format!("{account:?}").contains("AAAA") && format!("{account:?}").contains("[hidden]")
    );
}
