use weir_core::ledger::Settlement;
use weir_core::route::RouteTarget;
use weir_store::MemoryLedger;

use super::*;

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

/// A cap in a ledger of its own.
struct Capped {
    cap: HedgeCap,
    ledger: Arc<MemoryLedger>,
    metrics: Arc<Metrics>,
    key: CounterKey,
    plan: Hedge,
}

impl Capped {
    fn new(limit: f64) -> Self {
        let (ledger, metrics) = (Arc::new(MemoryLedger::default()), Arc::new(Metrics::default()));
        let key = cap_key(&"acc".into(), &"gw".into(), "route", "m1");
        let cap = HedgeCap::new(Arc::clone(&ledger) as _, Arc::clone(&metrics));
        Self { cap, ledger, metrics, key, plan: hedge(limit, None) }
    }

    async fn reserve(
        &self,
        estimate: Option<Cost>,
        now: Timestamp,
    ) -> Result<(Arc<Claims>, Reservation), Refusal> {
        let cap = Cap { key: self.key, plan: &self.plan, element: "m1" };
        self.cap.reserve(cap, estimate, now).await
    }

    fn settle(&self, reserved: Reservation, cost: Cost, now: Timestamp) {
        let settlement = Settlement { spent: vec![pico(cost)], credit: None };
        self.ledger.settle(reserved, settlement, now);
    }

    async fn taken(&self, now: Timestamp) -> u64 {
        let cap = Cap { key: self.key, plan: &self.plan, element: "m1" };
        let claims = cap.claims(0);
        self.ledger.standing(&claims.demands()[0].claim, now).await.taken()
    }
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
    let capped = Capped::new(0.10);
    let one = capped.reserve(Some(cents(5)), second(1)).await.unwrap();
    let two = capped.reserve(Some(cents(5)), second(1)).await.unwrap();
    let refused = capped.reserve(Some(cents(1)), second(2)).await.err().unwrap();
    assert_eq!(refused, Refusal::Full { resets_at: Some(second(60)) });
    assert_eq!(capped.metrics.hedges_refused.get(), 1);
    // Dropped: it was not sent after all.
    drop(one);
    assert!(capped.reserve(Some(cents(5)), second(3)).await.is_ok());
    drop(two);
}

#[tokio::test]
async fn the_real_cost_takes_the_place_of_the_estimate() {
    let capped = Capped::new(0.10);
    let (_, cheap) = capped.reserve(Some(cents(8)), second(1)).await.unwrap();
    capped.settle(cheap, cents(1), second(3));
    let (_, dear) = capped.reserve(Some(cents(9)), second(5)).await.unwrap();
    capped.settle(dear, cents(20), second(8));
    assert_eq!(capped.taken(second(9)).await, pico(cents(21)));
    // Over the cap, not even what costs nothing goes.
    assert!(capped.reserve(Some(Cost::ZERO), second(9)).await.is_err());
}

#[tokio::test]
async fn what_has_no_price_is_not_sent() {
    let capped = Capped::new(100.0);
    let refused = capped.reserve(None, second(1)).await.err();
    assert_eq!(refused, Some(Refusal::Unpriced));
    assert_eq!(capped.metrics.hedges_refused.get(), 1);
}

#[test]
fn dollars_become_pico_dollars() {
    assert_eq!(pico_of_dollars(0.1), 100_000_000_000);
    assert_eq!(pico_of_dollars(-1.0), 0);
    assert_eq!(pico_of_dollars(f64::NAN), 0);
    assert_eq!(pico_of_dollars(f64::INFINITY), u64::MAX);
}
