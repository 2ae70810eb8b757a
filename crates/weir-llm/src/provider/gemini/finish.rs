//! Why an answer ended (spec: providers 4.3).

use super::answer::{Candidate, Text};
use crate::canonical::{Failure, Finish};

/// The reason in canonical words.
///
/// # Errors
/// When what the model wrote cannot be used: asking again may help.
pub(super) fn finish(candidate: &Candidate<'_>, has_calls: bool) -> Result<Finish, Failure> {
    let reason = candidate.finish_reason.as_ref().map_or("", |Text(reason)| reason);
    Ok(match reason {
        "MAX_TOKENS" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "LANGUAGE"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => Finish::ContentFilter,
        "MALFORMED_FUNCTION_CALL"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE"
        | "MALFORMED_RESPONSE" => {
            return Err(unusable(reason, candidate.finish_message.as_ref()));
        }
        // `STOP`, and what nobody has heard of yet.
        _ if has_calls => Finish::ToolCalls,
        _ => Finish::Stop,
    })
}

fn unusable(reason: &str, message: Option<&Text<'_>>) -> Failure {
    let detail = message.map(|Text(text)| format!(": {text}")).unwrap_or_default();
    Failure {
        kind: Some(reason.to_owned()),
        ..Failure::new(502, format!("the model's answer cannot be used ({reason}){detail}"))
    }
}
