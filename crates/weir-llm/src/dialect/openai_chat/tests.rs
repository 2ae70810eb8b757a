mod read;
mod write;

use serde_json::{Value, json};

use crate::canonical::Request;
use crate::dialect::{Asked, Dialect, ReplyContext};
use crate::fault::Fault;

fn read(body: &Value) -> Result<Request, Fault> {
    let asked = Asked { model: "m", stream: false };
    Dialect::OpenAiChat.read(&serde_json::to_vec(body).unwrap(), &asked)
}

/// A request with these messages.
fn with_messages(messages: &Value) -> Request {
    read(&json!({"model": "p/m", "messages": messages})).unwrap()
}

fn context(include_usage: bool) -> ReplyContext {
    ReplyContext {
        base: "base".into(),
        created: 17,
        model: "m".into(),
        include_usage,
        sse: true,
        ..ReplyContext::default()
    }
}
