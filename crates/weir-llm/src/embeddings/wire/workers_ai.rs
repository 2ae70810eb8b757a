//! Workers AI's own embeddings: a list of texts in, an envelope out.

use serde::{Deserialize, Serialize};

use super::{Able, Answer, body, parse, path};
use crate::canonical::Failure;
use crate::embeddings::EmbeddingsRequest;
use crate::fault::{Fault, Losses};
use crate::provider::Prepared;

#[derive(Serialize)]
struct Body<'a> {
    text: &'a [String],
}

pub(super) fn prepare(request: &EmbeddingsRequest, losses: &mut Losses) -> Result<Prepared, Fault> {
    Able::default().account(request, losses)?;
    let path = format!("run/{}", path::segments(&request.model, losses)?);
    Ok(Prepared { path, body: body(&Body { text: &request.inputs }), ..Prepared::default() })
}

#[derive(Deserialize)]
struct Envelope {
    result: Option<Run>,
    success: Option<bool>,
    #[serde(default)]
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Run {
    data: Vec<Vec<f32>>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Problem {
    code: Option<u64>,
    message: String,
}

impl Problem {
    fn failure(self, status: u16) -> Failure {
        let code = self.code.map(|code| code.to_string());
        Failure { code, ..Failure::new(status, self.message) }
    }
}

pub(super) fn decode(body: &[u8]) -> Result<Answer, Failure> {
    let Envelope { result, success, errors } = parse(body)?;
    if success == Some(false) {
        // A good status with a bad envelope: there is no better status to take over.
        let problem = errors.into_iter().next();
        return Err(problem.map_or_else(
            || Failure::unreadable("a failure without a reason"),
            |problem| problem.failure(502),
        ));
    }
    let run = result.ok_or_else(|| Failure::unreadable("no result"))?;
    let tokens = run.usage.and_then(|usage| usage.prompt_tokens);
    Ok(Answer { vectors: run.data, model: None, tokens })
}

/// The body of an error, when it is Cloudflare's envelope.
pub(super) fn failure(status: u16, body: &[u8]) -> Option<Failure> {
    #[derive(Deserialize)]
    struct Refusal {
        errors: Vec<Problem>,
    }
    let refusal: Refusal = parse(body).ok()?;
    refusal.errors.into_iter().next().map(|problem| problem.failure(status))
}
