//! Everything that limits what the calls of a gateway may spend, arranged for reading.

use std::sync::Arc;

use crate::budget::Budget;
use crate::config::Configuration;
use crate::cost::Cost;
use crate::gateway::Gateway;
use crate::policy::{Policy, Rule};
use crate::spend::{MissingDimension, SpendMode, SpendRule};

/// The limits of one gateway, read once for each state of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Controls {
    /// Spend limits in force.
    pub spend: Vec<SpendRule>,
    /// How limits in dollars are kept.
    pub mode: SpendMode,
    /// Pico-dollars that strict limits set apart for a call whose price or size is not known.
    pub ceiling: Option<u64>,
    /// What becomes of calls that lack a label.
    pub missing: MissingDimension,
    /// Policies in force.
    pub policies: Vec<Rule>,
    /// Budgets in force: the account's, and those of this gateway alone.
    pub budgets: Vec<Arc<Budget>>,
}

impl Controls {
    /// The controls of a gateway.
    pub fn of(gateway: &Gateway, configuration: &Configuration) -> Self {
        let settings = &gateway.settings;
        let committed = |policy: &Arc<Policy>| {
            let body = policy.committed.as_ref()?;
            Rule::read(Arc::clone(&policy.id), body).ok()
        };
        let applies = |budget: &&Arc<Budget>| {
            budget.enabled && budget.gateway_id.as_ref().is_none_or(|id| *id == gateway.id)
        };
        Self {
            spend: SpendRule::enabled(settings.spend_limits.as_ref()),
            mode: settings.spend_mode,
            ceiling: settings.spend_ceiling.map(Cost::pico_of_dollars),
            missing: settings.spend_missing,
            policies: configuration.of_gateway(gateway).filter_map(committed).collect(),
            budgets: configuration.of(&gateway.account_id).filter(applies).cloned().collect(),
        }
    }

    /// Whether nothing is limited. Strict limits are there even without rules: they hold for the
    /// credits that pay for calls.
    pub fn is_empty(&self) -> bool {
        self.mode == SpendMode::Compatible
            && self.spend.is_empty()
            && self.policies.is_empty()
            && self.budgets.is_empty()
    }
}
