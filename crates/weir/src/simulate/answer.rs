//! The invented content of an answer and what it is said to have cost.

use serde_json::json;

use super::prompt::{Format, Prompt, Tool, ToolChoice};
use super::{schema, tokens};

#[cfg(test)]
mod tests;

/// Most bytes of the last message that an answer quotes.
const QUOTE: usize = 200;
/// Bytes of one piece of a tool call's arguments in a stream.
const ARGUMENT_PIECE: usize = 12;
/// Bytes of one piece of content ordered by size.
const BULK_PIECE: usize = 4096;
/// The text that ordered content is made of.
const FILLER: &str = "Water runs over the weir and the river below stays calm. ";

/// One answer to a prompt.
pub(super) struct Choice {
    pub(super) content: Content,
    pub(super) finish: Finish,
    pub(super) tokens: u64,
}

/// What an answer consists of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text(String),
    /// `arguments` is a JSON object as text.
    ToolCall {
        name: String,
        arguments: String,
    },
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finish {
    Stop,
    Length,
    ToolCall,
}

/// Tokens of a request and its answers. Parts are inside their totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) input: u64,
    pub(super) output: u64,
    pub(super) cached: u64,
    pub(super) cache_write: u64,
    pub(super) reasoning: u64,
}

/// The answer number `index` (0 is the first) to a prompt.
pub(super) fn choose(prompt: &Prompt<'_>, index: u32) -> Choice {
    if let Some(content) = ordered(prompt) {
        let tokens = tokens::of_text(&content);
        return Choice { content: Content::Text(content), finish: Finish::Stop, tokens };
    }
    let (content, finish) = match tool(prompt) {
        Some(tool) => {
            let name = tool.name.to_owned();
            let arguments = tool.parameters.map_or_else(|| json!({}), schema::sample).to_string();
            (Content::ToolCall { name, arguments }, Finish::ToolCall)
        }
        None => (Content::Text(text(prompt, index)), Finish::Stop),
    };
    limit(content, finish, prompt.max_tokens)
}

/// Usage of a request whose answers have `output` tokens together; the script has the last word.
/// A total smaller than its parts is raised to them.
pub(super) fn usage(prompt: &Prompt<'_>, output: u64) -> Usage {
    let reported = &prompt.call.script.usage;
    let cached = reported.cached.unwrap_or(0);
    let cache_write = reported.cache_write.unwrap_or(0);
    let reasoning = reported.reasoning.unwrap_or(0);
    Usage {
        input: reported.input.unwrap_or(prompt.input_tokens).max(cached + cache_write),
        output: reported.output.unwrap_or(output).max(reasoning),
        cached,
        cache_write,
        reasoning,
    }
}

/// The pieces in which `content` is streamed: words, or equal parts where there are no words.
pub(super) fn pieces<'a>(prompt: &Prompt<'_>, content: &'a Content) -> Vec<&'a str> {
    match content {
        Content::Text(text) if prompt.call.script.bytes.is_some() => cut(text, BULK_PIECE),
        Content::Text(text) => text.split_inclusive(' ').collect(),
        Content::ToolCall { arguments, .. } => cut(arguments, ARGUMENT_PIECE),
    }
}

/// Content whose size the script orders. The token limit does not apply to it.
fn ordered(prompt: &Prompt<'_>) -> Option<String> {
    let script = prompt.call.script;
    if let Some(size) = script.bytes {
        let mut text = FILLER.repeat(size.div_ceil(FILLER.len()));
        text.truncate(size);
        return Some(text);
    }
    let words = FILLER.split_inclusive(' ').cycle();
    script.words.map(|count| words.take(count).collect())
}

/// The tool to call, if any.
fn tool<'a>(prompt: &'a Prompt<'_>) -> Option<&'a Tool<'a>> {
    if prompt.answers_tool {
        return None;
    }
    let mut tools = prompt.tools.iter();
    match prompt.tool_choice {
        ToolChoice::None => None,
        ToolChoice::Named(name) => tools.find(|tool| tool.name == name),
        ToolChoice::Auto => tools.find(|tool| prompt.last.contains(tool.name)),
        ToolChoice::Required => {
            tools.find(|tool| prompt.last.contains(tool.name)).or(prompt.tools.first())
        }
    }
}

fn text(prompt: &Prompt<'_>, index: u32) -> String {
    let quote = prompt.last.get(..prompt.last.floor_char_boundary(QUOTE)).unwrap_or_default();
    let said = if prompt.answers_tool { "The tool said" } else { "You said" };
    let mut text =
        format!("This is a simulated answer from {}. {said}: {quote}", prompt.call.model);
    if index > 0 {
        text = format!("Choice {}. {text}", index + 1);
    }
    match prompt.format {
        Format::Text => text,
        Format::JsonObject => json!({ "answer": text }).to_string(),
        Format::JsonSchema(schema) => schema::sample(schema).to_string(),
    }
}

/// Cuts an answer to the token limit, as providers do: in the middle of JSON if need be.
fn limit(content: Content, finish: Finish, max_tokens: Option<u64>) -> Choice {
    let max_bytes = max_tokens
        .and_then(|max| usize::try_from(max).ok())
        .map_or(usize::MAX, |max| max.saturating_mul(tokens::BYTES_PER_TOKEN));
    let shorten = |text: &mut String, used: usize| {
        let room = max_bytes.saturating_sub(used);
        let longer = text.len() > room;
        text.truncate(text.floor_char_boundary(room));
        longer
    };
    let mut content = content;
    let (longer, tokens) = match &mut content {
        Content::Text(text) => (shorten(text, 0), tokens::of_text(text)),
        Content::ToolCall { name, arguments } => {
            // The name is always whole, so that a call stays recognisable as one.
            let used = name.len().next_multiple_of(tokens::BYTES_PER_TOKEN);
            let longer = shorten(arguments, used);
            (longer, tokens::of_text(name) + tokens::of_text(arguments))
        }
    };
    Choice { content, finish: if longer { Finish::Length } else { finish }, tokens }
}

/// Cuts text into pieces of at most `size` bytes, at character boundaries.
fn cut(text: &str, size: usize) -> Vec<&str> {
    let mut pieces = Vec::with_capacity(text.len() / size + 1);
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(rest.floor_char_boundary(size));
        pieces.push(piece);
        rest = tail;
    }
    pieces
}
