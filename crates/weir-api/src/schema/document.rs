//! A schema as JSON Schema, for the OpenAPI document.

use serde_json::{Map, Value, json};

use super::{Field, Form, Presence, Schema};

impl Schema {
    /// The schema in the dialect of OpenAPI 3.1. `input` leaves out what only answers have, and the
    /// other way round.
    pub(crate) fn to_json(self, input: bool) -> Value {
        match self {
            Self::Any => json!({}),
            Self::Bool => json!({ "type": "boolean" }),
            Self::Text { min, max, form } => text(min, max, form),
            Self::Integer { min, max } => {
                let mut schema = json!({ "type": "integer" });
                if min != i64::MIN {
                    schema["minimum"] = min.into();
                }
                if max != i64::MAX {
                    schema["maximum"] = max.into();
                }
                schema
            }
            Self::Number { min, max } => {
                let mut schema = json!({ "type": "number" });
                if min.is_finite() {
                    schema["minimum"] = min.into();
                }
                if max.is_finite() {
                    schema["maximum"] = max.into();
                }
                schema
            }
            Self::Choice(words) => json!({ "type": "string", "enum": words }),
            Self::Array { items, max } => {
                let mut schema = json!({ "type": "array", "items": items.to_json(input) });
                if max != usize::MAX {
                    schema["maxItems"] = max.into();
                }
                schema
            }
            Self::Object(fields) => object(fields, input),
            Self::Map(values) => {
                json!({ "type": "object", "additionalProperties": values.to_json(input) })
            }
            Self::OneOf(forms) => {
                let forms: Vec<Value> = forms.iter().map(|form| form.to_json(input)).collect();
                json!({ "anyOf": forms })
            }
            Self::Nullable(inner) => {
                json!({ "anyOf": [inner.to_json(input), { "type": "null" }] })
            }
        }
    }
}

fn text(min: usize, max: usize, form: Form) -> Value {
    let mut schema = json!({ "type": "string" });
    if min > 0 {
        schema["minLength"] = min.into();
    }
    if max != usize::MAX {
        schema["maxLength"] = max.into();
    }
    match form {
        Form::Free => {}
        Form::Uri => schema["format"] = "uri".into(),
        Form::DateTime => schema["format"] = "date-time".into(),
        Form::Checked { pattern, .. } => schema["pattern"] = pattern.into(),
    }
    schema
}

fn object(fields: &[Field], input: bool) -> Value {
    let hidden = if input { Presence::ReadOnly } else { Presence::WriteOnly };
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields.iter().filter(|field| field.presence != hidden) {
        let mut schema = field.schema.to_json(input);
        if !field.about.is_empty() {
            schema["description"] = field.about.into();
        }
        properties.insert(field.name.to_owned(), schema);
        if field.presence == Presence::Required {
            required.push(Value::from(field.name));
        }
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}
