//! What a call has claimed, and what it holds.

use std::sync::Arc;

use weir_core::ledger::{Claim, Ledger, Refused, Reservation};
use weir_core::trail::BudgetTrail;
use weir_core::{Error, Timestamp};

use super::demand::{Demand, Of};
use super::target::Target;
use crate::exchange::Facts;
use crate::plane::Shared;

/// What is claimed together: all of it, or nothing.
#[derive(Debug)]
pub(crate) struct Claims {
    demands: Vec<Demand>,
    /// The same in the ledger's words.
    claims: Arc<[Claim]>,
    target: Target,
}

/// What one try of a call may spend.
#[derive(Debug, Default)]
pub(crate) struct Spend {
    /// What every try of the call claims.
    asked: Vec<Arc<Claims>>,
    /// What this one holds, not settled yet.
    pub(super) held: Vec<Held>,
    /// Cost limits of a route on the way here, which are not claimed yet.
    pub(crate) gates: Vec<Demand>,
    /// Budgets that warn, for a header and the row.
    pub(crate) warnings: Vec<BudgetTrail>,
    /// When what refused the call may have room again.
    pub(crate) refused_until: Option<Timestamp>,
}

/// Claims that were granted.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) claims: Arc<Claims>,
    pub(super) reservation: Reservation,
}

impl Claims {
    pub(crate) fn new(demands: Vec<Demand>, target: Target) -> Arc<Self> {
        let claims = demands.iter().map(|demand| demand.claim).collect();
        Arc::new(Self { demands, claims, target })
    }

    pub(crate) fn demands(&self) -> &[Demand] {
        &self.demands
    }

    pub(super) const fn target(&self) -> &Target {
        &self.target
    }

    /// Whether it is about the account's credits.
    pub(super) fn is_credits(&self) -> bool {
        self.demands.iter().any(|demand| matches!(demand.of, Of::Credits))
    }

    /// Asks a ledger.
    pub(crate) async fn reserve(
        &self,
        ledger: &dyn Ledger,
        now: Timestamp,
    ) -> Result<Reservation, Refused> {
        ledger.reserve(Arc::clone(&self.claims), now).await
    }

    /// The error of a call that was refused.
    pub(crate) fn refusal(&self, refused: &Refused) -> Error {
        let demand = self.demands.get(refused.claim);
        demand.map_or_else(
            || Error::new(weir_core::Kind::Internal, "The ledger refused what was not asked"),
            |demand| demand.refusal(&refused.standing, &self.target),
        )
    }
}

impl Spend {
    /// What the next try of the call begins with: the same claims, of which it holds nothing yet.
    pub(crate) fn of_next_try(&self) -> Self {
        Self { asked: self.asked.clone(), gates: self.gates.clone(), ..Self::default() }
    }

    /// Takes over what was granted before the call knew of it; later tries claim the same.
    pub(crate) fn take_over(&mut self, claims: Arc<Claims>, reservation: Reservation) {
        self.asked.push(Arc::clone(&claims));
        self.held.push(Held { claims, reservation });
    }

    /// Everything that tries of the call claim.
    pub(super) fn asked(&self) -> &[Arc<Claims>] {
        &self.asked
    }
}

/// Claims for a call, and notes in its trail what came of it.
///
/// # Errors
/// When there is no room: `Kind::SpendLimited`, `Kind::PolicySpent` or `Kind::OutOfCredits`.
pub(super) async fn claim(
    shared: &Shared,
    facts: &mut Facts,
    claims: Arc<Claims>,
) -> Result<(), Error> {
    match claims.reserve(&*shared.ledger, shared.clock.now()).await {
        Ok(reservation) => {
            let granted = claims.demands.iter().zip(reservation.standings());
            if facts.is_told() {
                let trails = granted.clone().map(|(demand, standing)| demand.trail(standing, true));
                facts.trail.limits.extend(trails);
            }
            for (demand, standing) in granted {
                shared.thresholds.look(shared, facts, demand, standing);
            }
            facts.trace.spend.take_over(claims, reservation);
            Ok(())
        }
        Err(refused) => {
            if let Some(demand) = claims.demands.get(refused.claim) {
                if facts.is_told() {
                    facts.trail.limits.push(demand.trail(&refused.standing, false));
                }
                shared.thresholds.look(shared, facts, demand, &refused.standing);
            }
            facts.trace.spend.refused_until = refused.standing.resets_at;
            Err(claims.refusal(&refused))
        }
    }
}

/// Claims once more what an earlier try of the call claimed.
pub(super) async fn claim_all(shared: &Shared, facts: &mut Facts) -> Result<(), Error> {
    let asked = std::mem::take(&mut facts.trace.spend.asked);
    for claims in asked {
        claim(shared, facts, claims).await?;
    }
    Ok(())
}
