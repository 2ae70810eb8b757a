use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::read;
use crate::canonical::{
    Effort, Format, Media, Message, Part, PartKind, Reasoning, Request, Role, Source, ToolCall,
    ToolChoice, ToolResult,
};
use crate::dialect::Asked;
use crate::fault::Fault;

fn parse(body: &Value) -> Result<Request, Fault> {
    let asked = Asked { model: "m", stream: false };
    read(body.to_string().as_bytes(), &asked)
}

/// A request with these members beside what has to be there.
fn with(members: Value) -> Result<Request, Fault> {
    let mut body =
        json!({"model": "x", "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]});
    let Value::Object(members) = members else { panic!("not an object") };
    for (name, value) in members {
        body[name] = value;
    }
    parse(&body)
}

fn fault(members: Value) -> (String, String) {
    let fault = with(members).unwrap_err();
    (fault.param().unwrap_or_default().to_owned(), fault.message().to_owned())
}

#[test]
fn the_smallest_request() {
    let got = with(json!({})).unwrap();
    let expected = Request {
        model: "m".to_owned(),
        max_tokens: Some(10),
        messages: vec![Message::text(Role::User, 0, "Hi")],
        include_usage: true,
        ..Request::default()
    };
    assert_eq!(got, expected);
}

#[test]
fn what_a_coding_agent_sends() {
    let cache = json!({"type": "ephemeral"});
    let got = with(json!({
        "system": [{"type": "text", "text": "You code.", "cache_control": cache}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "look"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "redacted_thinking", "data": "r"},
                {"type": "text", "text": "I read."},
                {"type": "tool_use", "id": "a", "name": "Read", "input": {"path": "x"}},
                {"type": "tool_use", "id": "b", "name": "Ls", "input": {}, "caller": {"type": "direct"}}]},
            {"role": "user", "content": [
                {"type": "text", "text": "and?"},
                {"type": "tool_result", "tool_use_id": "a", "content": "gone", "is_error": true},
                {"type": "tool_result", "tool_use_id": "b", "cache_control": cache,
                    "content": [{"type": "text", "text": "f"},
                        {"type": "image", "source": {"type": "url", "url": "https://i"}}]}]},
        ],
        "tools": [{"name": "Read", "description": "Reads.", "input_schema": {"type": "object"},
            "cache_control": cache, "eager_input_streaming": true}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": false},
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "metadata": {"user_id": "user_1"},
        "stream": true, "temperature": 1, "mcp_servers": [],
    }))
    .unwrap();
    let tool_result = |id: &str, parts: Vec<Part>, is_error: bool| {
        PartKind::ToolResult(ToolResult { id: id.to_owned(), name: None, parts, is_error })
    };
    let call = |id: &str, name: &str, arguments: &str| {
        let [id, name, arguments] = [id, name, arguments].map(str::to_owned);
        Part::from(PartKind::ToolCall(ToolCall { id, name, arguments, signature: None }))
    };
    let image = |source| PartKind::Image(crate::canonical::Image { source, detail: None });
    let png = Source::Data { media_type: "image/png".to_owned(), base64: "AA==".to_owned() };
    assert_eq!(got.messages[0].parts[0].cache, Some(cache.clone()));
    assert_eq!(got.messages[1].parts[1].kind, image(png));
    let thought = PartKind::Thinking { text: "hm".to_owned(), signature: Some("s".to_owned()) };
    assert_eq!(
        got.messages[2].parts,
        [
            thought.into(),
            PartKind::RedactedThinking("r".to_owned()).into(),
            Part::text("I read."),
            call("a", "Read", "{\"path\":\"x\"}"),
            call("b", "Ls", "{}"),
        ]
    );
    let url = image(Source::Url("https://i".to_owned()));
    let second = tool_result("b", vec![Part::text("f"), url.into()], false);
    let expected = [
        tool_result("a", vec![Part::text("gone")], true).into(),
        Part { kind: second, cache: Some(cache.clone()) },
    ];
    assert_eq!((got.messages[3].role, &got.messages[3].parts[..]), (Role::Tool, &expected[..]));
    assert_eq!(got.messages[4], Message::text(Role::User, 2, "and?"));
    assert_eq!(got.tools[0].cache, Some(cache));
    assert_eq!((got.tool_choice, got.parallel_tools), (Some(ToolChoice::Auto), Some(true)));
    let reasoning = Reasoning { budget: Some(2000), ..Reasoning::default() };
    assert_eq!((got.reasoning, got.user.as_deref()), (Some(reasoning), Some("user_1")));
    assert_eq!(got.own.keys().collect::<Vec<_>>(), ["context_management"]);
    assert!(got.stream);
}

