//! A request, written for one provider (spec: providers 4.1).

use serde::Serialize;
use serde_json::{Number, Value, json};

use super::ids::ToolIds;
use super::quirks::{Fate, Formats, Quirks};
use super::{effort, messages, sampling, tools};
use crate::canonical::{Effort, Format, Request};
use crate::capability::Capabilities;
use crate::dialect::Dialect;
use crate::fault::{Fault, Losses, Param};
use crate::json::push_string;
use crate::provider::{Place, Prepared};

/// What a request is written with.
pub(super) struct Writing<'a> {
    pub(super) out: Vec<u8>,
    pub(super) quirks: &'static Quirks,
    pub(super) capabilities: Capabilities,
    pub(super) losses: &'a mut Losses,
    pub(super) ids: ToolIds,
    /// Calls without a thought signature get one that stands for none.
    pub(super) signs: bool,
    /// How much thinking is asked for.
    effort: Option<Effort>,
}

/// Writes the request. One list over all fields: a new one does not compile until it is handled.
pub(in crate::provider) fn prepare(
    request: &Request,
    place: &Place<'_>,
    losses: &mut Losses,
) -> Result<Prepared, Fault> {
    let Request {
        model,
        messages: history,
        tools: offered,
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
        // Usage is always asked for: it goes into the records; the client's writer knows who asked.
        include_usage: _,
        own,
    } = request;
    let quirks = Quirks::of(place.provider);
    let mut w = Writing {
        out: Vec::with_capacity(4096),
        quirks,
        capabilities: place.capabilities,
        losses,
        ids: ToolIds::new(quirks.ids),
        signs: quirks.signs(model),
        effort: reasoning.as_ref().and_then(|it| it.effort.or(it.budget.map(Effort::of_budget))),
    };
    w.out.extend_from_slice(b"{\"model\":");
    push_string(&mut w.out, model);
    let instruction = w.format(format)?;
    messages::push(&mut w, history, instruction.as_deref())?;
    tools::push(&mut w, request, offered, tool_choice.as_ref())?;
    let parallel = parallel_tools.filter(|_| !offered.is_empty());
    // A model that never does it refuses the switch, whichever way it is set.
    if w.capabilities.parallel_tools != Some(false) {
        w.carry("parallel_tool_calls", &Param::ParallelTools, parallel)?;
    } else if parallel == Some(true) {
        w.losses.drop(&Param::ParallelTools)?;
    }
    w.carry_as(quirks.max_tokens, "max_tokens", &Param::MaxTokens, *max_tokens)?;
    w.sampling("temperature", &Param::Temperature, temperature.as_ref(), 1.0)?;
    w.sampling("top_p", &Param::TopP, top_p.as_ref(), 1.0)?;
    w.carry("top_k", &Param::TopK, *top_k)?;
    w.stop(stop)?;
    w.carry_as(quirks.seed, "seed", &Param::Seed, *seed)?;
    w.sampling("frequency_penalty", &Param::FrequencyPenalty, frequency_penalty.as_ref(), 0.0)?;
    w.sampling("presence_penalty", &Param::PresencePenalty, presence_penalty.as_ref(), 0.0)?;
    w.carry("logit_bias", &Param::LogitBias, logit_bias.as_ref())?;
    w.carry("logprobs", &Param::Logprobs, logprobs.filter(|wanted| *wanted))?;
    w.carry("top_logprobs", &Param::TopLogprobs, *top_logprobs)?;
    w.carry("n", &Param::N, n.filter(|n| *n > 1))?;
    effort::push(&mut w, reasoning.as_ref())?;
    w.carry("user", &Param::User, user.as_ref())?;
    w.carry("metadata", &Param::Metadata, metadata.as_ref())?;
    let tier = service_tier.as_deref().map(|word| {
        let other = quirks.tiers.iter().find(|(from, _)| *from == word);
        other.map_or(word, |(_, to)| to)
    });
    w.carry("service_tier", &Param::ServiceTier, tier)?;
    if *stream {
        w.member("stream", &true);
        if quirks.stream_options {
            w.member("stream_options", &json!({"include_usage": true}));
        }
    }
    w.own(own)?;
    w.out.push(b'}');
    Ok(Prepared { path: place.path.to_owned(), body: w.out, ..Prepared::default() })
}

