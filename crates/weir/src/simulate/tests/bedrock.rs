use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::aws::{self, frames};
use super::client::{Answer, End, Simulator, join, post};

const CLAUDE: &str = "anthropic.claude-x-v1:0";

fn path(model: &str, verb: &str) -> String {
    format!("/aws-bedrock/model/{}/{verb}", model.replace(':', "%3A"))
}

fn hello(extra: &Value) -> Value {
    let mut body = json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

fn tools() -> Value {
    let tool = |name: &str| {
        json!({"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object",
            "properties": {"city": {"type": "string"}}}}}})
    };
    json!({"tools": [tool("get_time"), tool("get_weather")]})
}

/// Asks plainly and as a stream, checks that both agree, returns the plain answer and the deltas.
async fn both(model: &str, body: &Value) -> (Value, Vec<Value>) {
    let simulator = Simulator::start().await;
    let plain = simulator.post(&path(model, "converse"), body).await.json();
    let stream = simulator.post(&path(model, "converse-stream"), body).await;
    assert_eq!(stream.header("content-type"), "application/vnd.amazon.eventstream");
    let frames = frames(&stream.body);
    assert!(frames.iter().all(|frame| frame.message == "event" && frame.payload["p"].is_string()));
    let find = |name: &str| {
        frames.iter().find(|frame| frame.name == name).map(|frame| &frame.payload).unwrap()
    };
    assert_eq!(frames[0].name, "messageStart");
    assert_eq!(find("messageStop")["stopReason"], plain["stopReason"]);
    assert_eq!(frames.last().unwrap().name, "metadata");
    assert_eq!(find("metadata")["usage"], plain["usage"]);
    (plain, frames.into_iter().map(|frame| frame.payload).collect())
}

#[tokio::test]
async fn converse_answers_plainly_and_in_frames() {
    let (plain, chunks) = both(CLAUDE, &hello(&json!({"system": [{"text": "Be kind."}]}))).await;
    let text = plain["output"]["message"]["content"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("You said: Hello"));
    assert_eq!(join(&chunks, "/delta/text"), text);
    assert_eq!(plain["stopReason"], "end_turn");
    let (plain, _) = both(&format!("{CLAUDE};in=100;cached=40;out=7"), &hello(&json!({}))).await;
    let usage = &plain["usage"];
    assert_eq!((&usage["inputTokens"], &usage["cacheReadInputTokens"]), (&json!(60), &json!(40)));
    assert_eq!(usage["totalTokens"], 107);
}

#[tokio::test]
async fn tools_and_thoughts_go_round() {
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}});
    let asked = json!({"role": "user", "content": [{"text": "get_time and get_weather"}]});
    let body = hello(&json!({"toolConfig": tools(), "messages": [asked],
        "additionalModelRequestFields": thinking}));
    let (plain, chunks) = both(CLAUDE, &body).await;
    let message = &plain["output"]["message"];
    let content = message["content"].as_array().unwrap();
    assert_eq!((content.len(), &plain["stopReason"]), (3, &json!("tool_use")));
    assert_eq!(content[2]["toolUse"]["input"], json!({"city": "Paris"}));
    let thoughts = &content[0]["reasoningContent"]["reasoningText"];
    assert_eq!(join(&chunks, "/delta/reasoningContent/text"), thoughts["text"]);
    assert_eq!(join(&chunks, "/delta/reasoningContent/signature"), thoughts["signature"]);
    let starts: Vec<&Value> = chunks.iter().filter_map(|it| it.pointer("/start/toolUse")).collect();
    assert_eq!(starts[1]["toolUseId"], content[2]["toolUse"]["toolUseId"]);

    let result = |nth: usize| {
        json!({"toolResult": {"toolUseId": content[nth]["toolUse"]["toolUseId"],
            "content": [{"text": "rain"}]}})
    };
    let mut body = hello(&json!({"toolConfig": tools(), "messages": [asked, message,
        {"role": "user", "content": [result(1), result(2)]}]}));
    let (plain, _) = both(CLAUDE, &body).await;
    let text = plain["output"]["message"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("The tool said: rain"), "{text}");

    body["messages"][2]["content"] = json!([result(1)]);
    refused(&body, "Expected toolResult blocks at messages.2.content").await;
    body["messages"][2]["content"] = json!([result(1), result(2)]);
    body["messages"][1]["content"][0]["reasoningContent"]["reasoningText"]["text"] = json!("no");
    refused(&body, "Invalid `signature`").await;
    body["messages"][1]["content"].as_array_mut().unwrap().remove(0);
    body.as_object_mut().unwrap().remove("toolConfig");
    refused(&body, "toolConfig field must be defined").await;
}

