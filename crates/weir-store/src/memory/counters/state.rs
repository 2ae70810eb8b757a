//! One counter: which of the three ways of counting it goes by, and what they have in common.

use weir_core::counters::{Draw, Drawn, Level};
use weir_core::route::Technique;

use super::buckets::Buckets;
use super::fixed::Fixed;
use super::log::Log;
use super::span::{Span, timestamp};

/// Largest limit of a sliding window that is counted exactly (spec: data-plane 6).
const EXACT: u64 = 10_000;

/// What a counter holds.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// Windows by the clock.
    Fixed(Fixed),
    /// Sliding, exact.
    Log(Log),
    /// Sliding, approximate.
    Buckets(Buckets),
}

impl State {
    /// A counter that stands at nothing.
    pub(super) fn new(span: Span, limit: u64) -> Self {
        match span.technique {
            Technique::Fixed => Self::Fixed(Fixed::default()),
            Technique::Sliding if limit <= EXACT => Self::Log(Log::default()),
            Technique::Sliding => Self::Buckets(Buckets::default()),
        }
    }

    /// Takes the amount, if there is room.
    pub(super) fn draw(&mut self, span: Span, draw: &Draw, now: u64) -> Drawn {
        let now = self.roll(span, now);
        self.settle(span, draw.limit, now);
        let before = self.used(span, now);
        if before.checked_add(draw.amount).is_none_or(|after| after > draw.limit) {
            return Drawn::Full(self.full(span, draw, now));
        }
        match self {
            Self::Fixed(fixed) => fixed.add(draw.amount),
            Self::Log(log) => log.add(draw.amount),
            Self::Buckets(buckets) => buckets.add(draw.amount),
        }
        Drawn::Taken(self.level_at(span, now))
    }

    /// Adds or takes back what was drawn at `at`.
    pub(super) fn correct(&mut self, span: Span, at: u64, now: u64, difference: i64) {
        self.roll(span, now);
        match self {
            Self::Fixed(fixed) => fixed.correct(span, at, difference),
            Self::Log(log) => log.correct(span, at, difference),
            Self::Buckets(buckets) => buckets.correct(span, at, difference),
        }
    }

    /// What it stands at.
    pub(super) fn level(&mut self, span: Span, now: u64) -> Level {
        let now = self.roll(span, now);
        self.level_at(span, now)
    }

    /// Whether nothing is lost when it is forgotten.
    pub(super) fn is_idle(&mut self, span: Span, now: u64) -> bool {
        self.roll(span, now);
        match self {
            Self::Fixed(fixed) => fixed.used() == 0,
            Self::Log(log) => log.used() == 0,
            Self::Buckets(buckets) => buckets.is_empty(),
        }
    }

    /// Moves on to `now`; returns the moment that counts as the present.
    fn roll(&mut self, span: Span, now: u64) -> u64 {
        match self {
            Self::Fixed(fixed) => {
                fixed.roll(span, now);
                now
            }
            Self::Log(log) => log.roll(span, now),
            Self::Buckets(buckets) => buckets.roll(span, now),
        }
    }

    /// Goes by the way of counting that suits the limit, which an operator may have changed. Nothing
    /// that was used is forgotten: buckets become a log once they are empty.
    fn settle(&mut self, span: Span, limit: u64, now: u64) {
        match self {
            Self::Log(log) if limit > EXACT => {
                *self = Self::Buckets(Buckets::from_log(log, span, now));
            }
            Self::Buckets(buckets) if limit <= EXACT && buckets.is_empty() => {
                *self = Self::Log(Log::beginning(now));
            }
            _ => {}
        }
    }

    fn used(&self, span: Span, now: u64) -> u64 {
        match self {
            Self::Fixed(fixed) => fixed.used(),
            Self::Log(log) => log.used(),
            Self::Buckets(buckets) => buckets.used(span, now),
        }
    }

    fn level_at(&self, span: Span, now: u64) -> Level {
        let resets_at = match self {
            Self::Fixed(fixed) => fixed.ends(span),
            Self::Log(log) => log.oldest_leaves(span).unwrap_or(now),
            Self::Buckets(buckets) => buckets.ends(span),
        };
        Level { used: self.used(span, now), resets_at: timestamp(resets_at) }
    }

    /// The level when there was no room. What exceeds the limit by itself never fits: then a whole
    /// window is named, so that nobody comes again at once.
    fn full(&self, span: Span, draw: &Draw, now: u64) -> Level {
        let resets_at = match (self, draw.limit.checked_sub(draw.amount)) {
            (Self::Fixed(fixed), _) => fixed.ends(span),
            (_, None) => now.saturating_add(span.millis),
            (Self::Log(log), _) => {
                log.oldest_leaves(span).unwrap_or(now.saturating_add(span.millis))
            }
            (Self::Buckets(buckets), Some(room)) => buckets.falls_to(span, now, room),
        };
        Level { used: self.used(span, now), resets_at: timestamp(resets_at) }
    }
}