#[test]
fn documents() {
    let blocks = json!([
        {"type": "document", "title": "T", "source": {"type": "text", "media_type": "text/plain", "data": "t"}},
        {"type": "document", "title": "P", "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="}},
        {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "c"}]},
            "cache_control": {"type": "ephemeral"}},
        {"type": "search_result", "title": "S", "source": "https://s", "content": [{"type": "text", "text": "r"}]},
        {"type": "document", "source": {"type": "file", "file_id": "f"}},
    ]);
    let got = with(json!({"messages": [{"role": "user", "content": blocks}]})).unwrap();
    let pdf = Source::Data { media_type: "application/pdf".to_owned(), base64: "AA==".to_owned() };
    let file = |source, name: Option<&str>| {
        Part::from(PartKind::File(Media { source, name: name.map(str::to_owned) }))
    };
    let cached = Part { cache: Some(json!({"type": "ephemeral"})), ..Part::text("c") };
    let expected = [
        Part::text("T\nt"),
        file(pdf, Some("P")),
        cached,
        Part::text("S\nhttps://s"),
        Part::text("r"),
        file(Source::Id("f".to_owned()), None),
    ];
    assert_eq!(got.messages[0].parts, expected);
}

#[test]
fn how_much_to_think() {
    let check = |members: Value, expected: Reasoning| {
        assert_eq!(with(members).unwrap().reasoning, Some(expected));
    };
    let none = Reasoning::default();
    let high = Some(Effort::High);
    check(json!({"thinking": {"type": "adaptive"}}), none.clone());
    check(
        json!({"thinking": {"type": "adaptive", "display": "omitted"}, "output_config": {"effort": "high"}}),
        Reasoning { effort: high, show: Some(false), ..Reasoning::default() },
    );
    check(
        json!({"thinking": {"type": "disabled"}, "output_config": {"effort": "high"}}),
        Reasoning { effort: Some(Effort::None), ..Reasoning::default() },
    );
    check(json!({"output_config": {"effort": "high"}}), Reasoning { effort: high, ..none });
}

#[test]
fn formats_choices_and_tiers() {
    let schema = json!({"type": "object"});
    let format = json!({"type": "json_schema", "schema": schema});
    for members in [json!({"output_config": {"format": format}}), json!({"output_format": format})]
    {
        let got = with(members).unwrap();
        assert!(matches!(got.format, Format::JsonSchema { schema: got, .. } if got == schema));
    }
    let choice = |choice: Value| with(json!({"tool_choice": choice})).unwrap().tool_choice;
    assert_eq!(choice(json!({"type": "any"})), Some(ToolChoice::Required));
    assert_eq!(
        choice(json!({"type": "tool", "name": "f"})),
        Some(ToolChoice::Named("f".to_owned()))
    );
    assert_eq!(choice(json!({"type": "none"})), Some(ToolChoice::None));
    let got = with(json!({"service_tier": "standard_only"})).unwrap();
    assert_eq!(got.service_tier.as_deref(), Some("default"));
}

#[test]
fn faults_name_their_place() {
    let check = |members: Value, param: &str, message: &str| {
        let (got, text) = fault(members);
        assert_eq!(got, param, "{text}");
        assert!(text.contains(message), "{text}");
    };
    check(json!({"max_tokens": null}), "max_tokens", "missing");
    check(json!({"max_tokens": "x"}), "max_tokens", "invalid type");
    check(json!({"messages": []}), "messages", "at least one");
    check(json!({"messages": [{"role": "robot", "content": ""}]}), "messages[0].role", "has to be");
    let user = |block: Value| json!({"messages": [{"role": "user", "content": [{"type": "text", "text": ""}, block]}]});
    check(user(json!({"type": "text"})), "messages[0].content[1].text", "missing");
    check(user(json!({"type": "text", "text": 5})), "messages[0].content[1]", "invalid type");
    check(
        user(json!({"type": "container_upload"})),
        "messages[0].content[1].type",
        "container_upload",
    );
    check(
        user(json!({"type": "image", "source": {"type": "text"}})),
        "messages[0].content[1].source.type",
        "base64",
    );
    check(
        user(
            json!({"type": "tool_result", "tool_use_id": "a", "content": [{"type": "tool_reference"}]}),
        ),
        "messages[0].content[1].content[0].type",
        "tool_reference",
    );
    check(json!({"system": [{"type": "image"}]}), "system[0].type", "image");
    check(
        json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
        "tools[0].type",
        "Anthropic's own tool",
    );
    check(json!({"tools": [{"name": "f"}]}), "tools[0].input_schema", "missing");
    check(json!({"tool_choice": {"type": "tool"}}), "tool_choice.name", "missing");
    check(json!({"thinking": {"type": "enabled"}}), "thinking.budget_tokens", "missing");
    check(json!({"output_config": {"effort": "huge"}}), "output_config.effort", "has to be");
}

#[test]
fn typed_tools_with_a_schema_pass() {
    let tool = json!({"type": "custom", "name": "f", "input_schema": {}, "defer_loading": true});
    let got = with(json!({"tools": [tool]})).unwrap();
    assert_eq!(got.tools[0].name, "f");
    assert!(got.own.contains_key("tools[].defer_loading"));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, &Asked::default());
    }

    #[test]
    fn any_block_is_survived(kind in "[a-z_]{0,12}", name in "[a-z_]{1,12}", value in any::<u8>()) {
        let block = json!({"type": kind, name: value});
        let _ = with(json!({"messages": [{"role": "user", "content": [block]}]}));
    }
}
