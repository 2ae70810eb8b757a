//! The parameters of a body.

use serde_json::{Number, Value};

use crate::canonical::Effort;
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};
use crate::json::{Edits, Object, Raw, read};
use crate::provider::openai::effort::nearest;
use crate::provider::openai::quirks::{Fate, Formats, Quirks, Thinking};
use crate::provider::openai::request::schema_instruction;
use crate::provider::openai::sampling::takes;

/// Notes what has to change. Everything taken out of `object` is settled.
pub(super) fn edit(
    object: &mut Object<'_>,
    edits: &mut Edits,
    quirks: &Quirks,
    can: &Capabilities,
    losses: &mut Losses,
    instruction: &mut Option<String>,
) -> Result<(), Fault> {
    let mut rewriting = Rewriting { edits, quirks, can, losses };
    rewriting.limit(object)?;
    rewriting.sampling(object)?;
    rewriting.tools(object)?;
    rewriting.thinking(object)?;
    *instruction = rewriting.format(object)?;
    if !quirks.stream_options && object.take_raw("stream_options").is_some() {
        rewriting.edits.remove("stream_options");
    }
    if quirks.seed != "seed"
        && let Some(raw) = object.take_raw("seed")
    {
        rewriting.rename("seed", quirks.seed, raw);
    }
    if let Some(most) = quirks.max_stop
        && let Some(Value::Array(stop)) = object.get("stop")?
        && stop.len() > most
    {
        let why = format!("{} takes at most {most}", rewriting.losses.target());
        return Err(rewriting.losses.invalid(&Param::Stop, &why));
    }
    if let Some(tier) = object.get::<String>("service_tier")?
        && let Some((_, theirs)) = quirks.tiers.iter().find(|(ours, _)| *ours == tier)
    {
        rewriting.edits.set_text("service_tier", theirs);
    }
    rewriting.fates(object)
}

struct Rewriting<'a> {
    edits: &'a mut Edits,
    quirks: &'a Quirks,
    can: &'a Capabilities,
    losses: &'a mut Losses,
}

