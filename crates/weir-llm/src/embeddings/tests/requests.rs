//! What goes upstream.

use serde_json::{Value, json};

use super::prepare;
use crate::embeddings::EmbeddingsDoor::{self, Gemini, GeminiBatch, OpenAi};
use crate::embeddings::EmbeddingsWire;
use crate::fault::Strictness;

#[expect(clippy::needless_pass_by_value, reason = "cases read better without borrows")]
fn check(
    door: EmbeddingsDoor,
    (wire, model): (EmbeddingsWire, &str),
    body: Value,
    path: &str,
    upstream: Value,
    dropped: &[&str],
) {
    let (prepared, got) = prepare(door, wire, model, Strictness::Lenient, &body).unwrap();
    assert_eq!(prepared.path, path);
    assert_eq!(serde_json::from_slice::<Value>(&prepared.body).unwrap(), upstream);
    assert_eq!(got, dropped);
    let strict = prepare(door, wire, model, Strictness::Strict, &body);
    assert_eq!(strict.is_err(), !dropped.is_empty(), "{strict:?}");
}

#[test]
fn openai_to_gemini() {
    check(
        OpenAi,
        (EmbeddingsWire::Gemini, "gemini-embedding-001"),
        json!({
            "model": "google-ai-studio/gemini-embedding-001", "input": ["one", "two"],
            "encoding_format": "base64", "dimensions": 768, "user": "u-1",
        }),
        "v1beta/models/gemini-embedding-001:batchEmbedContents",
        json!({"requests": [
            {"model": "models/gemini-embedding-001", "content": {"parts": [{"text": "one"}]},
             "outputDimensionality": 768},
            {"model": "models/gemini-embedding-001", "content": {"parts": [{"text": "two"}]},
             "outputDimensionality": 768},
        ]}),
        &["user"],
    );
}

#[test]
fn one_text_is_a_batch_of_one() {
    check(
        OpenAi,
        (EmbeddingsWire::Gemini, "models/text-embedding-004"),
        json!({"input": "a \"text\"", "input_type": "search_query"}),
        "v1beta/models/text-embedding-004:batchEmbedContents",
        json!({"requests": [{"model": "models/text-embedding-004",
            "content": {"parts": [{"text": "a \"text\""}]}, "taskType": "RETRIEVAL_QUERY"}]}),
        &[],
    );
}

#[test]
fn openai_to_vertex() {
    check(
        OpenAi,
        (EmbeddingsWire::Vertex, "google/text-embedding-005"),
        json!({"input": ["one", "two"], "dimensions": 256, "input_type": "clustering"}),
        "v1/projects/project-1/locations/eu-west-1/publishers/google/models/text-embedding-005:predict",
        json!({
            "instances": [
                {"content": "one", "task_type": "CLUSTERING"},
                {"content": "two", "task_type": "CLUSTERING"},
            ],
            "parameters": {"outputDimensionality": 256},
        }),
        &[],
    );
    check(
        OpenAi,
        (EmbeddingsWire::Vertex, "gemini-embedding-001"),
        json!({"input": "one"}),
        "v1/projects/project-1/locations/eu-west-1/publishers/google/models/gemini-embedding-001:predict",
        json!({"instances": [{"content": "one"}]}),
        &[],
    );
}

#[test]
fn openai_to_titan() {
    check(
        OpenAi,
        (EmbeddingsWire::Bedrock, "amazon.titan-embed-text-v2:0"),
        json!({"input": ["one"], "dimensions": 512}),
        "bedrock-runtime/eu-west-1/model/amazon.titan-embed-text-v2%3A0/invoke",
        json!({"inputText": "one", "dimensions": 512}),
        &[],
    );
}

#[test]
fn openai_to_cohere_on_bedrock() {
    check(
        OpenAi,
        (EmbeddingsWire::Bedrock, "eu.cohere.embed-v4:0"),
        json!({"input": ["one", "two"], "dimensions": 1024, "truncate": "END"}),
        "bedrock-runtime/eu-west-1/model/eu.cohere.embed-v4%3A0/invoke",
        json!({"texts": ["one", "two"], "input_type": "search_document",
            "embedding_types": ["float"], "output_dimension": 1024}),
        &["truncate"],
    );
    check(
        OpenAi,
        (
            EmbeddingsWire::Bedrock,
            "arn:aws:bedrock:eu-west-1::foundation-model/cohere.embed-english-v3",
        ),
        json!({"input": "one", "input_type": "classification"}),
        "bedrock-runtime/eu-west-1/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A%3Afoundation-model\
         %2Fcohere.embed-english-v3/invoke",
        json!({"texts": ["one"], "input_type": "classification", "embedding_types": ["float"]}),
        &[],
    );
}

