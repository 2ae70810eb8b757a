use serde_json::{Value, json};

use super::{read, with_messages};
use crate::canonical::{
    Effort, Format, Image, Media, Message, Part, PartKind, Reasoning, Role, Source, ToolCall,
    ToolChoice, ToolResult,
};
use crate::dialect::{Asked, Dialect};

fn hi() -> Value {
    json!([{"role": "user", "content": "hi"}])
}

/// The request is refused, at this place.
fn refuses(extra: &Value, place: &str) {
    let mut body = json!({"model": "p/m", "messages": hi()});
    for (name, value) in extra.as_object().unwrap() {
        body[name] = value.clone();
    }
    let fault = read(&body).unwrap_err();
    assert_eq!(fault.param(), Some(place), "{fault}");
    assert!(fault.message().contains(place), "{fault}");
}

#[test]
fn faults_name_their_place() {
    refuses(&json!({"messages": []}), "messages");
    refuses(&json!({"messages": null}), "messages");
    refuses(&json!({"messages": "hi"}), "messages");
    refuses(&json!({"messages": [{"role": "user", "content": "a"}, 7]}), "messages[1]");
    refuses(&json!({"messages": [{"content": "a"}]}), "messages[0].role");
    refuses(&json!({"messages": [{"role": "bot", "content": "a"}]}), "messages[0].role");
    refuses(&json!({"messages": [{"role": "user"}]}), "messages[0].content");
    refuses(&json!({"messages": [{"role": "user", "content": 3}]}), "messages[0].content");
    refuses(&json!({"messages": [{"role": "user", "content": []}]}), "messages[0].content");
    refuses(&json!({"messages": [{"role": "assistant", "content": null}]}), "messages[0].content");
    let content = |part: Value| json!({"messages": [{"role": "user", "content": [part]}]});
    refuses(&content(json!({"type": "video_url"})), "messages[0].content[0].type");
    refuses(&content(json!({"type": "text"})), "messages[0].content[0].text");
    refuses(
        &content(json!({"type": "image_url", "image_url": {"url": "cat.png"}})),
        "messages[0].content[0].image_url.url",
    );
    refuses(&content(json!({"type": "file", "file": {}})), "messages[0].content[0].file.file_data");
    let tool = json!([{"role": "tool", "content": "x"}]);
    refuses(&json!({"messages": tool}), "messages[0].tool_call_id");
    let function = json!([{"role": "function", "name": "f", "content": "x"}]);
    refuses(&json!({"messages": function}), "messages[0].name");
    refuses(&json!({"temperature": "hot"}), "temperature");
    refuses(&json!({"n": 0}), "n");
    refuses(&json!({"tools": [{"type": "web_search"}]}), "tools[0].type");
    refuses(&json!({"tools": [{"type": "function", "function": {}}]}), "tools[0].function.name");
    refuses(&json!({"tool_choice": "maybe"}), "tool_choice");
    refuses(&json!({"tool_choice": {"type": "custom"}}), "tool_choice.type");
    refuses(&json!({"response_format": {"type": "xml"}}), "response_format.type");
    refuses(&json!({"response_format": {"type": "json_schema"}}), "response_format.json_schema");
    refuses(&json!({"reasoning_effort": "much"}), "reasoning_effort");
    refuses(&json!({"thinking": {"type": "maybe"}}), "thinking.type");
}

#[test]
fn the_model_has_to_be_named_somewhere() {
    let body = serde_json::to_vec(&json!({"messages": hi()})).unwrap();
    let asked = |model| Dialect::OpenAiChat.read(&body, &Asked { model, stream: false });
    assert_eq!(asked("x").unwrap().model, "x");
    assert_eq!(asked("").unwrap_err().param(), Some("model"));
    assert!(Dialect::OpenAiChat.read(b"[]", &Asked::default()).is_err());
}

