//! The request.

use serde_json::{Map, Number, Value, json};

use super::super::{Place, Prepared};
use super::turns;
use crate::canonical::{Effort, Format, Reasoning, Request, Tool, ToolChoice};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

/// Cohere takes this many stop texts.
const MOST_STOPS: usize = 5;
/// Its own parameters: a client that names them gets them.
const KNOWN: [&str; 5] =
    ["documents", "citation_options", "safety_mode", "priority", "strict_tools"];

type Body = Map<String, Value>;

pub(in crate::provider) fn prepare(
    request: &Request,
    place: &Place<'_>,
    losses: &mut Losses,
) -> Result<Prepared, Fault> {
    // All of them, by name: a new field does not compile before it is dealt with.
    let Request {
        model,
        messages,
        tools,
        tool_choice,
        parallel_tools,
        max_tokens,
        temperature,
        top_p,
        top_k,
        stop,
        seed,
        frequency_penalty,
        presence_penalty,
        logit_bias,
        logprobs,
        top_logprobs,
        n,
        format,
        reasoning,
        user,
        metadata,
        service_tier,
        stream,
        // Every stream tells its usage.
        include_usage: _,
        own,
    } = request;
    let capabilities = &place.capabilities;
    let mut body = Body::new();
    body.insert("model".to_owned(), model.as_str().into());
    body.insert("messages".to_owned(), turns::write(messages, capabilities, losses)?);
    if *stream {
        body.insert("stream".to_owned(), true.into());
    }
    offer_tools(&mut body, request, capabilities, losses)?;
    if *parallel_tools == Some(false) && !tools.is_empty() {
        losses.drop(&Param::ParallelTools)?;
    }
    if tools.is_empty() && matches!(tool_choice, Some(ToolChoice::Required | ToolChoice::Named(_)))
    {
        return Err(losses.invalid(&Param::ToolChoice, "asks for a tool, but there are none"));
    }
    set(&mut body, "max_tokens", *max_tokens);
    set(&mut body, "k", *top_k);
    temperature_and_p(&mut body, temperature.as_ref(), top_p.as_ref(), losses)?;
    penalty(&mut body, "frequency_penalty", frequency_penalty, &Param::FrequencyPenalty, losses)?;
    penalty(&mut body, "presence_penalty", presence_penalty, &Param::PresencePenalty, losses)?;
    if stop.len() > MOST_STOPS {
        return Err(losses.invalid(&Param::Stop, "Cohere takes at most 5 texts"));
    }
    if !stop.is_empty() {
        body.insert("stop_sequences".to_owned(), json!(stop));
    }
    match seed {
        Some(seed) if *seed < 0 => losses.drop(&Param::Seed)?,
        seed => set(&mut body, "seed", *seed),
    }
    if logit_bias.as_ref().is_some_and(|bias| !bias.is_empty()) {
        return Err(losses.refuse(&Param::LogitBias, "cannot bias tokens; leave it out"));
    }
    if top_logprobs.is_some_and(|count| count > 0) {
        let why = "tells the likelihood of its own tokens only; leave it out";
        return Err(losses.refuse(&Param::TopLogprobs, why));
    }
    if *logprobs == Some(true) {
        body.insert("logprobs".to_owned(), true.into());
    }
    if n.is_some_and(|count| count > 1) {
        return Err(losses.refuse(&Param::N, "gives one answer to a call; send the call again"));
    }
    held_to(&mut body, format, !tools.is_empty(), losses)?;
    if let Some(reasoning) = reasoning {
        think(&mut body, reasoning, capabilities, losses)?;
    }
    for (given, param) in [(user.is_some(), Param::User), (metadata.is_some(), Param::Metadata)] {
        if given {
            losses.drop(&param)?;
        }
    }
    match service_tier.as_deref() {
        None | Some("auto" | "default") => {}
        // Lower is sooner, and 0 the soonest.
        Some("priority") => set(&mut body, "priority", Some(0)),
        Some(_) => losses.drop(&Param::ServiceTier)?,
    }
    let mut unknown = own.clone();
    for name in KNOWN {
        if let Some(value) = unknown.remove(name) {
            body.insert(name.to_owned(), value);
        }
    }
    losses.drop_own(&unknown)?;
    Ok(Prepared {
        path: place.path.to_owned(),
        body: Value::Object(body).to_string().into_bytes(),
        ..Prepared::default()
    })
}

fn set(body: &mut Body, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value.into());
    }
}

/// Tools and the choice among them: a choice of some is made by offering only those.
fn offer_tools(
    body: &mut Body,
    request: &Request,
    capabilities: &Capabilities,
    losses: &mut Losses,
) -> Result<(), Fault> {
    if request.tools.is_empty() {
        return Ok(());
    }
    if capabilities.tools == Some(false) {
        return Err(losses.refuse(&Param::Tools, "calls no tools with this model; leave them out"));
    }
    let named = |tool: &&Tool| match &request.tool_choice {
        Some(ToolChoice::Named(name)) => tool.name == *name,
        _ => true,
    };
    let tools: Vec<&Tool> = request.callable_tools().filter(named).collect();
    if tools.is_empty() {
        return Err(losses.invalid(&Param::ToolChoice, "names no tool of the list `tools`"));
    }
    let choice = match &request.tool_choice {
        None | Some(ToolChoice::Auto | ToolChoice::Allowed { required: false, .. }) => None,
        Some(ToolChoice::None) => Some("NONE"),
        Some(
            ToolChoice::Required
            | ToolChoice::Named(_)
            | ToolChoice::Allowed { required: true, .. },
        ) => Some("REQUIRED"),
    };
    if choice == Some("REQUIRED") && capabilities.forced_tool_choice == Some(false) {
        let why = "lets this model choose by itself; send auto";
        return Err(losses.refuse(&Param::ToolChoice, why));
    }
    set(body, "tool_choice", choice);
    // One switch for all tools, so it only stands for what the client said of all.
    let strict = tools.iter().filter(|tool| tool.strict == Some(true)).count();
    if strict == tools.len() {
        body.insert("strict_tools".to_owned(), true.into());
    } else if strict > 0 {
        losses.drop(&Param::Own("tools[].strict".into()))?;
    }
    if tools.iter().any(|tool| tool.cache.is_some()) {
        losses.drop(&Param::CacheControl)?;
    }
    body.insert("tools".to_owned(), tools.into_iter().map(tool).collect());
    Ok(())
}

