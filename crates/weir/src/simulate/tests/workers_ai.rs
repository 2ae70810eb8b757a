use serde_json::{Value, json};

use super::client::{Simulator, join};

const RUN: &str = "/workers-ai/client/v4/accounts/a/ai/run/@cf/meta/llama-x";

async fn both(mut body: Value) -> (Value, Vec<Value>) {
    let simulator = Simulator::start().await;
    let plain = simulator.post(RUN, &body).await.json();
    body["stream"] = json!(true);
    let stream = simulator.post(RUN, &body).await;
    assert_eq!(stream.events().last().unwrap().1, "[DONE]");
    let chunks = stream.chunks();
    assert_eq!(chunks.last().unwrap()["usage"], plain["result"]["usage"]);
    (plain, chunks)
}

#[tokio::test]
async fn prompts_and_messages_are_answered_in_the_envelope() {
    for body in
        [json!({"prompt": "Hello"}), json!({"messages": [{"role": "user", "content": "Hello"}]})]
    {
        let (plain, chunks) = both(body).await;
        assert_eq!((&plain["success"], &plain["errors"]), (&json!(true), &json!([])));
        let text = plain["result"]["response"].as_str().unwrap();
        assert!(text.ends_with("You said: Hello"));
        assert_eq!(join(&chunks, "/response"), text);
        assert_eq!(plain["result"]["usage"]["prompt_tokens"], 9);
    }
}

#[tokio::test]
async fn tools_have_either_form_and_json_is_json() {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let messages = json!([{"role": "user", "content": "call get_weather"}]);
    for tool in [
        json!({"name": "get_weather", "parameters": schema}),
        json!({"type": "function", "function": {"name": "get_weather", "parameters": schema}}),
    ] {
        let (plain, chunks) = both(json!({"messages": messages, "tools": [tool]})).await;
        let call = json!({"name": "get_weather", "arguments": {"city": "Paris"}});
        assert_eq!(plain["result"]["tool_calls"], json!([call]));
        assert_eq!(chunks[0]["tool_calls"], json!([call]));
    }
    let format = json!({"type": "json_schema", "json_schema": schema});
    let (plain, _) = both(json!({"messages": messages, "response_format": format})).await;
    assert_eq!(plain["result"]["response"], json!({"city": "Paris"}));
}

#[tokio::test]
async fn texts_are_embedded_and_faults_have_codes() {
    let simulator = Simulator::start().await;
    let answer = simulator.post(RUN, &json!({"text": ["a", "b"]})).await.json();
    assert_eq!(answer["result"]["shape"], json!([2, 768]));
    assert_eq!(answer["result"]["data"][1].as_array().unwrap().len(), 768);
    let refused = simulator.post(RUN, &json!({})).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["success"]), (400, &json!(false)));
    let busy = simulator.post(&format!("{RUN};status=429"), &json!({"prompt": "x"})).await;
    assert_eq!(busy.json()["errors"][0]["code"], 3040);
}