impl Rewriting<'_> {
    fn rename(&mut self, from: &'static str, to: &'static str, raw: Raw<'_>) {
        self.edits.remove(from);
        self.edits.set(to, raw.get());
    }

    /// The two names of the limit. The newer one wins, and only models that think insist on it.
    fn limit(&mut self, object: &mut Object<'_>) -> Result<(), Fault> {
        const OLDER: &str = "max_tokens";
        const NEWER: &str = "max_completion_tokens";
        let wants = |name| self.quirks.max_tokens == name;
        let wants_newer =
            wants(NEWER) && (!self.quirks.either_limit || self.can.reasoning == Some(true));
        let wants_older = wants(OLDER) && !self.quirks.either_limit;
        let (older, newer) = (object.take_raw(OLDER), object.take_raw(NEWER));
        let (from, to) = match self.quirks.fate(OLDER) {
            Fate::Carry if wants_newer => (OLDER, NEWER),
            Fate::Carry if wants_older => (NEWER, OLDER),
            Fate::Carry => return Ok(()),
            _ => {
                for name in [OLDER, NEWER] {
                    let given = if name == OLDER { older } else { newer };
                    if given.is_some() {
                        self.edits.remove(name);
                        self.losses.drop(&Param::Own(name.into()))?;
                    }
                }
                return Ok(());
            }
        };
        let given = if from == OLDER { older } else { newer };
        if let Some(value) = given.and(newer.or(older)) {
            self.rename(from, to, value);
        }
        Ok(())
    }

    fn sampling(&mut self, object: &mut Object<'_>) -> Result<(), Fault> {
        let all = [
            ("temperature", Param::Temperature, 1.0),
            ("top_p", Param::TopP, 1.0),
            ("frequency_penalty", Param::FrequencyPenalty, 0.0),
            ("presence_penalty", Param::PresencePenalty, 0.0),
        ];
        let effort = object.get::<String>("reasoning_effort").ok().flatten();
        let effort = effort.as_deref().and_then(Effort::parse);
        for (name, param, usual) in all {
            let taken = takes(name, self.quirks, self.can, effort);
            let Some(raw) = object.take_raw(name).filter(|_| !taken) else { continue };
            self.edits.remove(name);
            if read::<Number>(raw, name)?.as_f64() != Some(usual) {
                self.losses.drop(&param)?;
            }
        }
        Ok(())
    }

    fn tools(&mut self, object: &mut Object<'_>) -> Result<(), Fault> {
        let is_empty = |raw: Raw<'_>| raw.get().bytes().all(|b| b"[] \t\r\n".contains(&b));
        let older = object.take_raw("functions");
        let offered = object.take_raw("tools").or(older).filter(|raw| !is_empty(raw));
        if offered.is_some() {
            if let Fate::Refuse(why) = self.quirks.fate("tools") {
                return Err(self.losses.refuse(&Param::Tools, why));
            }
            if self.can.tools == Some(false) {
                let why = "calls no tools with this model; leave them out or use another model";
                return Err(self.losses.refuse(&Param::Tools, why));
            }
        }
        // A model that never does it refuses the switch, whichever way it is set.
        if self.can.parallel_tools == Some(false)
            && let Some(switch) = object.take_raw("parallel_tool_calls")
        {
            self.edits.remove("parallel_tool_calls");
            if switch.get() == "true" {
                self.losses.drop(&Param::ParallelTools)?;
            }
        }
        let Some(choice) = object.take_raw("tool_choice") else { return Ok(()) };
        let word = choice.get().trim_matches('"');
        let free = matches!(word, "auto" | "none");
        if !free && offered.is_some() && self.can.forced_tool_choice == Some(false) {
            let why = "cannot be made to call a tool with this model; use auto";
            return Err(self.losses.refuse(&Param::ToolChoice, why));
        }
        if word == "required" && self.quirks.required != word {
            self.edits.set_text("tool_choice", self.quirks.required);
        }
        Ok(())
    }

    /// A word that the model does not have becomes the nearest that it has. What nobody said
    /// anything about stays as the client wrote it.
    fn thinking(&mut self, object: &mut Object<'_>) -> Result<(), Fault> {
        const NAME: &str = "reasoning_effort";
        let Some(raw) = object.take_raw(NAME) else { return Ok(()) };
        let Some(effort) = Effort::parse(&read::<String>(raw, NAME)?) else { return Ok(()) };
        let can = self.can;
        if can.reasoning == Some(false) || self.quirks.thinking == Thinking::Never {
            self.edits.remove(NAME);
            return if effort == Effort::None {
                Ok(())
            } else {
                self.losses.drop(&Param::Reasoning)
            };
        }
        if self.quirks.thinking == Thinking::Toggle && effort == Effort::None {
            self.edits.remove(NAME);
            self.edits.set("thinking", r#"{"type":"disabled"}"#);
            return Ok(());
        }
        let lacks = match effort {
            Effort::None => can.effort_none,
            Effort::Minimal => can.effort_minimal,
            Effort::XHigh => can.effort_xhigh,
            Effort::Max => can.effort_max,
            _ => None,
        };
        if lacks == Some(false) {
            match nearest(effort, can) {
                Some(nearest) => self.edits.set_text(NAME, nearest.word()),
                None => self.edits.remove(NAME),
            }
        }
        Ok(())
    }

    /// A form of the answer that the provider does not know. A schema becomes an instruction, which
    /// is returned.
    fn format(&mut self, object: &mut Object<'_>) -> Result<Option<String>, Fault> {
        const NAME: &str = "response_format";
        let unknown = match self.quirks.formats {
            Formats::ObjectOnly => "json_schema",
            Formats::SchemaOnly => "json_object",
            Formats::Both if self.can.native_json_schema == Some(false) => "json_schema",
            Formats::Both => return Ok(None),
        };
        let Some(raw) = object.take_raw(NAME) else { return Ok(None) };
        let mut format: Value = read(raw, NAME)?;
        if format["type"] != unknown {
            return Ok(None);
        }
        if unknown == "json_object" {
            let any = r#"{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}}"#;
            self.edits.set(NAME, any);
            return Ok(None);
        }
        self.losses.drop(&Param::ResponseFormat)?;
        self.edits.set(NAME, r#"{"type":"json_object"}"#);
        Ok(Some(schema_instruction(&format["json_schema"]["schema"].take())))
    }

    /// What the provider does not take at all.
    fn fates(&mut self, object: &mut Object<'_>) -> Result<(), Fault> {
        for (name, fate) in self.quirks.fates {
            let Some(raw) = object.take_raw(name) else { continue };
            self.edits.remove(*name);
            // Some values ask for nothing.
            if matches!(
                (*name, raw.get()),
                ("n", "1") | ("logprobs" | "store", "false") | (_, "{}")
            ) {
                continue;
            }
            let param = Param::Own((*name).into());
            match fate {
                Fate::Refuse(why) => return Err(self.losses.refuse(&param, why)),
                _ => self.losses.drop(&param)?,
            }
        }
        Ok(())
    }
}
