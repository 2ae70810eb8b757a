//! Counters that answer later, as those on another machine do.

use async_trait::async_trait;
use futures_util::FutureExt;
use weir_core::counters::{CounterKey, Draw, Level, Window};

use super::*;

/// Lets others run before each answer.
struct Far(Arc<MemoryCounters>);

#[async_trait]
impl Counters for Far {
    async fn draw(&self, draw: &Draw, now: Timestamp) -> Drawn {
        tokio::task::yield_now().await;
        self.0.draw(draw, now).await
    }

    async fn correct(&self, draw: &Draw, difference: i64, drawn_at: Timestamp, now: Timestamp) {
        tokio::task::yield_now().await;
        self.0.correct(draw, difference, drawn_at, now).await;
    }

    async fn level(&self, key: &CounterKey, window: Window, now: Timestamp) -> Level {
        self.0.level(key, window, now).await
    }

    async fn enter(&self, key: &CounterKey, limit: u64) -> Option<u64> {
        tokio::task::yield_now().await;
        self.0.enter(key, limit).await
    }

    fn leave(&self, key: &CounterKey) {
        self.0.leave(key);
    }

    async fn inside(&self, key: &CounterKey) -> u64 {
        self.0.inside(key).await
    }
}

fn far(place: &Place) -> Admission {
    let counters = Arc::new(Far(Arc::clone(&place.counters)));
    Admission::new(counters, Arc::clone(&place.clock) as _, &place.limits)
}

/// Attempts of one request that run at the same time.
#[tokio::test]
async fn attempts_together_count_once() {
    let place = Place::limited(2, 60, None);
    let admission = far(&place);
    let (one, two) = (place.who(), place.who());
    let (first, second) = tokio::join!(admission.pass(&one), admission.pass(&two));
    first.unwrap();
    second.unwrap();
    assert_eq!(admission.quota().unwrap().remaining, 1);
    place.request().await.unwrap();
    assert!(place.request().await.is_err());
}

/// The caller leaves after the first limit let it in, and before the second did.
#[tokio::test]
async fn a_caller_who_leaves_while_asking_takes_nothing() {
    let mut place = Place::with_rules(&[
        r#"{"id":"t","by":"token","unit":"requests","limit":9,"interval":60}"#,
    ]);
    place.gateway.settings.rate_limiting_limit = Some(1);
    place.gateway.settings.rate_limiting_interval = Some(60);
    let admission = far(&place);
    let who = place.who();
    let mut asking = Box::pin(admission.pass(&who));
    assert!(asking.as_mut().now_or_never().is_none(), "at the first limit");
    assert!(asking.as_mut().now_or_never().is_none(), "at the second");
    assert!(place.request().await.is_err(), "the only call is taken");
    drop(asking);
    settled().await;
    place.request().await.unwrap();
}

#[tokio::test]
async fn tokens_are_settled_beside_the_call() {
    let place = Place::with_rules(&[
        r#"{"id":"t","by":"gateway","unit":"tokens","limit":1000,"interval":60}"#,
    ]);
    let admission = far(&place);
    let who = Applicant { estimated_tokens: 100, ..place.who() };
    let passed = admission.pass(&who).await.unwrap();
    admission.settle(&passed, Some(700));
    settled().await;
    place.request().await.unwrap();
    let next = place.admission();
    let much = Applicant { estimated_tokens: 301, ..place.who() };
    assert!(next.pass(&much).await.is_err());
    assert_eq!(next.trail()[0].before, 700);
}

/// Lets what runs beside the test come to its end.
async fn settled() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}