#[test]
fn every_parameter_finds_its_place() {
    let request = read(&json!({
        "model": "p/m", "messages": hi(), "max_tokens": 1, "max_completion_tokens": 2,
        "temperature": 0.50, "top_p": 1, "top_k": 40, "stop": "END", "seed": -3,
        "frequency_penalty": 0.1, "presence_penalty": -0.1, "logit_bias": {"50256": -100},
        "logprobs": true, "top_logprobs": 2, "n": 2, "reasoning_effort": "low",
        "user": "old", "safety_identifier": "new", "metadata": {"a": "b"},
        "service_tier": "flex", "stream": true, "stream_options": {"include_usage": true},
        "parallel_tool_calls": false, "store": false, "modalities": ["text"],
        "verbosity": "low", "prediction": null,
    }))
    .unwrap();
    assert_eq!(request.max_tokens, Some(2));
    assert_eq!(request.temperature.unwrap().to_string(), "0.5");
    assert_eq!(request.top_p.unwrap().to_string(), "1");
    assert_eq!((request.top_k, request.seed, request.n), (Some(40), Some(-3), Some(2)));
    assert_eq!(request.stop, ["END"]);
    assert_eq!(request.frequency_penalty.unwrap().to_string(), "0.1");
    assert_eq!(request.presence_penalty.unwrap().to_string(), "-0.1");
    assert_eq!(request.logit_bias.unwrap()["50256"], -100);
    assert_eq!((request.logprobs, request.top_logprobs), (Some(true), Some(2)));
    assert_eq!(request.reasoning.unwrap().effort, Some(Effort::Low));
    assert_eq!(request.user.as_deref(), Some("new"));
    assert_eq!(request.metadata.unwrap()["a"], "b");
    assert_eq!(request.service_tier.as_deref(), Some("flex"));
    assert!(request.stream && request.include_usage);
    assert_eq!(request.parallel_tools, Some(false));
    assert_eq!(request.own.keys().collect::<Vec<_>>(), ["verbosity"]);
}

#[test]
fn thinking_has_three_spellings() {
    let reasoning = |extra: Value| {
        let mut body = json!({"model": "p/m", "messages": hi()});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        read(&body).unwrap().reasoning
    };
    let some = |effort, budget, show| Some(Reasoning { effort, budget, show });
    assert_eq!(reasoning(json!({})), None);
    assert_eq!(
        reasoning(json!({"reasoning": {"max_tokens": 2000, "exclude": true}})),
        some(None, Some(2000), Some(false))
    );
    assert_eq!(
        reasoning(json!({"reasoning": {"enabled": false}})),
        some(Some(Effort::None), None, None)
    );
    let budget = json!({"thinking": {"type": "enabled", "budget_tokens": 9}});
    assert_eq!(reasoning(budget), some(None, Some(9), None));
    assert_eq!(
        reasoning(json!({"thinking": {"type": "disabled"}})),
        some(Some(Effort::None), None, None)
    );
    let both = json!({"reasoning_effort": "max", "thinking": {"type": "adaptive"}});
    assert_eq!(reasoning(both), some(Some(Effort::Max), None, None));
}

#[test]
fn formats_are_read() {
    let format = |format: Value| {
        read(&json!({"model": "p/m", "messages": hi(), "response_format": format})).unwrap().format
    };
    assert_eq!(format(json!({"type": "text"})), Format::Text);
    assert_eq!(format(json!({"type": "json_object"})), Format::JsonObject);
    let schema = json!({"name": "n", "schema": {"type": "object"}, "strict": true});
    assert_eq!(
        format(json!({"type": "json_schema", "json_schema": schema})),
        Format::JsonSchema {
            name: "n".to_owned(),
            description: None,
            schema: json!({"type": "object"}),
            strict: Some(true),
        }
    );
}

#[test]
fn tools_in_both_forms() {
    let function = json!({"name": "f", "description": "d", "parameters": {"type": "object"}});
    let new = json!({"model": "p/m", "messages": hi(), "tool_choice": "required",
        "tools": [{"type": "function", "function": function, "cache_control": {"type": "ephemeral"}}]});
    let new = read(&new).unwrap();
    let old = read(&json!({"model": "p/m", "messages": hi(), "functions": [function],
        "function_call": {"name": "f"}}))
    .unwrap();
    assert_eq!(new.tools[0].cache, Some(json!({"type": "ephemeral"})));
    assert_eq!(new.tools[0].parameters, old.tools[0].parameters);
    assert_eq!(new.tool_choice, Some(ToolChoice::Required));
    assert_eq!(old.tool_choice, Some(ToolChoice::Named("f".to_owned())));
    let named = json!({"type": "function", "function": {"name": "f"}});
    let allowed = json!({"type": "allowed_tools", "allowed_tools":
        {"mode": "required", "tools": [named]}});
    let choice = |choice: Value| {
        read(&json!({"model": "p/m", "messages": hi(), "tool_choice": choice})).unwrap().tool_choice
    };
    assert_eq!(choice(named), Some(ToolChoice::Named("f".to_owned())));
    let names = vec!["f".to_owned()];
    assert_eq!(choice(allowed), Some(ToolChoice::Allowed { names, required: true }));
}

