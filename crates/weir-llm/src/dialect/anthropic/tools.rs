//! Tools on offer: those with a schema, which any provider can be told of.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::canonical::{Request, Tool};
use crate::fault::Fault;
use crate::json::{self, Object, Raw};

#[derive(Deserialize)]
struct Given {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    description: Option<String>,
    input_schema: Option<Value>,
    strict: Option<bool>,
    cache_control: Option<Value>,
    defer_loading: Option<bool>,
    allowed_callers: Option<Value>,
    input_examples: Option<Value>,
    // How the arguments are cut into pieces: nothing is lost without it.
    #[serde(rename = "eager_input_streaming")]
    _eager: Option<Value>,
}

pub(super) fn read(body: &mut Object<'_>, request: &mut Request) -> Result<(), Fault> {
    let tools: Vec<Raw<'_>> = match body.take_raw("tools") {
        Some(raw) => json::read(raw, "tools")?,
        None => return Ok(()),
    };
    for (index, raw) in tools.into_iter().enumerate() {
        let place = format!("tools[{index}]");
        let given: Given = json::read(raw, &place)?;
        note(&given, &mut request.own);
        request.tools.push(tool(given, &place)?);
    }
    Ok(())
}

fn tool(given: Given, place: &str) -> Result<Tool, Fault> {
    let missing = |name: &str| {
        let name = format!("{place}.{name}");
        let message = format!("{name} is missing");
        Err(Fault::missing(name, message))
    };
    let Some(schema) = given.input_schema else {
        return match given.kind.as_deref() {
            None | Some("custom") => missing("input_schema"),
            Some(kind) => Err(Fault::unsupported(
                format!("{place}.type"),
                format!(
                    "{place}.type: {kind} is Anthropic's own tool and no other provider has it; \
                     leave it out, or offer a tool with a name and an input_schema"
                ),
            )),
        };
    };
    if !schema.is_object() {
        let name = format!("{place}.input_schema");
        let message = format!("{name} has to be an object");
        return Err(Fault::invalid(name, message));
    }
    let Some(name) = given.name.filter(|name| !name.is_empty()) else { return missing("name") };
    Ok(Tool {
        name,
        description: given.description,
        parameters: Some(schema),
        strict: given.strict,
        cache: given.cache_control,
    })
}

/// What tunes the use of a tool and has no canonical place.
fn note(given: &Given, own: &mut Map<String, Value>) {
    let deferred = given.defer_loading.filter(|deferred| *deferred).map(Value::Bool);
    let callers =
        given.allowed_callers.clone().filter(|callers| *callers != serde_json::json!(["direct"]));
    let all = [
        ("tools[].defer_loading", deferred),
        ("tools[].allowed_callers", callers),
        ("tools[].input_examples", given.input_examples.clone()),
    ];
    for (name, value) in all {
        if let Some(value) = value {
            own.insert(name.to_owned(), value);
        }
    }
}
