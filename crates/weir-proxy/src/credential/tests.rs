use super::*;

#[test]
fn what_runs_a_model_is_told_from_what_only_looks() {
    for (slug, rest) in [
        ("openai", "v1/chat/completions?x=1"),
        ("openai", "responses"),
        ("openai", "audio/transcriptions"),
        ("anthropic", "v1/messages"),
        ("anthropic", "v1/messages/count_tokens"),
        ("google-ai-studio", "v1beta/models/m:streamGenerateContent?alt=sse"),
        ("google-ai-studio", "v1beta/models/m:countTokens"),
        ("workers-ai", "@cf/meta/llama"),
    ] {
        assert!(runs_model(slug, &Method::POST, rest), "{slug}/{rest}");
        assert!(!runs_model(slug, &Method::GET, rest), "GET {slug}/{rest}");
    }
    for (slug, rest) in [
        ("openai", "v1/files"),
        ("openai", "v1/batches"),
        ("openai", "v1/responses/resp_1/cancel"),
        ("openai", "v1/fine_tuning/jobs"),
        ("anthropic", "v1/messages/batches"),
        ("google-ai-studio", "v1beta/cachedContents"),
    ] {
        assert!(!runs_model(slug, &Method::POST, rest), "{slug}/{rest}");
    }
}
