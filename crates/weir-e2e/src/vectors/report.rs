//! What came of the vectors.

use std::collections::BTreeMap;
use std::fmt;

/// What came of one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything it expects holds.
    Passed,
    /// What does not hold, each on a line of its own in the same breath.
    Failed(Vec<String>),
    /// Why it cannot be run yet.
    Pending(String),
}

/// What came of all of them, in the order of the file. Its text is for people and scripts: a line
/// for each failure, then what is pending by reason, and `N passed, N failed` last.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Id, area and outcome.
    pub results: Vec<(String, String, Outcome)>,
}

impl Report {
    /// How many passed.
    pub fn passed(&self) -> usize {
        self.results.iter().filter(|(_, _, outcome)| *outcome == Outcome::Passed).count()
    }

    /// How many failed.
    pub fn failed(&self) -> usize {
        let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed(_));
        self.results.iter().filter(|(_, _, outcome)| failed(outcome)).count()
    }

    /// Ids of what is pending, by reason.
    pub fn pending(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (id, _, outcome) in &self.results {
            if let Outcome::Pending(reason) = outcome {
                reasons.entry(reason).or_default().push(id);
            }
        }
        reasons
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, area, outcome) in &self.results {
            if let Outcome::Failed(differences) = outcome {
                writeln!(f, "FAIL {id} ({area}): {}", differences.join("; "))?;
            }
        }
        for (reason, ids) in self.pending() {
            writeln!(f, "PENDING {} because {reason}: {}", ids.len(), ids.join(" "))?;
        }
        write!(f, "{} passed, {} failed", self.passed(), self.failed())
    }
}
