//! Random stories, told to the ledgers and to the model.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use weir_core::ledger::{
    Claim, CreditEntry, CreditKind, CreditQuery, CreditUse, Ledger, Measure, Reservation,
    Settlement,
};
use weir_core::{Clock, Cost, Timestamp};

use super::model::{ACCOUNT, CREDITS, Model, buckets};
use crate::memory::MemoryLedger;
use crate::sqlite::SqliteLedger;

/// How long reservations outlive their makers, in milliseconds.
const LEASE: i64 = 20_000;

/// Not the beginning of anything.
const BEGINNING: i64 = 1_795_206_896_040;

/// A step of a story.
#[derive(Clone, Debug)]
enum Step {
    /// Time goes on by so many milliseconds.
    Wait(u32),
    /// Buckets and amounts.
    Reserve(Vec<(usize, u64)>),
    /// The open call so many from the first ends, having used so much of each claim.
    Settle {
        call: usize,
        used: Vec<u64>,
    },
    /// It ends without having been made.
    Drop(usize),
    /// Credits are granted or corrected.
    Credit(i64),
    Sweep,
    /// A bucket is set back.
    Reset(usize),
    /// The process is killed when everything is written, and another one starts.
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let amount = prop_oneof![2 => Just(0_u64), 6 => 1..25_u64, 1 => 25..400_u64];
    let claims = proptest::collection::vec((0..buckets().len(), amount), 0..5);
    let used = proptest::collection::vec(0..30_u64, 5);
    prop_oneof![
        6 => prop_oneof![4 => 0..3_000_u32, 2 => 3_000..30_000_u32, 1 => 0..4_000_000_u32]
            .prop_map(Step::Wait),
        12 => claims.prop_map(Step::Reserve),
        8 => (0..8_usize, used).prop_map(|(call, used)| Step::Settle { call, used }),
        3 => (0..8_usize).prop_map(Step::Drop),
        2 => (-60..300_i64).prop_map(Step::Credit),
        1 => Just(Step::Sweep),
        1 => Just(Step::Crash),
        // In the end every limit that lasts for good is used up; this lets stories go on.
        1 => (0..CREDITS).prop_map(Step::Reset),
    ]
}

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// What a story is told to.
enum Subject {
    Memory(MemoryLedger),
    File { path: PathBuf, clock: Arc<HandClock>, ledger: SqliteLedger },
}

fn open(path: &Path, clock: &Arc<HandClock>) -> SqliteLedger {
    let lease = Duration::from_millis(LEASE.unsigned_abs());
    SqliteLedger::open(path, lease, Arc::clone(clock) as Arc<dyn Clock>).unwrap()
}

impl Subject {
    fn ledger(&self) -> &dyn Ledger {
        match self {
            Self::Memory(ledger) => ledger,
            Self::File { ledger, .. } => ledger,
        }
    }

    fn sweep(&self, now: i64) {
        let now = Timestamp::from_millis(now);
        match self {
            Self::Memory(ledger) => ledger.sweep(now),
            Self::File { ledger, .. } => ledger.sweep(now),
        }
    }

    fn set_clock(&self, now: i64) {
        if let Self::File { clock, .. } = self {
            clock.0.store(now, Ordering::Relaxed);
        }
    }

    /// Kills it once everything is written, and starts another. The end of the lease of what was
    /// open, if that can be.
    async fn crash(&mut self) -> Option<i64> {
        let Self::File { path, clock, ledger } = self else { return None };
        ledger.flush().await.unwrap();
        ledger.crash();
        let file = rusqlite::Connection::open(&*path).unwrap();
        let seen: Option<i64> =
            file.query_row("SELECT max(seen_at) FROM owners", [], |row| row.get(0)).unwrap();
        drop(file);
        *ledger = open(path, clock);
        Some(seen.unwrap_or_default() + LEASE)
    }
}

struct Story {
    subject: Subject,
    model: Model,
    now: i64,
    /// Calls that are open, with their numbers in the model.
    calls: Vec<(u64, Reservation)>,
    credits: u64,
}

impl Story {
    fn claims(&self, claims: &[(usize, u64)]) -> Arc<[Claim]> {
        let limit = |bucket| self.model.limit(bucket);
        let claim = |&(bucket, amount): &(usize, u64)| Claim {
            limit: limit(bucket),
            amount,
            ..self.model.buckets[bucket]
        };
        claims.iter().map(claim).collect()
    }

