mod answers;
mod conversation;
mod parameters;
mod reasoning;
mod streams;

use serde_json::{Value, json};

use super::prepare;
use crate::canonical::{Message, Part, PartKind, Request, Role, Tool, ToolCall, ToolResult};
use crate::capability::Capabilities;
use crate::dialect::Dialect;
use crate::fault::{Fault, Losses, Strictness};
use crate::provider::{Place, Prepared};

/// A request with one message, changed as the test wants.
fn request(change: impl FnOnce(&mut Request)) -> Request {
    let mut request = Request {
        model: "claude-sonnet-4-5".to_owned(),
        messages: vec![Message::text(Role::User, 0, "Hi")],
        max_tokens: Some(100),
        ..Request::default()
    };
    change(&mut request);
    request
}

fn conversation(messages: Vec<(Role, Vec<Part>)>) -> Request {
    let messages = messages.into_iter().enumerate();
    request(|it| {
        it.messages =
            messages.map(|(index, (role, parts))| Message { role, parts, index }).collect();
    })
}

fn call(id: &str, arguments: &str) -> Part {
    let (id, arguments) = (id.to_owned(), arguments.to_owned());
    PartKind::ToolCall(ToolCall { id, name: "f".to_owned(), arguments, signature: None }).into()
}

fn result(id: &str, text: &str) -> Part {
    let parts = vec![Part::text(text)];
    PartKind::ToolResult(ToolResult { id: id.to_owned(), parts, ..ToolResult::default() }).into()
}

fn tool(name: &str) -> Tool {
    let parameters = Some(json!({"type": "object", "properties": {}}));
    Tool { name: name.to_owned(), parameters, ..Tool::default() }
}

struct Outcome {
    result: Result<Prepared, Fault>,
    dropped: Vec<Box<str>>,
}

fn run(request: &Request, capabilities: Capabilities, strictness: Strictness) -> Outcome {
    let mut losses = Losses::new(strictness, Dialect::OpenAiChat, "Anthropic");
    let place =
        Place { provider: "anthropic", path: "v1/messages", region: "", project: "", capabilities };
    let result = prepare(request, &place, &mut losses);
    Outcome { result, dropped: losses.dropped().to_vec() }
}

fn lenient(request: &Request, capabilities: Capabilities) -> (Value, Vec<Box<str>>) {
    let outcome = run(request, capabilities, Strictness::Lenient);
    let body = serde_json::from_slice(&outcome.result.unwrap().body).unwrap();
    (body, outcome.dropped)
}

/// The body, where nothing is lost.
fn body(request: &Request, capabilities: Capabilities) -> Value {
    let (body, dropped) = lenient(request, capabilities);
    assert_eq!(dropped, [], "{body}");
    body
}

fn refusal(request: &Request, capabilities: Capabilities) -> String {
    let outcome = run(request, capabilities, Strictness::Lenient);
    outcome.result.unwrap_err().message().to_owned()
}

fn strict_refusal(request: &Request, capabilities: Capabilities) -> String {
    let outcome = run(request, capabilities, Strictness::Strict);
    outcome.result.unwrap_err().message().to_owned()
}
