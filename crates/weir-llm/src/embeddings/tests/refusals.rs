//! What the client is told instead.

use serde_json::{Value, json};

use super::{plain, prepare};
use crate::embeddings::EmbeddingsDoor::{self, Gemini, GeminiBatch, OpenAi};
use crate::embeddings::EmbeddingsWire::{self, Bedrock, Cohere, Vertex, WorkersAi};
use crate::fault::{FaultKind, Strictness};

/// `says` is a part of the message.
#[expect(clippy::needless_pass_by_value, reason = "cases read better without borrows")]
fn check(
    door: EmbeddingsDoor,
    (wire, model): (EmbeddingsWire, &str),
    body: Value,
    kind: FaultKind,
    param: &str,
    says: &str,
) {
    let fault = prepare(door, wire, model, Strictness::Lenient, &body).unwrap_err();
    let got = (fault.kind(), fault.param().map(plain).unwrap_or_default());
    assert_eq!(got, (kind, param), "{fault}");
    assert!(fault.message().contains(says), "{fault}");
}

const ANY: (EmbeddingsWire, &str) = (Cohere, "embed-v4.0");

#[test]
fn tokens_are_for_openai_only() {
    let says = "can only be sent to OpenAI; send the text itself";
    for input in [json!([1, 2, 3]), json!([[1, 2], [3]]), json!(["a", [1]])] {
        check(OpenAi, ANY, json!({"input": input}), FaultKind::Unsupported, "input", says);
    }
}

#[test]
fn the_input_has_to_be_there() {
    check(OpenAi, ANY, json!({"model": "m"}), FaultKind::Missing, "input", "is missing");
    check(OpenAi, ANY, json!({"input": null}), FaultKind::Missing, "input", "is missing");
    check(OpenAi, ANY, json!({"input": []}), FaultKind::Invalid, "input", "empty");
    check(
        OpenAi,
        ANY,
        json!({"input": {"a": 1}}),
        FaultKind::Invalid,
        "input",
        "a string or a list",
    );
    check(OpenAi, ANY, json!({"input": [true]}), FaultKind::Invalid, "input", "a text");
}

#[test]
fn values_have_to_make_sense() {
    let body = json!({"input": "a", "encoding_format": "int8"});
    check(OpenAi, ANY, body, FaultKind::Invalid, "encoding_format", "neither float nor base64");
    let body = json!({"input": "a", "dimensions": 0});
    check(OpenAi, ANY, body, FaultKind::Invalid, "dimensions", "at least 1");
    let body = json!({"input": "a", "dimensions": "many"});
    check(OpenAi, ANY, body, FaultKind::Invalid, "dimensions", "expected u64");
}

#[test]
fn titan_takes_one_text() {
    let titan = (Bedrock, "amazon.titan-embed-text-v1");
    let body = json!({"input": ["one", "two"]});
    let says = "Amazon Bedrock embeds one text per call";
    check(OpenAi, titan, body, FaultKind::Unsupported, "input", says);
    let body = json!({"requests": [
        {"content": {"parts": [{"text": "one"}]}}, {"content": {"parts": [{"text": "two"}]}},
    ]});
    check(GeminiBatch, titan, body, FaultKind::Unsupported, "requests", says);
}

#[test]
fn dimensions_are_refused_where_they_cannot_be_chosen() {
    let says = "has one length of vectors for this model";
    for place in [
        (Bedrock, "amazon.titan-embed-text-v1"),
        (Bedrock, "cohere.embed-english-v3"),
        (WorkersAi, "@cf/baai/bge-m3"),
    ] {
        let body = json!({"input": "a", "dimensions": 256});
        check(OpenAi, place, body, FaultKind::Unsupported, "dimensions", says);
    }
    let body = json!({"content": {"parts": [{"text": "a"}]}, "outputDimensionality": 2});
    let place = (WorkersAi, "@cf/baai/bge-m3");
    check(Gemini, place, body, FaultKind::Unsupported, "outputDimensionality", says);
}

#[test]
fn models_that_are_not_served_are_named() {
    let body = || json!({"input": "a"});
    let nova = (Bedrock, "amazon.nova-2-multimodal-embeddings-v1:0");
    check_model(nova, body(), "cohere.embed-*");
    check_model((Vertex, "intfloat/multilingual-e5-large"), body(), "only Google's own");
    check_model((WorkersAi, "@cf/../../../accounts"), body(), "no name of a model");
    check_model((WorkersAi, "@cf//x"), body(), "no name of a model");
}

#[expect(clippy::needless_pass_by_value, reason = "cases read better without borrows")]
fn check_model(place: (EmbeddingsWire, &str), body: Value, says: &str) {
    let fault = prepare(OpenAi, place.0, place.1, Strictness::Lenient, &body).unwrap_err();
    assert_eq!(fault.kind(), FaultKind::Invalid);
    assert!(fault.message().contains(says), "{fault}");
}

#[test]
fn a_gemini_request_holds_text_only() {
    let body = json!({"content": {"parts": [{"text": "a"}, {"inlineData": {"data": ""}}]}});
    let at = "content.parts[1].inlineData";
    check(Gemini, ANY, body, FaultKind::Unsupported, at, "only texts");
    let body = json!({"requests": [{"content": {"parts": []}}]});
    check(GeminiBatch, ANY, body, FaultKind::Missing, "requests[0].content.parts", "missing");
    check(Gemini, ANY, json!({}), FaultKind::Missing, "content", "missing");
    check(
        GeminiBatch,
        ANY,
        json!({"requests": []}),
        FaultKind::Missing,
        "requests",
        "at least one",
    );
    let body = json!({"content": {"parts": [{"text": 5}]}});
    check(Gemini, ANY, body, FaultKind::Invalid, "content.parts[0].text", "expected a string");
}

#[test]
fn a_batch_has_one_task_and_one_length() {
    let with = |name: &str, value: Value| {
        let mut second = json!({"content": {"parts": [{"text": "two"}]}});
        second[name] = value;
        json!({"requests": [{"content": {"parts": [{"text": "one"}]}}, second]})
    };
    for (name, value) in [("taskType", json!("CLUSTERING")), ("outputDimensionality", json!(5))] {
        let at = format!("requests[1].{name}");
        let body = with(name, value);
        check(GeminiBatch, ANY, body, FaultKind::Unsupported, &at, "differs from the first");
    }
    let body = with("taskType", json!("DREAMING"));
    check(GeminiBatch, ANY, body, FaultKind::Invalid, "requests[1].taskType", "RETRIEVAL_QUERY");
}
