//! The provider's request, made of the client's (spec: providers 4, 6).

use std::borrow::Cow;

use bytes::Bytes;
use weir_core::gateway::GatewaySettings;
use weir_core::{Error, Kind, LogId, Timestamp};
use weir_llm::capability::Capabilities;
use weir_llm::dialect::{self, Dialect, ReplyContext};
use weir_llm::embeddings::EmbeddingsDoor;
use weir_llm::fault::{Fault, Losses, Strictness};
use weir_llm::json::Object;
use weir_llm::multipart::Form;
use weir_llm::operation::Operation;
use weir_llm::provider::{self, DecodeContext, Place};
use weir_llm::tokens;

use super::model::in_path;
use super::{Owner, Wanted, media};
use crate::convert::{AnswerForm, Conversion};
use crate::plane::Shared;

/// Largest request that is put into another dialect, in bytes; no provider takes as much.
const LARGEST_TRANSLATED: usize = 40 * 1024 * 1024;

/// A request as it goes to the provider, and what becomes of its answer.
pub(crate) struct Outgoing {
    /// Path after the provider's slug, with its query.
    pub(crate) rest: String,
    /// Headers that the provider's dialect wants.
    pub(crate) headers: Vec<(&'static str, Cow<'static, str>)>,
    pub(crate) body: Bytes,
    pub(crate) conversion: Conversion,
    /// Parameters that were left out.
    pub(crate) dropped: Vec<Box<str>>,
}

/// What a path needs of a credential.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Resource<'a> {
    pub(crate) project: &'a str,
    pub(crate) region: &'a str,
}

/// What a call brings along.
pub(crate) struct Of<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) settings: &'a GatewaySettings,
    pub(crate) capabilities: Capabilities,
    pub(crate) resource: Resource<'a>,
    /// The client's query, without its question mark.
    pub(crate) query: &'a str,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) id: LogId,
    pub(crate) now: Timestamp,
}

/// Makes the provider's request.
pub(crate) async fn prepare(wanted: &Wanted, of: &Of<'_>) -> Result<Outgoing, Error> {
    let dialect = wanted.operation.dialect();
    let strict = of.settings.unsupported_parameters == "strict";
    let strictness = if strict { Strictness::Strict } else { Strictness::Lenient };
    let mut losses = Losses::new(strictness, dialect, wanted.owner.name());
    let refuse = |fault: Fault| refused(fault, wanted);
    let mut outgoing = if let Some(path) = &wanted.workers_ai_path {
        same(path.to_string(), wanted.body.clone(), wanted)
    } else if let Some(path) = native_path(wanted, of) {
        native(path, wanted, of, &mut losses).map_err(refuse)?
    } else {
        translated(wanted, of, &mut losses).await?
    };
    outgoing.dropped = losses.dropped().to_vec();
    Ok(outgoing)
}

/// A refusal in the client's own dialect. At `ai/run` it is the user's input that was wrong.
pub(super) fn refused(fault: Fault, wanted: &Wanted) -> Error {
    if wanted.run.is_some() {
        let message = format!("Model execution failed (User Input Error): {}", fault.message());
        return Error::new(Kind::BadInput, message).because(fault);
    }
    Error::new(Kind::Untranslatable, fault.message().to_owned()).because(fault)
}

/// The provider's path for an operation that it serves in the client's own dialect.
fn native_path(wanted: &Wanted, of: &Of<'_>) -> Option<String> {
    let serves = wanted.owner.serves();
    let (_, path) = serves.native.iter().find(|(operation, _)| *operation == wanted.operation)?;
    (!is_encoded_here(wanted)).then(|| expand(path, wanted, of))
}

/// Whether vectors are to be put into base64 here. OpenAI's SDKs ask for it by themselves and read
/// what comes as such, and not every server of that dialect knows it: numbers would become other
/// numbers without a word (spec: providers 4.5). Texts as tokens go as they are, for only their own
/// server can read them.
fn is_encoded_here(wanted: &Wanted) -> bool {
    if wanted.operation != Operation::Embeddings
        || matches!(wanted.slug.as_str(), "openai" | "azure-openai")
    {
        return false;
    }
    // Few ask for it, and only theirs are read a second time.
    let format = Object::read(&wanted.body).and_then(|body| body.get::<String>("encoding_format"));
    if !matches!(format, Ok(Some(format)) if format == "base64") {
        return false;
    }
    let asked = dialect::Asked { model: &wanted.model, stream: false };
    let request = EmbeddingsDoor::of(wanted.operation).map(|door| door.read(&wanted.body, &asked));
    matches!(request, Some(Ok(request)) if request.base64)
}

