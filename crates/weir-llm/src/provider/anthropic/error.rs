//! Bodies of errors.

use serde::Deserialize;

use super::answer::{Text, Trouble};
use crate::canonical::Failure;

/// Longest text of an unknown body that is shown, in bytes.
const MAX_SHOWN: usize = 2000;

#[derive(Deserialize)]
pub(super) struct ErrorBody<'a> {
    #[serde(borrow)]
    error: Option<Trouble<'a>>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
}

/// Reads `{"type": "error", "error": {"type", "message"}}`; anything else becomes the message.
pub(in crate::provider) fn failure(status: u16, body: &[u8]) -> Failure {
    let known = serde_json::from_slice::<ErrorBody<'_>>(body).ok();
    match known {
        Some(ErrorBody { error: Some(error), .. }) => error.failure(Some(status)),
        Some(ErrorBody { message: Some(message), .. }) => Failure::new(status, message.0),
        _ => Failure::new(status, shown(status, body)),
    }
}

fn shown(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_SHOWN)]);
    match text.trim() {
        "" => format!("the provider answered with status {status} and no body"),
        text => text.to_owned(),
    }
}
