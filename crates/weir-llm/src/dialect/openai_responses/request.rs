//! The request.

mod content;
mod input;
mod tools;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::canonical::{Effort, Format, Message, Reasoning, Request, Role};
use crate::dialect::Asked;
use crate::fault::Fault;
use crate::json::{self, Object, Raw};

/// Members that need a memory or a machine that only OpenAI has, and what to do instead.
const ELSEWHERE: [(&str, &str); 5] = [
    ("previous_response_id", "nothing is kept between calls; send the whole conversation in input"),
    ("conversation", "nothing is kept between calls; send the whole conversation in input"),
    ("prompt", "prompt templates are kept at OpenAI; send instructions and input"),
    ("max_tool_calls", "it counts calls of tools that OpenAI runs; leave it out"),
    ("moderation", "only OpenAI moderates in this way; leave it out"),
];

pub(in crate::dialect) fn read(body: &[u8], asked: &Asked<'_>) -> Result<Request, Fault> {
    let mut body = Object::read(body)?;
    for (name, why) in ELSEWHERE {
        if body.take_raw(name).is_some() {
            return Err(Fault::unsupported_at(name, why));
        }
    }
    if body.take::<bool>("background")? == Some(true) {
        let message = "background: answers are given in the call itself; leave it out";
        return Err(Fault::unsupported("background", message));
    }
    // Accepted as no parameter at all: the answer's model is the path's or the route's.
    body.take_raw("model");
    let mut request = Request {
        model: asked.model.to_owned(),
        parallel_tools: body.take("parallel_tool_calls")?,
        max_tokens: body.take("max_output_tokens")?,
        temperature: body.take("temperature")?,
        top_p: body.take("top_p")?,
        top_logprobs: body.take("top_logprobs")?,
        metadata: body.take("metadata")?,
        service_tier: body.take("service_tier")?,
        stream: body.take("stream")?.unwrap_or(asked.stream),
        // The last event of a stream always has the usage.
        include_usage: true,
        ..Request::default()
    };
    let mut own = Map::new();
    tools::read(&mut body, &mut request, &mut own)?;
    messages(&mut body, &mut request, &mut own)?;
    text(&mut body, &mut request, &mut own)?;
    reasoning(&mut body, &mut request, &mut own)?;
    include(&mut body, &mut request, &mut own)?;
    end_user(&mut body, &mut request, &mut own)?;
    defaults(&mut body, &mut own)?;
    for (name, raw) in body.rest() {
        own.insert(name.to_owned(), json::read(raw, name)?);
    }
    request.own = own;
    Ok(request)
}

fn messages(
    body: &mut Object<'_>,
    request: &mut Request,
    own: &mut Map<String, Value>,
) -> Result<(), Fault> {
    if let Some(instructions) = body.take::<String>("instructions")? {
        request.messages.push(Message::text(Role::System, 0, instructions));
    }
    let Some(raw) = body.take_raw("input") else {
        return Err(Fault::missing("input", "input: send a text or a list of items"));
    };
    let read = input::read(raw)?;
    if read.messages.is_empty() {
        return Err(Fault::invalid("input", "input: the list is empty; send at least one item"));
    }
    request.messages.extend(read.messages);
    if read.foreign_thoughts {
        own.insert("reasoning.encrypted_content".to_owned(), Value::Bool(true));
    }
    Ok(())
}

/// `text`: the form of the answer.
fn text(
    body: &mut Object<'_>,
    request: &mut Request,
    own: &mut Map<String, Value>,
) -> Result<(), Fault> {
    let Some(raw) = body.take_raw("text") else { return Ok(()) };
    let mut text: Object<'_> = json::read(raw, "text")?;
    if let Some(verbosity) = member::<String>(&mut text, "text", "verbosity")? {
        // What every model does unless told otherwise.
        if verbosity != "medium" {
            own.insert("verbosity".to_owned(), verbosity.into());
        }
    }
    if let Some(format) = member::<GivenFormat>(&mut text, "text", "format")? {
        request.format = format.read()?;
    }
    keep_rest(&text, "text", own)
}

#[derive(Deserialize)]
struct GivenFormat {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    description: Option<String>,
    schema: Option<Value>,
    strict: Option<bool>,
}

