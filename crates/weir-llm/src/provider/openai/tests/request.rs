use serde_json::{Map, Value, json};

use super::{prepared, prepared_with};
use crate::canonical::{
    Effort, Format, Image, Media, Message, Part, PartKind, Reasoning, Request, Role, Source, Tool,
    ToolCall, ToolChoice, ToolResult,
};
use crate::capability::Capabilities;

fn request(messages: Vec<Message>) -> Request {
    Request { model: "m".to_owned(), messages, ..Request::default() }
}

fn hi() -> Request {
    request(vec![Message::text(Role::User, 0, "hi")])
}

fn message(role: Role, kinds: Vec<PartKind>) -> Message {
    Message { role, parts: kinds.into_iter().map(Part::from).collect(), index: 0 }
}

fn call(id: &str) -> PartKind {
    let (id, name) = (id.to_owned(), "f".to_owned());
    PartKind::ToolCall(ToolCall { id, name, ..ToolCall::default() })
}

fn result(id: &str, parts: Vec<Part>) -> PartKind {
    PartKind::ToolResult(ToolResult { id: id.to_owned(), parts, ..ToolResult::default() })
}

fn tool(name: &str) -> Tool {
    Tool { name: name.to_owned(), ..Tool::default() }
}

fn picture() -> PartKind {
    let source = Source::Data { media_type: "image/png".to_owned(), base64: "AA".to_owned() };
    PartKind::Image(Image { source, detail: None })
}

/// The member of the body that a provider gets; nothing was left out.
fn body(provider: &str, request: &Request) -> Value {
    let (body, dropped) = prepared(provider, request).unwrap();
    assert!(dropped.is_empty(), "{dropped:?}");
    body
}

/// The provider does not take the request, because of this parameter (in Anthropic's words or ours).
fn refuses(provider: &str, request: &Request) -> String {
    prepared(provider, request).unwrap_err().message().to_owned()
}

fn dropped(provider: &str, request: &Request) -> usize {
    prepared(provider, request).unwrap().1.len()
}

#[test]
fn the_plain_case() {
    let mut request = hi();
    request.max_tokens = Some(9);
    request.stop = vec!["x".to_owned()];
    request.seed = Some(3);
    request.stream = true;
    let messages = json!([{"role": "user", "content": "hi"}]);
    assert_eq!(
        body("openai", &request),
        json!({"model": "m", "messages": messages, "max_completion_tokens": 9, "stop": ["x"],
            "seed": 3, "stream": true, "stream_options": {"include_usage": true}})
    );
    assert_eq!(
        body("mistral", &request),
        json!({"model": "m", "messages": messages, "max_tokens": 9, "stop": ["x"],
            "random_seed": 3, "stream": true})
    );
}

#[test]
fn what_a_provider_does_not_take() {
    let biased = Request { logit_bias: Some(Map::from_iter([("1".into(), json!(2))])), ..hi() };
    assert!(refuses("groq", &biased).contains("groq cannot bias tokens"));
    assert_eq!(dropped("mistral", &biased), 1);
    let likely = Request { logprobs: Some(true), ..hi() };
    assert!(refuses("groq", &likely).contains("likelihood"));
    assert_eq!(body("groq", &Request { logprobs: Some(false), ..hi() }).get("logprobs"), None);
    assert!(refuses("groq", &Request { n: Some(2), ..hi() }).contains("one answer"));
    assert_eq!(body("groq", &Request { n: Some(1), ..hi() }).get("n"), None);
    let tooled = Request { tools: vec![tool("f")], ..hi() };
    assert!(refuses("perplexity-ai", &tooled).contains("no tools"));
    let stops = Request { stop: vec!["a".to_owned(); 5], ..hi() };
    assert!(refuses("openai", &stops).contains("at most 4"));
    body("fireworks", &stops);
    assert_eq!(dropped("openai", &Request { top_k: Some(5), ..hi() }), 1);
    let penalty =
        |value: f64| Request { frequency_penalty: serde_json::Number::from_f64(value), ..hi() };
    assert_eq!((dropped("cerebras", &penalty(0.5)), dropped("cerebras", &penalty(0.0))), (1, 0));
    let flex = Request { service_tier: Some("priority".to_owned()), ..hi() };
    assert_eq!(body("groq", &flex)["service_tier"], "performance");
    let named = |length: usize| Request { user: Some("u".repeat(length)), ..hi() };
    assert_eq!((dropped("openai", &named(64)), dropped("openai", &named(65))), (0, 1));
    assert_eq!((dropped("openrouter", &named(128)), dropped("openrouter", &named(129))), (0, 1));
    let own = Request { own: Map::from_iter([("mcp_servers".into(), json!([]))]), ..hi() };
    assert!(refuses("openai", &own).contains("mcp_servers"));
}

