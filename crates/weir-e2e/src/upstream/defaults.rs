//! What a provider says when no script says otherwise: small and valid.

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;

/// The answer of the called provider with this status.
pub(super) fn answer(status: u16, call: &Call) -> Answer {
    if matches!(status, 100..200 | 204 | 304) {
        return Answer::empty(status);
    }
    if status >= 400 {
        let message = format!("scripted {status}");
        return Answer::json(status, &json!({"error": {"message": message, "type": "scripted"}}));
    }
    if wants_stream(call) {
        return stream(call).status(status);
    }
    Answer::json(status, &body(call))
}

fn wants_stream(call: &Call) -> bool {
    call.json().get("stream").and_then(Value::as_bool).unwrap_or_default()
}

fn model(call: &Call) -> Value {
    call.json().get("model").cloned().unwrap_or_else(|| json!("model"))
}

fn body(call: &Call) -> Value {
    let path = call.target.split('?').next().unwrap_or_default();
    let model = model(call);
    if path.ends_with("/models") {
        return json!({"object": "list", "data": [{"id": "m", "object": "model"}]});
    }
    if path.ends_with("/embeddings") {
        let data = json!([{"object": "embedding", "index": 0, "embedding": [0.5, -0.5]}]);
        let usage = json!({"prompt_tokens": 1, "total_tokens": 1});
        return json!({"object": "list", "model": model, "data": data, "usage": usage});
    }
    if path.ends_with("/responses") {
        let content = json!([{"type": "output_text", "text": "pong", "annotations": []}]);
        let output = json!([{"type": "message", "role": "assistant", "content": content}]);
        let usage = json!({"input_tokens": 1, "output_tokens": 1, "total_tokens": 2});
        return json!({"id": "resp_1", "object": "response", "status": "completed",
            "model": model, "output": output, "usage": usage});
    }
    if path.ends_with("/messages") || path.ends_with("/invoke") {
        return json!({"id": "msg_1", "type": "message", "role": "assistant", "model": model,
            "content": [{"type": "text", "text": "pong"}], "stop_reason": "end_turn",
            "usage": {"input_tokens": 1, "output_tokens": 1}});
    }
    match call.provider.as_str() {
        "google-ai-studio" if path.contains("image") => json!({
            "candidates": [{"content": {"role": "model", "parts": [
                {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]},
                "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1,
                "totalTokenCount": 2}}),
        "google-ai-studio" | "google-vertex-ai" => json!({
            "candidates": [{"content": {"role": "model", "parts": [{"text": "pong"}]},
                "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1,
                "totalTokenCount": 2}}),
        "workers-ai" if !path.ends_with("/completions") => json!({
            "result": {"response": "pong"}, "success": true, "errors": [], "messages": []}),
        _ => json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "pong"},
                "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}),
    }
}

fn stream(call: &Call) -> Answer {
    if call.target.contains("/messages") {
        let events = [
            json!({"type": "message_start", "message": {"id": "msg_1", "type": "message",
                "role": "assistant", "model": model(call), "content": [],
                "usage": {"input_tokens": 1, "output_tokens": 1}}}),
            json!({"type": "content_block_start", "index": 0,
                "content_block": {"type": "text", "text": ""}}),
            json!({"type": "content_block_delta", "index": 0,
                "delta": {"type": "text_delta", "text": "pong"}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                "usage": {"output_tokens": 1}}),
            json!({"type": "message_stop"}),
        ];
        let named = |event: &Value| {
            let name = event.get("type").and_then(Value::as_str).unwrap_or_default();
            format!("event: {name}\ndata: {event}\n\n").into()
        };
        return Answer::chunked("text/event-stream", events.iter().map(named));
    }
    let chunk = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
            "model": model(call), "choices": [choice]})
        .to_string()
    };
    let first = chunk(json!({"role": "assistant", "content": "pong"}), Value::Null);
    let last = chunk(json!({}), json!("stop"));
    Answer::sse(&[&first, &last, "[DONE]"])
}
