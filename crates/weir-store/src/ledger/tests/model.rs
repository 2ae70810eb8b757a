//! The plainest ledger there is: a list of everything that was spent, and of everything that is set
//! apart. Nothing is forgotten, and each question goes through the whole list.

use weir_core::Timestamp;
use weir_core::counters::{CounterKey, Window};
use weir_core::ledger::{Claim, Measure, Span, credit_key};
use weir_core::policy::Period;
use weir_core::route::Technique;

/// Whose credits.
pub(super) const ACCOUNT: &str = "account";

/// The place of the bucket of credits among [`buckets`].
pub(super) const CREDITS: usize = 6;

/// Buckets of every kind, with their limits; claims of a test are on these.
pub(super) fn buckets() -> Vec<Claim> {
    let window = |technique| Span::Window(Window { seconds: 10, technique });
    let kinds = [
        (window(Technique::Fixed), Measure::Sum, 40),
        (window(Technique::Sliding), Measure::Sum, 50),
        (Span::Calendar(Period::Hourly), Measure::Sum, 90),
        (Span::Calendar(Period::Monthly), Measure::Sum, 200),
        (Span::Forever, Measure::Sum, 300),
        (Span::Forever, Measure::Elapsed, 60_000),
    ];
    let claim = |(place, (span, measure, limit))| {
        let key = CounterKey::of(&[b"model", &[place]]);
        Claim { key, span, measure, limit, amount: 0 }
    };
    let mut buckets: Vec<Claim> = (0..).zip(kinds).map(claim).collect();
    let key = credit_key(&ACCOUNT.into());
    let (span, measure) = (Span::Forever, Measure::Sum);
    buckets.push(Claim { key, span, measure, limit: 0, amount: 0 });
    buckets
}

/// What is set apart by one call.
#[derive(Clone, Debug)]
pub(super) struct Apart {
    pub(super) claims: Vec<(usize, u64)>,
    /// When it is given back without being asked for, if its maker is gone.
    pub(super) until: Option<i64>,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) buckets: Vec<Claim>,
    /// Bucket, moment, amount.
    spent: Vec<(usize, i64, u64)>,
    /// Since when time passes over a bucket.
    begun: Option<i64>,
    pub(super) apart: Vec<(u64, Apart)>,
    pub(super) granted: i64,
    pub(super) used: i64,
    next: u64,
}

impl Model {
    pub(super) fn new() -> Self {
        Self { buckets: buckets(), ..Self::default() }
    }

    pub(super) fn limit(&self, bucket: usize) -> u64 {
        if bucket == CREDITS {
            return u64::try_from(self.granted).unwrap_or(0);
        }
        self.buckets[bucket].limit
    }

    fn between(&self, bucket: usize, from: i64, to: i64) -> u64 {
        let there =
            |(other, at, _): &&(usize, i64, u64)| *other == bucket && (from..to).contains(at);
        self.spent.iter().filter(there).map(|(_, _, amount)| amount).sum()
    }

    pub(super) fn spent(&self, bucket: usize, now: i64) -> u64 {
        let claim = &self.buckets[bucket];
        if claim.measure == Measure::Elapsed {
            return self.begun.map_or(0, |begun| u64::try_from(now - begun).unwrap());
        }
        match claim.span {
            Span::Forever => self.between(bucket, 0, i64::MAX),
            Span::Calendar(period) => {
                let (from, to) = period.around(Timestamp::from_millis(now));
                self.between(bucket, from.as_millis(), to.as_millis())
            }
            Span::Window(window) => {
                let length = i64::try_from(window.seconds).unwrap() * 1000;
                let start = now - now % length;
                let current = self.between(bucket, start, start + length);
                if window.technique == Technique::Fixed {
                    return current;
                }
                let previous = self.between(bucket, start - length, start);
                let left = u64::try_from(start + length - now).unwrap();
                current + (previous * left).div_ceil(u64::try_from(length).unwrap())
            }
        }
    }

    pub(super) fn reserved(&self, bucket: usize, now: i64) -> u64 {
        let open = self.apart.iter().filter(|(_, apart)| apart.until.is_none_or(|end| now < end));
        let claims = open.flat_map(|(_, apart)| apart.claims.iter());
        claims.filter(|(other, _)| *other == bucket).map(|(_, amount)| amount).sum()
    }

    /// The number under which it is set apart, or the place of the claim that has no room.
    pub(super) fn reserve(&mut self, claims: &[(usize, u64)], now: i64) -> Result<u64, usize> {
        for (place, &(bucket, amount)) in claims.iter().enumerate() {
            let before = claims[..place].iter().filter(|(other, _)| *other == bucket);
            let asked: u64 = before.map(|(_, amount)| amount).sum();
            let taken = self.spent(bucket, now) + self.reserved(bucket, now) + asked;
            let limit = self.limit(bucket);
            let fits = if amount == 0 { taken < limit } else { taken + amount <= limit };
            if !fits {
                return Err(place);
            }
        }
        if claims.iter().any(|(bucket, _)| self.buckets[*bucket].measure == Measure::Elapsed) {
            self.begun.get_or_insert(now);
        }
        self.next += 1;
        self.apart.push((self.next, Apart { claims: claims.to_vec(), until: None }));
        Ok(self.next)
    }

    /// Takes what was set apart away.
    pub(super) fn close(&mut self, number: u64) {
        self.apart.retain(|(other, _)| *other != number);
    }

    /// Forgets what was spent of a bucket.
    pub(super) fn reset(&mut self, bucket: usize) {
        self.spent.retain(|(other, _, _)| *other != bucket);
        if self.buckets[bucket].measure == Measure::Elapsed {
            self.begun = None;
        }
    }

    pub(super) fn spend(&mut self, bucket: usize, amount: u64, now: i64) {
        self.spent.push((bucket, now, amount));
    }
}
