use proptest::prelude::*;
use serde_json::{Value, json};

use crate::canonical::{
    Effort, Format, PartKind, Reasoning, Request, Role, Source, ToolCall, ToolChoice,
};
use crate::dialect::{Asked, Dialect};
use crate::fault::{Fault, FaultKind, Param};

fn read(body: &Value) -> Result<Request, Fault> {
    let asked = Asked { model: "m", stream: true };
    Dialect::Gemini.read(body.to_string().as_bytes(), &asked)
}

/// A request with something beside a plain question.
fn with(name: &str, value: Value) -> Request {
    let mut body = json!({"contents": [{"parts": [{"text": "q"}]}]});
    body[name] = value;
    read(&body).unwrap()
}

fn check_fault(name: &str, value: &Value, kind: FaultKind, param: &str) {
    let mut body = json!({"contents": [{"parts": [{"text": "q"}]}]});
    body[name] = value.clone();
    let fault = read(&body).unwrap_err();
    assert_eq!((fault.kind(), fault.param()), (kind, Some(param)), "{fault}");
}

#[test]
fn path_says_model_and_stream() {
    let request = with("model", json!("models/other"));
    assert_eq!((&*request.model, request.stream), ("m", true));
    assert_eq!(request.messages[0].role, Role::User);
    let body = br#"{"model": "models/named", "contents": [{"parts": [{"text": "q"}]}]}"#;
    let request = Dialect::Gemini.read(body, &Asked::default()).unwrap();
    assert_eq!(request.model, "named");
}

#[test]
fn numbers_come_in_three_forms() {
    let config = json!({"topK": 40.0, "max_output_tokens": "100", "seed": -1, "candidateCount": 2});
    let request = with("generationConfig", config);
    let read = (request.top_k, request.max_tokens, request.seed, request.n);
    assert_eq!(read, (Some(40), Some(100), Some(-1), Some(2)));
    let invalid = FaultKind::Invalid;
    check_fault("generationConfig", &json!({"topK": 1.5}), invalid, "generationConfig.topK");
    check_fault("generation_config", &json!({"topK": -1}), invalid, "generationConfig.topK");
    check_fault("generationConfig", &json!([]), invalid, "generationConfig");
}

#[test]
fn thinking_is_a_budget_or_a_word() {
    let reasoning = |config: Value| with("generationConfig", json!({"thinkingConfig": config}));
    let check = |config: Value, expected| assert_eq!(reasoning(config).reasoning, expected);
    let full = Reasoning { effort: None, budget: Some(512), show: Some(true) };
    check(json!({"thinkingBudget": 512, "includeThoughts": true}), Some(full));
    check(json!({"thinkingBudget": -1}), None);
    let low = Reasoning { effort: Some(Effort::Low), budget: None, show: None };
    check(json!({"thinking_level": "THINKING_LEVEL_LOW"}), Some(low.clone()));
    check(json!({"thinkingLevel": "low"}), Some(low));
    let param = "generationConfig.thinkingConfig.thinkingLevel";
    let wrong = json!({"thinkingConfig": {"thinkingLevel": "much"}});
    check_fault("generationConfig", &wrong, FaultKind::Invalid, param);
}

#[test]
fn formats() {
    let format = |config: Value| with("generationConfig", config).format;
    assert_eq!(format(json!({"responseMimeType": "text/plain"})), Format::Text);
    assert_eq!(format(json!({"responseMimeType": "application/json"})), Format::JsonObject);
    let schema = json!({"type": "object", "properties": {"type": {"type": "STRING"}}});
    let config = json!({"responseMimeType": "application/json", "responseJsonSchema": schema});
    let Format::JsonSchema { schema: got, .. } = format(config) else { panic!() };
    assert_eq!(got, schema);
    let param = "generationConfig.responseMimeType";
    let list = json!({"responseMimeType": "text/x.enum"});
    check_fault("generationConfig", &list, FaultKind::Unsupported, param);
}

#[test]
fn schemas_are_put_into_json_schemas_words() {
    let given = json!({
        "type": "OBJECT",
        "properties": {
            "type": {"type": "STRING", "format": "date-time", "nullable": true},
            "nullable": {"any_of": [{"type": "NUMBER"}, {"type": "BOOLEAN"}], "nullable": true},
            "list": {"type": "ARRAY", "items": {"type": "TYPE_UNSPECIFIED"}, "max_items": "3"},
        },
        "property_ordering": ["type"],
        "title": "T",
    });
    let expected = json!({
        "type": "object",
        "properties": {
            "type": {"type": ["string", "null"], "format": "date-time"},
            "nullable": {"anyOf": [{"type": "number"}, {"type": "boolean"}, {"type": "null"}]},
            "list": {"type": "array", "items": {}, "maxItems": 3},
        },
        "title": "T",
    });
    let tools = json!([{"function_declarations": [{"name": "f", "parameters": given}]}]);
    assert_eq!(with("tools", tools).tools[0].parameters, Some(expected));
}

