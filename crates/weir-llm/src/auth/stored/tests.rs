use weir_core::Secret;

use super::{ProviderCredential, TokenUri, read};

fn stored(provider: &str, text: &str) -> Result<ProviderCredential, String> {
    read(provider, &Secret::new(text.to_owned()), TokenUri::GoogleOnly).map_err(|it| it.to_string())
}

fn check_aws(text: &str, session_token: Option<&str>) {
    let Ok(ProviderCredential::Aws { credential, region }) = stored("aws-bedrock", text) else {
        panic!("{text}")
    };
    assert_eq!(credential.access_key_id, "AKIA1");
    assert_eq!(credential.secret_access_key.expose(), "shh");
    assert_eq!(credential.session_token.as_ref().map(|it| it.expose().as_str()), session_token);
    assert_eq!(region, "eu-west-1");
}

#[test]
fn aws_pairs_are_read_in_every_spelling() {
    check_aws(r#"{"accessKeyId":"AKIA1","secretAccessKey":"shh","region":"eu-west-1"}"#, None);
    check_aws(
        r#" {"access_key_id":"AKIA1","secret_access_key":"shh","region":"eu-west-1",
            "session_token":"t"} "#,
        Some("t"),
    );
    check_aws(
        r#"{"AccessKeyId":"AKIA1","SecretAccessKey":"shh","SessionToken":"t","Region":"eu-west-1"}"#,
        Some("t"),
    );
}

#[test]
fn what_is_missing_is_named() {
    let error = |provider, text| stored(provider, text).unwrap_err();
    assert_eq!(
        error("aws-bedrock", r#"{"accessKeyId":"a","region":"us-east-1"}"#),
        "the AWS credential has no \"secretAccessKey\""
    );
    assert_eq!(
        error("aws-bedrock", r#"{"accessKeyId":"a","secretAccessKey":"s"}"#),
        "the AWS credential has no \"region\""
    );
    assert_eq!(
        error("aws-bedrock", r#"{"accessKeyId":"a","secretAccessKey":"s","region":"x.evil.com"}"#),
        "the AWS credential: \"region\" has to be the name of a region, e.g. us-east-1"
    );
    assert_eq!(
        error("aws-bedrock", r#"{"accessKeyId":"secretvalue""#),
        "the AWS credential is not a JSON object; paste the whole file"
    );
    assert_eq!(error("azure-openai", r#"{"endpoint":"e"}"#), "the stored key has no \"key\"");
    assert_eq!(
        error("google-vertex-ai", r#"{"type":"service_account"}"#),
        "the service account has no \"client_email\""
    );
}

#[test]
fn other_texts_are_keys() {
    let key = |text: &str| Ok(ProviderCredential::Key(Secret::new(text.to_owned())));
    assert_eq!(stored("openai", " sk-1\n"), key("sk-1"));
    assert_eq!(stored("openai", "{odd}"), key("{odd}"));
    assert_eq!(stored("aws-bedrock", "bedrock-api-key-1"), key("bedrock-api-key-1"));
    assert_eq!(stored("azure-openai", "az"), key("az"));
    assert_eq!(stored("azure-openai", r#"{"key":"az","resource":"r"}"#), key("az"));
    assert_eq!(stored("google-vertex-ai", "AIzaSy"), key("AIzaSy"));
}

#[test]
fn debug_shows_no_secret() {
    let text = r#"{"accessKeyId":"AKIA1","secretAccessKey":"shh-1","region":"eu-west-1"}"#;
    let shown = format!("{:?} {:?}", stored("aws-bedrock", text), stored("openai", "sk-shh-1"));
    assert!(!shown.contains("shh-1"), "{shown}");
}