#[test]
fn content_of_every_kind() {
    let request = with_messages(&json!([
        {"role": "developer", "content": "be brief"},
        {"role": "user", "name": "ann", "cache_control": {"type": "ephemeral"}, "content": [
            {"type": "text", "text": "look", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {"type": "image_url", "image_url": {"url": "https://a.b/c.png", "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            {"type": "input_audio", "input_audio": {"data": "BBBB", "format": "mp3"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,CC"}},
            {"type": "file", "file": {"file_id": "file-1"}},
        ]},
    ]));
    assert_eq!(request.messages[0], Message::text(Role::System, 0, "be brief"));
    assert_eq!(request.own["messages[].name"], "ann");
    let data = |media_type: &str, base64: &str| Source::Data {
        media_type: media_type.to_owned(),
        base64: base64.to_owned(),
    };
    let kinds: Vec<_> = request.messages[1].parts.iter().map(|part| part.kind.clone()).collect();
    let url = Source::Url("https://a.b/c.png".to_owned());
    let expected = [
        PartKind::Text("look".to_owned()),
        PartKind::Image(Image { source: url, detail: Some("low".to_owned()) }),
        PartKind::Image(Image { source: data("image/png", "AAAA"), detail: None }),
        PartKind::Audio(Media { source: data("audio/mpeg", "BBBB"), name: None }),
        PartKind::File(Media {
            source: data("application/pdf", "CC"),
            name: Some("a.pdf".to_owned()),
        }),
        PartKind::File(Media { source: Source::Id("file-1".to_owned()), name: None }),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(request.messages[1].parts[0].cache.as_ref().unwrap()["ttl"], "1h");
    assert_eq!(request.messages[1].parts[5].cache, Some(json!({"type": "ephemeral"})));
}

#[test]
fn a_tool_loop_keeps_its_thoughts() {
    let request = with_messages(&json!([
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "content": "", "reasoning_content": "need it",
         "thinking_blocks": [{"type": "thinking", "thinking": "need it", "signature": "sig"},
                             {"type": "redacted_thinking", "data": "x"}],
         "tool_calls": [{"id": "c1", "type": "function", "index": 0,
            "function": {"name": "w", "arguments": "{\"a\":1}"},
            "extra_content": {"google": {"thought_signature": "ts"}}}]},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "sunny"}]},
    ]));
    let kinds: Vec<_> = request.messages[1].parts.iter().map(|part| part.kind.clone()).collect();
    let call = ToolCall {
        id: "c1".to_owned(),
        name: "w".to_owned(),
        arguments: "{\"a\":1}".to_owned(),
        signature: Some("ts".to_owned()),
    };
    let signature = Some("sig".to_owned());
    let expected = [
        PartKind::Thinking { text: "need it".to_owned(), signature },
        PartKind::RedactedThinking("x".to_owned()),
        PartKind::ToolCall(call),
    ];
    assert_eq!(kinds, expected);
    let result =
        ToolResult { id: "c1".to_owned(), parts: vec![Part::text("sunny")], ..Default::default() };
    assert_eq!(request.messages[2].role, Role::Tool);
    assert_eq!(request.messages[2].parts[0].kind, PartKind::ToolResult(result));
}

#[test]
fn streamed_signatures_find_their_text() {
    let request = with_messages(&json!([
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": "y", "reasoning_content": "thoughts",
         "thinking_blocks": [{"type": "thinking", "thinking": "", "signature": "s"}]},
    ]));
    let (text, signature) = ("thoughts".to_owned(), Some("s".to_owned()));
    assert_eq!(request.messages[1].parts[0].kind, PartKind::Thinking { text, signature });
}

#[test]
fn older_calls_get_ids() {
    let call = |arguments: &str| json!({"name": "f", "arguments": arguments});
    let request = with_messages(&json!([
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": null, "function_call": call("{}")},
        {"role": "function", "name": "f", "content": "1"},
        {"role": "assistant", "content": null, "function_call": call("{}")},
        {"role": "function", "name": "f", "content": "2"},
    ]));
    let id = |index: usize| match &request.messages[index].parts[0].kind {
        PartKind::ToolCall(call) => call.id.clone(),
        PartKind::ToolResult(result) => result.id.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((id(1), id(3)), (id(2), id(4)));
    assert_ne!(id(1), id(3));
}
