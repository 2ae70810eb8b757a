use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use proptest::prelude::*;
use weir_core::counters::Level;
use weir_core::route::RouteTarget;

use super::*;

/// Fixed windows in a map.
#[derive(Default)]
struct Ledger {
    used: Mutex<HashMap<(CounterKey, i64), u64>>,
}

fn window_of(window: Window, at: Timestamp) -> i64 {
    at.as_millis() / 1000 / i64::try_from(window.seconds).unwrap()
}

fn level(used: u64, window: Window, now: Timestamp) -> Level {
    let seconds = i64::try_from(window.seconds).unwrap();
    let resets_at = Timestamp::from_millis((window_of(window, now) + 1) * seconds * 1000);
    Level { used, resets_at }
}

#[async_trait]
impl Counters for Ledger {
    async fn draw(&self, draw: &Draw, now: Timestamp) -> Drawn {
        let mut ledger = self.used.lock().unwrap();
        let used = ledger.entry((draw.key, window_of(draw.window, now))).or_default();
        if *used + draw.amount > draw.limit {
            return Drawn::Full(level(*used, draw.window, now));
        }
        *used += draw.amount;
        Drawn::Taken(level(*used, draw.window, now))
    }

    async fn correct(&self, draw: &Draw, difference: i64, drawn_at: Timestamp, _now: Timestamp) {
        let mut ledger = self.used.lock().unwrap();
        let used = ledger.get_mut(&(draw.key, window_of(draw.window, drawn_at))).unwrap();
        *used = used.checked_add_signed(difference).unwrap();
    }

    async fn level(&self, key: &CounterKey, window: Window, now: Timestamp) -> Level {
        let ledger = self.used.lock().unwrap();
        let used = ledger.get(&(*key, window_of(window, now))).copied().unwrap_or(0);
        level(used, window, now)
    }

    async fn enter(&self, _key: &CounterKey, _limit: u64) -> Option<u64> {
        None
    }

    fn leave(&self, _key: &CounterKey) {}

    async fn inside(&self, _key: &CounterKey) -> u64 {
        0
    }
}

fn hedge(limit: f64, after_ms: Option<u64>) -> Hedge {
    let target = RouteTarget { provider: "openai".into(), model: "m".to_owned() };
    Hedge { target, after_ms, limit, window: 60 }
}

fn cents(cents: i64) -> Cost {
    Cost::from_pico(cents * Cost::SCALE / 100)
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1000)
}

fn cap() -> (HedgeCap, Arc<Ledger>, Arc<Metrics>, CounterKey) {
    let (ledger, metrics) = (Arc::new(Ledger::default()), Arc::new(Metrics::default()));
    let counters: Arc<dyn Counters> = Arc::clone(&ledger) as _;
    let key = cap_key(&"acc".into(), &"gw".into(), "route", "m1");
    (HedgeCap::new(counters, Arc::clone(&metrics)), ledger, metrics, key)
}

#[test]
fn waits_as_told_or_as_learned() {
    let learned = Some(Duration::from_millis(700));
    assert_eq!(delay(&hedge(1.0, Some(200)), learned), Some(Duration::from_millis(200)));
    assert_eq!(delay(&hedge(1.0, None), learned), learned);
    assert_eq!(delay(&hedge(1.0, None), None), None);
}

#[test]
fn each_element_has_a_cap_of_its_own() {
    let key = |route, element| cap_key(&"acc".into(), &"gw".into(), route, element);
    assert_eq!(key("r", "m1"), key("r", "m1"));
    assert_ne!(key("r", "m1"), key("r", "m2"));
    assert_ne!(key("r", "m1"), key("rm", "1"));
}

#[tokio::test]
async fn money_is_reserved_until_the_cap_is_reached() {
    let (cap, _, metrics, key) = cap();
    let hedge = hedge(0.10, None);
    for _ in 0..2 {
        // Dropped without a settlement: it stays spent.
        drop(cap.reserve(key, &hedge, Some(cents(5)), second(1)).await.unwrap());
    }
    let refused = cap.reserve(key, &hedge, Some(cents(1)), second(2)).await.err().unwrap();
    assert_eq!(refused, Refusal::Full { resets_at: second(60) });
    assert_eq!(metrics.hedges_refused.get(), 1);
    assert!(cap.reserve(key, &hedge, Some(cents(1)), second(60)).await.is_ok());
}

#[tokio::test]
async fn the_real_cost_takes_the_place_of_the_estimate() {
    let (cap, ledger, _, key) = cap();
    let hedge = hedge(0.10, None);
    let window = Window { seconds: 60, technique: Technique::Fixed };
    let cheap = cap.reserve(key, &hedge, Some(cents(8)), second(1)).await.unwrap();
    cheap.settle(cents(1), second(3)).await;
    let unsent = cap.reserve(key, &hedge, Some(cents(9)), second(4)).await.unwrap();
    unsent.settle(Cost::ZERO, second(4)).await;
    let dear = cap.reserve(key, &hedge, Some(cents(9)), second(5)).await.unwrap();
    dear.settle(cents(20), second(8)).await;
    let used = ledger.level(&key, window, second(9)).await.used;
    assert_eq!(used, pico(cents(21)));
    // Over the cap, not even what costs nothing goes.
    assert!(cap.reserve(key, &hedge, Some(Cost::ZERO), second(9)).await.is_err());
}

#[tokio::test]
async fn what_has_no_price_is_not_sent() {
    let (cap, _, metrics, key) = cap();
    let refused = cap.reserve(key, &hedge(100.0, None), None, second(1)).await.err();
    assert_eq!(refused, Some(Refusal::Unpriced));
    assert_eq!(metrics.hedges_refused.get(), 1);
}

#[test]
fn dollars_become_pico_dollars() {
    assert_eq!(pico_of_dollars(0.1), 100_000_000_000);
    assert_eq!(pico_of_dollars(-1.0), 0);
    assert_eq!(pico_of_dollars(f64::NAN), 0);
    assert_eq!(pico_of_dollars(f64::INFINITY), u64::MAX);
}

proptest! {
    /// However estimates and costs fall, what is spent is what was settled and what is reserved.
    #[test]
    fn the_ledger_adds_up(calls in prop::collection::vec((0..40i64, prop::option::of(0..60i64)), 0..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (cap, ledger, _, key) = cap();
            let hedge = hedge(1.0, None);
            let mut spent = 0;
            for (estimate, cost) in calls {
                let reserved = cap.reserve(key, &hedge, Some(cents(estimate)), second(1)).await;
                prop_assert_eq!(reserved.is_ok(), spent + estimate <= 100);
                let Ok(reserved) = reserved else { continue };
                match cost {
                    Some(cost) => reserved.settle(cents(cost), second(2)).await,
                    None => drop(reserved),
                }
                spent += cost.unwrap_or(estimate);
            }
            let window = Window { seconds: 60, technique: Technique::Fixed };
            prop_assert_eq!(ledger.level(&key, window, second(3)).await.used, pico(cents(spent)));
            Ok(())
        })?;
    }
}
