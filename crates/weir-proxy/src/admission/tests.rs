mod far;
mod rules;
mod told;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use weir_core::traffic::RateLimit;
use weir_core::{GatewaySettings, Kind};
use weir_store::MemoryCounters;

use super::*;

/// A clock that stands until it is moved.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Noon of some day: a bound of every window of minutes.
const NOON: i64 = 1_795_176_000_000;

/// A gateway, its counters, and the time.
struct Place {
    gateway: Gateway,
    counters: Arc<MemoryCounters>,
    clock: Arc<Hand>,
    limits: Limits,
}

impl Place {
    fn new(settings: GatewaySettings) -> Self {
        let mut gateway = Gateway::with_defaults("acc1".into(), "gw1".into(), Hand::noon());
        gateway.settings = settings;
        Self {
            gateway,
            counters: Arc::default(),
            clock: Arc::new(Hand(AtomicI64::new(NOON))),
            limits: Limits::default(),
        }
    }

    /// A gateway with these rules, each in JSON.
    fn with_rules(rules: &[&str]) -> Self {
        let rate_limits: Vec<RateLimit> =
            rules.iter().map(|rule| serde_json::from_str(rule).unwrap()).collect();
        let settings = GatewaySettings { rate_limits, ..GatewaySettings::default() };
        assert_eq!(settings.faults(), []);
        Self::new(settings)
    }

    fn limited(limit: u64, interval: u64, technique: Option<&str>) -> Self {
        Self::new(GatewaySettings {
            rate_limiting_limit: Some(limit),
            rate_limiting_interval: Some(interval),
            rate_limiting_technique: technique.map(str::to_owned),
            ..GatewaySettings::default()
        })
    }

    fn admission(&self) -> Admission {
        let counters: Arc<dyn Counters> = Arc::clone(&self.counters) as _;
        Admission::new(counters, Arc::clone(&self.clock) as _, &self.limits)
    }

    fn who(&self) -> Applicant<'_> {
        Applicant {
            gateway: &self.gateway,
            token_id: Some("t1"),
            metadata: None,
            provider: "openai",
            model: "gpt-4o-mini",
            estimated_tokens: 0,
            platform: false,
        }
    }

    /// One request of its own.
    async fn request(&self) -> Result<Admission, Error> {
        let admission = self.admission();
        admission.pass(&self.who()).await.map(|_| admission)
    }

    fn wait(&self, time: Duration) {
        self.clock.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

impl Hand {
    const fn noon() -> Timestamp {
        Timestamp::from_millis(NOON)
    }
}

#[tokio::test]
async fn a_gateway_without_limits_counts_nothing() {
    for place in [
        Place::new(GatewaySettings::default()),
        Place::limited(0, 60, None),
        Place::limited(3, 0, None),
    ] {
        for _ in 0..10 {
            let admission = place.request().await.unwrap();
            admission.settle(&Passed::default(), Some(100));
            assert_eq!((admission.trail(), admission.quota()), (vec![], None));
        }
        assert_eq!(place.counters.held(), 0);
    }
}

#[tokio::test]
async fn the_gateways_own_limit_refuses_in_the_originals_words() {
    let place = Place::limited(3, 60, None);
    for _ in 0..3 {
        place.request().await.unwrap();
    }
    let error = place.request().await.err().unwrap();
    assert_eq!(
        (error.kind(), error.code().http, error.code().number),
        (Kind::RateLimited, 429, 2003)
    );
    assert_eq!((error.public(), &*error.description()), ("Rate limited", "Rate limited"));
    assert_eq!(error.retry(), weir_core::Retry::Never);
    place.wait(Duration::from_secs(60));
    place.request().await.unwrap();
}

/// The documented example: ten in ten minutes at 12:09 and ten more at 12:11.
#[tokio::test]
async fn windows_follow_the_clock_unless_they_slide() {
    for (technique, passing) in [(Some("fixed"), 10), (None, 10), (Some("sliding"), 0)] {
        let place = Place::limited(10, 600, technique);
        place.wait(Duration::from_secs(540));
        for _ in 0..10 {
            place.request().await.unwrap();
        }
        place.wait(Duration::from_secs(120));
        let mut passed = 0;
        for _ in 0..10 {
            passed += usize::from(place.request().await.is_ok());
        }
        assert_eq!(passed, passing, "{technique:?}");
    }
}

#[tokio::test]
async fn a_request_counts_once_and_is_refused_again() {
    let place = Place::limited(2, 60, None);
    let admission = place.request().await.unwrap();
    for model in ["gpt-4o-mini", "gpt-4o", "o3"] {
        admission.pass(&Applicant { model, ..place.who() }).await.unwrap();
    }
    assert_eq!(admission.quota().unwrap().remaining, 1);
    place.request().await.unwrap();
    let refused = place.admission();
    assert!(refused.pass(&place.who()).await.is_err());
    place.wait(Duration::from_secs(60));
    assert!(refused.pass(&place.who()).await.is_err(), "it is the same request");
    place.request().await.unwrap();
}

#[tokio::test]
async fn gateways_and_accounts_do_not_share() {
    let mut place = Place::limited(1, 60, None);
    place.request().await.unwrap();
    assert!(place.request().await.is_err());
    place.gateway.id = "gw2".into();
    place.request().await.unwrap();
    place.gateway.account_id = "acc2".into();
    place.request().await.unwrap();
}

#[tokio::test]
async fn calls_on_the_operators_keys_have_a_limit_of_their_own() {
    let mut place = Place::new(GatewaySettings::default());
    place.limits.platform_calls = 2;
    let on_platform = async |place: &Place| {
        let who = Applicant { platform: true, ..place.who() };
        place.admission().pass(&who).await
    };
    for _ in 0..2 {
        on_platform(&place).await.unwrap();
    }
    let error = on_platform(&place).await.unwrap_err();
    assert_eq!(error.hint(), Some("the limit 'platform' allows 2 calls in 60 s"));
    assert_eq!(error.retry(), weir_core::Retry::NextTarget, "there may be a stored key");
    place.request().await.unwrap();
    // The try on the caller's own key took nothing; the one after it does.
    place.wait(Duration::from_secs(60));
    let admission = place.request().await.unwrap();
    admission.pass(&Applicant { platform: true, ..place.who() }).await.unwrap();
    assert_eq!(admission.trail().len(), 1);
    place.limits.platform_calls = 0;
    for _ in 0..5 {
        on_platform(&place).await.unwrap();
    }
}
