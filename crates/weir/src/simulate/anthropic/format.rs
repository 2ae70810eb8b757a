//! What may be asked of the form of an answer: effort, and a schema of limited means.

use serde_json::Value;

use super::Request;
use super::validate::refused;
use crate::simulate::fault::Fault;

const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];
/// Keywords that structured answers do not know.
const UNKNOWN: [&str; 10] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "patternProperties",
];

/// Checks `output_config`.
///
/// # Errors
/// 400 that names the field.
pub(super) fn check(request: &Request) -> Result<(), Fault> {
    if let Some(config) = &request.output_config {
        let Some(config) = config.as_object() else {
            return Err(refused("output_config: Input should be an object"));
        };
        if let Some(extra) = config.keys().find(|key| *key != "effort" && *key != "format") {
            return Err(refused(format!("output_config.{extra}: Extra inputs are not permitted")));
        }
        if let Some(effort) = config.get("effort")
            && !effort.as_str().is_some_and(|effort| EFFORTS.contains(&effort))
        {
            return Err(refused("output_config.effort: not a level of effort"));
        }
        if let Some(format) = config.get("format")
            && format.get("type").and_then(Value::as_str) != Some("json_schema")
        {
            return Err(refused("output_config.format.type: Input should be 'json_schema'"));
        }
    }
    request.schema().map_or(Ok(()), check_schema)
}

/// Objects are closed, and only the keywords that the grammar can follow occur.
fn check_schema(schema: &Value) -> Result<(), Fault> {
    match schema {
        Value::Array(all) => all.iter().try_for_each(check_schema),
        Value::Object(fields) => {
            let is_object = fields.get("type").is_some_and(|kind| kind == "object");
            let closed = fields.get("additionalProperties") == Some(&Value::Bool(false));
            if is_object && !closed {
                return Err(refused(
                    "output_config.format.schema: For 'object' type, 'additionalProperties' must \
                     be explicitly set to false",
                ));
            }
            // A keyword has a plain value; a property of that name has a schema.
            let unknown = UNKNOWN
                .iter()
                .find(|keyword| fields.get(**keyword).is_some_and(|value| !value.is_object()));
            if let Some(keyword) = unknown {
                return Err(refused(format!(
                    "output_config.format.schema: property '{keyword}' is not supported"
                )));
            }
            fields.iter().filter(|(key, _)| *key != "enum").try_for_each(|(_, it)| check_schema(it))
        }
        _ => Ok(()),
    }
}
