//! Parameters that only the client's dialect has, and Gemini can do something about.

use serde_json::{Map, Value};

use crate::fault::{Fault, Losses, Param};

/// What Gemini takes of them; the rest is left out or refused.
#[derive(Debug, Default)]
pub(super) struct Own<'a> {
    pub(super) web_search: Option<&'a Map<String, Value>>,
    pub(super) modalities: Option<Vec<&'static str>>,
    pub(super) safety_settings: Option<&'a Value>,
    pub(super) cached_content: Option<&'a Value>,
}

pub(super) fn own<'a>(
    given: &'a Map<String, Value>,
    losses: &mut Losses,
) -> Result<Own<'a>, Fault> {
    let mut own = Own::default();
    let mut rest = Map::new();
    for (name, value) in given {
        match name.as_str() {
            "web_search_options" => own.web_search = Some(search(value, losses)?),
            "modalities" => own.modalities = modalities(value, losses)?,
            // Google's own names, for clients that know whom they talk to.
            "safetySettings" | "safety_settings" => own.safety_settings = Some(value),
            "cachedContent" | "cached_content" => own.cached_content = Some(value),
            _ => drop(rest.insert(name.clone(), value.clone())),
        }
    }
    losses.drop_own(&rest)?;
    Ok(own)
}

fn search<'a>(value: &'a Value, losses: &Losses) -> Result<&'a Map<String, Value>, Fault> {
    let param = Param::Own("web_search_options".into());
    value.as_object().ok_or_else(|| losses.invalid(&param, "has to be an object"))
}

/// `text` alone is what Gemini does anyway; `image` is for the models that paint.
fn modalities(value: &Value, losses: &Losses) -> Result<Option<Vec<&'static str>>, Fault> {
    let param = Param::Own("modalities".into());
    let words = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let upper = words.iter().map(|word| match word.as_str() {
        Some("text") => Ok("TEXT"),
        Some("image") => Ok("IMAGE"),
        Some(_) => {
            let why = "answers in text and pictures only; leave the other modalities out";
            Err(losses.refuse(&param, why))
        }
        None => Err(losses.invalid(&param, "has to be a list of words")),
    });
    let upper = upper.collect::<Result<Vec<_>, _>>()?;
    Ok(Some(upper).filter(|upper| upper.contains(&"IMAGE")))
}
