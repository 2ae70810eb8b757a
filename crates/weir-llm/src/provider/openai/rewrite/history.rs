//! The messages of a body: only those that the provider would not take are written anew.

use serde_json::{Value, json};

use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};
use crate::json::{Edits, Object, Raw, push_string, read};
use crate::provider::openai::ids::ToolIds;
use crate::provider::openai::quirks::{Fate, Ids, NO_SIGNATURE, Quirks, Thoughts};

/// Extensions that other providers' answers bring into a history.
const EXTENSIONS: [&str; 4] =
    ["thinking_blocks", "reasoning_content", "extra_content", "cache_control"];

/// What the messages are fitted to.
pub(super) struct History<'a> {
    quirks: &'a Quirks,
    can: &'a Capabilities,
    losses: &'a mut Losses,
    ids: ToolIds,
    /// Calls without a thought signature get one that stands for none.
    signs: bool,
}

impl<'a> History<'a> {
    pub(super) fn new(
        quirks: &'a Quirks,
        can: &'a Capabilities,
        losses: &'a mut Losses,
        signs: bool,
    ) -> Self {
        Self { quirks, can, losses, ids: ToolIds::new(quirks.ids), signs }
    }

    /// Notes the new list of messages, if one of them has to change.
    pub(super) fn edit(
        &mut self,
        object: &mut Object<'_>,
        edits: &mut Edits,
        instruction: Option<&str>,
    ) -> Result<(), Fault> {
        let Some(raw) = object.take_raw("messages") else { return Ok(()) };
        if instruction.is_none() && !self.may_change(raw) {
            return Ok(());
        }
        let messages: Vec<Raw<'_>> = read(raw, "messages")?;
        let mut out = Vec::with_capacity(raw.get().len() + 64);
        let mut copied = 0;
        let mut changed = false;
        for (index, message) in messages.iter().enumerate() {
            let is_last = index + 1 == messages.len();
            let place = format!("messages[{index}]");
            let new = self.one(message, &place, is_last)?;
            let Some(new) = new else { continue };
            changed = true;
            let at = message.get().as_ptr() as usize - raw.get().as_ptr() as usize;
            out.extend_from_slice(&raw.get().as_bytes()[copied..at]);
            out.extend_from_slice(&new);
            copied = at + message.get().len();
        }
        if !changed && instruction.is_none() {
            return Ok(());
        }
        out.extend_from_slice(&raw.get().as_bytes()[copied..]);
        if let Some(text) = instruction {
            let mut message = b"{\"role\":\"system\",\"content\":".to_vec();
            push_string(&mut message, text);
            message.extend_from_slice(if messages.is_empty() { b"}" } else { b"}," });
            // The list was read, so it begins with its bracket.
            out.splice(1..1, message);
        }
        edits.set("messages", out);
        Ok(())
    }
    /// Whether the list has a word in it that could mean a change: most have none, and are not read.
    fn may_change(&self, raw: Raw<'_>) -> bool {
        let quirks = self.quirks;
        let has =
            |word: &str| memchr::memmem::find(raw.get().as_bytes(), word.as_bytes()).is_some();
        (!quirks.developer && has("developer"))
            || ((quirks.ids != Ids::Any || self.signs) && has("tool_call"))
            || (quirks.fate("messages[].name") != Fate::Carry && has("\"name\""))
            || (quirks.strict_messages && EXTENSIONS.into_iter().any(has))
            || quirks.prefix
            || self.can.assistant_prefill == Some(false)
    }