impl Writing<'_> {
    /// Writes a member.
    pub(super) fn member(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        self.name(name);
        self.json(value);
    }

    /// Writes the name of a member that is not the first.
    pub(super) fn name(&mut self, name: &str) {
        self.out.push(b',');
        push_string(&mut self.out, name);
        self.out.push(b':');
    }

    /// Writes a value.
    pub(super) fn json(&mut self, value: &(impl Serialize + ?Sized)) {
        // Writing into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.out, value);
    }

    /// Writes a parameter if it is given and the provider takes it.
    pub(super) fn carry<T: Serialize>(
        &mut self,
        name: &str,
        param: &Param,
        value: Option<T>,
    ) -> Result<(), Fault> {
        self.carry_as(name, name, param, value)
    }

    /// The same for a parameter that the provider calls `theirs`.
    fn carry_as<T: Serialize>(
        &mut self,
        theirs: &str,
        name: &str,
        param: &Param,
        value: Option<T>,
    ) -> Result<(), Fault> {
        let Some(value) = value else { return Ok(()) };
        match self.quirks.fate(name) {
            Fate::Carry => {
                self.member(theirs, &value);
                Ok(())
            }
            Fate::Drop => self.losses.drop(param),
            Fate::Refuse(why) => Err(self.losses.refuse(param, why)),
        }
    }

    /// A parameter of the sampling. Some models take none; its usual value asks for nothing.
    fn sampling(
        &mut self,
        name: &str,
        param: &Param,
        value: Option<&Number>,
        usual: f64,
    ) -> Result<(), Fault> {
        let Some(value) = value else { return Ok(()) };
        if sampling::takes(name, self.quirks, &self.capabilities, self.effort) {
            self.member(name, value);
            return Ok(());
        }
        if value.as_f64() == Some(usual) { Ok(()) } else { self.losses.drop(param) }
    }

    fn stop(&mut self, stop: &[String]) -> Result<(), Fault> {
        if let Some(most) = self.quirks.max_stop
            && stop.len() > most
        {
            let why = format!("{} takes at most {most}", self.losses.target());
            return Err(self.losses.invalid(&Param::Stop, &why));
        }
        self.carry("stop", &Param::Stop, (!stop.is_empty()).then_some(stop))
    }

    /// Writes `response_format`. A schema that the provider cannot be held to becomes an instruction,
    /// which is returned.
    fn format(&mut self, format: &Format) -> Result<Option<String>, Fault> {
        let holds = self.capabilities.native_json_schema != Some(false);
        match (format, self.quirks.formats) {
            (Format::Text, _) => Ok(None),
            (Format::JsonObject, Formats::SchemaOnly) => {
                let schema = json!({"name": "answer", "schema": {"type": "object"}});
                let format = json!({"type": "json_schema", "json_schema": schema});
                self.member("response_format", &format);
                Ok(None)
            }
            (Format::JsonObject, _) => {
                self.member("response_format", &json!({"type": "json_object"}));
                Ok(None)
            }
            (Format::JsonSchema { schema, .. }, formats)
                if formats == Formats::ObjectOnly || !holds =>
            {
                self.losses.drop(&Param::ResponseFormat)?;
                self.member("response_format", &json!({"type": "json_object"}));
                Ok(Some(schema_instruction(schema)))
            }
            (Format::JsonSchema { name, description, schema, strict }, _) => {
                let name = if name.is_empty() { "answer" } else { name };
                let mut inner = json!({"name": name, "schema": schema});
                if let Some(description) = description {
                    inner["description"] = description.as_str().into();
                }
                if let Some(strict) = strict {
                    inner["strict"] = (*strict).into();
                }
                let format = json!({"type": "json_schema", "json_schema": inner});
                self.member("response_format", &format);
                Ok(None)
            }
        }
    }

    /// Parameters that only the client's dialect has; it may be this one.
    fn own(&mut self, own: &serde_json::Map<String, Value>) -> Result<(), Fault> {
        if self.losses.dialect() != Dialect::OpenAiChat {
            return self.losses.drop_own(own);
        }
        for (name, value) in own {
            let param = Param::Own(name.as_str().into());
            if name.contains(['.', '[']) {
                self.losses.drop(&param)?;
            } else {
                self.carry(name, &param, Some(value))?;
            }
        }
        Ok(())
    }
}

/// Tells a model in words what it cannot be held to.
pub(super) fn schema_instruction(schema: &Value) -> String {
    format!(
        "Answer with one JSON object and nothing else. It has to follow this JSON schema: {schema}"
    )
}