#[test]
fn openai_to_cohere() {
    check(
        OpenAi,
        (EmbeddingsWire::Cohere, "embed-v4.0"),
        json!({"input": ["one", "two"], "dimensions": 256, "input_type": "search_query"}),
        "v2/embed",
        json!({"model": "embed-v4.0", "texts": ["one", "two"], "input_type": "search_query",
            "embedding_types": ["float"], "output_dimension": 256}),
        &[],
    );
}

#[test]
fn openai_to_workers_ai() {
    check(
        OpenAi,
        (EmbeddingsWire::WorkersAi, "@cf/baai/bge-m3"),
        json!({"input": ["one", "two"], "encoding_format": "float", "input_type": "search_query"}),
        "run/@cf/baai/bge-m3",
        json!({"text": ["one", "two"]}),
        &["input_type"],
    );
}

#[test]
fn a_provider_with_the_same_dialect_gets_everything() {
    check(
        OpenAi,
        (EmbeddingsWire::OpenAi, "mistral-embed"),
        json!({"input": "one", "dimensions": 2, "user": "u", "input_type": "search_query",
            "encoding_format": "base64", "truncate": {"x": 1}}),
        "v1/embeddings",
        json!({"model": "mistral-embed", "input": ["one"], "dimensions": 2, "user": "u",
            "input_type": "search_query", "truncate": {"x": 1}}),
        &[],
    );
    check(
        OpenAi,
        (EmbeddingsWire::OpenAi, "nv-embed"),
        json!({"input": "one", "input_type": "passage"}),
        "v1/embeddings",
        json!({"model": "nv-embed", "input": ["one"], "input_type": "passage"}),
        &[],
    );
}

#[test]
fn gemini_to_openai() {
    check(
        Gemini,
        (EmbeddingsWire::OpenAi, "text-embedding-3-small"),
        json!({
            "model": "models/x", "content": {"role": "user", "parts": [{"text": "a"}, {"text": "b"}]},
            "taskType": "RETRIEVAL_DOCUMENT", "title": "t", "outputDimensionality": 512,
            "embedContentConfig": {"autoTruncate": true},
        }),
        "v1/embeddings",
        json!({"model": "text-embedding-3-small", "input": ["a\nb"], "dimensions": 512}),
        &["taskType", "title", "autoTruncate"],
    );
}

#[test]
fn a_batch_of_gemini_to_cohere() {
    check(
        GeminiBatch,
        (EmbeddingsWire::Cohere, "embed-v4.0"),
        json!({"requests": [
            {"model": "models/x", "content": {"parts": [{"text": "one"}]},
             "task_type": "QUESTION_ANSWERING", "output_dimensionality": 256},
            {"content": {"parts": [{"text": "two"}]},
             "embedContentConfig": {"taskType": "QUESTION_ANSWERING", "outputDimensionality": 256}},
        ]}),
        "v2/embed",
        json!({"model": "embed-v4.0", "texts": ["one", "two"], "input_type": "search_query",
            "embedding_types": ["float"], "output_dimension": 256}),
        &[],
    );
}

#[test]
fn a_task_without_a_word_is_marked() {
    check(
        Gemini,
        (EmbeddingsWire::Cohere, "embed-v4.0"),
        json!({"content": {"parts": [{"text": "one"}]}, "taskType": "SEMANTIC_SIMILARITY"}),
        "v2/embed",
        json!({"model": "embed-v4.0", "texts": ["one"], "input_type": "search_document",
            "embedding_types": ["float"]}),
        &["taskType"],
    );
}

#[test]
fn titles_stay_with_their_texts() {
    check(
        GeminiBatch,
        (EmbeddingsWire::Vertex, "text-embedding-005"),
        json!({"requests": [
            {"content": {"parts": [{"text": "one"}]}, "taskType": "TASK_TYPE_UNSPECIFIED"},
            {"content": {"parts": [{"text": "two"}]}, "title": "second"},
        ]}),
        "v1/projects/project-1/locations/eu-west-1/publishers/google/models/text-embedding-005:predict",
        json!({"instances": [{"content": "one"}, {"content": "two", "title": "second"}]}),
        &[],
    );
}

#[test]
fn a_models_name_cannot_leave_its_place_in_the_path() {
    check(
        OpenAi,
        (EmbeddingsWire::Gemini, "a/../b?key=1#x"),
        json!({"input": "one"}),
        "v1beta/models/a%2F..%2Fb%3Fkey%3D1%23x:batchEmbedContents",
        json!({"requests": [{"model": "models/a/../b?key=1#x",
            "content": {"parts": [{"text": "one"}]}}]}),
        &[],
    );
}
