//! Conditions on keys and values of the metadata, of which a row may have several.

use weir_core::log_filter::{Condition, FilterValue, LogField, Operator};

use super::super::segment::{Dictionary, Pairs};
use super::texts::compares;

/// A condition on what the metadata holds.
pub(super) struct MetadataTest {
    condition: Condition,
    /// What is asked; for `neq`, the answer is turned round.
    operator: Operator,
    /// Whether it is met by a row that holds nothing.
    wants_none: bool,
}

impl MetadataTest {
    pub(super) fn new(condition: Condition) -> Self {
        let operator = match condition.operator {
            Operator::Neq => Operator::Eq,
            operator => operator,
        };
        let wants_none = operator == Operator::Eq && condition.values.contains(&FilterValue::Null);
        Self { condition, operator, wants_none }
    }

    pub(super) fn apply(&self, pairs: &Pairs, mask: &mut [bool]) {
        let passes: Vec<bool> = match &self.condition.field {
            LogField::MetadataKey => {
                let met = self.met(&pairs.keys);
                let text = |text| self.holds(pairs.of(text).map(|(key, _)| is_met(&met, key)));
                (0..pairs.texts()).map(text).collect()
            }
            LogField::Metadata(name) => {
                let wanted = pairs.keys.iter().position(|key| key == name);
                let met = self.met(&pairs.values);
                let text = |text| {
                    let found = pairs.of(text).filter(|(key, _)| Some(*key) == wanted);
                    self.holds(
                        found.filter_map(|(_, value)| value).map(|value| is_met(&met, value)),
                    )
                };
                (0..pairs.texts()).map(text).collect()
            }
            _ => {
                let met = self.met(&pairs.values);
                let text = |text| {
                    self.holds(
                        pairs
                            .of(text)
                            .filter_map(|(_, value)| value)
                            .map(|value| is_met(&met, value)),
                    )
                };
                (0..pairs.texts()).map(text).collect()
            }
        };
        pairs.codes.keep(&passes, self.holds([].into_iter()), mask);
    }

    /// Which of the texts meet one of the values.
    fn met(&self, texts: &Dictionary) -> Vec<bool> {
        let any = |text: &str| {
            self.condition.values.iter().any(|wanted| match wanted {
                FilterValue::Text(wanted) => compares(self.operator, text, wanted),
                _ => false,
            })
        };
        texts.iter().map(any).collect()
    }

    /// Whether a row passes; `found` tells of each thing it holds whether it meets a value.
    fn holds(&self, found: impl Iterator<Item = bool>) -> bool {
        let mut found = found.peekable();
        let met = if found.peek().is_none() { self.wants_none } else { found.any(|met| met) };
        met != (self.condition.operator == Operator::Neq)
    }
}

fn is_met(met: &[bool], number: usize) -> bool {
    met.get(number).copied().unwrap_or(false)
}