    /// The message written anew, if it has to be.
    fn one(&mut self, raw: Raw<'_>, place: &str, is_last: bool) -> Result<Option<Vec<u8>>, Fault> {
        let quirks = self.quirks;
        let mut message: Object<'_> = read(raw, place)?;
        let mut edits = Edits::default();
        let role: String = message.take("role")?.unwrap_or_default();
        if role == "developer" && !quirks.developer {
            edits.set_text("role", "system");
        }
        if role == "assistant" && is_last {
            if self.can.assistant_prefill == Some(false) {
                let why =
                    "does not continue a begun answer with this model; end with a user message";
                return Err(self.losses.refuse(&Param::Own(place.into()), why));
            }
            if quirks.prefix && message.take_raw("prefix").is_none() {
                edits.set("prefix", "true");
            }
        }
        let name = message.take_raw("name").is_some();
        if name && role != "function" && quirks.fate("messages[].name") != Fate::Carry {
            edits.remove("name");
            self.losses.drop(&Param::Own("messages[].name".into()))?;
        }
        if let Some(id) = message.take::<String>("tool_call_id")? {
            let new = self.ids.form(&id);
            if new != id {
                edits.set_text("tool_call_id", &new);
            }
        }
        if let Some(calls) = message.take_raw("tool_calls")
            && let Some(new) = self.calls_anew(calls)?
        {
            edits.set("tool_calls", new);
        }
        if quirks.strict_messages {
            self.foreign(&mut message, &mut edits)?;
        }
        if edits.is_empty() { Ok(None) } else { edits.apply(raw.get().as_bytes()).map(Some) }
    }

    /// Extensions that the provider would stumble over. Thoughts are history that it cannot use.
    fn foreign(&mut self, message: &mut Object<'_>, edits: &mut Edits) -> Result<(), Fault> {
        let quirks = self.quirks;
        let thoughts: Option<String> = message.take("reasoning_content")?;
        if thoughts.is_some() {
            edits.remove("reasoning_content");
        }
        if message.take_raw("thinking_blocks").is_some() {
            edits.remove("thinking_blocks");
        }
        if message.take_raw("cache_control").is_some() {
            edits.remove("cache_control");
            self.losses.drop(&Param::CacheControl)?;
        }
        let content = message.take_raw("content");
        let kept = thoughts.filter(|text| !text.is_empty() && quirks.thoughts == Thoughts::Parts);
        let has_cache = content.is_some_and(|raw| {
            let text = raw.get();
            text.starts_with('[')
                && memchr::memmem::find(text.as_bytes(), b"cache_control").is_some()
        });
        if kept.is_none() && !has_cache {
            return Ok(());
        }
        let content = content.map(|raw| read(raw, "content")).transpose()?;
        let mut parts = match content {
            None => Vec::new(),
            Some(Value::Array(parts)) => parts,
            Some(text) => vec![json!({"type": "text", "text": text})],
        };
        for part in parts.iter_mut().filter_map(Value::as_object_mut) {
            if part.shift_remove("cache_control").is_some() {
                self.losses.drop(&Param::CacheControl)?;
            }
        }
        if let Some(text) = kept {
            let thinking = json!([{"type": "text", "text": text}]);
            parts.insert(0, json!({"type": "thinking", "thinking": thinking, "closed": true}));
        }
        edits.set("content", Value::Array(parts).to_string());
        Ok(())
    }

    /// The calls with ids that the provider takes, and with the signatures that it wants or without.
    fn calls_anew(&mut self, raw: Raw<'_>) -> Result<Option<Vec<u8>>, Fault> {
        let mut calls: Vec<Value> = read(raw, "tool_calls")?;
        let mut changed = false;
        for (at, call) in calls.iter_mut().filter_map(Value::as_object_mut).enumerate() {
            if let Some(Value::String(id)) = call.get_mut("id") {
                let new = self.ids.form(id).into_owned();
                changed |= *id != new;
                *id = new;
            }
            changed |= self.quirks.strict_messages && call.shift_remove("extra_content").is_some();
            if self.signs && at == 0 && !call.contains_key("extra_content") {
                let google = json!({"google": {"thought_signature": NO_SIGNATURE}});
                call.insert("extra_content".to_owned(), google);
                changed = true;
            }
        }
        Ok(changed.then(|| Value::Array(calls).to_string().into_bytes()))
    }
}
