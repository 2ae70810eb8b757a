//! The four dialects in which a client may ask, reduced to what tests of all of them need.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};

use super::rig::{compat, documents, events, is_done};

/// A front door of `/compat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Chat,
    Responses,
    Messages,
    Generate,
}

impl Door {
    pub(crate) const ALL: [Self; 4] = [Self::Chat, Self::Responses, Self::Messages, Self::Generate];

    /// Where a model is called.
    pub(crate) fn path(self, model: &str, stream: bool) -> String {
        match self {
            Self::Chat => "chat/completions".to_owned(),
            Self::Responses => "responses".to_owned(),
            Self::Messages => "v1/messages".to_owned(),
            Self::Generate if stream => {
                format!("v1beta/models/{model}:streamGenerateContent?alt=sse")
            }
            Self::Generate => format!("v1beta/models/{model}:generateContent"),
        }
    }

    /// The body of a small request.
    pub(crate) fn body(self, model: &str, text: &str, stream: bool) -> Value {
        let messages = json!([{"role": "user", "content": text}]);
        match self {
            Self::Chat if stream => json!({"model": model, "messages": messages, "stream": true,
                "stream_options": {"include_usage": true}}),
            Self::Chat => json!({"model": model, "messages": messages}),
            Self::Responses => json!({"model": model, "input": text, "stream": stream}),
            Self::Messages => json!({"model": model, "max_tokens": 200, "messages": messages,
                "stream": stream}),
            Self::Generate => json!({"contents": [{"role": "user", "parts": [{"text": text}]}]}),
        }
    }

    /// A small request with the gateway's token and a provider key.
    pub(crate) fn request(self, model: &str, stream: bool) -> Request {
        compat(&self.path(model, stream), &self.body(model, "How is the river?", stream))
    }

    /// Checks that a body is an error of this dialect; gives type (or status word) and message.
    pub(crate) fn error(self, body: &Value) -> Result<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let error = &body["error"];
        let kind = match self {
            Self::Chat | Self::Responses => text(&error["type"]),
            Self::Messages => {
                ensure!(body["type"] == "error", "{body}");
                text(&error["type"])
            }
            Self::Generate => {
                ensure!(error["code"].is_u64(), "{body}");
                text(&error["status"])
            }
        };
        let message = text(&error["message"]);
        ensure!(!kind.is_empty() && !message.is_empty(), "{body}");
        Ok((kind, message))
    }

    /// Checks that a stream ends in an error of this dialect and nothing that says it is whole;
    /// gives the message.
    pub(crate) fn stream_error(self, stream: &Response) -> Result<String> {
        ensure!(stream.status == 200, "{} {}", stream.status, stream.text());
        ensure!(!is_done(stream), "[DONE] after an error: {}", stream.text());
        let shown = stream.text();
        let last = documents(stream)?.pop().unwrap_or_default();
        let (name, _) = events(stream).pop().unwrap_or_default();
        let error = match self {
            Self::Chat => &last["error"],
            Self::Responses if name == "error" => &last,
            Self::Responses => {
                ensure!(name == "response.failed", "{shown}");
                &last["response"]["error"]
            }
            Self::Messages => {
                ensure!(name == "error" && last["type"] == "error", "{shown}");
                &last["error"]
            }
            Self::Generate => &last["error"],
        };
        let ends = ["message_stop", "response.completed", "finish_reason\":\"stop"];
        ensure!(!ends.iter().any(|end| shown.contains(end)), "{shown}");
        let message = error["message"].as_str().unwrap_or_default().to_owned();
        ensure!(!message.is_empty(), "{shown}");
        Ok(message)
    }
}

/// A provider with a dialect of its own, and the door whose dialect it speaks.
pub(crate) const WIRES: [(&str, &str, Option<Door>); 5] = [
    ("openai", "openai/gpt-4o-mini", Some(Door::Chat)),
    ("anthropic", "anthropic/claude-haiku-4-5", Some(Door::Messages)),
    ("google-ai-studio", "google-ai-studio/gemini-2.5-flash", Some(Door::Generate)),
    ("aws-bedrock", "aws-bedrock/anthropic.claude-haiku-4-5-20251001-v1:0", None),
    ("cohere", "cohere/command-a-03-2025", None),
];

/// Whether bytes pass between the two: OpenAI serves Responses, too.
pub(crate) fn is_same(slug: &str, door: Door, own: Option<Door>) -> bool {
    own == Some(door) || (slug == "openai" && door == Door::Responses)
}