fn tool(tool: &Tool) -> Value {
    let mut function = Body::new();
    function.insert("name".to_owned(), tool.name.as_str().into());
    set(&mut function, "description", tool.description.as_deref());
    let none = || json!({"type": "object", "properties": {}});
    function.insert("parameters".to_owned(), tool.parameters.clone().unwrap_or_else(none));
    json!({"type": "function", "function": function})
}

/// Cohere's temperature ends at 1, and its `p` lies between 0.01 and 0.99.
fn temperature_and_p(
    body: &mut Body,
    temperature: Option<&Number>,
    top_p: Option<&Number>,
    losses: &mut Losses,
) -> Result<(), Fault> {
    if let Some(temperature) = temperature {
        match temperature.as_f64() {
            Some(heat) if (0.0..=1.0).contains(&heat) => {
                body.insert("temperature".to_owned(), temperature.clone().into());
            }
            Some(heat) if heat > 1.0 && heat <= 2.0 => {
                losses.drop(&Param::Temperature)?;
                body.insert("temperature".to_owned(), json!(1));
            }
            _ => return Err(losses.invalid(&Param::Temperature, "has to be between 0 and 2")),
        }
    }
    if let Some(top_p) = top_p {
        match top_p.as_f64() {
            // The ends are as near as makes no difference, and SDKs send 1 unasked.
            Some(share) if share > 0.99 && share <= 1.0 => set(body, "p", Some(0.99)),
            Some(share) if (0.0..0.01).contains(&share) => set(body, "p", Some(0.01)),
            Some(share) if (0.01..=0.99).contains(&share) => {
                body.insert("p".to_owned(), top_p.clone().into());
            }
            _ => return Err(losses.invalid(&Param::TopP, "has to be between 0 and 1")),
        }
    }
    Ok(())
}

/// Cohere's penalties lie between 0 and 1, OpenAI's between -2 and 2.
fn penalty(
    body: &mut Body,
    name: &str,
    given: &Option<Number>,
    param: &Param,
    losses: &mut Losses,
) -> Result<(), Fault> {
    let Some(given) = given else { return Ok(()) };
    match given.as_f64() {
        Some(weight) if (0.0..=1.0).contains(&weight) => {
            body.insert(name.to_owned(), given.clone().into());
        }
        Some(weight) if (1.0..=2.0).contains(&weight) => {
            losses.drop(param)?;
            body.insert(name.to_owned(), json!(1));
        }
        Some(weight) if (-2.0..0.0).contains(&weight) => losses.drop(param)?,
        _ => return Err(losses.invalid(param, "has to be between -2 and 2")),
    }
    Ok(())
}

fn held_to(
    body: &mut Body,
    format: &Format,
    has_tools: bool,
    losses: &Losses,
) -> Result<(), Fault> {
    let given = match format {
        Format::Text => return Ok(()),
        Format::JsonObject => json!({"type": "json_object"}),
        // What a schema is called and what it is for says nothing about the answer's form; Cohere
        // follows every schema to the letter.
        Format::JsonSchema { schema, name: _, description: _, strict: _ } => {
            json!({"type": "json_object", "json_schema": schema})
        }
    };
    if has_tools {
        let why = "holds an answer to JSON only without tools; leave one of the two out";
        return Err(losses.refuse(&Param::ResponseFormat, why));
    }
    body.insert("response_format".to_owned(), given);
    Ok(())
}

fn think(
    body: &mut Body,
    reasoning: &Reasoning,
    capabilities: &Capabilities,
    losses: &mut Losses,
) -> Result<(), Fault> {
    // Thoughts are always shown.
    let Reasoning { effort, budget, show: _ } = reasoning;
    let budget = budget.or(effort.map(tokens));
    if capabilities.reasoning == Some(false) {
        return if budget == Some(0) { Ok(()) } else { losses.drop(&Param::Reasoning) };
    }
    let thinking = match budget {
        None => return Ok(()),
        Some(0) => json!({"type": "disabled"}),
        Some(budget) => json!({"type": "enabled", "token_budget": budget}),
    };
    body.insert("thinking".to_owned(), thinking);
    Ok(())
}

/// What an effort is worth in tokens (spec: providers 4.2; the figures are ours).
const fn tokens(effort: Effort) -> u64 {
    match effort {
        Effort::None => 0,
        Effort::Minimal | Effort::Low => 1024,
        Effort::Medium => 2048,
        Effort::High | Effort::XHigh | Effort::Max => 4096,
    }
}
