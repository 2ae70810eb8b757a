//! Limits beside the gateway's own.

use super::*;

const USERS: &str =
    r#"{"id":"users","by":"metadata.user","unit":"requests","limit":1,"interval":60}"#;
const MODELS: &str = r#"{"id":"models","by":"model","unit":"requests","limit":1,"interval":60}"#;
const TOKENS: &str = r#"{"id":"tokens","by":"gateway","unit":"tokens","limit":1000,"interval":60}"#;
const AT_ONCE: &str = r#"{"id":"at-once","by":"token","unit":"concurrent","limit":2}"#;

fn metadata(text: &str) -> Metadata {
    Metadata::parse(text.as_bytes()).unwrap()
}

/// What the limit of this name stands at, as the next request finds it.
async fn used(place: &Place, name: &str) -> u64 {
    let admission = place.admission();
    let _ = admission.pass(&place.who()).await;
    let found = admission.trail().into_iter().find(|limit| &*limit.name == name);
    found.unwrap().before
}

#[tokio::test]
async fn each_value_has_its_own_counter() {
    let place = Place::with_rules(&[USERS]);
    let request = async |user: Option<&str>| {
        let labels = user.map(metadata);
        let admission = place.admission();
        admission.pass(&Applicant { metadata: labels.as_ref(), ..place.who() }).await
    };
    request(Some(r#"{"user":"ann"}"#)).await.unwrap();
    let error = request(Some(r#"{"user":"ann"}"#)).await.unwrap_err();
    assert_eq!(error.public(), "Rate limited");
    assert_eq!(error.hint(), Some("the limit 'users' allows 1 calls in 60 s"));
    request(Some(r#"{"user":"bob"}"#)).await.unwrap();
    request(Some(r#"{"user":7}"#)).await.unwrap();
    assert!(request(Some(r#"{"user":"7"}"#)).await.is_err(), "a number is its text");
    for _ in 0..3 {
        request(Some(r#"{"team":"a"}"#)).await.unwrap();
        request(None).await.unwrap();
    }
}

#[tokio::test]
async fn callers_without_a_token_count_together() {
    let place = Place::with_rules(&[
        r#"{"id":"t","by":"token","unit":"requests","limit":1,"interval":60}"#,
    ]);
    let request = async |token_id| {
        let admission = place.admission();
        admission.pass(&Applicant { token_id, ..place.who() }).await.is_ok()
    };
    assert!(request(Some("a")).await && request(Some("b")).await && request(None).await);
    assert!(!request(Some("a")).await && !request(None).await);
}

#[tokio::test]
async fn what_was_taken_before_a_refusal_is_given_back() {
    let place = {
        let mut place = Place::with_rules(&[USERS, AT_ONCE, TOKENS]);
        place.gateway.settings.rate_limiting_limit = Some(10);
        place.gateway.settings.rate_limiting_interval = Some(60);
        place
    };
    let ann = metadata(r#"{"user":"ann"}"#);
    let who = || Applicant { metadata: Some(&ann), estimated_tokens: 600, ..place.who() };
    let first = place.admission();
    first.pass(&who()).await.unwrap();
    // The user has no call left, so neither has anything else lost one.
    for _ in 0..20 {
        assert!(place.admission().pass(&who()).await.is_err());
    }
    assert_eq!(used(&place, "gateway").await, 1);
    drop(first);
    assert_eq!(used(&place, "at-once").await, 0);
    assert_eq!(used(&place, "tokens").await, 0, "nobody used them");
}

#[tokio::test]
async fn a_model_without_room_leaves_the_others_theirs() {
    let mut place = Place::with_rules(&[MODELS]);
    place.gateway.settings.rate_limiting_limit = Some(2);
    place.gateway.settings.rate_limiting_interval = Some(60);
    let of = |model| Applicant { model, ..place.who() };
    place.admission().pass(&of("small")).await.unwrap();
    let request = place.admission();
    let error = request.pass(&of("small")).await.unwrap_err();
    assert_eq!(error.retry(), weir_core::Retry::NextTarget);
    request.pass(&of("large")).await.unwrap();
    request.pass(&of("large")).await.unwrap();
    assert!(request.pass(&of("small")).await.is_err());
    let names: Vec<_> = request.trail().iter().map(|l| (l.name.clone(), l.passed)).collect();
    let wanted = [("gateway", true), ("models", false), ("models", true)];
    assert_eq!(names, wanted.map(|(name, passed)| (Box::from(name), passed)));
    assert_eq!(request.trail()[2].of.as_deref(), Some("openai/large"));
    // The request that began with a refused model took one of the gateway's two all the same.
    let error = place.admission().pass(&of("other")).await.unwrap_err();
    assert_eq!(error.hint(), None);
}

#[tokio::test]
async fn used_tokens_take_the_place_of_reserved_ones() {
    let place = Place::with_rules(&[TOKENS]);
    let admission = place.admission();
    let of = |estimated_tokens| Applicant { estimated_tokens, ..place.who() };
    let passed = admission.pass(&of(400)).await.unwrap();
    let other = place.admission();
    let error = other.pass(&of(601)).await.unwrap_err();
    assert_eq!(error.hint(), Some("the limit 'tokens' allows 1000 tokens in 60 s"));
    // A try that failed used nothing, the one after it used these.
    admission.settle(&passed, Some(0));
    admission.settle(&passed, Some(150));
    drop(admission);
    assert_eq!(used(&place, "tokens").await, 150);
    // More than was there: that happened, so nothing more passes.
    let admission = place.admission();
    let passed = admission.pass(&of(10)).await.unwrap();
    admission.settle(&passed, Some(2000));
    drop(admission);
    assert_eq!(used(&place, "tokens").await, 2150);
    assert!(place.request().await.is_err(), "a call that nobody could estimate is refused, too");
    place.wait(Duration::from_secs(60));
    place.request().await.unwrap();
}

/// What nobody knows, because the client left before the usage was told, is as estimated.
#[tokio::test]
async fn reserved_tokens_stay_used_where_nobody_knows_better() {
    let place = Place::with_rules(&[TOKENS]);
    let admission = place.admission();
    let who = Applicant { estimated_tokens: 400, ..place.who() };
    let passed = admission.pass(&who).await.unwrap();
    admission.settle(&passed, None);
    drop(admission);
    assert_eq!(used(&place, "tokens").await, 400);
}

/// Tokens are counted for the model that used them, also when another was asked meanwhile.
#[tokio::test]
async fn tokens_go_to_the_model_that_used_them() {
    let place = Place::with_rules(&[
        r#"{"id":"m","by":"model","unit":"tokens","limit":1000,"interval":60}"#,
    ]);
    let of = |model| Applicant { model, estimated_tokens: 100, ..place.who() };
    let request = place.admission();
    let small = request.pass(&of("small")).await.unwrap();
    let large = request.pass(&of("large")).await.unwrap();
    request.settle(&small, Some(30));
    request.settle(&large, Some(700));
    drop(request);
    let next = place.admission();
    next.pass(&of("small")).await.unwrap();
    next.pass(&of("large")).await.unwrap();
    let before: Vec<_> = next.trail().iter().map(|limit| limit.before).collect();
    assert_eq!(before, [30, 700]);
}

#[tokio::test]
async fn places_are_free_again_when_the_request_is_over() {
    let place = Place::with_rules(&[AT_ONCE]);
    let first = place.request().await.unwrap();
    first.pass(&place.who()).await.unwrap();
    let second = place.request().await.unwrap();
    let refused = place.admission();
    let error = refused.pass(&place.who()).await.unwrap_err();
    assert_eq!(error.hint(), Some("the limit 'at-once' allows 2 calls at the same time"));
    drop((first, refused));
    let third = place.request().await.unwrap();
    assert!(place.request().await.is_err());
    drop((second, third));
    assert_eq!(used(&place, "at-once").await, 0);
}
