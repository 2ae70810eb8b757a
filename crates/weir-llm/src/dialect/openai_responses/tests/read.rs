//! Requests.

use serde_json::{Value, json};

use super::super::read;
use crate::canonical::{
    Effort, Format, Message, Part, PartKind, Reasoning, Request, Role, Source, ToolCall,
    ToolChoice, ToolResult,
};
use crate::dialect::Asked;
use crate::fault::Fault;

fn reading(body: &Value) -> Result<Request, Fault> {
    read(body.to_string().as_bytes(), &Asked { model: "m", stream: false })
}

fn request(body: &Value) -> Request {
    reading(body).unwrap()
}

/// The body is refused; the fault is about `param` and its message has `words`.
#[expect(clippy::needless_pass_by_value, reason = "reads better where it is called")]
fn refused(body: Value, param: &str, words: &str) {
    let fault = reading(&body).unwrap_err();
    assert_eq!(fault.param(), Some(param), "{body}");
    assert!(fault.message().contains(words), "{}", fault.message());
}

#[test]
fn a_text_is_a_message_of_the_user() {
    let read = request(&json!({"model": "x/y", "input": "Hi", "instructions": "Be brief."}));
    assert_eq!(read.model, "m");
    assert_eq!(
        read.messages,
        [Message::text(Role::System, 0, "Be brief."), Message::text(Role::User, 0, "Hi")]
    );
    assert!(read.own.is_empty() && read.include_usage && !read.stream);
}

#[test]
fn every_parameter_has_its_place() {
    let read = request(&json!({
        "input": "Hi", "max_output_tokens": 9, "temperature": 0.5, "top_p": 1, "top_logprobs": 2,
        "parallel_tool_calls": false, "metadata": {"k": "v"}, "service_tier": "flex", "stream": true,
        "user": "u", "reasoning": {"effort": "high", "summary": "auto"}, "store": false,
        "truncation": "disabled", "include": ["reasoning.encrypted_content"],
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {}, "strict": true}},
    }));
    assert_eq!((read.max_tokens, read.top_logprobs, read.logprobs), (Some(9), Some(2), Some(true)));
    assert_eq!((read.parallel_tools, read.stream), (Some(false), true));
    assert_eq!((read.user.as_deref(), read.service_tier.as_deref()), (Some("u"), Some("flex")));
    let reasoning = Reasoning { effort: Some(Effort::High), budget: None, show: Some(true) };
    assert_eq!(read.reasoning, Some(reasoning));
    let (name, schema) = ("n".to_owned(), json!({}));
    assert_eq!(
        read.format,
        Format::JsonSchema { name, description: None, schema, strict: Some(true) }
    );
    assert!(read.own.is_empty(), "{:?}", read.own);
}

#[test]
fn what_has_no_place_is_kept_by_name() {
    let read = request(&json!({
        "input": "Hi", "store": true, "truncation": "auto", "prompt_cache_key": "k",
        "text": {"verbosity": "low"}, "include": ["file_search_call.results"], "new": 1,
        "reasoning": {"mode": "pro"}, "user": "a", "safety_identifier": "b",
        "tools": [{"type": "function", "name": "f", "parameters": {}, "defer_loading": true}],
    }));
    let mut names: Vec<&str> = read.own.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "include",
            "new",
            "prompt_cache_key",
            "reasoning.mode",
            "store",
            "tools[].defer_loading",
            "truncation",
            "user",
            "verbosity"
        ]
    );
    assert_eq!(read.user.as_deref(), Some("b"));
}

#[test]
fn a_turn_of_the_model_is_one_message() {
    let read = request(&json!({"input": [
        {"role": "user", "content": [{"type": "input_text", "text": "Both?"},
            {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "low"}]},
        {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "message", "role": "assistant", "id": "msg", "status": "completed",
            "content": [{"type": "output_text", "text": "Yes.", "annotations": []}]},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "b", "name": "g", "input": "say \"x\""},
        {"type": "function_call_output", "call_id": "a", "output": "1"},
        {"type": "custom_tool_call_output", "call_id": "b",
            "output": [{"type": "input_text", "text": "2"}]},
    ]}));
    let roles: Vec<Role> = read.messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::Tool, Role::Tool]);
    let call = |id: &str, name: &str, arguments: &str| {
        PartKind::ToolCall(ToolCall {
            id: id.to_owned(),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            signature: None,
        })
        .into()
    };
    let thinking = PartKind::Thinking { text: "hm".to_owned(), signature: None };
    assert_eq!(
        read.messages[1].parts,
        [
            thinking.into(),
            Part::text("Yes."),
            call("a", "f", "{}"),
            call("b", "g", r#"{"input":"say \"x\""}"#)
        ]
    );
    let result =
        ToolResult { id: "b".to_owned(), parts: vec![Part::text("2")], ..Default::default() };
    assert_eq!(read.messages[3].parts, [PartKind::ToolResult(result).into()]);
    let PartKind::Image(image) = &read.messages[0].parts[1].kind else { panic!("an image") };
    assert_eq!(image.detail.as_deref(), Some("low"));
    assert!(matches!(&image.source, Source::Data { media_type, .. } if media_type == "image/png"));
}

#[test]
fn two_messages_of_the_model_stay_two() {
    let read = request(&json!({"input": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "A"},
        {"role": "assistant", "content": "B"},
    ]}));
    assert_eq!(read.messages.len(), 3);
}

