use super::{RequestFacts, RequestReader, model_from_path, model_type, streams};

fn read(body: &str, size: usize) -> RequestFacts {
    let mut reader = RequestReader::new();
    for piece in body.as_bytes().chunks(size) {
        reader.push(piece);
    }
    reader.finish()
}

#[test]
fn a_body_tells_model_and_stream() {
    let body = r#"{"messages":[{"role":"user","content":"\"model\":\"no\""}],"model":"gpt-4o\u002dmini","x":{"stream":false},"stream" : true}"#;
    for size in 1..=body.len() {
        let facts = read(body, size);
        assert_eq!(facts.model.as_deref(), Some("gpt-4o-mini"));
        assert_eq!((facts.stream, facts.malformed), (Some(true), false));
    }
    assert_eq!(read("{}", 1), RequestFacts::default());
    assert_eq!(read("", 1), RequestFacts::default());
    assert_eq!(read(r#"{"model":7,"stream":"yes"}"#, 9), RequestFacts::default());
    assert_eq!(read(r#"{"model":"a","model":"b"}"#, 9).model.as_deref(), Some("b"));
}

#[test]
fn what_is_not_whole_json_is_malformed() {
    for body in
        ["{", "{\"model\":\"m\"", "model=m", "--boundary\r\n", "{\"model\":\"m\"}}", "{\"a\":[}"]
    {
        assert!(read(body, 3).malformed, "{body}");
    }
}

#[test]
fn paths_name_models() {
    for (provider, path, model) in [
        (
            "google-ai-studio",
            "v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
            Some("gemini-2.5-flash"),
        ),
        ("google-ai-studio", "v1beta/models/gemini-2.5-flash", Some("gemini-2.5-flash")),
        ("google-ai-studio", "v1beta/models", None),
        (
            "google-vertex-ai",
            "v1/projects/p/locations/l/publishers/anthropic/models/claude-x@20250929:rawPredict",
            Some("claude-x@20250929"),
        ),
        ("google-vertex-ai", "v1/projects/p/locations/l/endpoints/openapi/chat/completions", None),
        (
            "aws-bedrock",
            "bedrock-runtime/us-east-1/model/us.anthropic.claude-x-v1%3A0/converse",
            Some("us.anthropic.claude-x-v1:0"),
        ),
        (
            "aws-bedrock",
            "/bedrock-runtime/us-east-1/model/us.amazon.nova-pro-v1:0/invoke",
            Some("us.amazon.nova-pro-v1:0"),
        ),
        (
            "aws-bedrock",
            "bedrock-runtime/r/model/arn%3Aaws%3Abedrock%3Ar%3A1%3Ainference-profile%2Fus.m/converse",
            Some("arn:aws:bedrock:r:1:inference-profile/us.m"),
        ),
        ("aws-bedrock", "bedrock-mantle/us-east-1/anthropic/v1/messages", None),
        ("azure-openai", "res/dep/chat/completions?api-version=1", Some("dep")),
        ("azure-openai", "res/openai/deployments/dep/chat/completions", Some("dep")),
        ("azure-openai", "res/openai/v1/responses", None),
        ("workers-ai", "@cf/meta/llama-3.1-8b-instruct", Some("@cf/meta/llama-3.1-8b-instruct")),
        ("workers-ai", "run/@cf/baai/bge-m3", Some("@cf/baai/bge-m3")),
        ("workers-ai", "run/%40cf/baai/bge%2Dm3", Some("@cf/baai/bge-m3")),
        ("workers-ai", "%72un/@cf%2fbaai/bge-m3", Some("@cf/baai/bge-m3")),
        ("azure-openai", "res/d%65p/chat/completions", Some("dep")),
        ("google-ai-studio", "v1beta/m%6Fdels/gemini-x%3AgenerateContent", Some("gemini-x")),
        ("replicate", "v1/models/meta/llam%61/predictions", Some("meta/llama")),
        ("fal", "fal-ai%2Fflux", Some("fal-ai/flux")),
        ("workers-ai", "v1/chat/completions", None),
        ("huggingface", "bigcode/starcoder", Some("bigcode/starcoder")),
        ("huggingface", "gpt2", None),
        ("fal", "fal-ai/flux-pro/v1.1", Some("fal-ai/flux-pro/v1.1")),
        ("fal", "fal-ai/flux/requests/1/status", Some("fal-ai/flux")),
        ("replicate", "v1/models/meta/llama-3/predictions", Some("meta/llama-3")),
        ("replicate", "predictions", None),
        ("elevenlabs", "v1/text-to-speech/V", None),
        ("openai", "chat/completions", None),
    ] {
        assert_eq!(model_from_path(provider, path).as_deref(), model, "{provider}/{path}");
    }
    assert_eq!(model_from_path("aws-bedrock", "x/model/a%zz%C3/x").as_deref(), Some("a%zz%C3"));
    assert_eq!(model_from_path("aws-bedrock", "x/model//x"), None);
}

#[test]
fn paths_tell_the_kind_of_call() {
    for (provider, path, kind) in [
        ("openai", "v1/chat/completions?x=1", Some("text-generation")),
        ("openai", "responses", Some("text-generation")),
        ("openai", "embeddings", Some("text-embeddings")),
        ("openai", "v1/images/generations", Some("text-to-image")),
        ("openai", "audio/transcriptions", Some("automatic-speech-recognition")),
        ("openai", "audio/speech", Some("text-to-speech")),
        ("openai", "moderations", Some("moderation")),
        ("openai", "models", None),
        ("anthropic", "v1/messages", Some("text-generation")),
        ("anthropic", "v1/messages/count_tokens", None),
        (
            "google-ai-studio",
            "v1beta/models/m:streamGenerateContent?alt=sse",
            Some("text-generation"),
        ),
        ("google-ai-studio", "v1beta/models/m:embedContent", Some("text-embeddings")),
        (
            "google-vertex-ai",
            "v1/projects/p/locations/l/publishers/google/models/text-embedding-005:predict",
            Some("text-embeddings"),
        ),
        (
            "google-vertex-ai",
            "v1/projects/p/locations/l/publishers/google/models/imagen-4:predict",
            Some("text-to-image"),
        ),
        (
            "google-vertex-ai",
            "v1/projects/p/locations/l/endpoints/openapi/chat/completions",
            Some("text-generation"),
        ),
        ("aws-bedrock", "bedrock-runtime/r/model/m/converse-stream", Some("text-generation")),
        ("aws-bedrock", "bedrock-runtime/r/model/anthropic.c/invoke", Some("text-generation")),
        (
            "aws-bedrock",
            "bedrock-runtime/r/model/amazon.titan-embed-text-v2:0/invoke",
            Some("text-embeddings"),
        ),
        ("cohere", "v2/chat", Some("text-generation")),
        ("cohere", "v2/rerank", Some("text-ranking")),
        ("elevenlabs", "v1/text-to-speech/V/stream", Some("text-to-speech")),
        ("deepgram", "v1/listen?model=nova-3", Some("automatic-speech-recognition")),
        ("cartesia", "tts/bytes", Some("text-to-speech")),
        ("ideogram", "v1/ideogram-v3/generate", Some("text-to-image")),
        ("workers-ai", "run/@cf/meta/llama", None),
    ] {
        assert_eq!(model_type(provider, path), kind, "{provider}/{path}");
    }
}

#[test]
fn some_paths_ask_for_a_stream() {
    for (path, expected) in [
        ("v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", true),
        ("v1/projects/p/locations/l/publishers/anthropic/models/m:streamRawPredict", true),
        ("bedrock-runtime/us-east-1/model/m/converse-stream", true),
        ("bedrock-runtime/us-east-1/model/m/invoke-with-response-stream", true),
        ("bedrock-runtime/us-east-1/model/m/invoke", false),
        ("v1beta/models/gemini-2.5-flash:generateContent?x=/converse-stream", false),
    ] {
        assert_eq!(streams(path), expected, "{path}");
    }
}
