//! OpenAI's legacy Completions: text for text, plain and as a stream.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, Choice, Finish};
use super::events::{Events, Framing};
use super::fault::Fault;
use super::openai_chat;
use super::prompt::{OneOrMany, Prompt};
use super::reply::{Call, Operation, Reply};
use super::{seed, tokens};

/// The token limit where a request has none.
const DEFAULT_MAX_TOKENS: u64 = 16;
/// Most choices of one request.
const MAX_CHOICES: u32 = 128;

#[derive(Deserialize)]
pub(super) struct Request {
    model: String,
    prompt: OneOrMany,
    stream: Option<bool>,
    stream_options: Option<Value>,
    n: Option<u32>,
    max_tokens: Option<u64>,
    stop: Option<OneOrMany>,
}

impl Operation for Request {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let prompts = self.prompt.all();
        let count = self.n.unwrap_or(1);
        if prompts.is_empty() || !(1..=MAX_CHOICES).contains(&count) {
            let fault =
                Fault::bad_request("`prompt` must not be empty; `n` must be from 1 to 128.");
            return Err(fault.with_param("prompt"));
        }
        let input: u64 = prompts.iter().map(|text| tokens::of_text(text)).sum();
        let mut choices = Vec::new();
        let mut last = Prompt::new(call);
        for text in prompts {
            last = Prompt {
                last: text.clone(),
                max_tokens: Some(self.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS)),
                stop: OneOrMany::texts(self.stop.as_ref()),
                input_tokens: tokens::PER_REQUEST + input,
                ..Prompt::new(call)
            };
            choices.extend((0..count).map(|index| answer::choose(&last, index)));
        }
        let usage = openai_chat::usage_json(call, answer::usage(&last, &choices));
        if self.stream == Some(true) {
            return Ok(self.stream(&last, &choices, &usage));
        }
        let choices: Vec<Value> = choices
            .iter()
            .enumerate()
            .map(|(index, choice)| choice_json(index, &text(choice), Some(reason(choice))))
            .collect();
        let mut document = document(call, &json!(choices));
        document["usage"] = usage;
        Ok(Reply::document(&document))
    }
}

impl Request {
    fn stream(&self, prompt: &Prompt<'_>, choices: &[Choice], usage: &Value) -> Reply {
        let mut events = Events::new(Framing::Sse, openai_chat::ERROR);
        for (index, choice) in choices.iter().enumerate() {
            for block in choice.blocks(false) {
                for piece in block.pieces(prompt) {
                    let part = json!([choice_json(index, piece, None)]);
                    events.data(&document(prompt.call, &part));
                }
            }
            let part = json!([choice_json(index, "", Some(reason(choice)))]);
            events.data(&document(prompt.call, &part));
        }
        let asked = self.stream_options.as_ref().and_then(|options| options.get("include_usage"));
        if asked.and_then(Value::as_bool) == Some(true) {
            let mut last = document(prompt.call, &json!([]));
            last["usage"] = usage.clone();
            events.data(&last);
        }
        events.done();
        Reply::stream(events)
    }
}

fn text(choice: &Choice) -> String {
    match &choice.content {
        answer::Content::Text(text) => text.clone(),
        answer::Content::ToolCalls(_) => String::new(),
    }
}

fn document(call: &Call<'_>, choices: &Value) -> Value {
    json!({
        "id": call.id("cmpl-"),
        "object": "text_completion",
        "created": seed::CREATED,
        "model": call.model,
        "choices": choices,
    })
}

fn choice_json(index: usize, text: &str, finish_reason: Option<&str>) -> Value {
    json!({ "text": text, "index": index, "logprobs": null, "finish_reason": finish_reason })
}

const fn reason(choice: &Choice) -> &'static str {
    match choice.finish {
        Finish::Length => "length",
        Finish::Filtered => "content_filter",
        Finish::Stop | Finish::ToolCall => "stop",
    }
}
