use serde_json::json;
use weir_core::Usage;

use crate::canonical::{Event, EventSink, Finish};
use crate::provider::{DecodeContext, Wire};

/// Keeps events in words, so that a list of them reads well.
#[derive(Default)]
struct Words(Vec<String>);

impl EventSink for Words {
    fn event(&mut self, event: Event<'_>) {
        self.0.push(match event {
            Event::Start { id, model, .. } => {
                format!("start {} {}", id.unwrap_or_default(), model.unwrap_or_default())
            }
            Event::Text { choice, text } => format!("text {choice} {text}"),
            Event::Thinking { text, .. } => format!("thinking {text}"),
            Event::Signature { signature, .. } => format!("seal {signature}"),
            Event::RedactedThinking { data, .. } => format!("redacted {data}"),
            Event::Refusal { text, .. } => format!("refusal {text}"),
            Event::ToolStart { call, id, name, signature, .. } => {
                format!("tool {call} {id} {name} {}", signature.unwrap_or_default())
            }
            Event::ToolArguments { call, json, .. } => format!("args {call} {json}"),
            Event::Annotation { annotation, .. } => format!("cite {annotation}"),
            Event::Logprobs { logprobs, .. } => format!("logprobs {logprobs}"),
            Event::Finish { choice, finish } => format!("finish {choice} {finish:?}"),
            Event::Usage(Usage { input, output, .. }) => format!("usage {input} {output}"),
            Event::Done => "done".to_owned(),
            Event::Error(failure) => format!("error {} {}", failure.status, failure.message),
        });
    }
}

fn events(provider: &str, stream: &str) -> Vec<String> {
    let context =
        DecodeContext { base: "b".into(), provider: provider.into(), ..DecodeContext::default() };
    let mut decoder = Wire::OpenAi.decoder(context);
    let mut words = Words::default();
    decoder.push(stream.as_bytes(), &mut words);
    decoder.finish(&mut words);
    words.0
}

/// The events of a stream of these chunks, closed by `[DONE]`.
fn chunks(provider: &str, chunks: &[serde_json::Value]) -> Vec<String> {
    let stream: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    events(provider, &(stream + "data: [DONE]\n\n"))
}

fn delta(delta: impl serde::Serialize) -> serde_json::Value {
    json!({"id": "x", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
}

fn end(word: &str) -> serde_json::Value {
    json!({"id": "x", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": word}]})
}

#[test]
fn an_ordinary_stream() {
    let usage = json!({"id": "x", "choices": [], "usage":
        {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}});
    let azure = json!({"id": "", "model": "", "choices": [], "prompt_filter_results": []});
    let first = delta(json!({"role": "assistant", "content": "", "refusal": null}));
    let got = chunks(
        "azure-openai",
        &[azure, first, delta(json!({"content": "h\"i"})), end("stop"), usage],
    );
    assert_eq!(got, ["start x m", "text 0 h\"i", "finish 0 Stop", "usage 1 2", "done"]);
}

#[test]
fn thoughts_in_every_form() {
    let got = chunks(
        "groq",
        &[
            delta(json!({"reasoning_content": "a", "content": null})),
            delta(json!({"reasoning": "b"})),
            delta(
                json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "c"}]}]}),
            ),
            delta(json!({"content": "d", "extra_content": {"google": {"thought": true}}})),
            delta(
                json!({"thinking_blocks": [{"type": "thinking", "thinking": "", "signature": "s"},
                {"type": "redacted_thinking", "data": "r"}]}),
            ),
            delta(json!({"content": [{"type": "text", "text": "e"}]})),
            end("stop"),
        ],
    );
    let expected = [
        "start x m",
        "thinking a",
        "thinking b",
        "thinking c",
        "thinking d",
        "seal s",
        "redacted r",
        "text 0 e",
        "finish 0 Stop",
        "done",
    ];
    assert_eq!(got, expected);
}

#[test]
fn tool_calls_in_fragments() {
    let call = |call: serde_json::Value| delta(json!({"tool_calls": [call]}));
    let got = chunks(
        "openai",
        &[
            call(
                json!({"index": 0, "id": "c0", "type": "function", "function": {"name": "f", "arguments": ""}}),
            ),
            call(json!({"index": 0, "function": {"arguments": "{\"a\""}})),
            call(json!({"index": 0, "function": {"arguments": ":1}"}})),
            call(json!({"index": 1, "id": "c1", "function": {"name": "g", "arguments": "{}"}})),
            end("tool_calls"),
        ],
    );
    let expected = [
        "start x m",
        "tool 0 c0 f ",
        "args 0 {\"a\"",
        "args 0 :1}",
        "tool 1 c1 g ",
        "args 1 {}",
        "finish 0 ToolCalls",
        "done",
    ];
    assert_eq!(got, expected);
}

