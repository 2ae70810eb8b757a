//! Writing a request (spec: providers 4.1).

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::body::{Body, Content, Generation};
use super::contents::{self, Target};
use super::model::Model;
use super::own::{self, Own};
use super::tools::{self, Wanted};
use super::{path, thinking};
use crate::canonical::{Format, Request};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};
use crate::provider::{Place, Prepared};

/// Most stop texts that Gemini takes.
const MAX_STOPS: usize = 5;
/// Most others that it tells likelihoods of.
const MAX_LOGPROBS: u64 = 20;
const VERTEX: &str = "google-vertex-ai";

/// The table: each field is carried, left out with a mark, or refused.
pub(in crate::provider) fn prepare(
    request: &Request,
    place: &Place<'_>,
    losses: &mut Losses,
) -> Result<Prepared, Fault> {
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
        // Gemini always tells the usage of a stream.
        include_usage: _,
        own,
    } = request;
    let capabilities = &place.capabilities;
    let is_vertex = place.provider == VERTEX;
    let known = Model::of(model, capabilities);
    let Own { web_search, modalities, safety_settings, cached_content } = own::own(own, losses)?;
    let target = Target {
        is_third: known.is_third(),
        has_call_ids: !is_vertex,
        capabilities: *capabilities,
    };
    let conversation = contents::conversation(messages, target, losses)?;
    let wanted =
        Wanted { tools, choice: tool_choice.as_ref(), parallel: *parallel_tools, web_search };
    let (groups, tool_config) = tools::tools(&wanted, capabilities, losses)?;
    refuse_bias(logit_bias.as_ref(), losses)?;
    let takes_schema = known.is_third() || (tools.is_empty() && web_search.is_none());
    let (response_mime_type, response_json_schema) =
        response_format(format, takes_schema, capabilities, losses)?;
    let sampling = Sampling { temperature, top_p, top_k: *top_k };
    let Sampling { temperature, top_p, top_k } = sampling.permitted(capabilities, losses)?;
    let generation_config = Generation {
        max_output_tokens: *max_tokens,
        temperature: temperature.as_ref(),
        top_p: top_p.as_ref(),
        top_k,
        stop_sequences: stops(stop, losses)?,
        seed: small_seed(*seed, losses)?,
        frequency_penalty: frequency_penalty.as_ref(),
        presence_penalty: presence_penalty.as_ref(),
        response_logprobs: logprobs.filter(|wanted| *wanted),
        logprobs: likelihoods(*logprobs, *top_logprobs, losses)?,
        candidate_count: *n,
        response_mime_type,
        response_json_schema,
        response_modalities: modalities,
        media_resolution: resolution(&conversation.details, losses)?,
        thinking_config: thinking::config(reasoning.as_ref(), known.thinking, losses)?,
    };
    unneeded(user.is_some(), metadata.as_ref(), service_tier.as_deref(), losses)?;
    let system = conversation.system;
    let body = Body {
        system_instruction: (!system.is_empty()).then_some(Content { role: None, parts: system }),
        contents: conversation.contents,
        tools: groups,
        tool_config,
        generation_config,
        safety_settings,
        cached_content,
    };
    let body = serde_json::to_vec(&body)
        .map_err(|error| Fault::body(format!("the request could not be written: {error}")))?;
    let path = path::path(&root(place, is_vertex), model, *stream);
    Ok(Prepared { path, body, ..Prepared::default() })
}

/// Where the models are.
fn root(place: &Place<'_>, is_vertex: bool) -> Cow<'static, str> {
    if is_vertex {
        let Place { project, region, .. } = place;
        format!("v1/projects/{project}/locations/{region}/publishers/google").into()
    } else {
        "v1beta".into()
    }
}

/// Temperature and its like.
struct Sampling<'a> {
    temperature: &'a Option<Number>,
    top_p: &'a Option<Number>,
    top_k: Option<u64>,
}

