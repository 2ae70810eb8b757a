//! A request for Converse: every field of the canonical one, in one list.

use serde_json::{Map, Value};

use super::body::{Body, ServiceTier};
use super::family::Family;
use super::thinking::{Circumstances, Plan};
use super::{format, inference, thinking, tools, turns};
use crate::canonical::{Request, ToolChoice};
use crate::fault::{Fault, Losses, Param};
use crate::percent;
use crate::provider::{Place, Prepared};

pub(in crate::provider) fn prepare(
    request: &Request,
    place: &Place<'_>,
    losses: &mut Losses,
) -> Result<Prepared, Fault> {
    // A new field does not compile until somebody has decided what becomes of it here.
    let Request {
        model,
        messages,
        tools: _,
        tool_choice,
        parallel_tools: _,
        max_tokens,
        temperature: _,
        top_p: _,
        top_k: _,
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
        // Streams always tell their usage.
        include_usage: _,
        own,
    } = request;
    let can = &place.capabilities;
    let family = Family::of(model, can);
    let mut body = Body::default();

    if n.is_some_and(|n| n > 1) {
        return Err(losses.refuse(&Param::N, "gives one answer only; ask several times"));
    }
    if logit_bias.as_ref().is_some_and(|bias| !bias.is_empty()) {
        return Err(losses.refuse(&Param::LogitBias, "cannot bias tokens; leave it out"));
    }
    if *logprobs == Some(true) {
        return Err(losses.refuse(&Param::Logprobs, "tells no likelihoods; leave it out"));
    }
    if top_logprobs.is_some_and(|count| count > 0) {
        return Err(losses.refuse(&Param::TopLogprobs, "tells no likelihoods; leave it out"));
    }
    if seed.is_some() {
        losses.drop(&Param::Seed)?;
    }
    for (penalty, param) in
        [(frequency_penalty, Param::FrequencyPenalty), (presence_penalty, Param::PresencePenalty)]
    {
        if penalty.as_ref().is_some_and(|penalty| penalty.as_f64() != Some(0.0)) {
            losses.drop(&param)?;
        }
    }
    if metadata.as_ref().is_some_and(|labels| !labels.is_empty()) {
        losses.drop(&Param::Metadata)?;
    }

    (body.system, body.messages) = turns::build(messages, &family, losses)?;
    let used = turns::uses_tools(&body.messages);
    let fields = &mut body.additional_model_request_fields;
    body.tool_config = if format::needs_tool(format, &family) && !used {
        None
    } else {
        tools::config(request, &family, used, fields, losses)?
    };
    let on_offer = *tool_choice != Some(ToolChoice::None) && !request.tools.is_empty();
    let has_tools = used || on_offer;
    let around = Circumstances {
        thinking: family.thinking,
        can,
        forced: tools::is_forced(tool_choice.as_ref()) || format::needs_tool(format, &family),
        can_think_on: turns::can_think_on(&body.messages),
        max_tokens: *max_tokens,
    };
    let plan = thinking::plan(reasoning.as_ref(), &around, losses)?;
    plan.write(fields);
    body.inference_config = inference::config(request, &family, can, plan, fields, losses)?;
    if let Plan::Adaptive { effort, .. } = plan {
        body.output_config.effort = effort;
    }
    let schema_tool = format::write(format, &family, has_tools, *stream, &mut body, losses)?;

    if let Some(user) = user {
        label(user, &mut body.request_metadata, losses)?;
    }
    body.service_tier = tier(service_tier.as_deref(), losses)?;
    if !stop.is_empty() && family.is_claude() {
        // Else nobody learns which of the texts it was.
        body.additional_model_response_field_paths.push("/stop_sequence".into());
    }
    let mut own = own.clone();
    carry(&mut own, &mut body, losses)?;
    losses.drop_own(&own)?;

    let body = serde_json::to_vec(&body)
        .map_err(|error| Fault::body(format!("the request could not be written: {error}")))?;
    Ok(Prepared {
        path: path(model, place, *stream, losses)?,
        body,
        schema_tool,
        ..Prepared::default()
    })
}

/// The id is encoded once, also the slashes of an ARN.
fn path(model: &str, place: &Place<'_>, stream: bool, losses: &Losses) -> Result<String, Fault> {
    if place.region.is_empty() {
        let why = "is served by region; store a credential with a region";
        return Err(losses.refuse(&Param::Model, why));
    }
    let mut path = format!("bedrock-runtime/{}/model/", place.region);
    percent::push(&mut path, model.as_bytes(), b"");
    path.push_str(if stream { "/converse-stream" } else { "/converse" });
    Ok(path)
}

/// Names the end user in the records of the account, where the characters are permitted.
fn label(user: &str, labels: &mut Map<String, Value>, losses: &mut Losses) -> Result<(), Fault> {
    let permitted = |c: char| c.is_ascii_alphanumeric() || " :_@$#=/+,-.".contains(c);
    if (1..=256).contains(&user.len()) && user.chars().all(permitted) {
        labels.insert("user".to_owned(), user.into());
        return Ok(());
    }
    losses.drop(&Param::User)
}

fn tier<'a>(given: Option<&'a str>, losses: &Losses) -> Result<Option<ServiceTier<'a>>, Fault> {
    match given {
        None | Some("auto") => Ok(None),
        Some(kind @ ("default" | "flex" | "priority" | "reserved")) => {
            Ok(Some(ServiceTier { kind }))
        }
        Some(_) => {
            let why = "has to be auto, default, flex or priority for this provider";
            Err(losses.invalid(&Param::ServiceTier, why))
        }
    }
}

/// Converse's own parameters, which clients of any dialect may send by their own names.
fn carry(own: &mut Map<String, Value>, body: &mut Body<'_>, losses: &Losses) -> Result<(), Fault> {
    body.guardrail_config = own.remove("guardrailConfig");
    body.performance_config = own.remove("performanceConfig");
    for (name, members) in [
        ("additionalModelRequestFields", &mut body.additional_model_request_fields),
        ("requestMetadata", &mut body.request_metadata),
    ] {
        match own.remove(name) {
            None => {}
            Some(Value::Object(more)) => members.extend(more),
            Some(_) => {
                return Err(losses.invalid(&Param::Own(name.into()), "has to be an object"));
            }
        }
    }
    Ok(())
}
