//! What a model takes and gives, told for its task: the least that every model of the task has in
//! common. A provider's own page says what else one model can do.

use serde_json::{Value, json};

use super::task::Task;

/// JSON Schemas of a model's `input` and `output`.
pub(super) fn schemas(task: &Task) -> Value {
    let text = || json!({ "type": "string" });
    let binary = || json!({ "type": "string", "format": "binary" });
    let (mut input, mut output) = match task.id {
        "text-generation" => (
            object(
                &[("messages", messages())],
                &[
                    ("max_tokens", json!({ "type": "integer", "minimum": 1 })),
                    ("stream", json!({ "type": "boolean" })),
                    ("temperature", json!({ "type": "number", "minimum": 0 })),
                ],
            ),
            object(&[("response", text())], &[("usage", json!({ "type": "object" }))]),
        ),
        "text-embeddings" => (
            object(&[("text", json!({ "anyOf": [text(), list(&text())] }))], &[]),
            object(&[("data", list(&list(&json!({ "type": "number" }))))], &[]),
        ),
        "text-classification" => (
            object(
                &[("query", text()), ("contexts", list(&object(&[("text", text())], &[])))],
                &[],
            ),
            object(&[("response", list(&json!({ "type": "object" })))], &[]),
        ),
        "text-to-image" => (object(&[("prompt", text())], &[]), binary()),
        "text-to-speech" => (object(&[("text", text())], &[]), binary()),
        "automatic-speech-recognition" => {
            (object(&[("audio", binary())], &[]), object(&[("text", text())], &[]))
        }
        _ => (object(&[], &[]), object(&[], &[])),
    };
    // Clients demand both of these, whatever the type.
    for (schema, side) in [(&mut input, "takes"), (&mut output, "gives")] {
        schema["description"] = format!("What every model for {} {side}.", task.name).into();
        schema["additionalProperties"] = true.into();
    }
    json!({ "input": input, "output": output })
}

fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn messages() -> Value {
    let role = json!({ "type": "string", "enum": ["system", "user", "assistant", "tool"] });
    list(&object(&[("role", role), ("content", json!({}))], &[]))
}

fn object(required: &[(&str, Value)], optional: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
    let fields = required.iter().chain(optional);
    let fields: serde_json::Map<String, Value> =
        fields.map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "properties": fields, "required": names })
}