impl Sampling<'_> {
    /// All of it, or nothing for a model that chooses for itself.
    fn permitted(self, capabilities: &Capabilities, losses: &mut Losses) -> Result<Self, Fault> {
        if capabilities.sampling_params != Some(false) {
            return Ok(self);
        }
        let given = [
            (self.temperature.is_some(), Param::Temperature),
            (self.top_p.is_some(), Param::TopP),
            (self.top_k.is_some(), Param::TopK),
        ];
        for (_, param) in given.iter().filter(|(is_given, _)| *is_given) {
            losses.drop(param)?;
        }
        Ok(Sampling { temperature: &None, top_p: &None, top_k: None })
    }
}

fn refuse_bias(bias: Option<&Map<String, Value>>, losses: &Losses) -> Result<(), Fault> {
    match bias.filter(|bias| !bias.is_empty()) {
        Some(_) => Err(losses.refuse(&Param::LogitBias, "cannot bias tokens; leave it out")),
        None => Ok(()),
    }
}

fn stops<'a>(stop: &'a [String], losses: &Losses) -> Result<&'a [String], Fault> {
    if stop.len() > MAX_STOPS {
        let why = format!("{} takes at most {MAX_STOPS}, not {}", losses.target(), stop.len());
        return Err(losses.invalid(&Param::Stop, &why));
    }
    Ok(stop)
}

/// Gemini's seeds have 32 bits.
fn small_seed(seed: Option<i64>, losses: &Losses) -> Result<Option<i64>, Fault> {
    match seed.filter(|seed| i32::try_from(*seed).is_err()) {
        Some(_) => {
            let why = format!("{} takes a number that fits in 32 bits", losses.target());
            Err(losses.invalid(&Param::Seed, &why))
        }
        None => Ok(seed),
    }
}

fn likelihoods(
    logprobs: Option<bool>,
    others: Option<u64>,
    losses: &Losses,
) -> Result<Option<u64>, Fault> {
    let others = others.filter(|_| logprobs == Some(true));
    match others.filter(|others| *others > MAX_LOGPROBS) {
        Some(_) => {
            let why = format!("{} tells at most {MAX_LOGPROBS}", losses.target());
            Err(losses.invalid(&Param::TopLogprobs, &why))
        }
        None => Ok(others),
    }
}

type ResponseForm<'a> = (Option<&'static str>, Option<&'a Value>);

fn response_format<'a>(
    format: &'a Format,
    takes_schema: bool,
    capabilities: &Capabilities,
    losses: &Losses,
) -> Result<ResponseForm<'a>, Fault> {
    let schema = match format {
        Format::Text => return Ok((None, None)),
        Format::JsonObject => None,
        Format::JsonSchema { schema, .. } => Some(schema),
    };
    if !takes_schema {
        let why = "cannot call tools and hold its answer to JSON at once before Gemini 3; \
                   leave out one of the two or use a newer model";
        return Err(losses.refuse(&Param::ResponseFormat, why));
    }
    if schema.is_some() && capabilities.native_json_schema == Some(false) {
        let why = "cannot hold this model's answer to a schema; use json_object";
        return Err(losses.refuse(&Param::ResponseFormat, why));
    }
    Ok((Some("application/json"), schema))
}

/// Gemini looks at all pictures with the same care.
fn resolution(details: &[&str], losses: &mut Losses) -> Result<Option<&'static str>, Fault> {
    if details.contains(&"high") {
        return Ok(Some("MEDIA_RESOLUTION_HIGH"));
    }
    let low = details.iter().filter(|detail| **detail == "low").count();
    if low > 0 && low == details.len() {
        return Ok(Some("MEDIA_RESOLUTION_LOW"));
    }
    if low > 0 || details.iter().any(|detail| *detail != "auto") {
        losses.drop(&Param::ImageDetail)?;
    }
    Ok(None)
}

/// What Gemini has nothing like, and needs for nothing.
fn unneeded(
    user: bool,
    metadata: Option<&Map<String, Value>>,
    tier: Option<&str>,
    losses: &mut Losses,
) -> Result<(), Fault> {
    if user {
        losses.drop(&Param::User)?;
    }
    if metadata.is_some_and(|labels| !labels.is_empty()) {
        losses.drop(&Param::Metadata)?;
    }
    // These two are what one gets anyway.
    if tier.is_some_and(|tier| !matches!(tier, "auto" | "default")) {
        losses.drop(&Param::ServiceTier)?;
    }
    Ok(())
}
