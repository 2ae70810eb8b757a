//! Errors: of a status, inside a stream, and as the reason why an answer stopped.

use serde::Deserialize;

use crate::canonical::{Failure, Finish};

/// Longest message of a body that is not JSON, in characters.
const LONGEST: usize = 500;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(alias = "Message")]
    message: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
}

pub(in crate::provider) fn failure(status: u16, body: &[u8]) -> Failure {
    let read: Body = serde_json::from_slice(body).unwrap_or_default();
    // `com.amazon.coral.validate#ValidationException`
    let kind = read.kind.map(|kind| kind.rsplit('#').next().unwrap_or_default().to_owned());
    let message = read.message.filter(|message| !message.is_empty()).unwrap_or_else(|| {
        let text = String::from_utf8_lossy(body);
        let text: String = text.trim().chars().take(LONGEST).collect();
        if text.is_empty() { format!("Bedrock answered with status {status}") } else { text }
    });
    Failure { code: kind.clone(), kind, ..Failure::new(status, message) }
}

/// An exception inside a stream. Its name has the status that it would have had before.
pub(super) fn exception(name: &str, payload: &[u8]) -> Failure {
    let status = match name {
        "validationException" => 400,
        "accessDeniedException" => 403,
        "resourceNotFoundException" => 404,
        "modelTimeoutException" => 408,
        "throttlingException" | "modelNotReadyException" => 429,
        "internalServerException" => 500,
        "serviceUnavailableException" => 503,
        // The model itself failed: `modelStreamErrorException`, and what is yet to come.
        _ => 502,
    };
    let kind = Some(name.to_owned()).filter(|name| !name.is_empty());
    Failure { code: kind.clone(), kind, ..failure(status, payload) }
}

/// Why an answer stopped (spec: providers 4.3).
pub(super) fn finish(reason: &str, stop_sequence: Option<String>) -> Result<Finish, Failure> {
    Ok(match reason {
        "stop_sequence" => Finish::StopSequence(stop_sequence),
        "tool_use" => Finish::ToolCalls,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "guardrail_intervened" | "content_filtered" => Finish::ContentFilter,
        "malformed_model_output" | "malformed_tool_use" => {
            let message = "the model wrote an answer that cannot be used; ask again";
            let kind = Some(reason.to_owned());
            return Err(Failure { code: kind.clone(), kind, ..Failure::new(502, message) });
        }
        _ => Finish::Stop,
    })
}
