//! What comes back.

use serde_json::{Value, json};

use crate::embeddings::EmbeddingsDoor::{Gemini, GeminiBatch, OpenAi};
use crate::embeddings::EmbeddingsWire::{self, Bedrock, Cohere, Vertex, WorkersAi};
use crate::embeddings::{Embeddings, Expected};

fn decode(wire: EmbeddingsWire, texts: usize, body: &Value) -> Result<Embeddings, String> {
    let expected = Expected { model: "wanted".into(), texts, tokens: 99 };
    let header = |name: &str| (name == "x-amzn-bedrock-input-token-count").then(|| "7".to_owned());
    let got = wire.decode(body.to_string().as_bytes(), &expected, &header);
    got.map_err(|failure| {
        assert_eq!(failure.status, 502);
        failure.message
    })
}

#[expect(clippy::needless_pass_by_value, reason = "cases read better without borrows")]
fn check(wire: EmbeddingsWire, body: Value, vectors: &[&[f32]], tokens: u64, estimated: bool) {
    let model = if body["model"].is_string() { "told" } else { "wanted" };
    let vectors: Vec<Vec<f32>> = vectors.iter().map(|vector| vector.to_vec()).collect();
    let expected = Embeddings { vectors, model: model.to_owned(), tokens, estimated };
    assert_eq!(decode(wire, expected.vectors.len(), &body), Ok(expected));
}

#[test]
fn openai_tells_its_tokens() {
    let body = json!({
        "object": "list", "model": "told",
        "data": [
            {"object": "embedding", "index": 1, "embedding": [0.25, -1e-8]},
            {"object": "embedding", "index": 0, "embedding": [1, -2.5]},
        ],
        "usage": {"prompt_tokens": 5, "total_tokens": 5},
    });
    check(EmbeddingsWire::OpenAi, body, &[&[1.0, -2.5], &[0.25, -1e-8]], 5, false);
}

#[test]
fn openai_may_answer_in_base64_and_without_usage() {
    let body = json!({"data": [{"embedding": "AACAPwAAIMA="}]});
    check(EmbeddingsWire::OpenAi, body, &[&[1.0, -2.5]], 99, true);
}

#[test]
fn gemini_may_be_silent_about_tokens() {
    let body = json!({"embeddings": [{"values": [0.5]}, {"values": [0.25], "shape": [1]}]});
    check(EmbeddingsWire::Gemini, body.clone(), &[&[0.5], &[0.25]], 99, true);
    let mut told = body;
    told["usageMetadata"] = json!({"promptTokenCount": 3, "promptTokenDetails": []});
    check(EmbeddingsWire::Gemini, told, &[&[0.5], &[0.25]], 3, false);
}

#[test]
fn vertex_counts_for_each_text() {
    let body = json!({
        "predictions": [
            {"embeddings": {"values": [0.5], "statistics": {"truncated": false, "token_count": 4}}},
            {"embeddings": {"values": [1.5], "statistics": {"truncated": false, "token_count": 3.0}}},
        ],
        "metadata": {"billableCharacterCount": 22},
    });
    check(Vertex, body, &[&[0.5], &[1.5]], 7, false);
    let body = json!({"predictions": [{"embeddings": {"values": [0.5]}}]});
    check(Vertex, body, &[&[0.5]], 99, true);
}

#[test]
fn bedrock_answers_in_three_forms() {
    let titan = json!({
        "embedding": [0.5, 0.25], "embeddingsByType": {"float": [0.5, 0.25]},
        "inputTextTokenCount": 4,
    });
    check(Bedrock, titan, &[&[0.5, 0.25]], 4, false);
    let plain = json!({
        "id": "i", "texts": ["a", "b"], "response_type": "embeddings_floats",
        "embeddings": [[0.5], [0.25]],
    });
    check(Bedrock, plain, &[&[0.5], &[0.25]], 7, false);
    let typed = json!({
        "id": "i", "texts": ["a"], "response_type": "embeddings_by_type",
        "embeddings": {"int8": [[1]], "float": [[0.5]]},
    });
    check(Bedrock, typed, &[&[0.5]], 7, false);
}

#[test]
fn cohere_bills_tokens() {
    let body = json!({
        "id": "i", "texts": ["a"], "embeddings": {"float": [[0.5, 1]]},
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 2}},
        "response_type": "embeddings_by_type",
    });
    check(Cohere, body, &[&[0.5, 1.0]], 2, false);
}

#[test]
fn workers_ai_answers_in_an_envelope() {
    let body = json!({
        "result": {"shape": [2, 1], "data": [[0.5], [0.25]], "pooling": "cls"},
        "success": true, "errors": [], "messages": [],
    });
    check(WorkersAi, body, &[&[0.5], &[0.25]], 99, true);
    let body = json!({
        "result": null, "success": false, "messages": [],
        "errors": [{"code": 5007, "message": "No such model"}],
    });
    assert_eq!(decode(WorkersAi, 1, &body), Err("No such model".to_owned()));
    let failure = WorkersAi.failure(400, body.to_string().as_bytes());
    let got = (failure.status, failure.code.as_deref(), failure.message.as_str());
    assert_eq!(got, (400, Some("5007"), "No such model"));
}

#[test]
fn an_answer_that_does_not_fit_is_an_error() {
    let fails = |texts, body: Value, says: &str| {
        let message = decode(EmbeddingsWire::Gemini, texts, &body).unwrap_err();
        assert!(message.contains(says), "{message}");
    };
    fails(2, json!({"embeddings": [{"values": [1]}]}), "1 vectors for 2 texts");
    fails(1, json!({"embeddings": [{}]}), "an empty vector");
    fails(1, json!({"embeddings": [{"values": [1e300]}]}), "out of range");
    fails(1, json!({"embeddings": [{"values": ["x"]}]}), "could not be read");
    fails(1, json!([]), "could not be read");
    let nan = json!({"data": [{"embedding": "AADAfw=="}]});
    assert!(decode(EmbeddingsWire::OpenAi, 1, &nan).unwrap_err().contains("no finite number"));
    let odd = json!({"data": [{"embedding": "AAAA"}]});
    assert!(decode(EmbeddingsWire::OpenAi, 1, &odd).unwrap_err().contains("multiple of 4"));
}

fn answer(estimated: bool) -> Embeddings {
    Embeddings {
        vectors: vec![vec![1.0, -2.5], vec![0.1]],
        model: "m\"1".to_owned(),
        tokens: 5,
        estimated,
    }
}

#[test]
fn openai_is_written_as_numbers_or_base64() {
    let read = |base64| String::from_utf8(OpenAi.write(&answer(true), base64)).unwrap();
    assert_eq!(
        read(false),
        r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1.0,-2.5]},{"object":"embedding","index":1,"embedding":[0.1]}],"model":"m\"1","usage":{"prompt_tokens":5,"total_tokens":5}}"#
    );
    let base64: Value = serde_json::from_str(&read(true)).unwrap();
    assert_eq!(base64["data"][0]["embedding"], "AACAPwAAIMA=");
}

#[test]
fn gemini_is_written_with_the_tokens_that_are_known() {
    let read = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).unwrap();
    assert_eq!(
        read(Gemini.write(&answer(false), false)),
        json!({"embedding": {"values": [1.0, -2.5]}, "usageMetadata": {"promptTokenCount": 5}})
    );
    assert_eq!(
        read(GeminiBatch.write(&answer(true), false)),
        json!({"embeddings": [{"values": [1.0, -2.5]}, {"values": [0.1]}]})
    );
}
