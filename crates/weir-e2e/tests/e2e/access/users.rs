//! Users for whom an issuer vouches: what is a good token, where it may stand, and that it stays.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::issuer::{Issuer, SigningKey};
use weir_e2e::weir::full_hour;

use super::rig::{NATIVE, Trusting, chat_at, hint, labels};

/// Header and form of each place in which clients and access proxies put a user's token.
const SLOTS: [(&str, &str); 8] = [
    ("cf-access-jwt-assertion", "JWT"),
    ("cookie", "a=1; CF_Authorization=JWT; b=2"),
    ("cf-access-token", "JWT"),
    ("cf-aig-authorization", "Bearer JWT"),
    ("cf-aig-authorization", "JWT"),
    ("authorization", "Bearer JWT"),
    ("x-api-key", "JWT"),
    ("x-goog-api-key", "JWT"),
];

#[tokio::test]
async fn a_user_comes_in_by_every_slot_and_the_token_stays_here() -> Result<()> {
    let trusting = Trusting::start().await?;
    let token = trusting.issuer.token(&json!({}))?;
    for (name, form) in SLOTS {
        let response = trusting.with(name, &form.replace("JWT", &token)).await?;
        assert_eq!(response.status, 200, "{name}: {}", response.text());
        let call = trusting.calls().pop();
        let clean = call.as_ref().is_some_and(|call| !call.mentions(&token));
        assert!(clean, "{name}: {call:#?}");
    }
    let cookies = trusting.calls()[1].header("cookie").map(ToOwned::to_owned);
    assert_eq!(cookies.as_deref(), Some("a=1; b=2"));
    for row in trusting.rig.weir.wait_for_rows(SLOTS.len()).await? {
        assert_eq!(labels(&row)["cf.user_id"], "user-1", "{row:#}");
        assert_eq!(row["authentication"], true, "{row:#}");
        assert!(!row.to_string().contains(&token));
    }
    assert_eq!(trusting.figure("weir_web_tokens_total{outcome=\"accepted\"}").await?, 8);
    assert_eq!(Issuer::asked(&trusting.rig.upstream), 1, "keys are fetched once");
    Ok(())
}

