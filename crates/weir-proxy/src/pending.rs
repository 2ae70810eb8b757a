//! Stand-ins until the parts they name are merged.
use weir_llm::capability::Capabilities;
use weir_llm::dialect::{Asked, Dialect};
use weir_llm::fault::{Fault, Losses};
use weir_llm::json::Edits;

pub(crate) fn set_model(body: &[u8], model: &str) -> Result<Vec<u8>, Fault> {
    let mut edits = Edits::default();
    edits.set_text("model", model);
    edits.apply(body)
}
pub(crate) fn rewrite_openai(
    _slug: &str,
    _is_chat: bool,
    body: &[u8],
    model: &str,
    _capabilities: &Capabilities,
    _losses: &mut Losses,
) -> Result<Vec<u8>, Fault> {
    set_model(body, model)
}
pub(crate) fn capabilities() -> Capabilities {
    Capabilities::default()
}
pub(crate) fn of_body(_dialect: Dialect, body: &[u8], _asked: &Asked<'_>) -> Result<u64, Fault> {
    Ok(body.len() as u64 / 4)
}
