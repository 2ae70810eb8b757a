//! The ledger: the one mechanism behind credits, spend limits and every budget.
//!
//! What a call may use is reserved before it is made and settled when it is known, so that
//! `spent + reserved <= limit` holds however many calls come at once. A claim that reserves nothing
//! only asks whether anything is left: that is the documented behaviour, in which what is under way
//! may overshoot (spec: data-plane 11.2).
//!
//! Nothing here waits for a disk on behalf of a call: what is settled is durable a moment later, and
//! what a crash leaves reserved is given back when its lease ends.

mod sums;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::cost::Cost;
use crate::counters::{CounterKey, Window};
use crate::id::{AccountId, GatewayId};
use crate::policy::Period;
use crate::store::StoreResult;

pub use self::sums::{CreditSum, CreditSumQuery};

/// Over what time a bucket is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// A length of time. Fixed windows begin at multiples of it in Unix time; a sliding one counts
    /// the window before by the part of it that still overlaps (spec: data-plane 11.2).
    Window(Window),
    /// A period of the calendar in UTC.
    Calendar(Period),
    /// For good.
    Forever,
}

/// How a bucket counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Measure {
    /// What is settled adds up: pico-dollars, tokens, requests.
    #[default]
    Sum,
    /// Milliseconds since the bucket was first claimed in its span; settling adds nothing.
    Elapsed,
}

/// What a call asks of one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The bucket. Together with the span it names one: another span is another bucket.
    pub key: CounterKey,
    /// Over what time it is spent.
    pub span: Span,
    /// How it counts.
    pub measure: Measure,
    /// The most that may be spent in the span.
    pub limit: u64,
    /// To be set apart until it is settled. Zero sets nothing apart, and passes if anything is left.
    pub amount: u64,
}

/// What a bucket stands at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Spent in the present span.
    pub spent: u64,
    /// Set apart by calls under way.
    pub reserved: u64,
    /// When something may be left again: the end of the span, if it has one.
    pub resets_at: Option<Timestamp>,
}

impl Standing {
    /// Spent or set apart.
    pub const fn taken(&self) -> u64 {
        self.spent.saturating_add(self.reserved)
    }
}

/// A claim found no room; nothing was reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which of the claims, by its place.
    pub claim: usize,
    /// What its bucket stands at.
    pub standing: Standing,
}

/// What was reserved by one call. Dropping it gives everything back, as if the call had never been.
#[must_use = "settle it when it is known what the call used"]
pub struct Reservation {
    claims: Arc<[Claim]>,
    standings: Vec<Standing>,
    /// What the ledger knows it by.
    id: u64,
    releases: Option<Arc<dyn Releases>>,
}

/// Gives back what a reservation held.
pub trait Releases: Send + Sync {
    /// Forgets the reservation `id` of `claims`. Does not wait.
    fn release(&self, id: u64, claims: &[Claim]);
}

impl Reservation {
    /// What a ledger hands out. `standings` are those of the claims' buckets, before it.
    pub fn new(
        id: u64,
        claims: Arc<[Claim]>,
        standings: Vec<Standing>,
        releases: Arc<dyn Releases>,
    ) -> Self {
        Self { claims, standings, id, releases: Some(releases) }
    }

    /// What it holds.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// What the buckets stood at before, in the order of the claims.
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// Takes it apart without giving anything back: for the ledger that settles it.
    pub fn into_parts(mut self) -> (u64, Arc<[Claim]>) {
        self.releases = None;
        (self.id, Arc::clone(&self.claims))
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(releases) = self.releases.take() {
            releases.release(self.id, &self.claims);
        }
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("id", &self.id).field("claims", &self.claims).finish()
    }
}

/// What a call came to.
#[derive(Clone, Debug, Default)]
pub struct Settlement {
    /// What it used of each claim, in their order. It is booked in full, also beyond what was
    /// reserved: what happened, happened.
    pub spent: Vec<u64>,
    /// What it takes off an account's credits; goes into the credit journal.
    pub credit: Option<CreditUse>,
}

/// A call that credits paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditUse {
    /// Whose credits.
    pub account: AccountId,
    /// Where the call came in.
    pub gateway: GatewayId,
    /// Slug of the provider.
    pub provider: Arc<str>,
    /// The model.
    pub model: Arc<str>,
    /// What it costs at the provider.
    pub cost: Cost,
    /// What is taken off: the cost with the operator's markup.
    pub amount: Cost,
}

