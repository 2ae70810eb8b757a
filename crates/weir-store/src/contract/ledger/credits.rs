//! Credits and their journal.

use weir_core::ledger::{
    Claim, CreditEntry, CreditKind, CreditPage, CreditQuery, CreditSumQuery, CreditUse, Ledger,
    Measure, Purse, Settlement, Span, credit_key,
};
use weir_core::{AccountId, Cost};

use super::{at, reserve, standing};

pub(super) fn entry(
    account: &str,
    id: &str,
    kind: CreditKind,
    amount: i64,
    now: i64,
) -> CreditEntry {
    CreditEntry {
        id: id.into(),
        account: account.into(),
        at: at(now),
        kind,
        amount: Cost::from_pico(amount),
        fee: Cost::from_pico(5),
        note: Some("a note".into()),
        usage: None,
    }
}

pub(super) fn everything(account: &str) -> CreditQuery {
    CreditQuery {
        account: account.into(),
        kinds: Vec::new(),
        from: None,
        to: None,
        ascending: true,
        offset: 0,
        limit: 10_000,
    }
}

pub(super) async fn journal(ledger: &dyn Ledger, query: &CreditQuery) -> CreditPage {
    ledger.journal(query).await.expect("a page")
}

async fn purse(ledger: &dyn Ledger, account: &str) -> (i64, i64) {
    let Purse { granted, used } = ledger.purse(&account.into()).await;
    (granted.pico(), used.pico())
}

/// A claim on the credits of an account as a call makes it.
async fn credit_claim(ledger: &dyn Ledger, account: &AccountId, amount: u64) -> Claim {
    let granted = ledger.purse(account).await.granted.pico();
    let limit = u64::try_from(granted).unwrap_or(0);
    let (span, measure) = (Span::Forever, Measure::Sum);
    Claim { key: credit_key(account), span, measure, limit, amount }
}

/// A call that costs `amount`.
pub(super) async fn call(ledger: &dyn Ledger, account: &str, model: &str, amount: i64, now: i64) {
    let account = AccountId::from(account);
    let claim = credit_claim(ledger, &account, 0).await;
    let reservation = reserve(ledger, &[claim], now).await.expect("something left");
    let credit = CreditUse {
        account,
        gateway: "shop".into(),
        provider: "openai".into(),
        model: model.into(),
        cost: Cost::from_pico(amount / 2),
        amount: Cost::from_pico(amount),
    };
    let settlement = Settlement { spent: vec![amount.unsigned_abs()], credit: Some(credit) };
    ledger.settle(reservation, settlement, at(now));
}

pub(super) async fn lines_are_there_once(ledger: &dyn Ledger) {
    assert_eq!(purse(ledger, "once").await, (0, 0));
    let grant = entry("once", "g1", CreditKind::Grant, 100, 1);
    assert!(ledger.credit(grant.clone()).await.expect("written"));
    assert!(!ledger.credit(grant.clone()).await.expect("passed over"));
    let changed = CreditEntry { amount: Cost::from_pico(7), ..grant.clone() };
    assert!(!ledger.credit(changed).await.expect("passed over"), "lines are never changed");
    assert_eq!(purse(ledger, "once").await, (100, 0));
    let taken = entry("once", "a1", CreditKind::Adjustment, -30, 2);
    assert!(ledger.credit(taken.clone()).await.expect("written"));
    assert_eq!(purse(ledger, "once").await, (70, 0));
    let page = journal(ledger, &everything("once")).await;
    assert_eq!((page.entries, page.total), (vec![grant, taken], 2));
    let usage = entry("once", "u1", CreditKind::Usage, -1, 3);
    assert!(ledger.credit(usage).await.is_err(), "usage comes from settling alone");
}

pub(super) async fn usage_is_taken_off(ledger: &dyn Ledger) {
    let grant = entry("used", "g2", CreditKind::Grant, 100, 0);
    ledger.credit(grant).await.expect("written");
    call(ledger, "used", "m1", 40, 10).await;
    call(ledger, "used", "m1", 20, 20).await;
    assert_eq!(purse(ledger, "used").await, (100, 60));
    let account = AccountId::from("used");
    let claim = credit_claim(ledger, &account, 40).await;
    assert_eq!(standing(ledger, &claim, 20).await.spent, 60, "the bucket says the same");
    let held = reserve(ledger, &[claim], 20).await.expect("exactly what is left");
    assert!(reserve(ledger, &[Claim { amount: 1, ..claim }], 20).await.is_err());
    drop(held);
    call(ledger, "used", "m2", 90, 30).await;
    assert_eq!(purse(ledger, "used").await, (100, 150), "a call may overdraw");
    assert!(reserve(ledger, &[Claim { amount: 0, ..claim }], 30).await.is_err());
    let query = CreditQuery { kinds: vec![CreditKind::Usage], ..everything("used") };
    let entries = journal(ledger, &query).await.entries;
    let amounts: Vec<_> = entries.iter().map(|entry| entry.amount.pico()).collect();
    assert_eq!(amounts.iter().sum::<i64>(), -150);
    let usage = |model: &str| {
        let of = entries.iter().filter_map(|entry| entry.usage.as_ref());
        of.filter(|usage| &*usage.model == model).fold((0, 0), |(calls, cost), usage| {
            assert_eq!((usage.gateway.as_str(), &*usage.provider), ("shop", "openai"));
            (calls + usage.calls, cost + usage.cost.pico())
        })
    };
    assert_eq!((usage("m1"), usage("m2")), ((2, 30), (1, 45)));
}

