//! An answer in one piece (spec: providers 4.3).

use serde::Deserialize;

use super::super::DecodeContext;
use super::answer::{self, Block, Count, Text, Tokens, Trouble};
use crate::canonical::{Choice, Failure, Finish, Part, PartKind, Response, ToolCall};
use crate::json;

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    content: Option<Vec<Block<'a>>>,
    #[serde(borrow)]
    stop_reason: Option<Text<'a>>,
    #[serde(borrow)]
    stop_sequence: Option<Text<'a>>,
    #[serde(borrow)]
    usage: Option<Tokens<'a>>,
    #[serde(borrow)]
    error: Option<Trouble<'a>>,
}

pub(in crate::provider) fn decode(
    body: &[u8],
    context: &DecodeContext,
) -> Result<Response, Failure> {
    let message: Message<'_> = serde_json::from_slice(body).map_err(Failure::unreadable)?;
    if let Some(error) = &message.error {
        return Err(error.failure(None));
    }
    let Some(content) = message.content else {
        return Err(Failure::unreadable("it has no `content`"));
    };
    let reason = message.stop_reason.as_ref().map_or("end_turn", |reason| &*reason.0);
    let sequence = message.stop_sequence.as_ref().map(|text| &*text.0);
    let mut choice = Choice { finish: answer::finish(reason, sequence), ..Choice::default() };
    let mut written = 0;
    for block in content {
        add(block, context, &mut choice, &mut written);
    }
    let owned = |text: Text<'_>| text.0.into_owned();
    let mut usage = message.usage;
    let tier = usage.as_mut().and_then(|usage| usage.service_tier.take());
    Ok(Response {
        id: message.id.map(owned),
        created: None,
        model: message.model.map(owned),
        choices: vec![choice],
        usage: usage.map(|tokens| {
            let mut count = Count::default();
            count.add(&tokens);
            count.usage()
        }),
        service_tier: tier.map(|tier| match &*tier.0 {
            "standard" => "default".to_owned(),
            other => other.to_owned(),
        }),
    })
}

/// Blocks of server tools and of kinds yet to come have no counterpart and say nothing to the client.
fn add(block: Block<'_>, context: &DecodeContext, choice: &mut Choice, written: &mut u64) {
    let text = |text: Option<Text<'_>>| text.map(|text| text.0.into_owned()).unwrap_or_default();
    let kind = match &*block.kind {
        "text" => {
            let text = text(block.text);
            let start = *written;
            *written += text.chars().count() as u64;
            let citations = block.citations.iter().flatten();
            let annotations = citations.filter_map(|it| it.annotation(start, *written));
            choice.annotations.extend(annotations);
            PartKind::Text(text)
        }
        "thinking" => PartKind::Thinking {
            text: text(block.thinking),
            signature: block.signature.map(|seal| seal.0.into_owned()).filter(|it| !it.is_empty()),
        },
        "redacted_thinking" => PartKind::RedactedThinking(text(block.data)),
        "tool_use" => {
            let name = text(block.name);
            let arguments =
                json::compact(block.input.map_or("{}", |input| input.get())).into_owned();
            if context.schema_tool.as_deref() == Some(&*name) {
                choice.finish = match std::mem::take(&mut choice.finish) {
                    Finish::ToolCalls => Finish::Stop,
                    other => other,
                };
                PartKind::Text(arguments)
            } else {
                PartKind::ToolCall(ToolCall {
                    id: text(block.id),
                    name,
                    arguments,
                    signature: None,
                })
            }
        }
        _ => return,
    };
    choice.parts.push(Part::from(kind));
}