/// Puts the parts of a path in.
fn expand(path: &str, wanted: &Wanted, of: &Of<'_>) -> String {
    if let Owner::Custom(custom) = &wanted.owner {
        return below(&custom.base_url, path);
    }
    let (resource, deployment) = wanted.model.split_once('/').unwrap_or(("", &wanted.model));
    let version = of.query.split('&').find(|parameter| parameter.starts_with("api-version="));
    if let (Some(version), Some(operation)) = (version, path.strip_prefix("{resource}/openai/v1/"))
    {
        let deployment = in_path(deployment);
        return format!("{resource}/{deployment}/{operation}?{version}");
    }
    path.replace("{resource}", resource)
        .replace("{project}", of.resource.project)
        .replace("{region}", of.resource.region)
}

/// Where an operation lies below the base URL of a custom provider: after a version segment, which
/// the base may have already (spec: data-plane 1.4).
fn below(base_url: &str, path: &str) -> String {
    let base = base_url.trim_end_matches('/');
    let last = base.rsplit('/').next().unwrap_or_default();
    let is_version = last
        .strip_prefix('v')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    if base.ends_with("/chat/completions") && path == "chat/completions" {
        String::new()
    } else if is_version {
        path.to_owned()
    } else {
        format!("v1/{path}")
    }
}

/// The client's bytes, but for the model's name and a provider's peculiarities.
fn native(
    path: String,
    wanted: &Wanted,
    of: &Of<'_>,
    losses: &mut Losses,
) -> Result<Outgoing, Fault> {
    let model = upstream_model(wanted);
    let operation = wanted.operation;
    let body = if operation.is_multipart() {
        let content_type = of.content_type.unwrap_or_default();
        Form::read(content_type, &wanted.body)?.with_model(model)?
    } else if operation.dialect() == Dialect::Gemini {
        return gemini(wanted, of);
    } else if operation.dialect() == Dialect::Anthropic {
        provider::set_model(&wanted.body, model)?
    } else {
        let is_chat = operation == Operation::Chat;
        let slug = wanted.slug.as_str();
        provider::rewrite_openai(slug, is_chat, &wanted.body, model, &of.capabilities, losses)?
    };
    let mut outgoing = same(path, body.into(), wanted);
    if operation.dialect() == Dialect::Anthropic {
        outgoing.headers.push(("anthropic-version", Cow::Borrowed("2023-06-01")));
    }
    Ok(outgoing)
}

/// The name that stands in the body: for Azure the deployment alone.
pub(crate) fn upstream_model(wanted: &Wanted) -> &str {
    match wanted.slug.as_str() {
        "azure-openai" => wanted.model.split_once('/').map_or("", |(_, deployment)| deployment),
        _ => &wanted.model,
    }
}

/// Gemini's own path for its own dialect; the body passes, but for the model where it repeats it.
fn gemini(wanted: &Wanted, of: &Of<'_>) -> Result<Outgoing, Fault> {
    let verb = match (wanted.operation, wanted.stream) {
        (Operation::Generate, true) => "streamGenerateContent",
        (Operation::GeminiCountTokens, _) => "countTokens",
        (Operation::EmbedContent, _) => "embedContent",
        (Operation::BatchEmbedContents, _) => "batchEmbedContents",
        _ => "generateContent",
    };
    let kept: Vec<&str> = of.query.split('&').filter(|it| !it.starts_with("key=")).collect();
    let query = kept.join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    let path = format!("v1beta/models/{}:{verb}{mark}{query}", in_path(&wanted.model));
    let body = provider::set_gemini_model(&wanted.body, &wanted.model)?;
    Ok(same(path, body.into(), wanted))
}

fn same(rest: String, body: Bytes, wanted: &Wanted) -> Outgoing {
    let conversion = Conversion {
        answer: AnswerForm::Same,
        dialect: wanted.operation.dialect(),
        run: wanted.run.clone(),
    };
    Outgoing { rest, headers: Vec::new(), body, conversion, dropped: Vec::new() }
}

