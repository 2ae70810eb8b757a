//! A request, member by member.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{choice, thinking, tools, turn};
use crate::canonical::{Format, Reasoning, Request};
use crate::dialect::Asked;
use crate::fault::Fault;
use crate::json::{self, Object, Raw};

/// Reads a request of Anthropic Messages.
pub(in crate::dialect) fn read(body: &[u8], asked: &Asked<'_>) -> Result<Request, Fault> {
    let mut body = Object::read(body)?;
    let named: Option<String> = body.take("model")?;
    let model = match (asked.model, named) {
        ("", Some(named)) if !named.is_empty() => named,
        ("", _) => return Err(Fault::missing("model", "model is missing")),
        (asked, _) => asked.to_owned(),
    };
    let Some(max_tokens) = body.take("max_tokens")? else {
        let message = "max_tokens is missing; say how long the answer may be";
        return Err(Fault::missing("max_tokens", message));
    };
    let mut request = Request {
        model,
        max_tokens: Some(max_tokens),
        messages: turn::read(&mut body)?,
        temperature: body.take("temperature")?,
        top_p: body.take("top_p")?,
        top_k: body.take("top_k")?,
        stop: body.take("stop_sequences")?.unwrap_or_default(),
        stream: body.take("stream")?.unwrap_or(asked.stream),
        // A stream of this dialect always tells its usage.
        include_usage: true,
        ..Request::default()
    };
    tools::read(&mut body, &mut request)?;
    choice::read(&mut body, &mut request)?;
    let reasoning = thinking::read(&mut body)?;
    output(&mut body, &mut request, reasoning)?;
    records(&mut body, &mut request)?;
    for (name, raw) in body.rest() {
        if !asks_for_nothing(raw) {
            request.own.insert(name.to_owned(), json::read(raw, name)?);
        }
    }
    Ok(request)
}

fn asks_for_nothing(raw: Raw<'_>) -> bool {
    matches!(raw.get(), "[]" | "{}" | "false")
}

#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "type")]
    kind: String,
    schema: Option<Value>,
}

/// `output_config`, and `output_format`, its older name for the format.
fn output(
    body: &mut Object<'_>,
    request: &mut Request,
    reasoning: Option<Reasoning>,
) -> Result<(), Fault> {
    let mut config: Map<String, Value> = body.take("output_config")?.unwrap_or_default();
    let effort = config.remove("effort").filter(|effort| !effort.is_null());
    request.reasoning = thinking::with_effort(reasoning, effort.as_ref())?;
    let name = "output_config.format";
    let shape = match config.remove("format").filter(|format| !format.is_null()) {
        Some(format) => Some(
            serde_json::from_value::<Shape>(format)
                .map_err(|error| Fault::invalid(name, format!("{name}: {error}")))?,
        ),
        None => body.take("output_format")?,
    };
    if let Some(shape) = shape {
        request.format = format(shape, name)?;
    }
    let own = config.into_iter().filter(|(_, value)| !value.is_null());
    request.own.extend(own.map(|(key, value)| (format!("output_config.{key}"), value)));
    Ok(())
}

fn format(shape: Shape, name: &str) -> Result<Format, Fault> {
    match (shape.kind.as_str(), shape.schema) {
        ("json_schema", Some(schema)) if schema.is_object() => Ok(Format::JsonSchema {
            name: "answer".to_owned(),
            description: None,
            schema,
            // The other dialects' strict subsets differ from Anthropic's; the schema counts.
            strict: None,
        }),
        ("json_schema", _) => {
            Err(Fault::missing(format!("{name}.schema"), format!("{name}.schema is missing")))
        }
        _ => Err(Fault::invalid(
            format!("{name}.type"),
            format!("{name}.type has to be json_schema"),
        )),
    }
}

fn records(body: &mut Object<'_>, request: &mut Request) -> Result<(), Fault> {
    let mut metadata: Map<String, Value> = body.take("metadata")?.unwrap_or_default();
    request.user = match metadata.remove("user_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(user)) => Some(user),
        Some(_) => {
            let message = "metadata.user_id has to be a string";
            return Err(Fault::invalid("metadata.user_id", message));
        }
    };
    request.metadata = Some(metadata).filter(|labels| !labels.is_empty());
    let tier: Option<String> = body.take("service_tier")?;
    request.service_tier = tier.map(|tier| match tier.as_str() {
        "standard_only" => "default".to_owned(),
        _ => tier,
    });
    Ok(())
}