#[test]
fn tool_choices() {
    let choice = |mode: &str, names: &[&str]| {
        let calling = json!({"mode": mode, "allowedFunctionNames": names});
        with("toolConfig", json!({"functionCallingConfig": calling})).tool_choice
    };
    assert_eq!(choice("AUTO", &[]), Some(ToolChoice::Auto));
    assert_eq!(choice("VALIDATED", &[]), Some(ToolChoice::Auto));
    assert_eq!(choice("NONE", &[]), Some(ToolChoice::None));
    assert_eq!(choice("ANY", &[]), Some(ToolChoice::Required));
    assert_eq!(choice("ANY", &["f"]), Some(ToolChoice::Named("f".to_owned())));
    let names = vec!["f".to_owned(), "g".to_owned()];
    let required = ToolChoice::Allowed { names: names.clone(), required: true };
    assert_eq!(choice("ANY", &["f", "g"]), Some(required));
    let free = ToolChoice::Allowed { names, required: false };
    assert_eq!(choice("VALIDATED", &["f", "g"]), Some(free));
    assert_eq!(choice("MODE_UNSPECIFIED", &[]), None);
    let param = "toolConfig.functionCallingConfig.mode";
    let wrong = json!({"functionCallingConfig": {"mode": "SOME"}});
    check_fault("toolConfig", &wrong, FaultKind::Invalid, param);
}

#[test]
fn thoughts_of_a_stream_are_put_together() {
    let thought = |text: &str| json!({"text": text, "thought": true});
    let seal = json!({"text": "", "thought": true, "thoughtSignature": "c2VhbA=="});
    let call = json!({"functionCall": {"name": "f"}, "thoughtSignature": "Y2FsbA=="});
    let parts = json!([thought("a"), thought("b"), seal, call, {"text": ""}]);
    let body = json!({"contents": [
        {"parts": [{"text": "q"}]},
        {"role": "model", "parts": parts},
    ]});
    let parts: Vec<PartKind> =
        read(&body).unwrap().messages[1].parts.iter().map(|part| part.kind.clone()).collect();
    let sealed = PartKind::Thinking { text: "ab".to_owned(), signature: Some("c2VhbA==".into()) };
    let call = PartKind::ToolCall(ToolCall {
        id: "call_0".to_owned(),
        name: "f".to_owned(),
        arguments: "{}".to_owned(),
        signature: Some("Y2FsbA==".to_owned()),
    });
    assert_eq!(parts, [sealed, call]);
}

#[test]
fn pictures_of_a_result_come_along() {
    let response = json!({
        "name": "f",
        "response": {"output": {"n": 1}},
        "parts": [{"inlineData": {"mimeType": "image/png", "data": "-_=="}}],
    });
    let body = json!({"contents": [
        {"parts": [{"text": "q"}]},
        {"role": "model", "parts": [{"functionCall": {"id": "a", "name": "f", "args": {}}}]},
        {"parts": [{"functionResponse": response}]},
    ]});
    let request = read(&body).unwrap();
    assert_eq!(request.messages[2].role, Role::Tool);
    let PartKind::ToolResult(result) = &request.messages[2].parts[0].kind else { panic!() };
    assert_eq!((&*result.id, &*result.joined_text()), ("a", r#"{"n":1}"#));
    let PartKind::Image(image) = &result.parts[1].kind else { panic!() };
    let data = Source::Data { media_type: "image/png".to_owned(), base64: "+/==".to_owned() };
    assert_eq!(image.source, data);
}

#[test]
fn parameters_are_named_as_the_client_knows_them() {
    let name = |param| Dialect::Gemini.param(&param).into_owned();
    assert_eq!(name(Param::Temperature), "generationConfig.temperature");
    assert_eq!(name(Param::Message(3)), "contents[3]");
    assert_eq!(name(Param::Own("a".into())), "a");
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>) {
        let _ = Dialect::Gemini.read(&bytes, &Asked::default());
    }

    #[test]
    fn any_words_are_survived(text in r#"[{}\[\]":,a-z0-9 .-]{0,60}"#) {
        let body = format!(r#"{{"contents": {text}}}"#);
        let _ = Dialect::Gemini.read(body.as_bytes(), &Asked::default());
        let body = format!(r#"{{"contents": [{{"parts": [{{"text": {text}}}]}}], "tools": {text}}}"#);
        let _ = Dialect::Gemini.read(body.as_bytes(), &Asked::default());
    }
}
