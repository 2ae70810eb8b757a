//! What calls may spend: everything that asks the ledger (spec: data-plane 10.3, 11; observability
//! 7.3, 8).
//!
//! A call *claims* what it may use before it is sent: of the policies, spend limits and budgets that
//! hold for it all at once or nothing ([`admit`]), then, if the operator's key pays, of the account's
//! credits ([`credits`]). What was claimed is kept in its [`Spend`] and settled when it is known what
//! the call used, in `finish`; each try claims and settles its own. A gateway without controls, a
//! token without budgets and a key that is not the operator's cost nothing here.
//!
//! In compatible mode a claim in dollars only asks whether anything is left, and the cost is booked
//! when it is known. In strict mode the worst case is set apart ([`worst`]), so that nothing
//! overshoots. Tokens are always set apart as estimated, and a request is one.

mod admit;
mod budgets;
mod claims;
pub(crate) mod credits;
mod demand;
pub(crate) mod guess;
mod policies;
mod rules;
mod settle;
pub(crate) mod stop;
mod target;
pub(crate) mod threshold;
mod worst;

#[cfg(test)]
mod tests;

pub use self::credits::Billing;

pub(crate) use self::admit::{admit, claim_again, enter};
pub(crate) use self::claims::{Claims, Spend};
pub(crate) use self::credits::TopUps;
pub(crate) use self::demand::{Demand, Of, Unit};
pub(crate) use self::policies::Exceeded;
pub(crate) use self::settle::{Outcome, settle};
pub(crate) use self::target::Target;
pub(crate) use self::threshold::Thresholds;

use crate::exchange::Facts;

/// Whose limits hold for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of them.
    #[default]
    Gateway,
    /// Not those of the gateway, which it goes past.
    Account,
    /// It serves another call, whose limits of what is spent hold for it, too; that one has been let
    /// in, and counts as the request.
    Beside,
    /// Nobody asked for it. Only credits pay for it.
    Nobody,
}

/// Whether what the body says decides on what a call may spend, so that it has to be there first.
pub(crate) fn weighs(facts: &Facts) -> bool {
    let token = facts.caller.token.as_ref();
    facts.snapshot.controls(&facts.gateway).is_some()
        || token.is_some_and(|token| !token.budgets.is_empty() || token.models.is_some())
}
