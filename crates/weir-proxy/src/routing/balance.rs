//! The choice among the targets of a balanced element.
//!
//! Targets that the breaker leaves alone are left out. When it leaves all of them alone, the one
//! whose cooldown ends first is tried: with nowhere else to go, a bad chance is better than none.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use weir_core::route::{BalanceStrategy, RouteTarget};

use super::breaker::Standing;

/// The part of the calls that the latency strategy spends on targets it knows too little about.
const EXPLORED: f64 = 0.05;
/// A target that no call went to for so long may have changed.
pub(crate) const STALE: Duration = Duration::from_secs(30);

/// One of the targets, with what is known of it.
#[derive(Debug)]
pub(crate) struct Candidate<'a> {
    pub(crate) target: &'a RouteTarget,
    pub(crate) weight: u32,
    pub(crate) standing: Standing,
    /// Calls under way.
    pub(crate) under_way: u32,
    /// Mean time to first byte.
    pub(crate) mean: Option<Duration>,
    /// No call went to it for [`STALE`].
    pub(crate) stale: bool,
}

/// What was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Place among the candidates.
    pub(crate) index: usize,
    /// The breaker leaves it alone, like all others.
    pub(crate) forced: bool,
    /// One line for the log.
    pub(crate) reason: String,
}

/// Chooses one of `candidates`; none only when there are none. `draw` is a random number from 0 up
/// to, not including, 1.
pub(crate) fn choose(
    strategy: BalanceStrategy,
    candidates: &[Candidate<'_>],
    draw: f64,
) -> Option<Choice> {
    let is_ready = |index: &usize| {
        candidates.get(*index).is_some_and(|candidate| candidate.standing == Standing::Ready)
    };
    let ready: Vec<usize> = (0..candidates.len()).filter(is_ready).collect();
    if ready.is_empty() {
        return first_to_return(candidates);
    }
    let field = Field { candidates, ready };
    let (index, because) = match strategy {
        BalanceStrategy::Weights => field.by_weights(draw)?,
        BalanceStrategy::Latency => field.by_latency(draw)?,
        BalanceStrategy::Busy => field.by_load(draw)?,
    };
    let word = match strategy {
        BalanceStrategy::Weights => "weights",
        BalanceStrategy::Latency => "latency",
        BalanceStrategy::Busy => "busy",
    };
    let mut reason =
        format!("{word}: chose {} of {}", name(candidates.get(index)?), candidates.len());
    let _ = write!(reason, ": {because}");
    let left_out = candidates.len() - field.ready.len();
    if left_out > 0 {
        let _ = write!(reason, "; {left_out} left out by breakers");
    }
    Some(Choice { index, forced: false, reason })
}

/// The one whose cooldown ends first. One that is probed just now is somebody's chance already, so
/// it comes last.
fn first_to_return(candidates: &[Candidate<'_>]) -> Option<Choice> {
    let ends = |candidate: &Candidate<'_>| match candidate.standing {
        Standing::Open { until } => (false, Some(until)),
        Standing::Ready | Standing::Probing => (true, None::<Instant>),
    };
    let (index, chosen) = candidates.iter().enumerate().min_by_key(|(_, other)| ends(other))?;
    let reason = format!(
        "breakers leave all {} alone: tried {}, the first to return",
        candidates.len(),
        name(chosen)
    );
    Some(Choice { index, forced: true, reason })
}

/// The candidates that may be chosen, of which there is at least one.
struct Field<'a> {
    candidates: &'a [Candidate<'a>],
    /// Their places.
    ready: Vec<usize>,
}

impl<'a> Field<'a> {
    fn of<'s>(
        &'s self,
        places: &'s [usize],
    ) -> impl Iterator<Item = (usize, &'a Candidate<'a>)> + 's {
        places.iter().filter_map(|index| Some((*index, self.candidates.get(*index)?)))
    }

    fn by_weights(&self, draw: f64) -> Option<(usize, String)> {
        let (index, weight, total) = self.draw(&self.ready, draw)?;
        Some((index, format!("weight {weight} of {total}")))
    }

    fn by_latency(&self, draw: f64) -> Option<(usize, String)> {
        let unknown: Vec<usize> = self
            .of(&self.ready)
            .filter(|(_, candidate)| candidate.mean.is_none() || candidate.stale)
            .map(|(index, _)| index)
            .collect();
        let known = self.of(&self.ready).filter_map(|(index, other)| Some((other.mean?, index)));
        let Some((mean, fastest)) = known.min() else {
            let (index, ..) = self.draw(&self.ready, draw)?;
            return Some((index, "none is known yet".to_owned()));
        };
        if draw < EXPLORED
            && let Some((index, ..)) = self.draw(&unknown, draw / EXPLORED)
            && index != fastest
        {
            return Some((index, "to learn how fast it is".to_owned()));
        }
        let others = self.others(fastest, |other| match other.mean {
            Some(mean) => format!("{} ms", mean.as_millis()),
            None => "unknown".to_owned(),
        });
        Some((fastest, format!("{} ms to its first byte{others}", mean.as_millis())))
    }

    fn by_load(&self, draw: f64) -> Option<(usize, String)> {
        // Calls for each unit of weight, compared as fractions without dividing.
        let busier = |a: &Candidate<'_>, b: &Candidate<'_>| {
            let calls = |candidate: &Candidate<'_>| u64::from(candidate.under_way);
            (calls(a) * weight(b)).cmp(&(calls(b) * weight(a)))
        };
        let (_, least) = self.of(&self.ready).min_by(|(_, a), (_, b)| busier(a, b))?;
        let idlest: Vec<usize> = self
            .of(&self.ready)
            .filter(|(_, candidate)| busier(candidate, least).is_eq())
            .map(|(index, _)| index)
            .collect();
        let (index, ..) = self.draw(&idlest, draw)?;
        let others = self.others(index, |other| other.under_way.to_string());
        let under_way = self.candidates.get(index)?.under_way;
        Some((index, format!("{under_way} under way{others}")))
    }

    /// One of these places by chance, each by its weight: place, its weight, and that of all.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float becomes the whole number below it in range, and that is meant"
    )]
    fn draw(&self, places: &[usize], draw: f64) -> Option<(usize, u64, u64)> {
        let total: u64 = self.of(places).map(|(_, candidate)| weight(candidate)).sum();
        let drawn = (draw.clamp(0.0, 1.0) * total as f64) as u64;
        let mut rest = drawn.min(total.checked_sub(1)?);
        for (index, candidate) in self.of(places) {
            let own = weight(candidate);
            match rest.checked_sub(own) {
                Some(less) => rest = less,
                None => return Some((index, own, total)),
            }
        }
        None
    }

    /// What stands against the chosen one: `, others 4, 5`.
    fn others(&self, chosen: usize, tell: impl Fn(&Candidate<'_>) -> String) -> String {
        let others = self.of(&self.ready).filter(|(index, _)| *index != chosen);
        let told: Vec<String> = others.map(|(_, other)| tell(other)).collect();
        if told.is_empty() { String::new() } else { format!(", others {}", told.join(", ")) }
    }
}

/// Never zero, so that there is always something to share.
fn weight(candidate: &Candidate<'_>) -> u64 {
    u64::from(candidate.weight.max(1))
}

fn name(candidate: &Candidate<'_>) -> String {
    format!("{}/{}", candidate.target.provider, candidate.target.model)
}

#[cfg(test)]
mod tests;