#[test]
fn files_and_sound() {
    let read = request(&json!({"input": [{"role": "user", "content": [
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="},
        {"type": "input_file", "file_data": "AA=="},
        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
        {"type": "input_file", "file_id": "file-1"},
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
        {"type": "input_text", "text": "x", "prompt_cache_breakpoint": {"mode": "explicit"}},
    ]}]}));
    let parts = &read.messages[0].parts;
    let source = |index: usize| match &parts[index].kind {
        PartKind::File(media) | PartKind::Audio(media) => media.source.clone(),
        other => panic!("{other:?}"),
    };
    let data = |media_type: &str| Source::Data {
        media_type: media_type.to_owned(),
        base64: "AA==".to_owned(),
    };
    assert_eq!(source(0), data("application/pdf"));
    assert_eq!(source(1), data("application/pdf"));
    assert_eq!(source(2), Source::Url("https://example.com/a.pdf".to_owned()));
    assert_eq!(source(3), Source::Id("file-1".to_owned()));
    assert_eq!(source(4), data("audio/wav"));
    assert_eq!(parts[5].cache, Some(json!({"type": "ephemeral"})));
}

#[test]
fn a_custom_tool_is_a_function_with_one_text() {
    let read = request(&json!({"input": "Hi", "tools": [
        {"type": "custom", "name": "apply_patch", "description": "Edits files.",
            "format": {"type": "grammar", "syntax": "lark", "definition": "start: X"}},
    ], "tool_choice": {"type": "custom", "name": "apply_patch"}}));
    let tool = &read.tools[0];
    assert!(tool.description.as_deref().unwrap().ends_with("lark grammar:\nstart: X"));
    assert_eq!(tool.parameters.as_ref().unwrap()["required"], json!(["input"]));
    assert_eq!(read.tool_choice, Some(ToolChoice::Named("apply_patch".to_owned())));
    assert!(read.own.contains_key("tools[].format"));
}

#[test]
fn choices() {
    let choice =
        |choice: Value| request(&json!({"input": "Hi", "tool_choice": choice})).tool_choice;
    assert_eq!(choice(json!("required")), Some(ToolChoice::Required));
    assert_eq!(choice(json!("none")), Some(ToolChoice::None));
    let names = vec!["f".to_owned()];
    assert_eq!(
        choice(json!({"type": "allowed_tools", "mode": "required",
            "tools": [{"type": "function", "name": "f"}]})),
        Some(ToolChoice::Allowed { names, required: true })
    );
    let body = json!({"input": "Hi", "tool_choice": {"type": "file_search"}});
    refused(body, "tool_choice.type", "OpenAI only");
}

#[test]
fn thoughts_of_another_provider_are_marked() {
    let read = request(&json!({"input": [
        {"role": "user", "content": "Hi"},
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAAABo"},
        {"role": "assistant", "content": "Hello."},
    ]}));
    assert_eq!(read.messages[1].parts, [Part::text("Hello.")]);
    assert!(read.own.contains_key("reasoning.encrypted_content"));
}

#[test]
fn refusals_name_the_place_and_say_what_to_do() {
    let with = |name: &str, value: Value| json!({"input": "Hi", name: value});
    refused(with("previous_response_id", json!("resp_1")), "previous_response_id", "whole");
    refused(with("conversation", json!({"id": "c"})), "conversation", "whole");
    refused(with("prompt", json!({"id": "p"})), "prompt", "instructions");
    refused(with("background", json!(true)), "background", "leave it out");
    refused(with("max_tool_calls", json!(2)), "max_tool_calls", "leave it out");
    refused(json!({}), "input", "send a text");
    refused(json!({"input": []}), "input", "empty");
    let tools = |tool: Value| json!({"input": "Hi", "tools": [tool]});
    refused(tools(json!({"type": "web_search"})), "tools[0].type", "web_search = \"disabled\"");
    refused(tools(json!({"type": "local_shell"})), "tools[0].type", "function tool");
    refused(tools(json!({"type": "function"})), "tools[0].name", "missing");
    let items = |item: Value| json!({"input": [item]});
    refused(items(json!({"type": "item_reference", "id": "msg"})), "input[0].type", "itself");
    refused(items(json!({"id": "msg"})), "input[0].type", "itself");
    refused(
        items(json!({"type": "local_shell_call", "id": "x", "call_id": "y", "action": {}})),
        "input[0].type",
        "leave this item out",
    );
    // Its `output` is an object, unlike that of a function's.
    refused(
        items(json!({"type": "computer_call_output", "call_id": "x", "output": {"type": "z"}})),
        "input[0].type",
        "computer_call_output",
    );
    refused(items(json!({"type": "function_call", "name": "f"})), "input[0].call_id", "missing");
    refused(items(json!({"role": "robot", "content": "x"})), "input[0].role", "robot");
    refused(items(json!({"role": "user", "content": 1})), "input[0]", "a string or a list");
    refused(
        items(json!({"role": "user", "content": [{"type": "input_video"}]})),
        "input[0].content[0].type",
        "input_video",
    );
    refused(with("text", json!({"format": {"type": "xml"}})), "text.format.type", "xml");
    refused(with("reasoning", json!({"effort": "huge"})), "reasoning.effort", "huge");
    refused(with("temperature", json!("hot")), "temperature", "temperature");
}
