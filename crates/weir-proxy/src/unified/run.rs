//! `ai/run`: a model and its input in an envelope, and the answer in another (spec: data-plane 1.6).

use bytes::Bytes;
use serde_json::json;
use serde_json::value::RawValue;
use weir_core::{Error, Kind, Snapshot};
use weir_llm::catalogue;
use weir_llm::dialect;
use weir_llm::json::Object;
use weir_llm::operation::Operation;

use super::{Asked, Owner, Unwanted, Wanted, model};
use crate::plane::Shared;

/// The envelope of an answer.
#[derive(Clone, Debug)]
pub(crate) struct RunForm {
    /// Names provider and model, too: the older form.
    pub(crate) preview: Option<(Box<str>, Box<str>)>,
    /// The result is a picture, and is shown as `image`.
    pub(crate) picture: bool,
    /// The result is sound, and is shown as `audio`.
    pub(crate) sound: bool,
}

fn bad_input(reason: impl std::fmt::Display) -> Error {
    Error::new(Kind::BadInput, format!("Model execution failed (User Input Error): {reason}"))
}

/// Reads `{model, input}`.
pub(super) fn read(
    asked: &Asked<'_>,
    preview: bool,
    snapshot: &Snapshot,
    shared: &Shared,
) -> Result<Wanted, Unwanted> {
    let mut envelope = Object::read(asked.body).map_err(|fault| bad_input(fault.message()))?;
    let name = envelope.get::<String>("model").map_err(|fault| bad_input(fault.message()))?;
    let name = name.ok_or_else(|| bad_input("the body names no model"))?;
    let found = model::find(&name, Operation::Chat, asked, snapshot, shared)?;
    let input = envelope.take_raw("input");
    let input = input.ok_or_else(|| bad_input("input: it has to be an object"))?;
    Ok(of_input(found, asked.body.slice_ref(input.get().as_bytes()), preview)?)
}

/// The model stands in the path, and the body is its input.
pub(super) fn of_path(
    name: &str,
    asked: &Asked<'_>,
    snapshot: &Snapshot,
    shared: &Shared,
) -> Result<Wanted, Unwanted> {
    if name.starts_with('@') {
        return Ok(workers_ai(name, asked.body)?);
    }
    let found = model::find(name, Operation::Chat, asked, snapshot, shared)?;
    Ok(of_input(found, asked.body.clone(), false)?)
}

fn of_input(found: model::Found, body: Bytes, preview: bool) -> Result<Wanted, Error> {
    let object = Object::read(&body).map_err(|_| bad_input("input: it has to be an object"))?;
    if matches!(&found.owner, Owner::Listed(row) if row.slug == "workers-ai") {
        return workers_ai(&found.model, &body);
    }
    let mut operation = operation(&found, &object)?;
    let picture = operation == Operation::Images;
    let is_google = matches!(&found.owner, Owner::Listed(row) if row.slug == "google-ai-studio");
    let body = if picture && is_google {
        operation = Operation::Generate;
        drawn_by_gemini(&object)?
    } else {
        body
    };
    let preview = preview.then(|| (found.slug.as_str().into(), found.model.clone()));
    let sound = operation == Operation::Speech;
    let wanted = found.into_wanted(operation, body);
    check(&wanted)?;
    Ok(Wanted { run: Some(RunForm { preview, picture, sound }), ..wanted })
}

/// Gemini draws in a conversation; others have an endpoint for it.
fn drawn_by_gemini(input: &Object<'_>) -> Result<Bytes, Error> {
    let prompt = input.get::<String>("prompt").map_err(|fault| bad_input(fault.message()))?;
    let prompt = prompt.ok_or_else(|| bad_input("prompt: it has to be there, as a text"))?;
    let body = json!({
        "contents": [{"role": "user", "parts": [{"text": prompt}]}],
        "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]},
    });
    Ok(body.to_string().into())
}

/// Whose format the input has: Anthropic's for its own models, OpenAI's for all others.
fn operation(found: &model::Found, input: &Object<'_>) -> Result<Operation, Error> {
    match found.kind.as_deref() {
        Some("image") => return Ok(Operation::Images),
        Some("embedding") => return Ok(Operation::Embeddings),
        Some("speech") => return Ok(Operation::Speech),
        None | Some("chat") => {}
        Some(kind) => {
            return Err(bad_input(format_args!(
                "a model for {kind} is not run here; call its provider's own endpoint"
            )));
        }
    }
    let messages = input.get::<Box<RawValue>>("messages").ok().flatten();
    if !messages.is_some_and(|raw| raw.get().starts_with('[')) {
        return Err(bad_input("messages: it has to be there, as a list"));
    }
    let anthropic = matches!(&found.owner, Owner::Listed(row) if row.slug == "anthropic");
    Ok(if anthropic { Operation::Messages } else { Operation::Chat })
}

/// The input is looked at before anything is charged (spec: data-plane 1.6). What the provider reads
/// itself, it checks itself.
fn check(wanted: &Wanted) -> Result<(), Error> {
    let native = wanted.owner.serves().native;
    let operation = wanted.operation;
    if !operation.is_conversation() || native.iter().any(|(served, _)| *served == operation) {
        return Ok(());
    }
    let asked = dialect::Asked { model: &wanted.model, stream: false };
    let read = operation.dialect().read(&wanted.body, &asked);
    read.map(drop).map_err(|fault| bad_input(fault.message()))
}

/// A Workers AI model with its own body: passed as it is, answer and envelope too.
fn workers_ai(name: &str, body: &Bytes) -> Result<Wanted, Error> {
    model::check(name)?;
    let row = catalogue::find("workers-ai")
        .ok_or_else(|| Error::new(Kind::Internal, "Workers AI is missing from the catalogue"))?;
    Ok(Wanted {
        operation: Operation::Chat,
        owner: Owner::Listed(row),
        slug: row.slug.into(),
        model: name.into(),
        body: body.clone(),
        stream: false,
        sse: true,
        run: None,
        workers_ai_path: Some(format!("run/{}", model::in_path(name)).into()),
    })
}
