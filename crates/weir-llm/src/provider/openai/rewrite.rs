//! A body of OpenAI's dialect for an OpenAI-shaped provider: the model's name and the provider's
//! peculiarities, and every other byte as it came.

mod history;
mod parameters;

use super::quirks::Quirks;
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses};
use crate::json::{Edits, Object};

/// Fits a body to a provider of the same dialect. Only chat has peculiarities; for the other
/// operations nothing but the model changes. What the provider does not take is refused, or left out
/// and noted in `losses` (spec: providers 4.1).
///
/// # Errors
/// When the body is not an object, or something that matters cannot be carried over.
pub fn rewrite(
    provider: &str,
    is_chat: bool,
    body: &[u8],
    model: &str,
    capabilities: &Capabilities,
    losses: &mut Losses,
) -> Result<Vec<u8>, Fault> {
    if !is_chat {
        return set_model(body, model);
    }
    let mut object = Object::read(body)?;
    let mut edits = Edits::default();
    set_name(&object, &mut edits, model)?;
    let quirks = Quirks::of(provider);
    let mut instruction = None;
    parameters::edit(&mut object, &mut edits, quirks, capabilities, losses, &mut instruction)?;
    let mut history = history::History::new(quirks, capabilities, losses, quirks.signs(model));
    history.edit(&mut object, &mut edits, instruction.as_deref())?;
    if edits.is_empty() { Ok(body.to_vec()) } else { edits.apply(body) }
}

/// A body with its `model` replaced, and every other byte as it came.
///
/// # Errors
/// When the body is not an object.
pub fn set_model(body: &[u8], model: &str) -> Result<Vec<u8>, Fault> {
    let mut edits = Edits::default();
    set_name(&Object::read(body)?, &mut edits, model)?;
    if edits.is_empty() { Ok(body.to_vec()) } else { edits.apply(body) }
}

/// A name that is there twice is set in both places: the provider may read the other one.
fn set_name(object: &Object<'_>, edits: &mut Edits, model: &str) -> Result<(), Fault> {
    if object.repeats("model") || object.get::<String>("model")?.as_deref() != Some(model) {
        edits.set_text("model", model);
    }
    Ok(())
}
