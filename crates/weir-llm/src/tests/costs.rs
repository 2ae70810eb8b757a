//! From an answer's bytes to its cost, for the shape of every provider's usage.

use weir_core::Cost;

use super::{Framing, read};
use crate::pricing::{PriceTable, Terms};

/// Charges an answer as the gateway does: what is billed before what was counted.
#[track_caller]
fn check(provider: &str, model: &str, framing: Framing, body: &str, expected: &str) {
    let (answer, _) = read(framing, [body.as_bytes()]);
    let usage = answer.billed.or(answer.usage).expect("the answer tells its usage");
    let price = PriceTable::builtin().find(provider, model).expect("the model has a price");
    let terms = Terms {
        service_tier: answer.service_tier.as_deref(),
        search_size: answer.search_size,
        at: None,
    };
    let cost: Option<Cost> = price.charge(&usage, &terms);
    assert_eq!(
        cost.map(|cost| cost.to_string()).as_deref(),
        Some(expected),
        "{provider}: {usage:?}"
    );
}

fn stream(events: &[&str]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect::<String>() + "data: [DONE]\n\n"
}

#[test]
fn openai_counts_cached_tokens_inside_the_input_and_reasoning_inside_the_output() {
    let usage = r#""usage":{"prompt_tokens":2000,"completion_tokens":300,"total_tokens":2300,
        "prompt_tokens_details":{"cached_tokens":1024,"audio_tokens":0},
        "completion_tokens_details":{"reasoning_tokens":192,"audio_tokens":0}}"#;
    let body = format!(r#"{{"object":"chat.completion","model":"gpt-5.5","choices":[],{usage}}}"#);
    // 976 x 5 + 1024 x 0.5 + 300 x 30
    check("openai", "gpt-5.5", Framing::Json, &body, "0.014392");
    let flex = body.replacen('{', r#"{"service_tier":"flex","#, 1);
    check("openai", "gpt-5.5", Framing::Json, &flex, "0.007196");
    let chunk = format!(
        r#"{{"object":"chat.completion.chunk","choices":[],{}}}"#,
        usage.replace('\n', " ")
    );
    let events = stream(&[r#"{"choices":[{"delta":{"content":"Hi"}}],"usage":null}"#, &chunk]);
    check("openai", "gpt-5.5", Framing::Sse, &events, "0.014392");
    check("azure-openai", "gpt-5.4-mini", Framing::Json, &body, "0.0021588");
}

#[test]
fn responses_count_alike() {
    let usage = r#""usage":{"input_tokens":2000,"input_tokens_details":{"cached_tokens":1024},
        "output_tokens":300,"output_tokens_details":{"reasoning_tokens":192},"total_tokens":2300}"#;
    let body = format!(r#"{{"object":"response","model":"gpt-5.5","status":"completed",{usage}}}"#);
    check("openai", "gpt-5.5", Framing::Json, &body, "0.014392");
    let event = format!(
        r#"{{"type":"response.completed","response":{{"status":"completed",{}}}}}"#,
        usage.replace('\n', " ")
    );
    check(
        "openai",
        "gpt-5.5",
        Framing::Sse,
        &format!("event: response.completed\ndata: {event}\n\n"),
        "0.014392",
    );
    // Written to the cache, inside the input: 476 x 2 + 1024 x 0.1 + 500 x 2.5 + 300 x 10
    let written = body
        .replace(r#"{"cached_tokens":1024}"#, r#"{"cached_tokens":1024,"cache_write_tokens":500}"#);
    check("openai", "gpt-6.1-sol", Framing::Json, &written, "0.0053044");
}

#[test]
fn openai_audio_and_images_have_rates_of_their_own() {
    let audio = r#"{"object":"response","usage":{"total_tokens":150,"input_tokens":100,"output_tokens":50,
        "input_token_details":{"text_tokens":60,"audio_tokens":40,"cached_tokens":0},
        "output_token_details":{"text_tokens":30,"audio_tokens":20}}}"#;
    // 60 x 4 + 40 x 32 + 30 x 24 + 20 x 64
    check("openai", "gpt-realtime-2", Framing::Json, audio, "0.00352");
    let image = r#"{"created":1,"data":[{"b64_json":"iVBO"}],"usage":{"total_tokens":4170,
        "input_tokens":10,"output_tokens":4160,"input_tokens_details":{"text_tokens":10,"image_tokens":0}}}"#;
    // 10 x 5 + 4160 x 40
    check("openai", "gpt-image-1", Framing::Json, image, "0.16645");
    let heard = r#"{"text":"hi","usage":{"type":"duration","seconds":27}}"#;
    check("openai", "whisper-1", Framing::Json, heard, "0.0027");
}

