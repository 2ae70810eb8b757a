//! Sums over what credits were used for.

use std::collections::BTreeMap;

use weir_core::ledger::{CreditKind, CreditQuery, CreditSum, CreditSumQuery, Ledger};
use weir_core::{Cost, Timestamp};

use super::at;
use super::credits::{call, entry, everything, journal};

const ACCOUNT: &str = "summed";

pub(super) async fn usage_is_summed_up(ledger: &dyn Ledger) {
    let grant = entry(ACCOUNT, "summed-1", CreditKind::Grant, 1_000_000, 0);
    ledger.credit(grant).await.expect("written");
    for (number, model) in ["m1", "m2", "m1", "m1", "m2"].into_iter().enumerate() {
        let number = i64::try_from(number).expect("small");
        call(ledger, ACCOUNT, model, 100 + number, number * 40).await;
        // Ends the line, so that later calls are on another.
        journal(ledger, &everything(ACCOUNT)).await;
    }
    let all = ledger.credit_sums(&query(None, None, None, false)).await.expect("sums");
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].calls, all[0].amount.pico()), (5, 510));
    for every in [None, Some(1), Some(50), Some(3_600_000)] {
        for (from, to) in [(None, None), (Some(40), None), (None, Some(80)), (Some(80), Some(80))] {
            for by_model in [false, true] {
                let query = query(every, from, to, by_model);
                let sums = ledger.credit_sums(&query).await.expect("sums");
                assert_eq!(sums, added(ledger, &query).await, "{query:?}");
            }
        }
    }
    let other = CreditSumQuery { account: "nobody".into(), ..query(None, None, None, false) };
    assert_eq!(ledger.credit_sums(&other).await.expect("sums"), []);
}

fn query(every: Option<i64>, from: Option<i64>, to: Option<i64>, by_model: bool) -> CreditSumQuery {
    let (from, to) = (from.map(at), to.map(at));
    CreditSumQuery { account: ACCOUNT.into(), from, to, every, by_model }
}

/// The same, line by line.
async fn added(ledger: &dyn Ledger, query: &CreditSumQuery) -> Vec<CreditSum> {
    let (from, to, kinds) = (query.from, query.to, vec![CreditKind::Usage]);
    let lines = CreditQuery { from, to, kinds, ..everything(ACCOUNT) };
    let mut sums = BTreeMap::new();
    for line in journal(ledger, &lines).await.entries {
        let usage = line.usage.expect("what it was used for");
        let start = query.every.map(|every| line.at.as_millis() / every * every);
        let target = query.by_model.then(|| (usage.provider.clone(), usage.model.clone()));
        let sum = sums.entry((start, target.clone())).or_insert(CreditSum {
            start: start.map(Timestamp::from_millis),
            target,
            calls: 0,
            cost: Cost::ZERO,
            amount: Cost::ZERO,
        });
        sum.calls += usage.calls;
        sum.cost = sum.cost + usage.cost;
        sum.amount = Cost::from_pico(sum.amount.pico() - line.amount.pico());
    }
    sums.into_values().collect()
}