async fn refused(body: &Value, words: &str) {
    let answer = Simulator::start().await.post(&path(CLAUDE, "converse"), body).await;
    assert_eq!(answer.status, 400, "{body}");
    assert_eq!(answer.header("x-amzn-errortype"), "ValidationException");
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains(words), "{message}");
}

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    let said = |role: &str| json!({"role": role, "content": [{"text": "x"}]});
    for (extra, words) in [
        (json!({"model": "x"}), "unknown field `model`"),
        (json!({"messages": []}), "at least 1"),
        (json!({"messages": [said("assistant")]}), "must start with a user message"),
        (json!({"messages": [said("user"), said("user")]}), "must alternate"),
        (json!({"messages": [{"role": "user", "content": [{"text": " "}]}]}), "blank"),
        (json!({"messages": [{"role": "user", "content": [{}]}]}), "exactly one"),
        (json!({"inferenceConfig": {"temperature": 1.5}}), "from 0 to 1"),
        (json!({"toolConfig": {"tools": []}}), "at least 1"),
    ] {
        refused(&hello(&extra), words).await;
    }
}

#[tokio::test]
async fn claude_is_invoked_with_its_own_body() {
    let simulator = Simulator::start().await;
    let body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hello"}]});
    let plain = simulator.post(&path(CLAUDE, "invoke"), &body).await;
    let counted = plain.json()["usage"]["input_tokens"].to_string();
    assert_eq!(plain.header("x-amzn-bedrock-input-token-count"), counted);
    let stream = simulator.post(&path(CLAUDE, "invoke-with-response-stream"), &body).await;
    let chunks: Vec<Value> = frames(&stream.body)
        .iter()
        .map(|frame| {
            assert_eq!(frame.name, "chunk");
            let bytes = STANDARD.decode(frame.payload["bytes"].as_str().unwrap()).unwrap();
            serde_json::from_slice(&bytes).unwrap()
        })
        .collect();
    assert_eq!(join(&chunks, "/delta/text"), plain.json()["content"][0]["text"]);
    let metrics = &chunks.last().unwrap()["amazon-bedrock-invocationMetrics"];
    assert_eq!(metrics["outputTokenCount"], plain.json()["usage"]["output_tokens"]);

    let mut other = body.clone();
    other["model"] = json!(CLAUDE);
    assert_eq!(simulator.post(&path(CLAUDE, "invoke"), &other).await.status, 400);
    other = body;
    other.as_object_mut().unwrap().remove("anthropic_version");
    assert_eq!(simulator.post(&path(CLAUDE, "invoke"), &other).await.status, 400);
}

#[tokio::test]
async fn embeddings_are_invoked() {
    let simulator = Simulator::start().await;
    let titan = json!({"inputText": "Hello", "dimensions": 256});
    let titan = simulator.post(&path("amazon.titan-embed-text-v2:0", "invoke"), &titan).await;
    assert_eq!(titan.json()["embedding"].as_array().unwrap().len(), 256);
    assert_eq!(titan.json()["inputTextTokenCount"], 2);
    let cohere = json!({"texts": ["a", "b"], "input_type": "search_document"});
    let cohere = simulator.post(&path("cohere.embed-english-v3", "invoke"), &cohere).await;
    assert_eq!(cohere.json()["embeddings"].as_array().unwrap().len(), 2);
    assert_eq!(cohere.header("x-amzn-bedrock-input-token-count"), "2");
}

#[tokio::test]
async fn a_script_breaks_a_stream_with_an_exception() {
    let simulator = Simulator::start().await;
    let verb = "converse-stream";
    let model = format!("{CLAUDE};error-after=2");
    let stream = simulator.post(&path(&model, verb), &hello(&json!({}))).await;
    let last = frames(&stream.body).pop().unwrap();
    assert_eq!((&*last.message, &*last.name), ("exception", "modelStreamErrorException"));
    assert!(last.payload["message"].is_string());
    let model = format!("{CLAUDE};cut-after=2");
    let stream = simulator.post(&path(&model, verb), &hello(&json!({}))).await;
    assert_eq!((stream.end == End::Broken, frames(&stream.body).len()), (true, 2));
    let model = format!("{CLAUDE};status=429");
    let refused = simulator.post(&path(&model, verb), &hello(&json!({}))).await;
    assert_eq!(refused.status.as_u16(), 429);
    assert_eq!(refused.header("x-amzn-errortype"), "ThrottlingException");
}

#[tokio::test]
async fn signatures_of_the_known_key_are_checked() {
    let simulator = Simulator::start().await;
    let body = hello(&json!({})).to_string();
    let raw = path(CLAUDE, "converse");
    let canonical = raw.replace('%', "%25");
    let send = async |canonical: &str, signed: &str| -> Answer {
        let mut request = post(&raw, body.clone());
        aws::sign(&mut request, canonical, signed, &aws::now());
        simulator.send(request).await.unwrap()
    };
    let good = send(&canonical, &body).await;
    assert_eq!(good.status, 200, "{}", good.text());
    for (canonical, signed) in [(&raw, &*body), (&canonical, "{}")] {
        let refused = send(canonical, signed).await;
        assert_eq!(refused.status, 403);
        assert_eq!(refused.header("x-amzn-errortype"), "InvalidSignatureException");
    }
}
