//! Reserving and settling, whether or not anything is written.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use weir_core::ledger::{
    Claim, CreditEntry, Measure, Purse, Refused, Releases, Reservation, Settlement, Standing,
};
use weir_core::{AccountId, Cost, Timestamp};

use super::bucket::Bucket;
use super::open::{Held, Open, OpenChanges, Row};
use super::purses::{Line, LineChanges, Purses, Target};
use super::shard::Shard;
use super::slot::{SHARDS, Slot, place};
use crate::memory::table::locked;
use crate::memory::time::millis;

/// What a ledger holds at a moment, for the operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LedgerFigures {
    /// Buckets in memory.
    pub buckets: usize,
    /// Claims so far that had to share a bucket because there were too many.
    pub overflowed: u64,
    /// Reservations that are neither settled nor given back.
    pub open: usize,
    /// Buckets, reservations and credit lines that changed and are not in the file yet.
    pub unwritten: usize,
}

/// All buckets, open reservations and purses of a ledger.
///
/// What is written of it is the business of others: they [take](Books::take_changes) what changed
/// since they last asked, and [put back](Books::put_back) what they could not write. So what waits
/// is bounded by what there is, however long a disk refuses.
pub(crate) struct Books {
    /// With a lock each, so that calls seldom meet.
    shards: Box<[Mutex<Shard>]>,
    /// Buckets that each shard may hold.
    share: usize,
    overflowed: AtomicU64,
    open: Open,
    purses: Purses,
    /// Whether changes are noted for somebody who writes them.
    noted: bool,
}

/// Everything that changed since it was last asked for.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) open: OpenChanges,
    pub(crate) lines: LineChanges,
    pub(crate) buckets: Vec<(Slot, Bucket)>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.open.opened.is_empty()
            && self.open.closed.is_empty()
            && self.lines.grown.is_empty()
            && self.lines.ended.is_empty()
            && self.buckets.is_empty()
    }
}

/// The locks of all shards that some claims need, taken in order, so that no two calls wait for
/// each other.
struct Guards<'a> {
    /// A bit for each shard.
    mask: u64,
    guards: Vec<MutexGuard<'a, Shard>>,
}

impl<'a> Guards<'a> {
    fn take(shards: &'a [Mutex<Shard>], claims: &[Claim]) -> Self {
        let mask = claims.iter().fold(0, |mask, claim| mask | 1_u64 << place(&claim.key.0));
        let mut guards = Vec::with_capacity(mask.count_ones() as usize);
        let mut rest = mask;
        while rest != 0 {
            guards.push(locked(&shards[rest.trailing_zeros() as usize]));
            rest &= rest - 1;
        }
        Self { mask, guards }
    }

    /// The shard of a claim, or of a bucket that stands in for its own.
    fn of(&mut self, key: &[u8; 16]) -> &mut Shard {
        let before = self.mask & ((1 << place(key)) - 1);
        &mut self.guards[before.count_ones() as usize]
    }
}

