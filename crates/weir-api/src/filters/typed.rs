//! Values of filters, brought to the type of the field they are compared with.

use serde_json::Value;
use weir_core::Timestamp;
use weir_core::log_filter::{Condition, FieldType, FilterValue, LogField, Operator};

use super::Filter;

/// The condition of a filter whose key and operator are known; the message if its operator or a
/// value does not suit the field.
pub(super) fn condition(
    filter: &Filter,
    field: LogField,
    operator: Operator,
    null: bool,
) -> Result<Condition, String> {
    let key = &filter.key;
    let kind = field.kind();
    if !suits(operator, kind) {
        let word = &filter.operator;
        return Err(format!("operator '{word}' does not suit {key}, which is {}", name(kind)));
    }
    if filter.values.is_empty() {
        return Err(format!("the filter on {key} has no value"));
    }
    let read = |value: &Value| match read(value, &field) {
        Some(FilterValue::Null) if !null => {
            Err(format!("a value of {key} must not be null or empty"))
        }
        Some(FilterValue::Null) if !matches!(operator, Operator::Eq | Operator::Neq) => {
            Err(format!("null can be compared with eq and neq only, not on {key}"))
        }
        Some(value) => Ok(value),
        None => Err(format!("{value} is no value of {key}, which is {}", name(kind))),
    };
    let values = filter.values.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Condition { field, operator, values })
}

const fn suits(operator: Operator, kind: FieldType) -> bool {
    match operator {
        Operator::Eq | Operator::Neq => true,
        Operator::Contains => matches!(kind, FieldType::Text),
        Operator::Lt | Operator::Gt | Operator::Lte | Operator::Gte => {
            matches!(kind, FieldType::Number | FieldType::Time)
        }
    }
}

const fn name(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "a text",
        FieldType::Number => "a number",
        FieldType::Flag => "true or false",
        FieldType::Time => "an RFC 3339 time such as 2026-01-31T12:00:00Z",
    }
}

/// A value as the field has it. Queries carry everything as text, so text that spells a value of
/// the type is one. An empty text is null: that is how a client writes null into a query.
pub(super) fn read(value: &Value, field: &LogField) -> Option<FilterValue> {
    match (field.kind(), value) {
        (_, Value::Null) => Some(FilterValue::Null),
        (_, Value::String(text)) if text.is_empty() => Some(FilterValue::Null),
        (FieldType::Text, Value::String(text)) => Some(FilterValue::Text(text.clone())),
        // Metadata is compared as text whatever it is.
        (FieldType::Text, Value::Number(_) | Value::Bool(_)) => {
            let metadata = matches!(field, LogField::MetadataValue | LogField::Metadata(_));
            metadata.then(|| FilterValue::Text(value.to_string()))
        }
        (FieldType::Number, Value::Number(number)) => number.as_f64().map(FilterValue::Number),
        (FieldType::Number, Value::String(text)) => {
            let number: f64 = text.parse().ok()?;
            number.is_finite().then_some(FilterValue::Number(number))
        }
        (FieldType::Flag, Value::Bool(flag)) => Some(FilterValue::Flag(*flag)),
        (FieldType::Flag, Value::String(text)) => text.parse().ok().map(FilterValue::Flag),
        (FieldType::Time, Value::String(text)) => Timestamp::parse(text).map(FilterValue::Time),
        _ => None,
    }
}
