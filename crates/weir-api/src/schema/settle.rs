//! Bringing a value into the spelling that its schema has.

use serde_json::Value;

use super::Schema;

/// Above this a number with a point need not be the one that was written.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Schema {
    /// Writes whole numbers without a point, so that `60.0` is 60 where 60 is permitted: JSON does
    /// not tell them apart, and some clients type whole numbers as floats.
    pub(crate) fn settle(&self, value: &mut Value) {
        match (self, value) {
            (Self::Integer { .. }, value @ Value::Number(_)) => {
                if let Some(whole) = whole(value) {
                    *value = whole.into();
                }
            }
            (Self::Nullable(inner), value) => inner.settle(value),
            (Self::Array { items, .. }, Value::Array(values)) => {
                values.iter_mut().for_each(|value| items.settle(value));
            }
            (Self::Map(inner), Value::Object(given)) => {
                given.values_mut().for_each(|value| inner.settle(value));
            }
            (Self::Object(fields), Value::Object(given)) => {
                for field in *fields {
                    if let Some(value) = given.get_mut(field.name) {
                        field.schema.settle(value);
                    }
                }
            }
            (Self::OneOf(forms), value) => forms.iter().for_each(|form| form.settle(value)),
            _ => {}
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole, and small enough to be exact")]
fn whole(value: &Value) -> Option<i64> {
    let number = value.as_f64().filter(|_| value.is_f64())?;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}