#[tokio::test]
async fn a_token_is_taken_out_of_the_query() -> Result<()> {
    let trusting = Trusting::start().await?;
    let token = trusting.issuer.token(&json!({}))?;
    let path = "/v1/acc1/gw1/google-ai-studio/v1beta/models/m:generateContent";
    let response = trusting.rig.weir.send(&chat_at(&format!("{path}?a=1&key={token}&b=2"))).await?;
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(trusting.calls()[0].target, "/v1beta/models/m:generateContent?a=1&b=2");
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said() -> Result<()> {
    let trusting =
        Trusting::start_with(|config| config, &json!({"required": {"org": "acme"}})).await?;
    let issuer = &trusting.issuer;
    let good = json!({"org": "acme"});
    assert_eq!(trusting.with_token(&issuer.token(&good)?).await?.status, 200);
    let stranger = SigningKey::es256("k1")?;
    let unknown = SigningKey::es256("k9")?;
    let mut foreign = issuer.claims(&good);
    foreign["iss"] = json!("https://stranger.example");
    let with = |name: &str, value: Value| {
        let mut claims = issuer.claims(&good);
        claims[name] = value;
        claims
    };
    for (token, says) in [
        (issuer.key.sign(&with("aud", json!(["others"])))?, "audience"),
        (issuer.key.sign(&with("exp", json!(1_000_000_000)))?, "expired"),
        (issuer.key.sign(&with("nbf", json!(4_000_000_000_u64)))?, "not valid yet"),
        (issuer.key.sign(&with("org", json!("other")))?, "lacks a claim"),
        (issuer.key.sign(&foreign)?, "has not configured"),
        (stranger.sign(&issuer.claims(&good))?, "signature"),
        (unknown.sign(&issuer.claims(&good))?, "key id"),
        ("eyJhbGciOiJub25lIn0.e30.".to_owned(), "method"),
        ("e.e.e".to_owned(), "not a well-formed"),
    ] {
        let response = trusting.with_token(&token).await?;
        let shown = (response.status, response.code());
        assert_eq!(shown, (401, Some(2009)), "{says}: {}", response.text());
        assert!(hint(&response).contains(says), "{says}: {}", hint(&response));
    }
    assert_eq!(trusting.calls().len(), 1);
    assert_eq!(trusting.figure("weir_web_tokens_total{outcome=\"audience\"}").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_token_ends_when_it_says_though_it_was_good() -> Result<()> {
    let trusting = Trusting::start_with(|config| config.test_clock(), &json!({})).await?;
    let weir = &trusting.rig.weir;
    let start = full_hour()?;
    weir.set_clock(start)?;
    let seconds = start.duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let token = trusting.issuer.token(&json!({"nbf": null, "exp": seconds + 600}))?;
    assert_eq!(trusting.with_token(&token).await?.status, 200);
    weir.advance(Duration::from_secs(655))?;
    assert_eq!(trusting.with_token(&token).await?.status, 200, "inside the leeway");
    weir.advance(Duration::from_secs(10))?;
    let late = trusting.with_token(&token).await?;
    assert_eq!(late.status, 401);
    assert!(hint(&late).contains("expired"), "{}", hint(&late));
    Ok(())
}

#[tokio::test]
async fn a_change_of_the_issuer_counts_at_once() -> Result<()> {
    let trusting =
        Trusting::start_with(|config| config.gateway("gw2", &json!({})), &json!({})).await?;
    let weir = &trusting.rig.weir;
    let token = trusting.issuer.token(&json!({}))?;
    assert_eq!(trusting.with_token(&token).await?.status, 200);
    let path = format!("/issuers/{}", trusting.id);
    for (change, status, says) in [
        (json!({"audiences": ["others"]}), 401, "audience"),
        (json!({"audiences": ["weir"], "gateways": ["gw2"]}), 401, "other gateways"),
        (json!({"gateways": ["gw1"], "enabled": false}), 401, "disabled"),
        (json!({"enabled": true}), 200, ""),
    ] {
        weir.result("PATCH", &path, Some(&change)).await?;
        let response = trusting.with_token(&token).await?;
        assert_eq!(response.status, status, "{change}: {}", response.text());
        assert!(hint(&response).contains(says), "{change}: {}", hint(&response));
    }
    weir.result("DELETE", &path, None).await?;
    assert_eq!(trusting.with_token(&token).await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn a_providers_key_of_that_form_passes_as_it_is() -> Result<()> {
    let trusting = Trusting::start().await?;
    let mut claims = trusting.issuer.claims(&json!({}));
    claims["iss"] = json!("https://provider.example");
    let key = SigningKey::es256("p")?.sign(&claims)?;
    let request = chat_at(NATIVE)
        .header("cf-aig-authorization", "Bearer tok-run")
        .header("authorization", format!("Bearer {key}"));
    assert_eq!(trusting.rig.weir.send(&request).await?.status, 200);
    let calls = trusting.calls();
    assert_eq!(calls[0].header("authorization"), Some(format!("Bearer {key}").as_str()));
    // An issuer of another account is a stranger here.
    let own = trusting.issuer.token(&json!({}))?;
    let path = "/v1/acc2/gw1/openai/chat/completions";
    let request = chat_at(path).header("cf-aig-authorization", format!("Bearer {own}"));
    let response = trusting.rig.weir.send(&request).await?;
    assert_eq!(response.status, 400, "no such gateway, and no hint at who is known");
    Ok(())
}

#[tokio::test]
async fn headers_of_an_access_proxy_go_nowhere_whatever_they_hold() -> Result<()> {
    let trusting = Trusting::start().await?;
    let request = chat_at(NATIVE)
        .header("cf-aig-authorization", "Bearer tok-run")
        .header("authorization", "Bearer sk-client")
        .header("cf-access-jwt-assertion", "marker-1")
        .header("cf-access-token", "marker-2")
        .header("cf-access-client-id", "marker-3")
        .header("cf-access-client-secret", "marker-4")
        .header("cf-access-authenticated-user-email", "marker-5")
        .header("cookie", b"x=\xff; CF_Authorization=marker-6; CF_AppSession=marker-7")
        .header("cookie", "CF_Binding=marker-8");
    let response = trusting.rig.weir.send(&request).await?;
    assert_eq!(response.status, 200, "the gateway token is good: {}", response.text());
    let calls = trusting.calls();
    assert!(!calls[0].mentions("marker"), "{:#?}", calls[0]);
    let row = trusting.rig.weir.only_row().await?;
    assert!(!row.to_string().contains("marker"), "{row:#}");
    Ok(())
}

#[tokio::test]
async fn a_program_has_no_name_and_nobody_can_borrow_one() -> Result<()> {
    let trusting = Trusting::start().await?;
    let program = trusting.issuer.token(&json!({"sub": "", "common_name": "ci"}))?;
    let sent = r#"{"team":"x","cf.user_id":"forged"}"#;
    let request = |token: &str| {
        chat_at(NATIVE).header("cf-access-jwt-assertion", token).header("cf-aig-metadata", sent)
    };
    assert_eq!(trusting.rig.weir.send(&request(&program)).await?.status, 200);
    let user = trusting.issuer.token(&json!({}))?;
    assert_eq!(trusting.rig.weir.send(&request(&user)).await?.status, 200);
    let rows = trusting.rig.weir.wait_for_rows(2).await?;
    assert_eq!(labels(&rows[0]), json!({"team": "x"}));
    assert_eq!(labels(&rows[1]), json!({"team": "x", "cf.user_id": "user-1"}));
    Ok(())
}

#[tokio::test]
async fn limits_can_be_kept_for_each_user() -> Result<()> {
    let limit = json!({"rate_limits": [{"id": "each-user", "by": "metadata.cf.user_id",
        "unit": "requests", "limit": 2, "interval": 3600}]});
    let trusting = Trusting::start_with(|config| config.gateway("gw2", &limit), &json!({})).await?;
    let path = "/v1/acc1/gw2/openai/chat/completions";
    let one = trusting.issuer.token(&json!({"sub": "one"}))?;
    let two = trusting.issuer.token(&json!({"sub": "two"}))?;
    let mut statuses = Vec::new();
    for token in [&one, &one, &one, &two] {
        let request = chat_at(path).header("cf-access-token", token);
        statuses.push(trusting.rig.weir.send(&request).await?.status);
    }
    assert_eq!(statuses, [200, 200, 429, 200]);
    Ok(())
}

#[tokio::test]
async fn stored_keys_are_for_users_too_and_not_for_strangers() -> Result<()> {
    let open =
        |config: weir_e2e::weir::Config| config.gateway("gw2", &json!({"authentication": false}));
    let trusting = Trusting::start_with(open, &json!({})).await?;
    let key = json!({"provider_slug": "openai", "alias": "default", "secret": "sk-stored",
        "default_config": true});
    trusting.rig.weir.result("POST", "/gateways/gw2/provider_configs", Some(&key)).await?;
    let path = "/v1/acc1/gw2/openai/chat/completions";
    let good = trusting.issuer.token(&json!({}))?;
    let bad = trusting.issuer.token(&json!({"aud": "others"}))?;
    for (token, sent) in [(&good, Some("Bearer sk-stored")), (&bad, None)] {
        let request = chat_at(path).header("authorization", format!("Bearer {token}"));
        trusting.rig.weir.send(&request).await?;
        let call = trusting.calls().pop();
        assert_eq!(call.as_ref().and_then(|call| call.header("authorization")), sent);
    }
    Ok(())
}