/// The client's request in the provider's words.
async fn translated(wanted: &Wanted, of: &Of<'_>, losses: &mut Losses) -> Result<Outgoing, Error> {
    let refuse = |fault: Fault| refused(fault, wanted);
    let operation = wanted.operation;
    if let Some(door) = EmbeddingsDoor::of(operation) {
        return vectors(door, wanted, of, losses);
    }
    let Some((wire, path)) = wanted.owner.serves().chat.filter(|_| operation.is_conversation())
    else {
        return Err(unserved(wanted));
    };
    if wanted.body.len() > LARGEST_TRANSLATED {
        let message =
            format!("A request to be translated is larger than {LARGEST_TRANSLATED} bytes");
        return Err(Error::new(Kind::TooLarge, message).with_hint(
            "it is held in memory several times over: send less, or use the provider's own path",
        ));
    }
    let dialect = operation.dialect();
    let model = upstream_model(wanted);
    let asked = dialect::Asked { model, stream: wanted.stream };
    let mut request = dialect.read(&wanted.body, &asked).map_err(refuse)?;
    model.clone_into(&mut request.model);
    if wire.wants_bytes() {
        media::fetch(of.shared, &mut request, dialect).await.map_err(refuse)?;
    }
    let path = expand(path, wanted, of);
    let prepared = wire.prepare(&request, &place(wanted, of, &path), losses).map_err(refuse)?;
    let base: Box<str> = String::from_utf8_lossy(&of.id.text()).replace('-', "").into();
    let context = ReplyContext {
        base: base.clone(),
        created: of.now.as_millis() / 1000,
        model: wanted.model.clone(),
        include_usage: request.include_usage,
        sse: wanted.sse,
        echo: dialect.echo(&wanted.body),
    };
    let decoding = DecodeContext {
        base,
        schema_tool: prepared.schema_tool,
        provider: wanted.slug.as_str().into(),
    };
    let answer = AnswerForm::Chat { wire, decoding, context, stream: request.stream };
    let conversion = Conversion { answer, dialect, run: wanted.run.clone() };
    Ok(Outgoing {
        rest: prepared.path,
        headers: prepared.headers,
        body: prepared.body.into(),
        conversion,
        dropped: Vec::new(),
    })
}

/// A request for vectors in the provider's words.
fn vectors(
    door: EmbeddingsDoor,
    wanted: &Wanted,
    of: &Of<'_>,
    losses: &mut Losses,
) -> Result<Outgoing, Error> {
    let refuse = |fault: Fault| refused(fault, wanted);
    let Some((wire, path)) = wanted.owner.serves().embeds() else {
        return Err(unserved(wanted));
    };
    let model = upstream_model(wanted);
    let asked = dialect::Asked { model, stream: false };
    let mut request = door.read(&wanted.body, &asked).map_err(refuse)?;
    model.clone_into(&mut request.model);
    let path = expand(path, wanted, of);
    let prepared = wire.prepare(&request, &place(wanted, of, &path), losses).map_err(refuse)?;
    let expected = request.expected();
    let answer = AnswerForm::Embeddings { wire, door, expected, base64: request.base64 };
    let dialect = wanted.operation.dialect();
    Ok(Outgoing {
        rest: prepared.path,
        headers: prepared.headers,
        body: prepared.body.into(),
        conversion: Conversion { answer, dialect, run: wanted.run.clone() },
        dropped: Vec::new(),
    })
}

fn place<'a>(wanted: &'a Wanted, of: &Of<'a>, path: &'a str) -> Place<'a> {
    Place {
        provider: wanted.slug.as_str(),
        path,
        region: of.resource.region,
        project: of.resource.project,
        capabilities: of.capabilities,
    }
}

/// The provider has nothing like the operation (spec: data-plane 1.1, 400/2008).
fn unserved(wanted: &Wanted) -> Error {
    let (name, operation) = (wanted.owner.name(), wanted.operation.name());
    Error::new(Kind::UnknownProvider, "Invalid provider")
        .with_hint(crate::diagnose::ascii(&format!("{name} serves no {operation}")))
}

/// The length of a prompt, where the provider does not count it itself: an estimate.
pub(crate) fn counted(wanted: &Wanted) -> Result<Option<Bytes>, Error> {
    let native = wanted.owner.serves().native;
    let operation = wanted.operation;
    if !operation.counts_tokens() || native.iter().any(|(served, _)| *served == operation) {
        return Ok(None);
    }
    let spoken = operation.dialect();
    let asked = dialect::Asked { model: &wanted.model, stream: false };
    let count = tokens::of_body(spoken, &wanted.body, &asked).map_err(|it| refused(it, wanted))?;
    let body = match spoken {
        Dialect::Gemini => dialect::gemini_token_count(count),
        _ => tokens::input_tokens_body(count),
    };
    Ok(Some(body.into()))
}