#[test]
fn anthropic_counts_the_cache_beside_the_input() {
    let start = r#"{"type":"message_start","message":{"model":"claude-sonnet-4-5","usage":{"input_tokens":100,
        "cache_read_input_tokens":1000,"cache_creation_input_tokens":700,
        "cache_creation":{"ephemeral_5m_input_tokens":500,"ephemeral_1h_input_tokens":200},
        "output_tokens":1,"service_tier":"standard"}}}"#
        .replace('\n', " ");
    let delta =
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":40,
        "server_tool_use":{"web_search_requests":2}}}"#
            .replace('\n', " ");
    let events = format!(
        "event: message_start\ndata: {start}\n\nevent: message_delta\ndata: {delta}\n\nevent: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n"
    );
    // 100 x 3 + 1000 x 0.3 + 500 x 3.75 + 200 x 6 + 40 x 15, and two searches
    check("anthropic", "claude-sonnet-4-5", Framing::Sse, &events, "0.024275");
    let plain = r#"{"type":"message","usage":{"input_tokens":100,"cache_creation_input_tokens":0,
        "cache_read_input_tokens":1000,"output_tokens":40,"service_tier":"batch"}}"#;
    check("anthropic", "claude-sonnet-4-5", Framing::Json, plain, "0.0006");
}

#[test]
fn gemini_bills_thoughts_as_output() {
    let body = r#"{"candidates":[],"usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":400,
        "candidatesTokenCount":50,"thoughtsTokenCount":150,"toolUsePromptTokenCount":20,"totalTokenCount":1220,
        "promptTokensDetails":[{"modality":"TEXT","tokenCount":900},{"modality":"AUDIO","tokenCount":100}]}}"#;
    // (1020 - 400 - 100) x 0.3 + 400 x 0.03 + 100 x 1 + 200 x 2.5
    check("google-ai-studio", "gemini-2.5-flash", Framing::Json, body, "0.000768");
    let events = [
        r#"{"candidates":[],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":5,"totalTokenCount":1005}}"#,
        r#"{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":50,"thoughtsTokenCount":150,"totalTokenCount":1200}}"#,
    ];
    check("google-ai-studio", "gemini-2.5-flash", Framing::Sse, &stream(&events), "0.0008");
}

#[test]
fn xai_counts_reasoning_beside_the_completion() {
    let usage = r#"{"prompt_tokens":32,"completion_tokens":9,"total_tokens":141,
        "prompt_tokens_details":{"cached_tokens":6},"completion_tokens_details":{"reasoning_tokens":100}}"#;
    let body = format!(r#"{{"model":"grok-4.7","choices":[],"usage":{usage}}}"#);
    // 26 x 2 + 6 x 0.5 + 109 x 6
    check("grok", "grok-4.7", Framing::Json, &body, "0.000709");
    let chunk = body.replace('\n', " ");
    check("grok", "grok-4.7", Framing::Sse, &stream(&[&chunk]), "0.000709");
    // A total that is the sum says that the reasoning lies inside.
    let inside = body.replace("\"completion_tokens\":9", "\"completion_tokens\":109");
    check("grok", "grok-4.7", Framing::Json, &inside, "0.000709");
}

