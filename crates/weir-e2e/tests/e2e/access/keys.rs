//! The keys of an issuer: found, rotated, missing.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;
use weir_e2e::issuer::{Issuer, SigningKey};
use weir_e2e::upstream::Answer;

use super::rig::{NATIVE, Trusting, chat_at, hint};

/// An issuer is not asked again within five seconds.
const PATIENCE: Duration = Duration::from_secs(12);

/// Sends a token until it is answered so.
async fn until(trusting: &Trusting, token: &str, status: u16) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let response = trusting.with_token(token).await?;
        if response.status == status {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "still {}: {}", response.status, response.text());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_new_key_is_found_when_a_token_names_it() -> Result<()> {
    let mut trusting = Trusting::start().await?;
    let old = trusting.issuer.token(&json!({}))?;
    until(&trusting, &old, 200).await?;
    let next = SigningKey::rs256("k2")?;
    trusting.issuer.publish(&trusting.rig.upstream, &[&trusting.issuer.key, &next]);
    trusting.issuer.key = next;
    let new = trusting.issuer.token(&json!({"sub": "user-2"}))?;
    until(&trusting, &new, 200).await?;
    assert_eq!(trusting.with_token(&old).await?.status, 200, "the old key is still published");
    // Once it is not, what was signed with it ends, though it was found good before.
    trusting.issuer.publish(&trusting.rig.upstream, &[&trusting.issuer.key]);
    let third = SigningKey::es256("k3")?;
    let unknown = third.sign(&trusting.issuer.claims(&json!({})))?;
    let begin = Instant::now();
    while trusting.with_token(&old).await?.status == 200 {
        // A key that nobody publishes makes the keys be looked up again.
        assert_eq!(trusting.with_token(&unknown).await?.status, 401);
        ensure!(begin.elapsed() < PATIENCE, "a key that was taken back still counts");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(trusting.with_token(&new).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn invented_keys_do_not_make_the_issuer_be_asked_often() -> Result<()> {
    let trusting = Trusting::start().await?;
    let good = trusting.issuer.token(&json!({}))?;
    until(&trusting, &good, 200).await?;
    let begin = Instant::now();
    for number in 0..40 {
        let key = SigningKey::es256(&format!("invented-{number}"))?;
        let token = key.sign(&trusting.issuer.claims(&json!({})))?;
        assert_eq!(trusting.with_token(&token).await?.status, 401);
    }
    let most = 2 + begin.elapsed().as_secs() / 5;
    let asked = Issuer::asked(&trusting.rig.upstream) as u64;
    assert!(asked <= most, "asked {asked} times");
    assert_eq!(trusting.figure("weir_issuer_key_fetches_total").await?, asked);
    Ok(())
}

#[tokio::test]
async fn callers_that_come_together_share_one_fetch() -> Result<()> {
    let trusting = Trusting::start().await?;
    let slow = json!({"keys": [trusting.issuer.key.jwk()]});
    let slow = Answer::json(200, &slow).after(Duration::from_millis(300));
    trusting.issuer.answers(&trusting.rig.upstream, slow);
    let token = trusting.issuer.token(&json!({}))?;
    let calls = (0..20).map(|_| trusting.with_token(&token));
    for response in futures_util::future::join_all(calls).await {
        assert_eq!(response?.status, 200);
    }
    assert_eq!(Issuer::asked(&trusting.rig.upstream), 1);
    Ok(())
}

#[tokio::test]
async fn while_the_issuer_is_down_the_keys_that_are_held_are_used() -> Result<()> {
    let trusting = Trusting::start().await?;
    until(&trusting, &trusting.issuer.token(&json!({}))?, 200).await?;
    trusting.issuer.answers(&trusting.rig.upstream, Answer::refused());
    let another = trusting.issuer.token(&json!({"sub": "user-2"}))?;
    assert_eq!(trusting.with_token(&another).await?.status, 200);
    // A key that is not held cannot be found now.
    let rotated = SigningKey::es256("k2")?.sign(&trusting.issuer.claims(&json!({})))?;
    let response = trusting.with_token(&rotated).await?;
    assert_eq!(response.status, 401, "{}", response.text());
    Ok(())
}

#[tokio::test]
async fn where_keys_were_never_had_nobody_can_say_who_calls() -> Result<()> {
    for answer in [
        Answer::refused(),
        Answer::empty(302).header("location", "/issuer-keys/elsewhere"),
        Answer::bytes(200, "application/json", "{\"keys\":[]}"),
        Answer::bytes(200, "text/html", "<html>"),
        Answer::filled(300 * 1024),
    ] {
        let trusting =
            Trusting::prepared(|issuer, upstream| issuer.answers(upstream, answer)).await?;
        let token = trusting.issuer.token(&json!({}))?;
        let response = trusting.with_token(&token).await?;
        assert_eq!(response.status, 503, "{}", response.text());
        assert!(hint(&response).contains("keys cannot be fetched"), "{}", hint(&response));
        let known = chat_at(NATIVE).header("cf-aig-authorization", "Bearer tok-run");
        assert_eq!(trusting.rig.weir.send(&known).await?.status, 200, "others are not held up");
        assert!(trusting.figure("weir_issuer_key_fetch_failures_total").await? >= 1);
    }
    Ok(())
}

#[tokio::test]
async fn a_discovery_document_must_be_the_issuers_own_or_its_keys_be_entered() -> Result<()> {
    let trusting = Trusting::prepared(|_, upstream| {
        let document = json!({"issuer": "https://stranger.example",
            "jwks_uri": format!("{}/issuer-keys/jwks", upstream.base())});
        upstream.script("issuer", [Answer::json(200, &document)]);
    })
    .await?;
    let token = trusting.issuer.token(&json!({}))?;
    assert_eq!(trusting.with_token(&token).await?.status, 503);
    let upstream = &trusting.rig.upstream;
    assert_eq!(Issuer::asked(upstream), 0);
    let entered = json!({"jwks_url": format!("{}/issuer-keys/certs", upstream.base())});
    let path = format!("/issuers/{}", trusting.id);
    trusting.rig.weir.result("PATCH", &path, Some(&entered)).await?;
    assert_eq!(trusting.with_token(&token).await?.status, 200);
    assert!(upstream.calls().iter().any(|call| call.target == "/certs"));
    Ok(())
}