impl Books {
    /// Holds about `most` buckets. With an owner, whoever that is writes what changes.
    pub(crate) fn new(most: usize, owner: Option<i64>) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            share: most.div_ceil(SHARDS.into()),
            overflowed: AtomicU64::new(0),
            open: Open::new(owner),
            purses: Purses::default(),
            noted: owner.is_some(),
        }
    }

    fn shard(&self, key: &[u8; 16]) -> MutexGuard<'_, Shard> {
        locked(&self.shards[place(key)])
    }

    fn locate(&self, shard: &mut Shard, claim: &Claim, now: u64) -> Slot {
        let own = Slot::of(claim);
        let found = shard.locate(own, claim.limit, self.share, now);
        if found != own {
            self.overflowed.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    /// Reserves all claims or none, as if there were no other calls.
    pub(crate) fn reserve(
        self: &Arc<Self>,
        claims: Arc<[Claim]>,
        now: Timestamp,
    ) -> Result<Reservation, Refused> {
        let now = millis(now);
        self.lapse(now);
        let mut guards = Guards::take(&self.shards, &claims);
        let mut found = Vec::<(Slot, Standing)>::with_capacity(claims.len());
        for (place, claim) in claims.iter().enumerate() {
            let shard = guards.of(&claim.key.0);
            let slot = self.locate(shard, claim, now);
            let standing = shard.look(slot, now).standing(slot, claim, now);
            // What this call itself asks of the same bucket counts, too.
            let same = found.iter().zip(&*claims).filter(|((other, _), _)| *other == slot);
            let asked = same.map(|(_, claim)| claim.amount).fold(0, u64::saturating_add);
            let with = Standing { reserved: standing.reserved.saturating_add(asked), ..standing };
            if !fits(claim, &with) {
                return Err(Refused { claim: place, standing: with });
            }
            found.push((slot, standing));
        }
        let mut held = Vec::new();
        for (claim, &(slot, _)) in claims.iter().zip(&found) {
            let times = claim.measure == Measure::Elapsed;
            if claim.amount == 0 && !times {
                continue;
            }
            guards.of(&claim.key.0).change(slot, now, |bucket| {
                bucket.reserved = bucket.reserved.saturating_add(claim.amount);
                // What is reserved is written with the reservation.
                times && bucket.begin(now) && self.noted
            });
            if claim.amount > 0 {
                held.push(Held { slot, amount: claim.amount });
            }
        }
        let number = if held.is_empty() { 0 } else { self.open.add(held.into()) };
        drop(guards);
        let standings = found.into_iter().map(|(_, standing)| standing).collect();
        let releases = Arc::clone(self) as Arc<dyn Releases>;
        Ok(Reservation::new(number, claims, standings, releases))
    }

    /// Books what was used and gives the rest back, in one step for each bucket.
    pub(crate) fn settle(&self, reservation: Reservation, settlement: Settlement, now: Timestamp) {
        let now = millis(now);
        let (number, claims) = reservation.into_parts();
        let closing = self.open.take(number);
        let mut held = closing.iter().flat_map(|closing| closing.held.iter());
        // The bucket of the credits stands at what the journal says, by whatever claims.
        let mut credit = settlement.credit.as_ref().map(|used| {
            (Slot::of_credits(&used.account), u64::try_from(used.amount.pico()).unwrap_or(0))
        });
        let paid = credit.map(|(slot, _)| slot);
        for (place, claim) in claims.iter().enumerate() {
            let held = if claim.amount > 0 { held.next() } else { None };
            let own = Slot::of(claim);
            let spent = match claim.measure {
                Measure::Elapsed => 0,
                Measure::Sum if paid == Some(own) => credit.take().map_or(0, |(_, amount)| amount),
                Measure::Sum => settlement.spent.get(place).copied().unwrap_or(0),
            };
            let given_back = held.map_or(0, |held| held.amount);
            if spent == 0 && given_back == 0 {
                continue;
            }
            let mut shard = self.shard(&own.key);
            let slot = match held {
                Some(held) => held.slot,
                None => self.locate(&mut shard, claim, now),
            };
            self.book(&mut shard, slot, spent, given_back, now);
        }
        if let Some((slot, amount)) = credit {
            self.book(&mut self.shard(&slot.key), slot, amount, 0, now);
        }
        if let Some(used) = settlement.credit {
            let amount = Cost::from_pico(used.amount.pico().max(0));
            self.purses.charge(weir_core::ledger::CreditUse { amount, ..used }, now);
        }
        if let Some(closing) = closing {
            self.open.forget(&closing);
        }
    }

    fn book(&self, shard: &mut Shard, slot: Slot, spent: u64, given_back: u64, now: u64) {
        shard.change(slot, now, |bucket| {
            bucket.current = bucket.current.saturating_add(spent);
            bucket.reserved = bucket.reserved.saturating_sub(given_back);
            spent > 0 && self.noted
        });
    }

    /// Gives back what a reservation held.
    fn close(&self, number: u64) {
        let Some(closing) = self.open.take(number) else { return };
        for held in closing.held.iter() {
            self.shard(&held.slot.key).give_back(held.slot, held.amount);
        }
        self.open.forget(&closing);
    }

    /// Gives back what was reserved by those who are gone, when their leases are over.
    fn lapse(&self, now: u64) {
        for number in self.open.lapsed(now) {
            self.close(number);
        }
    }

    pub(crate) fn standing(&self, claim: &Claim, now: Timestamp) -> Standing {
        let now = millis(now);
        self.lapse(now);
        let mut shard = self.shard(&claim.key.0);
        let slot = shard.locate(Slot::of(claim), claim.limit, self.share, now);
        shard.look(slot, now).standing(slot, claim, now)
    }

    /// Sets the bucket of a claim back to nothing spent.
    pub(crate) fn reset(&self, claim: &Claim, now: Timestamp) {
        let now = millis(now);
        let mut shard = self.shard(&claim.key.0);
        let slot = shard.locate(Slot::of(claim), claim.limit, self.share, now);
        shard.change(slot, now, |bucket| {
            (bucket.previous, bucket.current) = (0, 0);
            self.noted
        });
    }

    pub(crate) fn purse(&self, account: &AccountId) -> Purse {
        self.purses.purse(account)
    }

    /// Puts a line that is not about usage into force.
    pub(crate) fn grant(&self, entry: &CreditEntry) {
        self.purses.grant(&entry.account, entry.amount);
        self.pin_credits(&entry.account);
    }

    /// The bucket of an account's credits is there for good: it must never share one.
    fn pin_credits(&self, account: &AccountId) {
        let slot = Slot::of_credits(account);
        self.shard(&slot.key).change(slot, 0, |bucket| {
            bucket.pinned = true;
            false
        });
    }

    /// Forgets buckets that stand at nothing. To be called now and then.
    pub(crate) fn sweep(&self, now: Timestamp) {
        let now = millis(now);
        self.lapse(now);
        for shard in &self.shards {
            locked(shard).sweep(now);
        }
    }

    pub(crate) fn figures(&self) -> LedgerFigures {
        let sum =
            |of: fn(&Shard) -> usize| self.shards.iter().map(|shard| of(&locked(shard))).sum();
        let dirty: usize = sum(Shard::unwritten);
        LedgerFigures {
            buckets: sum(Shard::held),
            overflowed: self.overflowed.load(Ordering::Relaxed),
            open: self.open.count(),
            unwritten: dirty + self.open.unwritten() + self.purses.unwritten(),
        }
    }

    /// Whether anything is reserved.
    pub(crate) fn holds_any(&self) -> bool {
        self.open.count() > 0
    }

    /// Takes what changed. Reservations come first: whatever closed one of them is booked by then,
    /// and so among the rest.
    pub(crate) fn take_changes(&self, now: Timestamp, end_lines: bool) -> Changes {
        let open = self.open.take_changes();
        let mut buckets = Vec::new();
        for shard in &self.shards {
            locked(shard).take_dirty(&mut buckets);
        }
        Changes { open, lines: self.purses.take_changes(now, end_lines), buckets }
    }

    /// Puts back what could not be written.
    pub(crate) fn put_back(&self, changes: Changes) {
        self.open.put_back(changes.open);
        self.purses.put_back(changes.lines);
        for (slot, bucket) in changes.buckets {
            let bucket = Bucket { reserved: 0, ..bucket };
            self.shard(&slot.key).mark(slot, bucket);
        }
    }

    /// Puts in a bucket that was stored.
    pub(crate) fn load_bucket(&self, slot: Slot, start: u64, previous: u64, current: u64) {
        let bucket = Bucket { start, previous, current, ..Bucket::default() };
        self.shard(&slot.key).put(slot, bucket);
    }

    /// Puts in a reservation of somebody who is gone.
    pub(crate) fn load_open(
        &self,
        row: Row,
        held: Arc<[Held]>,
        lease_ends: Timestamp,
        now: Timestamp,
    ) {
        let (lease_ends, now) = (millis(lease_ends), millis(now));
        for held in held.iter() {
            self.shard(&held.slot.key).change(held.slot, now, |bucket| {
                bucket.reserved = bucket.reserved.saturating_add(held.amount);
                false
            });
        }
        self.open.inherit(row, held, lease_ends);
    }

    /// Puts in what was stored of an account's credits.
    pub(crate) fn load_purse(&self, account: AccountId, purse: Purse) {
        self.pin_credits(&account);
        let slot = Slot::of_credits(&account);
        let used = u64::try_from(purse.used.pico()).unwrap_or(0);
        self.shard(&slot.key).change(slot, 0, |bucket| {
            bucket.current = used;
            false
        });
        self.purses.put(account, purse);
    }

    /// Puts in a line of the journal that was still growing.
    pub(crate) fn load_line(&self, target: Target, line: &Line) {
        self.purses.put_line(target, line);
    }
}

/// Whether there is room for a claim.
fn fits(claim: &Claim, standing: &Standing) -> bool {
    let taken = u128::from(standing.spent) + u128::from(standing.reserved);
    let limit = u128::from(claim.limit);
    if claim.amount == 0 { taken < limit } else { taken + u128::from(claim.amount) <= limit }
}

impl Releases for Books {
    fn release(&self, id: u64, _: &[Claim]) {
        self.close(id);
    }
}
