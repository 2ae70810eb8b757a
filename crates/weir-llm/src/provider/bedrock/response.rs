//! An answer in one piece (spec: providers 4.3).

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::failure::finish;
use super::usage::Tokens;
use crate::canonical::{
    Choice, Failure, Finish, Image, Part, PartKind, Response, Source, ToolCall,
};
use crate::provider::DecodeContext;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    output: Output<'a>,
    #[serde(default)]
    stop_reason: String,
    usage: Option<Tokens>,
    additional_model_response_fields: Option<Additional>,
    trace: Option<Trace>,
    service_tier: Option<Tier>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Vec<Block<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Additional {
    pub(super) stop_sequence: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    prompt_router: Option<Router>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Router {
    invoked_model_id: Option<String>,
}

#[derive(Deserialize)]
struct Tier {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// One of the members is there. Blocks of kinds that are not listed are the provider's own tools at
/// work, or echoes of a guardrail.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block<'a> {
    text: Option<String>,
    #[serde(borrow)]
    tool_use: Option<ToolUse<'a>>,
    reasoning_content: Option<Reasoning>,
    citations_content: Option<Citations>,
    image: Option<Picture>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolUse<'a> {
    tool_use_id: String,
    name: String,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    /// Set for tools that the provider runs itself.
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reasoning {
    reasoning_text: Option<ReasoningText>,
    redacted_content: Option<String>,
}

#[derive(Deserialize)]
struct ReasoningText {
    #[serde(default)]
    text: String,
    signature: Option<String>,
}

#[derive(Deserialize)]
struct Citations {
    #[serde(default)]
    content: Vec<Cited>,
    #[serde(default)]
    citations: Vec<Citation>,
}

#[derive(Deserialize)]
struct Cited {
    text: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Citation {
    title: Option<String>,
    location: Option<Location>,
}

#[derive(Deserialize)]
struct Location {
    web: Option<Web>,
}

#[derive(Deserialize)]
struct Web {
    url: Option<String>,
}

#[derive(Deserialize)]
struct Picture {
    format: String,
    source: PictureBytes,
}

#[derive(Deserialize)]
struct PictureBytes {
    bytes: Option<String>,
}

pub(in crate::provider) fn decode(
    body: &[u8],
    context: &DecodeContext,
) -> Result<Response, Failure> {
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(Failure::unreadable)?;
    let message = answer.output.message;
    let message = message.ok_or_else(|| Failure::unreadable("there is no message in it"))?;
    let stopped_at = answer.additional_model_response_fields.and_then(|it| it.stop_sequence);
    let mut choice =
        Choice { finish: finish(&answer.stop_reason, stopped_at)?, ..Choice::default() };
    for block in message.content {
        block.add_to(&mut choice, context.schema_tool.as_deref());
    }
    if context.schema_tool.is_some() && choice.finish == Finish::ToolCalls {
        choice.finish = Finish::Stop;
    }
    let router = answer.trace.and_then(|trace| trace.prompt_router);
    Ok(Response {
        model: router.and_then(|router| router.invoked_model_id),
        choices: vec![choice],
        usage: answer.usage.as_ref().map(Tokens::usage),
        service_tier: answer.service_tier.and_then(|tier| tier.kind),
        ..Response::default()
    })
}

impl Block<'_> {
    fn add_to(self, choice: &mut Choice, schema_tool: Option<&str>) {
        let parts = &mut choice.parts;
        if let Some(text) = self.text {
            parts.push(Part::text(text));
        }
        if let Some(call) = self.tool_use.filter(|call| call.kind.is_none()) {
            let arguments = call.input.map_or("{}", RawValue::get).to_owned();
            parts.push(if schema_tool == Some(&*call.name) {
                Part::text(arguments)
            } else {
                let ToolUse { tool_use_id: id, name, .. } = call;
                PartKind::ToolCall(ToolCall { id, name, arguments, signature: None }).into()
            });
        }
        if let Some(reasoning) = self.reasoning_content {
            let thoughts = reasoning.reasoning_text.map(|thoughts| PartKind::Thinking {
                text: thoughts.text,
                signature: thoughts.signature,
            });
            let sealed = reasoning.redacted_content.map(PartKind::RedactedThinking);
            parts.extend([thoughts, sealed].into_iter().flatten().map(Part::from));
        }
        if let Some(Picture { format, source: PictureBytes { bytes: Some(base64) } }) = self.image {
            let source = Source::Data { media_type: format!("image/{format}"), base64 };
            parts.push(PartKind::Image(Image { source, detail: None }).into());
        }
        if let Some(cited) = self.citations_content {
            parts.extend(cited.content.into_iter().filter_map(|it| it.text).map(Part::text));
            choice.annotations.extend(cited.citations.iter().filter_map(Citation::annotation));
        }
    }
}

impl Citation {
    /// Of a page of the web, in OpenAI's form. Others point into documents, which it cannot say.
    pub(super) fn annotation(&self) -> Option<Value> {
        let url = self.location.as_ref()?.web.as_ref()?.url.as_deref()?;
        let title = self.title.as_deref().unwrap_or_default();
        Some(json!({"type": "url_citation", "url_citation": {"url": url, "title": title}}))
    }
}