#[test]
fn what_a_model_cannot_do() {
    let with = |capabilities, request: &Request| prepared_with("openai", capabilities, request);
    let no_sampling = Capabilities { sampling_params: Some(false), ..Capabilities::default() };
    let warm = |value: f64| Request { temperature: serde_json::Number::from_f64(value), ..hi() };
    assert_eq!(with(no_sampling, &warm(0.2)).unwrap().1.len(), 1);
    assert_eq!(with(no_sampling, &warm(1.0)).unwrap().1.len(), 0);
    let no_force = Capabilities { forced_tool_choice: Some(false), ..Capabilities::default() };
    let forced =
        Request { tools: vec![tool("f")], tool_choice: Some(ToolChoice::Required), ..hi() };
    assert!(with(no_force, &forced).is_err());
    let blind = Capabilities { vision: Some(false), ..Capabilities::default() };
    assert!(with(blind, &request(vec![message(Role::User, vec![picture()])])).is_err());
    let no_prefill = Capabilities { assistant_prefill: Some(false), ..Capabilities::default() };
    let begun =
        request(vec![Message::text(Role::User, 0, "x"), Message::text(Role::Assistant, 1, "{")]);
    assert!(with(no_prefill, &begun).is_err());
    assert_eq!(body("mistral", &begun)["messages"][1]["prefix"], true);
}

#[test]
fn tools_and_the_choice_among_them() {
    let choice = |provider: &str, choice: ToolChoice| {
        let tools = vec![tool("f"), tool("g")];
        let request = Request { tools, tool_choice: Some(choice), ..hi() };
        let body = body(provider, &request);
        (body["tools"].as_array().unwrap().len(), body["tool_choice"].clone())
    };
    let named = json!({"type": "function", "function": {"name": "g"}});
    assert_eq!(choice("openai", ToolChoice::Required), (2, json!("required")));
    assert_eq!(choice("mistral", ToolChoice::Required), (2, json!("any")));
    assert_eq!(choice("groq", ToolChoice::Named("g".to_owned())), (2, named.clone()));
    let allowed = || ToolChoice::Allowed { names: vec!["g".to_owned()], required: true };
    let object = json!({"type": "allowed_tools",
        "allowed_tools": {"mode": "required", "tools": [named]}});
    assert_eq!(choice("openai", allowed()), (2, object));
    assert_eq!(choice("deepseek", allowed()), (1, json!("required")));
    let none = Request { tool_choice: Some(ToolChoice::Required), ..hi() };
    assert!(refuses("openai", &none).contains("no tool"));
    let schema = &body("openai", &Request { tools: vec![tool("f")], ..hi() })["tools"][0];
    assert_eq!(schema["function"]["parameters"]["type"], "object");
}

