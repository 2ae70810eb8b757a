//! Citations and likelihoods, from OpenAI's form to Google's.

use serde_json::{Value, json};

/// `groundingMetadata`. Places are given where `text`, all that was said, is known.
pub(super) fn metadata<'a>(
    annotations: impl Iterator<Item = &'a Value>,
    text: Option<&str>,
) -> Option<Value> {
    let (mut chunks, mut supports) = (Vec::new(), Vec::new());
    for annotation in annotations {
        // Responses has the members of a citation right inside of it.
        let citation = annotation.get("url_citation").unwrap_or(annotation);
        let Some(url) = citation["url"].as_str() else { continue };
        if let Some(segment) = text.and_then(|text| segment(citation, text)) {
            let at = chunks.len();
            supports.push(json!({"segment": segment, "groundingChunkIndices": [at]}));
        }
        chunks.push(json!({"web": {"uri": url, "title": citation["title"].as_str()}}));
    }
    let mut metadata = json!({"groundingChunks": chunks});
    if !supports.is_empty() {
        metadata["groundingSupports"] = Value::Array(supports);
    }
    (!chunks.is_empty()).then_some(metadata)
}

/// Where the cited text is: Google counts bytes, OpenAI characters.
fn segment(citation: &Value, text: &str) -> Option<Value> {
    let byte = |name: &str| {
        let characters = usize::try_from(citation[name].as_u64()?).ok()?;
        let starts = text.char_indices().map(|(at, _)| at);
        starts.chain([text.len()]).nth(characters)
    };
    let (start, end) = (byte("start_index")?, byte("end_index")?);
    let cited = text.get(start..end).filter(|cited| !cited.is_empty())?;
    Some(json!({"startIndex": start, "endIndex": end, "text": cited}))
}

/// `logprobsResult`.
pub(super) fn likelihoods(logprobs: &Value) -> Option<Value> {
    let content = logprobs["content"].as_array().filter(|content| !content.is_empty())?;
    let token =
        |given: &Value| json!({"token": given["token"], "logProbability": given["logprob"]});
    let chosen: Value = content.iter().map(token).collect();
    let top = content.iter().map(|given| {
        let others = given["top_logprobs"].as_array().map(Vec::as_slice).unwrap_or_default();
        json!({"candidates": others.iter().map(token).collect::<Value>()})
    });
    Some(json!({"chosenCandidates": chosen, "topCandidates": top.collect::<Value>()}))
}
