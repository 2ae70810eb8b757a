mod crash;
mod disk;

use std::path::Path;

use weir_core::Cost;
use weir_core::clock::SystemClock;
use weir_core::counters::CounterKey;
use weir_core::ledger::{CreditKind, CreditUse, Span};

use super::*;
use crate::contract;

const LEASE: Duration = Duration::from_secs(60);

fn open(dir: &Path, name: &str) -> SqliteLedger {
    let path = dir.join(format!("{name}.db"));
    SqliteLedger::open(&path, LEASE, Arc::new(SystemClock)).unwrap()
}

fn claim(name: &str, limit: u64, amount: u64) -> Claim {
    let key = CounterKey::of(&[name.as_bytes()]);
    Claim { key, span: Span::Forever, measure: Measure::Sum, limit, amount }
}

async fn spend(ledger: &SqliteLedger, name: &str, amount: u64) {
    let now = Timestamp::now();
    let reservation = ledger.reserve([claim(name, u64::MAX, amount)].into(), now).await.unwrap();
    ledger.settle(reservation, Settlement { spent: vec![amount], credit: None }, now);
}

/// Takes so much off the credits of `account`, for a call of `model`.
async fn charge(ledger: &SqliteLedger, model: &str, amount: i64) {
    let now = Timestamp::now();
    let credit = CreditUse {
        account: "account".into(),
        gateway: "gateway".into(),
        provider: "provider".into(),
        model: model.into(),
        cost: Cost::from_pico(amount),
        amount: Cost::from_pico(amount),
    };
    let reservation = ledger.reserve([].into(), now).await.unwrap();
    let settlement = Settlement { spent: Vec::new(), credit: Some(credit) };
    ledger.settle(reservation, settlement, now);
}

fn grant(id: &str, amount: i64) -> CreditEntry {
    CreditEntry {
        id: id.into(),
        account: "account".into(),
        at: Timestamp::now(),
        kind: CreditKind::Grant,
        amount: Cost::from_pico(amount),
        fee: Cost::ZERO,
        note: None,
        usage: None,
    }
}

fn everything() -> CreditQuery {
    CreditQuery {
        account: "account".into(),
        kinds: Vec::new(),
        from: None,
        to: None,
        ascending: true,
        offset: 0,
        limit: 1000,
    }
}

async fn stands(ledger: &SqliteLedger, name: &str) -> (u64, u64) {
    let standing = ledger.standing(&claim(name, 0, 0), Timestamp::now()).await;
    (standing.spent, standing.reserved)
}

/// Waits until nothing is left to be written; the writer is woken by what changed.
async fn settled(ledger: &SqliteLedger) -> Duration {
    let begun = std::time::Instant::now();
    while ledger.figures().unwritten > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(begun.elapsed() < Duration::from_secs(20), "not written: {:?}", ledger.figures());
    }
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_file_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    contract::ledger(async |name| Arc::new(open(dir.path(), name)) as Arc<dyn Ledger>).await;
}