#[test]
fn a_tool_loop() {
    let thinking = PartKind::Thinking { text: "hm".to_owned(), signature: Some("s".to_owned()) };
    let history = request(vec![
        Message::text(Role::System, 0, "be"),
        Message::text(Role::User, 1, "x"),
        message(
            Role::Assistant,
            vec![
                thinking,
                PartKind::RedactedThinking("r".to_owned()),
                call("toolu_1"),
                call("toolu_2"),
            ],
        ),
        message(
            Role::Tool,
            vec![
                result("toolu_1", vec![Part::text("1"), picture().into()]),
                result("toolu_2", Vec::new()),
            ],
        ),
        Message::text(Role::User, 4, "go on"),
    ]);
    let openai = body("openai", &history);
    let calls = &openai["messages"][2];
    assert_eq!(calls["content"], Value::Null);
    assert_eq!(calls["tool_calls"][0]["function"], json!({"name": "f", "arguments": "{}"}));
    assert_eq!((calls.get("reasoning_content"), calls.get("thinking_blocks")), (None, None));
    assert_eq!(
        openai["messages"][3],
        json!({"role": "tool", "tool_call_id": "toolu_1", "content": "1"})
    );
    // The picture of the result goes to the user's next message.
    let content = &openai["messages"][5]["content"];
    assert_eq!(content[0]["image_url"]["url"], "data:image/png;base64,AA");
    assert_eq!(content[1]["text"], "go on");
    assert_eq!(body("deepseek", &history)["messages"][2]["reasoning_content"], "hm");
    let mistral = body("mistral", &history);
    let mistral = &mistral["messages"];
    assert_eq!(mistral[2]["content"][0]["thinking"][0]["text"], "hm");
    let id = mistral[2]["tool_calls"][1]["id"].as_str().unwrap();
    assert_eq!((id.len(), mistral[4]["tool_call_id"].as_str()), (9, Some(id)));
    assert_ne!(mistral[2]["tool_calls"][0]["id"], id);
}

#[test]
fn pictures_of_the_last_result_are_not_lost() {
    let history = request(vec![
        Message::text(Role::User, 0, "x"),
        message(Role::Assistant, vec![call("a")]),
        message(Role::Tool, vec![result("a", vec![picture().into()])]),
    ]);
    let messages = &body("openai", &history)["messages"];
    assert!(messages[2]["content"].as_str().unwrap().contains("next message"));
    assert_eq!(messages[3]["role"], "user");
    assert_eq!(messages[3]["content"][0]["type"], "image_url");
}

#[test]
fn failed_tools_say_so() {
    let mut failed = ToolResult { id: "a".to_owned(), is_error: true, ..ToolResult::default() };
    failed.parts.push(Part::text("no disk"));
    let history = request(vec![
        message(Role::Assistant, vec![call("a")]),
        message(Role::Tool, vec![PartKind::ToolResult(failed)]),
    ]);
    assert_eq!(body("openai", &history)["messages"][1]["content"], "error: no disk");
}

#[test]
fn perplexity_wants_turns_to_alternate() {
    let history = request(vec![
        Message::text(Role::User, 0, "a"),
        Message::text(Role::User, 1, "b"),
        Message::text(Role::Assistant, 2, "c"),
    ]);
    let messages = &body("perplexity-ai", &history)["messages"];
    assert_eq!(messages[0], json!({"role": "user", "content": "a\nb"}));
    assert_eq!(messages.as_array().unwrap().len(), 2);
}

#[test]
fn documents_and_sound() {
    let pdf = |source| PartKind::File(Media { source, name: Some("a.pdf".to_owned()) });
    let data = |media_type: &str| Source::Data {
        media_type: media_type.to_owned(),
        base64: "aGk=".to_owned(),
    };
    let with = |kind| request(vec![message(Role::User, vec![kind])]);
    let part =
        |provider: &str, kind| body(provider, &with(kind))["messages"][0]["content"][0].clone();
    let bytes = || pdf(data("application/pdf"));
    assert_eq!(
        part("openai", bytes()),
        json!({"type": "file", "file": {"filename": "a.pdf",
            "file_data": "data:application/pdf;base64,aGk="}})
    );
    assert_eq!(part("mistral", bytes())["document_name"], "a.pdf");
    assert!(refuses("groq", &with(bytes())).contains("documents"));
    let remote = || pdf(Source::Url("https://a.b/c.pdf".to_owned()));
    assert!(refuses("openai", &with(remote())).contains("base64"));
    assert_eq!(part("mistral", remote())["document_url"], "https://a.b/c.pdf");
    assert_eq!(part("groq", pdf(data("text/plain"))), json!({"type": "text", "text": "hi"}));
    assert!(refuses("openai", &with(pdf(Source::Id("f".to_owned())))).contains("file"));
    let sound = || PartKind::Audio(Media { source: data("audio/mpeg"), name: None });
    assert_eq!(part("openai", sound())["input_audio"]["format"], "mp3");
    assert!(refuses("groq", &with(sound())).contains("audio"));
}