/// Why credits changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CreditKind {
    /// Bought, or given.
    Grant,
    /// Bought by the automatic rule.
    Automatic,
    /// Corrected by hand, either way.
    Adjustment,
    /// Used by calls.
    Usage,
}

impl CreditKind {
    /// Every kind.
    pub const EVERY: [Self; 4] = [Self::Grant, Self::Automatic, Self::Adjustment, Self::Usage];

    /// The stored word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Automatic => "automatic",
            Self::Adjustment => "adjustment",
            Self::Usage => "usage",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|kind| kind.label() == text)
    }
}

/// A line of the credit journal. Lines are never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditEntry {
    /// Unique: a line that is written twice is there once.
    pub id: Arc<str>,
    /// Whose credits.
    pub account: AccountId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub kind: CreditKind,
    /// What it adds; below zero for what it takes off.
    pub amount: Cost,
    /// What was paid beside the amount when it was bought.
    pub fee: Cost,
    /// Text for people.
    pub note: Option<Box<str>>,
    /// For [`CreditKind::Usage`]: what for. Calls of the same target that end together share a line.
    pub usage: Option<CreditUsage>,
}

/// What credits were used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditUsage {
    /// Where the calls came in.
    pub gateway: GatewayId,
    /// Slug of the provider.
    pub provider: Arc<str>,
    /// The model.
    pub model: Arc<str>,
    /// How many.
    pub calls: u64,
    /// What they cost at the provider, before any markup.
    pub cost: Cost,
}

/// Which lines of the credit journal.
#[derive(Clone, Debug)]
pub struct CreditQuery {
    /// Whose credits.
    pub account: AccountId,
    /// Only these kinds; empty means all.
    pub kinds: Vec<CreditKind>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Up to and without this moment.
    pub to: Option<Timestamp>,
    /// Oldest first, else newest first.
    pub ascending: bool,
    /// Lines to pass over.
    pub offset: u64,
    /// Lines to give at most.
    pub limit: u32,
}

/// A page of the credit journal.
#[derive(Clone, Debug, Default)]
pub struct CreditPage {
    /// The lines.
    pub entries: Vec<CreditEntry>,
    /// Lines that the query matches in all.
    pub total: u64,
}

/// What is in an account's purse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purse {
    /// Bought, given and corrected.
    pub granted: Cost,
    /// Used by finished calls.
    pub used: Cost,
}

impl Purse {
    /// What is left; below zero when overdrawn.
    pub fn balance(&self) -> Cost {
        Cost::from_pico(self.granted.pico().saturating_sub(self.used.pico()))
    }
}

/// The bucket of an account's credits: its limit is what was granted.
pub fn credit_key(account: &AccountId) -> CounterKey {
    CounterKey::of(&[b"credits", account.as_str().as_bytes()])
}

/// Reserves, settles and remembers.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Reserves all claims or none. A claim passes if `spent + reserved + amount <= limit`; one that
    /// reserves nothing, if `spent + reserved < limit`.
    async fn reserve(&self, claims: Arc<[Claim]>, now: Timestamp) -> Result<Reservation, Refused>;
    /// Books what was used, in the span of `now`, and gives the rest back. Does not wait.
    fn settle(&self, reservation: Reservation, settlement: Settlement, now: Timestamp);
    /// What a bucket stands at.
    async fn standing(&self, claim: &Claim, now: Timestamp) -> Standing;
    /// Sets a bucket back to nothing spent. Durable when it returns.
    async fn reset(&self, claim: &Claim, now: Timestamp) -> StoreResult<()>;
    /// The purse of an account, as of now. Does not wait for a disk.
    async fn purse(&self, account: &AccountId) -> Purse;
    /// Adds a line to the credit journal; durable and in force when it returns. False when a line of
    /// that id is there already. Not for [`CreditKind::Usage`].
    async fn credit(&self, entry: CreditEntry) -> StoreResult<bool>;
    /// Lines of the credit journal; what was settled before the call is among them.
    async fn journal(&self, query: &CreditQuery) -> StoreResult<CreditPage>;
    /// Sums over the lines of [`CreditKind::Usage`], by time and then by target; what was settled
    /// before the call is in them. Groups without lines are left out.
    async fn credit_sums(&self, query: &CreditSumQuery) -> StoreResult<Vec<CreditSum>> {
        sums::read(self, query).await
    }
    /// Makes everything durable and closes.
    async fn close(&self) -> StoreResult<()>;
}
