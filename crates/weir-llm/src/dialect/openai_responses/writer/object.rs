//! The response object.

use weir_core::Usage;

use super::super::repeated;
use super::frames::{self, Frames};
use crate::canonical::Failure;
use crate::dialect::ReplyContext;
use crate::json::push_string;

/// How far an answer is.
#[derive(Clone, Copy)]
pub(super) enum State<'a> {
    InProgress,
    Completed,
    /// It broke off, for this reason.
    Incomplete(&'static str),
    Failed(&'a Failure),
}

impl State<'_> {
    const fn word(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Incomplete(_) => "incomplete",
            Self::Failed(_) => "failed",
        }
    }

    /// The event that says so.
    pub(super) const fn event(self) -> &'static str {
        match self {
            Self::InProgress => "response.in_progress",
            Self::Completed => "response.completed",
            Self::Incomplete(_) => "response.incomplete",
            Self::Failed(_) => "response.failed",
        }
    }
}

/// What does not change while an answer grows.
pub(super) struct Head {
    pub(super) base: Box<str>,
    /// Tools whose calls are unwrapped.
    pub(super) custom_tools: Vec<Box<str>>,
    id: String,
    model: String,
    pub(super) created: i64,
    pub(super) service_tier: Option<String>,
    /// What is repeated of the request, as text: the tree is not kept.
    tail: Vec<u8>,
}

impl Head {
    pub(super) fn new(context: &ReplyContext) -> Self {
        Self {
            base: context.base.clone(),
            custom_tools: repeated::custom_tools(&context.echo),
            id: format!("resp_{}", context.base),
            model: context.model.to_string(),
            created: context.created,
            service_tier: None,
            tail: repeated::tail(&context.echo),
        }
    }

    /// Takes the provider's own names.
    pub(super) fn name(&mut self, id: Option<&str>, model: Option<&str>) {
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            let own = id.starts_with("resp_");
            self.id = if own { id.to_owned() } else { format!("resp_{id}") };
        }
        if let Some(model) = model.filter(|model| !model.is_empty()) {
            model.clone_into(&mut self.model);
        }
    }

    pub(super) fn write(
        &self,
        out: &mut Vec<u8>,
        state: State<'_>,
        items: &[Vec<u8>],
        usage: Option<&Usage>,
    ) {
        out.extend_from_slice(b"{\"id\":");
        push_string(out, &self.id);
        out.extend_from_slice(b",\"object\":\"response\",\"created_at\":");
        // A time before 1970 cannot be.
        frames::number(out, self.created.unsigned_abs());
        frames::text(out, "status", state.word());
        out.extend_from_slice(b",\"error\":");
        match state {
            State::Failed(failure) => error_object(out, failure),
            _ => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"incomplete_details\":");
        match state {
            State::Incomplete(reason) => {
                out.extend_from_slice(b"{\"reason\":");
                push_string(out, reason);
                out.push(b'}');
            }
            _ => out.extend_from_slice(b"null"),
        }
        frames::text(out, "model", &self.model);
        out.extend_from_slice(b",\"output\":[");
        let mut first = true;
        for item in items.iter().filter(|item| !item.is_empty()) {
            if !std::mem::replace(&mut first, false) {
                out.push(b',');
            }
            out.extend_from_slice(item);
        }
        out.extend_from_slice(b"],\"usage\":");
        write_usage(out, usage);
        match &self.service_tier {
            Some(tier) => frames::text(out, "service_tier", tier),
            None => out.extend_from_slice(b",\"service_tier\":null"),
        }
        out.extend_from_slice(&self.tail);
        out.push(b'}');
    }
}

fn write_usage(out: &mut Vec<u8>, usage: Option<&Usage>) {
    let Some(usage) = usage else {
        out.extend_from_slice(b"null");
        return;
    };
    let written = usage.cache_write + usage.cache_write_1h;
    let total = if usage.total == 0 { usage.input + usage.output } else { usage.total };
    let members = [
        ("{\"input_tokens\":", usage.input),
        (",\"input_tokens_details\":{\"cached_tokens\":", usage.cache_read),
        (",\"cache_write_tokens\":", written),
        ("},\"output_tokens\":", usage.output),
        (",\"output_tokens_details\":{\"reasoning_tokens\":", usage.reasoning),
        ("},\"total_tokens\":", total),
    ];
    for (name, count) in members {
        out.extend_from_slice(name.as_bytes());
        frames::number(out, count);
    }
    out.push(b'}');
}

/// The event `error`.
pub(super) fn error(frames: &mut Frames, failure: &Failure, out: &mut Vec<u8>) {
    frames.begin(out, "error");
    frames::text(out, "code", code(failure));
    frames::text(out, "message", &failure.message);
    match &failure.param {
        Some(param) => frames::text(out, "param", param),
        None => out.extend_from_slice(b",\"param\":null"),
    }
    frames::end(out);
}

fn error_object(out: &mut Vec<u8>, failure: &Failure) {
    out.extend_from_slice(b"{\"code\":");
    push_string(out, code(failure));
    frames::text(out, "message", &failure.message);
    out.push(b'}');
}

/// The dialect's closed list of codes: clients decide by it whether to try again. Two words of chat are
/// known to Codex here too: the one makes it shorten the conversation, the other stop.
fn code(failure: &Failure) -> &'static str {
    match failure.code.as_deref() {
        Some("context_length_exceeded") => return "context_length_exceeded",
        Some("insufficient_quota") => return "insufficient_quota",
        _ => {}
    }
    match failure.status {
        429 => "rate_limit_exceeded",
        400..=499 => "invalid_prompt",
        _ => "server_error",
    }
}
