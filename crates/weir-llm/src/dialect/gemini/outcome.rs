//! What a tool said: `functionResponse`.

use serde_json::value::RawValue;

use super::calls::Calls;
use super::contents::FunctionResponse;
use crate::canonical::{Part, PartKind, ToolResult};
use crate::fault::Fault;
use crate::json::{self, Object};

pub(super) fn result(
    response: FunctionResponse<'_>,
    calls: &mut Calls,
    place: &impl Fn() -> String,
) -> Result<Part, Fault> {
    let FunctionResponse { id, name, response, parts } = response;
    let Some(id) = calls.answered(id.as_deref(), &name) else {
        let place = place() + ".functionResponse";
        let message = format!("{place}: no functionCall of {name:?} before it waits for a result");
        return Err(Fault::invalid(place, message));
    };
    let (text, is_error) = words(response.map_or("{}", RawValue::get));
    let mut said = vec![Part::text(text)];
    let blobs = parts.into_iter().flatten().filter_map(|part| part.inline_data);
    said.extend(blobs.map(|blob| Part::from(blob.kind())));
    Ok(PartKind::ToolResult(ToolResult { id, name: Some(name), parts: said, is_error }).into())
}

/// The text of a result, and whether it is an error. Google's convention is one member named `output`
/// or `error`; any other object is the output itself.
fn words(response: &str) -> (String, bool) {
    let object = serde_json::from_str::<Object<'_>>(response).ok();
    let only = object.and_then(|object| {
        let mut members = object.rest();
        let (name, raw) = members.next()?;
        let is_error = name == "error";
        let is_wrapped = is_error || matches!(name, "output" | "result");
        (is_wrapped && members.next().is_none()).then_some((raw, is_error))
    });
    let (json, is_error) = only.map_or((response, false), |(raw, is_error)| (raw.get(), is_error));
    let text = serde_json::from_str::<String>(json);
    (text.unwrap_or_else(|_| json::compact(json).into_owned()), is_error)
}
