//! A request as Anthropic reads it.

use std::borrow::Cow;

use super::super::{Place, Prepared};
use super::body::{Body, Metadata, Output};
use super::format::Way;
use super::sampling::Sampling;
use super::thinking::{self, Wanted};
use super::tools;
use super::turns::Turns;
use crate::canonical::Request;
use crate::fault::{Fault, Losses, Param};

const VERSION: &str = "2023-06-01";

pub(in crate::provider) fn prepare(
    request: &Request,
    place: &Place<'_>,
    losses: &mut Losses,
) -> Result<Prepared, Fault> {
    let service_tier = settle(request, losses)?;
    let facts = &place.capabilities;
    let mut conversation = Turns::of(request, *facts, losses)?;
    let mut offered = tools::offered(request, facts, losses)?;
    let mut tool_choice = tools::choice(request, &offered, facts, losses)?;
    let mut output = Output::default();
    let mut schema_tool = None;
    match Way::of(request, facts, losses)? {
        Way::Free => {}
        Way::Words(block) => conversation.system.push(block),
        Way::Native(format) => output.format = Some(format),
        Way::Tool(tool) => {
            schema_tool = Some(tool.name.into());
            tool_choice = Some(Way::demand(&tool));
            offered.push(tool);
        }
    }
    let wanted = Wanted {
        reasoning: request.reasoning.as_ref(),
        capabilities: facts,
        max_tokens: request.max_tokens,
        forced_tool: schema_tool.is_some() || tools::is_forced(request),
        lost_thoughts: conversation.lost_thoughts(),
    };
    let plan = thinking::plan(&wanted, losses)?;
    output.effort = plan.effort;
    let sampling = Sampling::of(request, plan.thinks(), facts, losses)?;
    let body = Body {
        model: &request.model,
        max_tokens: plan.max_tokens,
        system: conversation.system,
        messages: conversation.turns,
        tools: offered,
        tool_choice,
        thinking: plan.config,
        output_config: output,
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        top_k: sampling.top_k,
        stop_sequences: &request.stop,
        metadata: request.user.as_deref().map(|user_id| Metadata { user_id }),
        service_tier,
        stream: request.stream,
    };
    let body = serde_json::to_vec(&body)
        .map_err(|error| Fault::body(format!("the request could not be written: {error}")))?;
    Ok(Prepared {
        path: place.path.to_owned(),
        headers: vec![("anthropic-version", Cow::Borrowed(VERSION))],
        body,
        schema_tool,
    })
}

/// Refuses or leaves out what Anthropic has not; gives the service tier in its words. The list names
/// every field, so that a new one does not compile before it was thought about.
fn settle(request: &Request, losses: &mut Losses) -> Result<Option<&'static str>, Fault> {
    let Request {
        seed,
        frequency_penalty,
        presence_penalty,
        logit_bias,
        logprobs,
        top_logprobs,
        n,
        stop,
        metadata,
        service_tier,
        own,
        // Carried over, each by a part of its own.
        model: _,
        messages: _,
        tools: _,
        tool_choice: _,
        parallel_tools: _,
        max_tokens: _,
        temperature: _,
        top_p: _,
        top_k: _,
        format: _,
        reasoning: _,
        user: _,
        stream: _,
        // Anthropic always tells the usage.
        include_usage: _,
    } = request;
    if logit_bias.is_some() {
        return Err(losses.refuse(&Param::LogitBias, "cannot favour single tokens; leave it out"));
    }
    let silent = "does not tell likelihoods; leave it out";
    if *logprobs == Some(true) {
        return Err(losses.refuse(&Param::Logprobs, silent));
    }
    if top_logprobs.is_some_and(|count| count > 0) {
        return Err(losses.refuse(&Param::TopLogprobs, silent));
    }
    if n.is_some_and(|n| n != 1) {
        return Err(losses.refuse(&Param::N, "gives one answer to a request; ask again for more"));
    }
    if stop.iter().any(|text| text.trim().is_empty()) {
        let why = format!("{} takes no stop text that is only white space", losses.target());
        return Err(losses.invalid(&Param::Stop, &why));
    }
    if seed.is_some() {
        losses.drop(&Param::Seed)?;
    }
    let penalties =
        [(frequency_penalty, Param::FrequencyPenalty), (presence_penalty, Param::PresencePenalty)];
    for (penalty, param) in &penalties {
        if penalty.as_ref().is_some_and(|number| number.as_f64() != Some(0.0)) {
            losses.drop(param)?;
        }
    }
    if metadata.as_ref().is_some_and(|labels| !labels.is_empty()) {
        losses.drop(&Param::Metadata)?;
    }
    losses.drop_own(own)?;
    match service_tier.as_deref() {
        None => Ok(None),
        Some("auto") => Ok(Some("auto")),
        Some("default") => Ok(Some("standard_only")),
        Some(other) => {
            let why = format!("has no tier `{other}`; ask for `auto` or `default`");
            Err(losses.refuse(&Param::ServiceTier, &why))
        }
    }
}
