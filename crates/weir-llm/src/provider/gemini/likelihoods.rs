//! `logprobsResult`, in OpenAI's form.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Given {
    chosen_candidates: Vec<Token>,
    top_candidates: Vec<Step>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Step {
    candidates: Vec<Token>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Token {
    token: String,
    log_probability: f64,
}

/// `None` for what is not readable: likelihoods are an extra.
pub(super) fn likelihoods(raw: &RawValue) -> Option<Value> {
    let given: Given = serde_json::from_str(raw.get()).ok()?;
    let mut tops = given.top_candidates.into_iter();
    let content = given.chosen_candidates.iter().map(|chosen| {
        let top = tops.next().unwrap_or_default().candidates;
        let mut entry = token(chosen);
        entry["top_logprobs"] = top.iter().map(token).collect();
        entry
    });
    Some(json!({"content": content.collect::<Value>(), "refusal": null}))
}

fn token(token: &Token) -> Value {
    json!({
        "token": token.token,
        "logprob": token.log_probability,
        "bytes": token.token.as_bytes(),
    })
}