#[test]
fn whole_calls_that_share_a_number_or_have_none() {
    let got = chunks(
        "google-vertex-ai",
        &[
            delta(
                json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"},
                "extra_content": {"google": {"thought_signature": "ts"}}}]}),
            ),
            delta(
                json!({"tool_calls": [{"index": 0, "id": "b", "function": {"name": "f", "arguments": "{}"}}]}),
            ),
            delta(json!({"tool_calls": [{"function": {"name": "g", "arguments": {"x": 1}}}]})),
            end("stop"),
        ],
    );
    let expected = [
        "start x m",
        "tool 0 a f ts",
        "args 0 {}",
        "tool 1 b f ",
        "args 1 {}",
        "tool 2 call_b_2 g ",
        "args 2 {\"x\":1}",
        "finish 0 ToolCalls",
        "done",
    ];
    assert_eq!(got, expected);
    let older = [
        delta(json!({"function_call": {"name": "f", "arguments": ""}})),
        delta(json!({"function_call": {"arguments": "{}"}})),
        end("function_call"),
    ];
    let got = chunks("openai", &older);
    let expected = ["start x m", "tool 0 call_b_0 f ", "args 0 {}", "finish 0 ToolCalls", "done"];
    assert_eq!(got, expected);
}

#[test]
fn errors_in_the_middle() {
    let text = delta(json!({"content": "a"}));
    let openrouter = json!({"id": "x", "error": {"code": 502, "message": "gone"},
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]});
    assert_eq!(
        chunks("openrouter", &[text.clone(), openrouter]),
        ["start x m", "text 0 a", "error 502 gone"]
    );
    let typed = json!({"error": {"message": "slow", "type": "rate_limit_error"}});
    assert_eq!(chunks("openai", &[typed]), ["error 429 slow"]);
    let groq = json!({"id": "x", "choices": [], "x_groq": {"id": "r", "error": "over"}});
    assert_eq!(chunks("groq", &[groq]), ["error 502 over"]);
    assert_eq!(
        chunks("openai", &[text, end("error")]).last().unwrap(),
        "error 502 the provider broke the answer off with an error"
    );
    assert_eq!(events("openai", "event: error\ndata: {\"message\":\"m\"}\n\n"), ["error 502 m"]);
    assert!(events("openai", "data: {\"id\n\n")[0].starts_with("error 502"));
}

#[test]
fn the_end_is_told_or_not() {
    let stream = format!("data: {}\n\n", end("stop"));
    assert_eq!(events("custom-x", &stream), ["start x m", "finish 0 Stop", "done"]);
    assert_eq!(events("openai", &stream), ["start x m", "finish 0 Stop"]);
    let cut = format!("data: {}\n\n", delta(json!({"content": "a"})));
    assert_eq!(events("custom-x", &cut), ["start x m", "text 0 a"]);
}

#[test]
fn workers_ai_in_its_own_form() {
    let got = chunks(
        "workers-ai",
        &[
            json!({"response": "a", "p": "abc"}),
            json!({"response": 7}),
            json!({"response": "", "usage": {"prompt_tokens": 1, "completion_tokens": 2}}),
        ],
    );
    let expected = ["start  ", "text 0 a", "text 0 7", "usage 1 2", "finish 0 Stop", "done"];
    assert_eq!(got, expected);
    let called = json!({"response": null, "tool_calls": [{"name": "f", "arguments": {"a": 1}}]});
    let expected = [
        "start  ",
        "tool 0 call_b_0 f ",
        "args 0 {\"a\":1}",
        &format!("finish 0 {:?}", Finish::ToolCalls),
        "done",
    ];
    assert_eq!(chunks("workers-ai", &[called]), expected);
}

#[test]
fn perplexity_repeats_the_message() {
    let chunk = |piece: &str, whole: &str, finish: Option<&str>| {
        json!({"id": "x", "model": "m", "citations": ["https://a.b"], "choices": [{"index": 0,
            "message": {"role": "assistant", "content": whole},
            "delta": {"role": "assistant", "content": piece}, "finish_reason": finish}]})
    };
    let got = chunks("perplexity-ai", &[chunk("a", "a", None), chunk("b", "ab", Some("stop"))]);
    assert_eq!(got.iter().filter(|word| word.starts_with("cite")).count(), 1);
    assert_eq!((&*got[1], &*got[3], &*got[4]), ("text 0 a", "text 0 b", "finish 0 Stop"));
}
