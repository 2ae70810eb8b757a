//! The counters of rate elements: one place says which counter and what is drawn, so that the data
//! plane and the simulation mean the same (spec: data-plane 8.3).

use super::graph::{RateGate, RateUnit};
use crate::cost::Cost;
use crate::counters::{CounterKey, Draw, Window};
use crate::ledger::{Claim, Measure, Span};

/// The counter of a rate element for one value of its key, see [`super::FieldPath::key_of`]. The
/// version has no part in it: counters outlive versions as long as the element keeps its id.
pub fn gate_key(account: &str, route_id: &str, element_id: &str, value: &str) -> CounterKey {
    let parts = ["route gate", account, route_id, element_id, value];
    CounterKey::of(&parts.map(str::as_bytes))
}

impl RateGate {
    /// What a call draws from the counter `key` to pass an element that counts calls.
    pub fn draw(&self, key: CounterKey) -> Draw {
        Draw { key, window: self.window(), limit: self.most(), amount: 1 }
    }

    /// What a call asks of the ledger's bucket `key` to pass an element that counts cost: whether
    /// anything is left. What it may cost is known only when a model is chosen, and claimed then.
    pub fn claim(&self, key: CounterKey) -> Claim {
        let span = Span::Window(self.window());
        Claim { key, span, measure: Measure::Sum, limit: self.most(), amount: 0 }
    }

    const fn window(&self) -> Window {
        Window { seconds: self.window, technique: self.technique }
    }

    /// The limit in calls or in pico-dollars.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "limits are above zero; what is too large saturates, and half a call is none"
    )]
    fn most(&self) -> u64 {
        match self.unit {
            RateUnit::Count => self.limit as u64,
            RateUnit::Cost => Cost::pico_of_dollars(self.limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{FieldPath, Technique};

    #[test]
    fn limits_become_whole_units() {
        let gate = |unit, limit| RateGate {
            unit,
            key: FieldPath::Metadata("user".to_owned()),
            limit,
            window: 60,
            technique: Technique::Sliding,
            success: "e".into(),
            fallback: None,
        };
        let key = gate_key("a", "r", "e", "v");
        let limit = |unit, limit| gate(unit, limit).claim(key).limit;
        assert_eq!(limit(RateUnit::Count, 10.0), 10);
        assert_eq!(limit(RateUnit::Count, 2.9), 2);
        assert_eq!(limit(RateUnit::Cost, 0.001), 1_000_000_000);
        assert_eq!(limit(RateUnit::Cost, 1e300), u64::MAX);
        let draw = gate(RateUnit::Count, 1.0).draw(key);
        assert_eq!((draw.window.seconds, draw.window.technique), (60, Technique::Sliding));
        assert_eq!((draw.limit, draw.amount), (1, 1));
        let claim = gate(RateUnit::Cost, 1.0).claim(key);
        assert_eq!((claim.span, claim.amount), (Span::Window(draw.window), 0));
    }

    #[test]
    fn every_part_tells_counters_apart() {
        let keys = [
            gate_key("a", "r", "e", "v"),
            gate_key("b", "r", "e", "v"),
            gate_key("a", "s", "e", "v"),
            gate_key("a", "r", "f", "v"),
            gate_key("a", "r", "e", ""),
            gate_key("a", "re", "", "v"),
        ];
        let distinct: std::collections::BTreeSet<_> = keys.into_iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }
}
