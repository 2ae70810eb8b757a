use std::path::Path;
use std::sync::Arc;

use weir_core::Timestamp;
use weir_core::analytics::{RollupKey, RollupSums};
use weir_core::audit::Actor;
use weir_core::clock::SystemClock;
use weir_core::store::LogBatch;
use weir_store::{LedgerOptions, LedgerStore, OpenOptions, open_ledger};

use super::*;

fn open(data_dir: &Path) -> LedgerStore {
    let lease = std::time::Duration::from_secs(60);
    let clock = Arc::new(SystemClock);
    open_ledger(&LedgerOptions { data_dir: data_dir.to_owned(), lease, clock }).unwrap()
}

fn topup(id: &str, cents: u64) -> Topup {
    let created_at = Timestamp::from_millis(1);
    Topup { id: id.into(), amount: cents, automatic: id == "auto", created_at }
}

/// Calls that credits paid for, by the roll-ups.
async fn used(logs: &dyn LogStore, account: &str, pico: i64) {
    let key = RollupKey {
        minute: 1,
        account: account.into(),
        gateway: "gateway".into(),
        provider: "openai".into(),
        model: "model".into(),
        status: 200,
        success: true,
        cached: false,
        rate_limited: false,
        wholesale: true,
        key_id: None,
    };
    let sums = RollupSums { requests: 1, cost: Cost::from_pico(pico), ..RollupSums::default() };
    let batch = LogBatch { records: Vec::new(), uncollected: vec![(key, sums)] };
    logs.append(Arc::new(batch)).await.unwrap();
}

async fn buy(configuration: &LiveConfiguration, account: &str, topups: Vec<Topup>) {
    let billing = BillingAccount {
        id: account.into(),
        account_id: account.into(),
        topups,
        topup_config: None,
    };
    let actor = Actor::system("test");
    let change = configuration.change(&actor, |_, changes| {
        changes.put(billing.clone());
        Ok::<_, std::convert::Infallible>(())
    });
    change.await.unwrap();
}

/// Granted and used, in pico-dollars.
async fn purse(ledger: &LedgerStore, account: &str) -> (i64, i64) {
    let purse = ledger.ledger().purse(&account.into()).await;
    (purse.granted.pico(), purse.used.pico())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credits_of_before_are_brought_along_once() {
    let dir = tempfile::tempdir().unwrap();
    let stores = weir_store::open(&OpenOptions::new(dir.path())).unwrap();
    let configuration = LiveConfiguration::open(Arc::clone(&stores.config)).await.unwrap();
    let bring = async |ledger: &LedgerStore| {
        let ledger = ledger.ledger();
        import(&configuration, &*stores.logs, &*ledger, &SystemClock).await.unwrap();
    };
    buy(&configuration, "old", vec![topup("first", 100), topup("auto", 50)]).await;
    used(&*stores.logs, "old", 30 * CENT).await;
    let ledger = open(dir.path());
    bring(&ledger).await;
    assert_eq!(purse(&ledger, "old").await, (120 * CENT, 0), "bought, less what was used");

    // What is used from now on stands in the ledger, and in the roll-ups as well.
    used(&*stores.logs, "old", 7 * CENT).await;
    buy(&configuration, "old", vec![topup("first", 100), topup("auto", 50), topup("third", 10)])
        .await;
    // An account that never knew anything else.
    buy(&configuration, "new", vec![topup("fresh", 100)]).await;
    ledger.ledger().credit(bought_of(&configuration, "new")).await.unwrap();
    used(&*stores.logs, "new", 9 * CENT).await;
    for _ in 0..2 {
        bring(&ledger).await;
        assert_eq!(purse(&ledger, "old").await, (130 * CENT, 0), "the third one is new");
        assert_eq!(purse(&ledger, "new").await, (100 * CENT, 0), "nothing is taken twice");
    }
    ledger.ledger().close().await.unwrap();
    let again = open(dir.path());
    bring(&again).await;
    assert_eq!(purse(&again, "old").await, (130 * CENT, 0));
    stores.logs.close().await.unwrap();
}

fn bought_of(configuration: &LiveConfiguration, account: &str) -> CreditEntry {
    let snapshot = configuration.snapshot();
    let billing =
        snapshot.configuration().get::<BillingAccount>(&account.into(), account).unwrap().clone();
    bought(&billing, &billing.topups[0])
}