#[test]
fn deepseek_and_groq_and_the_other_relatives_of_openai() {
    let body = r#"{"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,
        "prompt_cache_hit_tokens":600,"prompt_cache_miss_tokens":400,
        "completion_tokens_details":{"reasoning_tokens":70}}}"#;
    // 400 x 1.32 + 600 x 0.044 + 100 x 3.96
    check("deepseek", "deepseek-v4-pro", Framing::Json, body, "0.0009504");
    let groq =
        r#"{"choices":[],"x_groq":{"id":"r","usage":{"prompt_tokens":1000,"completion_tokens":100,
        "total_tokens":1100,"prompt_tokens_details":{"cached_tokens":200}}}}"#
            .replace('\n', " ");
    // 800 x 0.15 + 200 x 0.075 + 100 x 0.6
    check("groq", "openai/gpt-oss-120b", Framing::Sse, &stream(&[&groq]), "0.000195");
    let plain = r#"{"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}}"#;
    check("mistral", "mistral-small-latest", Framing::Json, plain, "0.00021");
    check("cerebras", "gpt-oss-120b", Framing::Json, plain, "0.000425");
    check("perplexity-ai", "sonar-pro", Framing::Json, plain, "0.0045");
    let workers = r#"{"result":{"response":"Hi","usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}},"success":true}"#;
    check(
        "workers-ai",
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        Framing::Json,
        workers,
        "0.0005183",
    );
}

#[test]
fn cohere_is_charged_by_its_billed_units() {
    let usage = r#"{"billed_units":{"input_tokens":5,"output_tokens":12},"tokens":{"input_tokens":71,"output_tokens":14}}"#;
    let body = format!(r#"{{"id":"c","finish_reason":"COMPLETE","usage":{usage}}}"#);
    // 5 x 2.5 + 12 x 10
    check("cohere", "command-a-03-2025", Framing::Json, &body, "0.0001325");
    let end = format!(
        r#"{{"type":"message-end","delta":{{"finish_reason":"COMPLETE","usage":{usage}}}}}"#
    );
    check(
        "cohere",
        "command-a-03-2025",
        Framing::Sse,
        &format!("event: message-end\ndata: {end}\n\n"),
        "0.0001325",
    );
    let rerank = r#"{"results":[],"meta":{"billed_units":{"search_units":2}}}"#;
    check("cohere", "rerank-v4.0-pro", Framing::Json, rerank, "0.005");
    let embed = r#"{"embeddings":{},"meta":{"billed_units":{"input_tokens":3}}}"#;
    check("cohere", "embed-v4.0", Framing::Json, embed, "0.00000036");
}

#[test]
fn bedrock_counts_the_cache_beside_the_input() {
    let body = r#"{"output":{},"stopReason":"end_turn","usage":{"inputTokens":100,"outputTokens":40,
        "totalTokens":1640,"cacheReadInputTokens":1000,"cacheWriteInputTokens":500}}"#;
    // 100 x 0.11 + 1000 x 0.011 + 500 x 0.1375 + 40 x 0.55
    check("aws-bedrock", "us.anthropic.claude-haiku-5-5", Framing::Json, body, "0.00011275");
    let invoked = r#"{"outputs":[],"amazon-bedrock-invocationMetrics":{"inputTokenCount":100,
        "outputTokenCount":40,"cacheReadInputTokenCount":1000,"cacheWriteInputTokenCount":500}}"#;
    check("aws-bedrock", "us.anthropic.claude-haiku-5-5", Framing::Json, invoked, "0.00011275");
}

#[test]
fn units_are_charged_from_answers_that_tell_them() {
    let listened = r#"{"metadata":{"duration":25.933313},"results":{}}"#;
    check("deepgram", "nova-3", Framing::Json, listened, "0.00185861811");
    let made = r#"{"images":[{"url":"a"},{"url":"b"}],"seed":1}"#;
    check("fal", "fal-ai/flux-pro/v1.1", Framing::Json, made, "0.08");
}
