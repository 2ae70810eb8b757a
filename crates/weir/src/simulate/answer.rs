//! The invented content of an answer and what it is said to have cost.

mod limit;
#[cfg(test)]
mod tests;

use serde_json::json;

use super::prompt::{Format, Prompt, Tool, ToolChoice};
use super::schema;

/// Most bytes of the last message that an answer quotes.
const QUOTE: usize = 200;
/// Bytes of one piece of a tool call's arguments in a stream.
const ARGUMENT_PIECE: usize = 12;
/// Bytes of one piece of content ordered by size.
const BULK_PIECE: usize = 4096;
/// The text that ordered content is made of.
const FILLER: &str = "Water runs over the weir and the river below stays calm. ";
/// What a model thinks before it answers, where thinking was asked for.
const THOUGHTS: &str = "Let me think about this. ";

/// One answer to a prompt.
#[derive(Debug)]
pub(super) struct Choice {
    /// What was thought before, empty if nothing.
    pub(super) thoughts: String,
    pub(super) content: Content,
    pub(super) finish: Finish,
    /// The stop sequence at which the text ends, if it does.
    pub(super) stop_sequence: Option<String>,
    /// All output, thoughts included.
    pub(super) tokens: u64,
    /// The thoughts alone.
    pub(super) thought_tokens: u64,
}

/// What an answer consists of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text(String),
    /// At least one.
    ToolCalls(Vec<ToolCall>),
}

/// A call of one tool.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ToolCall {
    pub(super) name: String,
    /// A JSON object as text; cut off when the token limit fell into it.
    pub(super) arguments: String,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finish {
    Stop,
    Length,
    ToolCall,
    /// Withheld by the provider's filter, on the script's order.
    Filtered,
}

/// One part of an answer, in the order in which providers send them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Block<'a> {
    Thoughts(&'a str),
    Text(&'a str),
    /// The number of the call among the answer's calls, and the call.
    ToolCall(usize, &'a ToolCall),
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

impl Choice {
    /// The parts of the answer. Thoughts are left out where the provider does not show them.
    pub(super) fn blocks(&self, show_thoughts: bool) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        if show_thoughts && !self.thoughts.is_empty() {
            blocks.push(Block::Thoughts(&self.thoughts));
        }
        match &self.content {
            Content::Text(text) if text.is_empty() && self.has_no_text() => {}
            Content::Text(text) => blocks.push(Block::Text(text)),
            Content::ToolCalls(calls) => {
                blocks.extend(calls.iter().enumerate().map(|(i, call)| Block::ToolCall(i, call)));
            }
        }
        blocks
    }

    /// An empty text is no text at all when the limit fell into the thoughts or a filter struck.
    const fn has_no_text(&self) -> bool {
        !self.thoughts.is_empty() || matches!(self.finish, Finish::Filtered)
    }
}

impl<'a> Block<'a> {
    /// The pieces in which the block is streamed: words, or equal parts where there are no words.
    pub(super) fn pieces(self, prompt: &Prompt<'_>) -> Vec<&'a str> {
        match self {
            Self::Text(text) if prompt.call.script.bytes.is_some() => cut(text, BULK_PIECE),
            Self::Text(text) | Self::Thoughts(text) => text.split_inclusive(' ').collect(),
            Self::ToolCall(_, call) => cut(&call.arguments, ARGUMENT_PIECE),
        }
    }
}

/// The answer number `index` (0 is the first) to a prompt.
pub(super) fn choose(prompt: &Prompt<'_>, index: u32) -> Choice {
    let thoughts = if prompt.thinks { THOUGHTS.to_owned() } else { String::new() };
    let script = prompt.call.script;
    if script.block {
        return limit::whole(String::new(), String::new(), Finish::Filtered);
    }
    if let Some(text) = ordered(prompt) {
        return limit::whole(thoughts, text, Finish::Stop);
    }
    let tools = tools(prompt);
    if tools.is_empty() {
        let mut text = text(prompt, index);
        let stop = prompt.stop.iter().filter_map(|stop| Some((text.find(stop)?, *stop))).min();
        if let Some((at, _)) = stop {
            text.truncate(at);
        }
        let mut choice =
            limit::apply(thoughts, Content::Text(text), Finish::Stop, prompt.max_tokens);
        if choice.finish == Finish::Stop {
            choice.stop_sequence = stop.map(|(_, stop)| stop.to_owned());
        }
        return choice;
    }
    let call = |tool: &&Tool<'_>| ToolCall {
        name: tool.name.to_owned(),
        arguments: tool.parameters.map_or_else(|| json!({}), schema::sample).to_string(),
    };
    let calls = Content::ToolCalls(tools.iter().map(call).collect());
    limit::apply(thoughts, calls, Finish::ToolCall, prompt.max_tokens)
}

/// Usage of a request with these answers; the script has the last word. A total smaller than its
/// parts is raised to them.
pub(super) fn usage(prompt: &Prompt<'_>, choices: &[Choice]) -> Usage {
    let reported = &prompt.call.script.usage;
    let output = choices.iter().map(|choice| choice.tokens).sum();
    let thoughts = choices.iter().map(|choice| choice.thought_tokens).sum();
    let cached = reported.cached.unwrap_or(0);
    let cache_write = reported.cache_write.unwrap_or(0);
    let total = reported.output.unwrap_or(output);
    // An ordered total must hold whatever was thought beside it.
    let reasoning = reported.reasoning.unwrap_or_else(|| total.min(thoughts));
    Usage {
        input: reported.input.unwrap_or(prompt.input_tokens).max(cached + cache_write),
        output: total.max(reasoning),
        cached,
        cache_write,
        reasoning,
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

/// The tools to call: all that the last message names, or the first where calls may not be
/// parallel.
fn tools<'a>(prompt: &'a Prompt<'_>) -> Vec<&'a Tool<'a>> {
    if prompt.answers_tool {
        return Vec::new();
    }
    let mut called: Vec<&Tool<'_>> = match prompt.tool_choice {
        ToolChoice::None => Vec::new(),
        ToolChoice::Named(name) => prompt.tools.iter().filter(|tool| tool.name == name).collect(),
        ToolChoice::Auto | ToolChoice::Required => {
            prompt.tools.iter().filter(|tool| mentions(&prompt.last, tool.name)).collect()
        }
    };
    if called.is_empty() && prompt.tool_choice == ToolChoice::Required {
        called.extend(prompt.tools.first());
    }
    if !prompt.parallel || matches!(prompt.tool_choice, ToolChoice::Named(_)) {
        called.truncate(1);
    }
    called
}

/// Whether `text` has `name` as a word of its own: `get_time` is not meant by `get_time_zone`.
fn mentions(text: &str, name: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(inside) && !after.is_some_and(inside)
        })
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