impl GivenFormat {
    fn read(self) -> Result<Format, Fault> {
        match self.kind.as_str() {
            "text" => Ok(Format::Text),
            "json_object" => Ok(Format::JsonObject),
            "json_schema" => {
                let missing = |name| Fault::missing(name, format!("{name}: is missing"));
                Ok(Format::JsonSchema {
                    name: self.name.ok_or_else(|| missing("text.format.name"))?,
                    description: self.description,
                    schema: self.schema.ok_or_else(|| missing("text.format.schema"))?,
                    strict: self.strict,
                })
            }
            other => Err(Fault::invalid(
                "text.format.type",
                format!("text.format.type: {other:?} is not text, json_object or json_schema"),
            )),
        }
    }
}

fn reasoning(
    body: &mut Object<'_>,
    request: &mut Request,
    own: &mut Map<String, Value>,
) -> Result<(), Fault> {
    let Some(raw) = body.take_raw("reasoning") else { return Ok(()) };
    let mut given: Object<'_> = json::read(raw, "reasoning")?;
    let effort = match member::<String>(&mut given, "reasoning", "effort")? {
        None => None,
        Some(word) => Some(Effort::parse(&word).ok_or_else(|| {
            let words = "none, minimal, low, medium, high, xhigh or max";
            let message = format!("reasoning.effort: {word:?} is not one of {words}");
            Fault::invalid("reasoning.effort", message)
        })?),
    };
    let summary = member::<String>(&mut given, "reasoning", "summary")?;
    // The older name of the same.
    let older = member::<String>(&mut given, "reasoning", "generate_summary")?;
    let show = summary.or(older).map(|word| word != "none");
    if effort.is_some() || show.is_some() {
        request.reasoning = Some(Reasoning { effort, budget: None, show });
    }
    keep_rest(&given, "reasoning", own)
}

/// `include`: what the answer tells beyond the usual.
fn include(
    body: &mut Object<'_>,
    request: &mut Request,
    own: &mut Map<String, Value>,
) -> Result<(), Fault> {
    let mut others = Vec::new();
    for wish in body.take::<Vec<String>>("include")?.unwrap_or_default() {
        match wish.as_str() {
            // Always told, whether asked for or not.
            "reasoning.encrypted_content" => {}
            "message.output_text.logprobs" => request.logprobs = Some(true),
            _ => others.push(Value::String(wish)),
        }
    }
    if request.top_logprobs.is_some_and(|count| count > 0) {
        request.logprobs = Some(true);
    }
    if !others.is_empty() {
        own.insert("include".to_owned(), Value::Array(others));
    }
    Ok(())
}

/// Two names for the end user; the newer one counts.
fn end_user(
    body: &mut Object<'_>,
    request: &mut Request,
    own: &mut Map<String, Value>,
) -> Result<(), Fault> {
    let user = body.take::<String>("user")?;
    let identifier = body.take::<String>("safety_identifier")?;
    if let (Some(user), Some(identifier)) = (&user, &identifier)
        && user != identifier
    {
        own.insert("user".to_owned(), user.clone().into());
    }
    request.user = identifier.or(user);
    Ok(())
}

/// Takes out what asks for nothing but what happens anyway, so that it does not count as lost.
fn defaults(body: &mut Object<'_>, own: &mut Map<String, Value>) -> Result<(), Fault> {
    // `true` stays and is marked as left out: nothing is kept, and the answer says `store: false`.
    if body.take::<bool>("store")? == Some(true) {
        own.insert("store".to_owned(), Value::Bool(true));
    }
    if let Some(way) = body.take::<String>("truncation")?
        && way != "disabled"
    {
        own.insert("truncation".to_owned(), way.into());
    }
    if let Some(raw) = body.take_raw("stream_options") {
        let options: Object<'_> = json::read(raw, "stream_options")?;
        if options.get::<bool>("include_obfuscation")? == Some(true) {
            own.insert("stream_options.include_obfuscation".to_owned(), Value::Bool(true));
        }
    }
    Ok(())
}

/// A member of an object inside of the body; faults say where.
fn member<T: DeserializeOwned>(
    object: &mut Object<'_>,
    place: &str,
    name: &str,
) -> Result<Option<T>, Fault> {
    object
        .take_raw(name)
        .map(|raw: Raw<'_>| json::read(raw, &format!("{place}.{name}")))
        .transpose()
}

/// What nobody knows is kept by name, for the target to mark or refuse.
fn keep_rest(object: &Object<'_>, place: &str, own: &mut Map<String, Value>) -> Result<(), Fault> {
    for (name, raw) in object.rest().filter(|(_, raw)| raw.get() != "false") {
        let name = format!("{place}.{name}");
        let value = json::read(raw, &name)?;
        own.insert(name, value);
    }
    Ok(())
}
