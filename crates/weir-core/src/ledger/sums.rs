//! Sums over what credits were used for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CreditEntry, CreditKind, CreditQuery, Ledger};
use crate::clock::Timestamp;
use crate::cost::Cost;
use crate::id::AccountId;
use crate::store::StoreResult;

/// Which use of credits to sum up.
#[derive(Clone, Debug)]
pub struct CreditSumQuery {
    /// Whose credits.
    pub account: AccountId,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Up to and without this moment.
    pub to: Option<Timestamp>,
    /// Milliseconds of the pieces that time is cut into, aligned to 1970 UTC; `None` cuts nothing.
    pub every: Option<i64>,
    /// Whether providers and models are told apart.
    pub by_model: bool,
}

/// What credits were used for, as one sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditSum {
    /// Beginning of the piece of time, if time was cut.
    pub start: Option<Timestamp>,
    /// Slug of the provider, and the model, if they are told apart.
    pub target: Option<(Arc<str>, Arc<str>)>,
    /// Calls.
    pub calls: u64,
    /// What they cost at the provider.
    pub cost: Cost,
    /// What was taken off the credits, above zero.
    pub amount: Cost,
}

/// Lines read at once.
const PAGE: u32 = 1_000;

/// Sums up by reading every line: for ledgers that know no shorter way.
pub(super) async fn read(
    ledger: &(impl Ledger + ?Sized),
    query: &CreditSumQuery,
) -> StoreResult<Vec<CreditSum>> {
    let mut sums = BTreeMap::new();
    let mut lines = CreditQuery {
        account: query.account.clone(),
        kinds: vec![CreditKind::Usage],
        from: query.from,
        to: query.to,
        ascending: true,
        offset: 0,
        limit: PAGE,
    };
    loop {
        let page = ledger.journal(&lines).await?;
        let read = page.entries.len() as u64;
        page.entries.iter().for_each(|line| add(&mut sums, query, line));
        lines.offset += read;
        if read == 0 || lines.offset >= page.total {
            return Ok(sums.into_values().collect());
        }
    }
}

type Sums = BTreeMap<(Option<i64>, Option<(Arc<str>, Arc<str>)>), CreditSum>;

fn add(sums: &mut Sums, query: &CreditSumQuery, line: &CreditEntry) {
    let start = query.every.map(|every| {
        let at = line.at.as_millis();
        at - at.rem_euclid(every.max(1))
    });
    let usage = line.usage.as_ref();
    let target = usage.filter(|_| query.by_model).map(|it| (it.provider.clone(), it.model.clone()));
    let sum = sums.entry((start, target.clone())).or_insert_with(|| CreditSum {
        start: start.map(Timestamp::from_millis),
        target,
        calls: 0,
        cost: Cost::ZERO,
        amount: Cost::ZERO,
    });
    sum.calls = sum.calls.saturating_add(usage.map_or(0, |usage| usage.calls));
    sum.cost = sum.cost + usage.map_or(Cost::ZERO, |usage| usage.cost);
    sum.amount = Cost::from_pico(sum.amount.pico().saturating_sub(line.amount.pico()));
}