#[test]
fn cache_marks_go_where_they_are_known() {
    let mut history = hi();
    history.messages[0].parts[0].cache = Some(json!({"type": "ephemeral"}));
    assert_eq!(dropped("openai", &history), 1);
    let content = &body("openrouter", &history)["messages"][0]["content"];
    assert_eq!(content[0]["cache_control"]["type"], "ephemeral");
}

#[test]
fn formats() {
    let schema = || Format::JsonSchema {
        name: String::new(),
        description: None,
        schema: json!({"type": "object"}),
        strict: Some(true),
    };
    let asked = Request { format: schema(), ..hi() };
    assert_eq!(
        body("openai", &asked)["response_format"]["json_schema"],
        json!({"name": "answer", "schema": {"type": "object"}, "strict": true})
    );
    let (deepseek, dropped) = prepared("deepseek", &asked).unwrap();
    assert_eq!((&deepseek["response_format"]["type"], dropped.len()), (&json!("json_object"), 1));
    assert!(deepseek["messages"][0]["content"].as_str().unwrap().contains("JSON schema"));
    let object = Request { format: Format::JsonObject, ..hi() };
    assert_eq!(body("perplexity-ai", &object)["response_format"]["type"], "json_schema");
}

#[test]
fn thinking_in_each_providers_words() {
    let thinks = Capabilities { reasoning: Some(true), ..Capabilities::default() };
    let ask = |provider: &str, capabilities, effort, budget| {
        let reasoning = Some(Reasoning { effort, budget, show: None });
        let request = Request { reasoning, ..hi() };
        let (body, dropped) = prepared_with(provider, capabilities, &request).unwrap();
        let names = ["reasoning_effort", "thinking", "reasoning"];
        let said = names.into_iter().filter_map(|name| Some((name, body.get(name)?.clone())));
        (said.collect::<Vec<_>>(), dropped.len())
    };
    let effort = |word: &str| (vec![("reasoning_effort", json!(word))], 0);
    assert_eq!(ask("openai", thinks, None, Some(3000)), effort("medium"));
    assert_eq!(ask("openai", thinks, Some(Effort::Max), None), effort("high"));
    assert_eq!(ask("openai", thinks, Some(Effort::None), None), effort("low"));
    let none = Capabilities { effort_none: Some(true), ..thinks };
    assert_eq!(ask("openai", none, Some(Effort::None), None), effort("none"));
    let silent = Capabilities::default();
    assert_eq!(ask("openai", silent, Some(Effort::None), None), (Vec::new(), 0));
    let cannot = Capabilities { reasoning: Some(false), ..silent };
    assert_eq!(ask("openai", cannot, Some(Effort::High), None), (Vec::new(), 1));
    assert_eq!(ask("mistral", thinks, Some(Effort::Low), None), effort("high"));
    let toggled = |kind: &str| vec![("thinking", json!({"type": kind}))];
    assert_eq!(ask("deepseek", silent, Some(Effort::None), None), (toggled("disabled"), 0));
    assert_eq!(ask("deepseek", silent, Some(Effort::Low), None), (toggled("enabled"), 0));
    let object = vec![("reasoning", json!({"max_tokens": 99}))];
    assert_eq!(ask("openrouter", silent, None, Some(99)), (object, 0));
}