pub(super) async fn pages_of_the_journal(ledger: &dyn Ledger) {
    for (number, kind) in [CreditKind::Grant, CreditKind::Automatic, CreditKind::Grant]
        .into_iter()
        .chain([CreditKind::Adjustment, CreditKind::Grant])
        .enumerate()
    {
        let now = i64::try_from(number).expect("small") * 10;
        let entry = entry("paged", &format!("p{number}"), kind, 1, now);
        ledger.credit(entry).await.expect("written");
    }
    let all = everything("paged");
    let ids = async |query: CreditQuery| -> (Vec<String>, u64) {
        let page = journal(ledger, &query).await;
        (page.entries.iter().map(|entry| entry.id.to_string()).collect(), page.total)
    };
    let names = |numbers: &[u32]| numbers.iter().map(|n| format!("p{n}")).collect::<Vec<_>>();
    assert_eq!(ids(all.clone()).await, (names(&[0, 1, 2, 3, 4]), 5));
    let newest = CreditQuery { ascending: false, offset: 1, limit: 2, ..all.clone() };
    assert_eq!(ids(newest).await, (names(&[3, 2]), 5));
    let between = CreditQuery { from: Some(at(10)), to: Some(at(30)), ..all.clone() };
    assert_eq!(ids(between).await, (names(&[1, 2]), 2));
    let kinds = vec![CreditKind::Automatic, CreditKind::Adjustment];
    assert_eq!(ids(CreditQuery { kinds, ..all.clone() }).await, (names(&[1, 3]), 2));
    assert_eq!(ids(CreditQuery { account: "nobody".into(), ..all }).await, (names(&[]), 0));
}

pub(super) async fn what_is_journalled_adds_up(ledger: &dyn Ledger) {
    let grant = entry("sums", "s1", CreditKind::Grant, 1_000_000, 0);
    ledger.credit(grant).await.expect("written");
    for turn in 0..100_i64 {
        call(ledger, "sums", &format!("m{}", turn % 3), turn, turn * 1_000).await;
        if turn % 10 == 0 {
            let id = format!("s-{turn}");
            let correction = entry("sums", &id, CreditKind::Adjustment, 3 - turn, turn * 1_000);
            ledger.credit(correction).await.expect("written");
            let entries = journal(ledger, &everything("sums")).await.entries;
            let sum: i64 = entries.iter().map(|entry| entry.amount.pico()).sum();
            assert_eq!(sum, ledger.purse(&"sums".into()).await.balance().pico(), "at {turn}");
        }
    }
}

pub(super) async fn usage_is_summed_up(ledger: &dyn Ledger) {
    let grant = entry("summed", "sum", CreditKind::Grant, 1_000_000, 0);
    ledger.credit(grant).await.expect("written");
    let day = 86_400_000;
    for (model, amount, now) in
        [("m1", 10, 0), ("m2", 20, day - 1), ("m1", 40, day), ("m1", 80, 3 * day)]
    {
        call(ledger, "summed", model, amount, now).await;
        // Lines of their own.
        journal(ledger, &everything("summed")).await;
    }
    let sums = async |every, by_model, from: Option<i64>, to: Option<i64>| -> Vec<_> {
        let account = AccountId::from("summed");
        let (from, to) = (from.map(at), to.map(at));
        let query = CreditSumQuery { account, from, to, every, by_model };
        let sums = ledger.credit_sums(&query).await.expect("sums");
        let line = |sum: weir_core::ledger::CreditSum| {
            let model = sum.target.map(|(_, model)| model.to_string());
            let start = sum.start.map(weir_core::Timestamp::as_millis);
            (start, model, sum.calls, sum.cost.pico(), sum.amount.pico())
        };
        sums.into_iter().map(line).collect()
    };
    assert_eq!(sums(None, false, None, None).await, [(None, None, 4, 75, 150)]);
    assert_eq!(
        sums(Some(day), false, None, None).await,
        [
            (Some(0), None, 2, 15, 30),
            (Some(day), None, 1, 20, 40),
            (Some(3 * day), None, 1, 40, 80)
        ]
    );
    let (m1, m2) = (Some("m1".to_owned()), Some("m2".to_owned()));
    assert_eq!(
        sums(None, true, Some(0), Some(3 * day)).await,
        [(None, m1, 2, 25, 50), (None, m2, 1, 10, 20)]
    );
    assert_eq!(sums(None, false, Some(4 * day), None).await, []);
}