    fn moment(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    async fn tell(&mut self, step: &Step) {
        match step {
            Step::Wait(millis) => {
                self.now += i64::from(*millis);
                self.subject.set_clock(self.now);
            }
            Step::Reserve(claims) => self.reserve(claims).await,
            Step::Settle { call, used } => self.settle(*call, used),
            Step::Drop(call) => {
                if *call < self.calls.len() {
                    let (number, reservation) = self.calls.remove(*call);
                    self.model.close(number);
                    drop(reservation);
                }
            }
            Step::Credit(amount) => {
                self.credits += 1;
                let entry = CreditEntry {
                    id: format!("line {}", self.credits).into(),
                    account: ACCOUNT.into(),
                    at: self.moment(),
                    kind: if *amount < 0 { CreditKind::Adjustment } else { CreditKind::Grant },
                    amount: Cost::from_pico(*amount),
                    fee: Cost::ZERO,
                    note: None,
                    usage: None,
                };
                assert!(self.subject.ledger().credit(entry.clone()).await.unwrap());
                assert!(!self.subject.ledger().credit(entry).await.unwrap(), "it is there already");
                self.model.granted += amount;
            }
            Step::Sweep => self.subject.sweep(self.now),
            Step::Reset(bucket) => {
                let claim = self.model.buckets[*bucket];
                self.subject.ledger().reset(&claim, self.moment()).await.unwrap();
                self.model.reset(*bucket);
            }
            Step::Crash => {
                if let Some(ends) = self.subject.crash().await {
                    for (number, reservation) in self.calls.drain(..) {
                        // The books it belongs to are gone.
                        drop(reservation);
                        let open = self.model.apart.iter_mut().find(|(other, _)| *other == number);
                        open.unwrap().1.until = Some(ends);
                    }
                }
            }
        }
    }

    async fn reserve(&mut self, claims: &[(usize, u64)]) {
        let asked = self.claims(claims);
        let before: Vec<(u64, u64)> = claims
            .iter()
            .map(|(bucket, _)| {
                (self.model.spent(*bucket, self.now), self.model.reserved(*bucket, self.now))
            })
            .collect();
        let wanted = self.model.reserve(claims, self.now);
        match self.subject.ledger().reserve(asked, self.moment()).await {
            Ok(reservation) => {
                let stood = reservation.standings().iter();
                let stood: Vec<_> = stood.map(|is| (is.spent, is.reserved)).collect();
                assert_eq!(stood, before);
                let number = wanted.expect("the model has no room");
                for &(bucket, amount) in claims {
                    let taken =
                        self.model.spent(bucket, self.now) + self.model.reserved(bucket, self.now);
                    assert!(amount == 0 || taken <= self.model.limit(bucket), "the invariant");
                }
                self.calls.push((number, reservation));
            }
            Err(refused) => assert_eq!(Err(refused.claim), wanted),
        }
    }

    fn settle(&mut self, call: usize, used: &[u64]) {
        if call >= self.calls.len() {
            return;
        }
        let (number, reservation) = self.calls.remove(call);
        let (_, apart) = self.model.apart.iter().find(|(other, _)| *other == number).unwrap();
        let claims = apart.claims.clone();
        self.model.close(number);
        let mut credit = None;
        for (place, (bucket, _)) in claims.iter().enumerate() {
            if *bucket == CREDITS && credit.is_none() {
                credit = Some(used[place]);
                self.model.used += i64::try_from(used[place]).unwrap();
                self.model.spend(CREDITS, used[place], self.now);
            } else if *bucket != CREDITS && self.model.buckets[*bucket].measure == Measure::Sum {
                self.model.spend(*bucket, used[place], self.now);
            }
        }
        let credit = credit.map(|amount| CreditUse {
            account: ACCOUNT.into(),
            gateway: "gateway".into(),
            provider: "provider".into(),
            model: format!("model {}", amount % 3).into(),
            cost: Cost::from_pico(1),
            amount: Cost::from_pico(i64::try_from(amount).unwrap()),
        });
        let settlement = Settlement { spent: used[..claims.len()].to_vec(), credit };
        self.subject.ledger().settle(reservation, settlement, self.moment());
    }

    /// Everything stands where the model has it.
    async fn compare(&self) {
        for (bucket, claim) in self.model.buckets.iter().enumerate() {
            let standing = self.subject.ledger().standing(claim, self.moment()).await;
            let found = (standing.spent, standing.reserved);
            let wanted =
                (self.model.spent(bucket, self.now), self.model.reserved(bucket, self.now));
            assert_eq!(found, wanted, "spent and reserved of {bucket}");
        }
        let purse = self.subject.ledger().purse(&ACCOUNT.into()).await;
        let found = (purse.granted.pico(), purse.used.pico());
        assert_eq!(found, (self.model.granted, self.model.used), "the purse");
    }

    async fn end(&mut self) {
        let query = CreditQuery {
            account: ACCOUNT.into(),
            kinds: Vec::new(),
            from: None,
            to: None,
            ascending: true,
            offset: 0,
            limit: u32::MAX,
        };
        let page = self.subject.ledger().journal(&query).await.unwrap();
        let sum: i64 = page.entries.iter().map(|entry| entry.amount.pico()).sum();
        assert_eq!(sum, self.model.granted - self.model.used, "the journal adds up");
        // Nothing stays set apart: neither by calls that end nor by processes that are gone.
        self.calls.clear();
        self.now += LEASE;
        self.subject.sweep(self.now);
        for claim in &self.model.buckets {
            let standing = self.subject.ledger().standing(claim, self.moment()).await;
            assert_eq!(standing.reserved, 0, "{claim:?}");
        }
    }
}

fn told(runtime: &tokio::runtime::Runtime, subject: Subject, steps: &[Step]) {
    runtime.block_on(async {
        let model = Model::new();
        let mut story = Story { subject, model, now: BEGINNING, calls: Vec::new(), credits: 0 };
        for step in steps {
            story.tell(step).await;
            story.compare().await;
        }
        story.end().await;
    });
}

fn told_to_a_file(steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let clock = Arc::new(HandClock(AtomicI64::new(BEGINNING)));
    let _inside = runtime.enter();
    let ledger = open(&path, &clock);
    told(&runtime, Subject::File { path, clock, ledger }, steps);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_memory_does_what_the_list_does(steps in proptest::collection::vec(step(), 1..150)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        told(&runtime, Subject::Memory(MemoryLedger::default()), &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_file_does_what_the_list_does(steps in proptest::collection::vec(step(), 1..150)) {
        told_to_a_file(&steps);
    }
}
