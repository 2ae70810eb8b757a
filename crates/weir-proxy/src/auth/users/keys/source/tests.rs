use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::{advance, sleep};

use super::*;

/// A set that differs from others by its only key.
fn set(letter: char) -> KeySet {
    let point = letter.to_string().repeat(42) + "A";
    let jwks = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"k","x":"{point}"}}]}}"#);
    KeySet::read(jwks.as_bytes()).unwrap()
}

async fn renew(source: &Source, outcome: Result<KeySet, String>) -> bool {
    source.renew(|| async { outcome }).await.is_some()
}

fn down() -> Result<KeySet, String> {
    Err("down".to_owned())
}

#[tokio::test(start_paused = true)]
async fn callers_at_the_same_time_share_one_question() {
    let source = Source::default();
    let asked = AtomicUsize::new(0);
    let one = || async {
        let fetch = || async {
            asked.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_secs(9)).await;
            Ok(set('A'))
        };
        source.renew(fetch).await;
        assert!(source.usable().is_some());
    };
    tokio::join!(one(), one(), one(), one());
    assert_eq!(asked.into_inner(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_is_asked_at_most_every_five_seconds() {
    let source = Source::default();
    assert!(renew(&source, Ok(set('A'))).await);
    assert!(!renew(&source, Ok(set('B'))).await);
    advance(Duration::from_secs(4)).await;
    assert!(!renew(&source, Ok(set('B'))).await);
    advance(Duration::from_secs(1)).await;
    assert!(renew(&source, Ok(set('B'))).await);
    assert_eq!(*source.usable().unwrap(), set('B'));
}

#[tokio::test(start_paused = true)]
async fn unchanged_keys_stay_the_same_object() {
    let source = Source::default();
    renew(&source, Ok(set('A'))).await;
    let before = source.usable().unwrap();
    advance(PAUSE).await;
    renew(&source, Ok(set('A'))).await;
    assert!(Arc::ptr_eq(&before, &source.usable().unwrap()));
    advance(PAUSE).await;
    renew(&source, Ok(set('B'))).await;
    assert!(!Arc::ptr_eq(&before, &source.usable().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn keys_are_renewed_early_kept_long_and_given_up_after_a_day() {
    let source = Source::default();
    assert!(source.is_due() && source.usable().is_none() && !source.is_stale());
    renew(&source, Ok(set('A'))).await;
    advance(RENEWED.checked_sub(Duration::from_secs(1)).unwrap()).await;
    assert!(!source.is_due());
    advance(Duration::from_secs(1)).await;
    assert!(source.is_due());
    // From here on the issuer is down.
    renew(&source, down()).await;
    assert_eq!(source.failures(), 1);
    assert!(!source.is_due(), "not at once");
    advance(RETRY).await;
    assert!(source.is_due());
    advance(STALE).await;
    assert!(source.is_stale() && source.usable().is_some());
    advance(LONGEST).await;
    assert!(source.usable().is_none());
    renew(&source, Ok(set('A'))).await;
    assert!(source.usable().is_some() && !source.is_stale() && source.failures() == 0);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_was_never_reached_is_tried_again() {
    let source = Source::default();
    renew(&source, down()).await;
    assert!(source.usable().is_none() && !source.is_due());
    advance(RETRY).await;
    assert!(source.is_due());
}
