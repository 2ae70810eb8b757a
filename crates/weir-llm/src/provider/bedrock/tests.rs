//! What the golden folders do not show.

mod families;
mod requests;
mod streams;

use serde_json::Value;

use super::prepare;
use crate::canonical::{Message, Request, Role};
use crate::capability::Capabilities;
use crate::dialect::Dialect;
use crate::fault::{Fault, Losses, Strictness};
use crate::provider::Place;

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const NOVA: &str = "us.amazon.nova-pro-v1:0";
const COMMAND_R: &str = "cohere.command-r-v1:0";

fn place() -> Place<'static> {
    Place {
        provider: "aws-bedrock",
        path: "",
        region: "eu-west-1",
        project: "",
        capabilities: Capabilities::default(),
    }
}

fn ask(model: &str, messages: Vec<Message>) -> Request {
    Request { model: model.to_owned(), messages, ..Request::default() }
}

fn hello() -> Vec<Message> {
    vec![Message::text(Role::User, 0, "Hello")]
}

/// The body, and what was left out.
fn body(request: &Request) -> Result<(Value, Vec<String>), Fault> {
    let mut losses = Losses::new(Strictness::Lenient, Dialect::OpenAiChat, "Bedrock");
    let prepared = prepare(request, &place(), &mut losses)?;
    let dropped = losses.dropped().iter().map(ToString::to_string).collect();
    Ok((serde_json::from_slice(&prepared.body).unwrap(), dropped))
}

fn refusal(request: &Request) -> String {
    body(request).unwrap_err().to_string()
}
