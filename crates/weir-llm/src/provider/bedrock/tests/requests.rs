use serde_json::json;

use super::{CLAUDE, COMMAND_R, NOVA, ask, body, hello, place, refusal};
use crate::canonical::{
    Image, Media, Message, Part, PartKind, Reasoning, Request, Role, Source, Tool, ToolCall,
    ToolChoice, ToolResult,
};
use crate::catalogue::{self, RouteContext};
use crate::dialect::Dialect;
use crate::fault::{Losses, Strictness};
use crate::provider::Place;

fn image(media_type: &str) -> PartKind {
    let source = Source::Data { media_type: media_type.to_owned(), base64: "aGk=".to_owned() };
    PartKind::Image(Image { source, detail: None })
}

fn document(media_type: &str, name: Option<&str>) -> PartKind {
    let source = Source::Data { media_type: media_type.to_owned(), base64: "aGk=".to_owned() };
    PartKind::File(Media { source, name: name.map(str::to_owned) })
}

fn message(role: Role, index: usize, kinds: impl IntoIterator<Item = PartKind>) -> Message {
    Message { role, parts: kinds.into_iter().map(Part::from).collect(), index }
}

/// A call and its failed result, which has a picture.
fn failed_call(model: &str) -> Request {
    let call = ToolCall { id: "c1".into(), name: "f".into(), ..ToolCall::default() };
    let result = ToolResult {
        id: "c1".into(),
        parts: vec![Part::text("no such city"), image("image/png").into()],
        is_error: true,
        ..ToolResult::default()
    };
    let mut messages = hello();
    messages.push(message(Role::Assistant, 1, [PartKind::ToolCall(call)]));
    messages.push(message(Role::User, 2, [PartKind::Text("So?".into())]));
    messages.push(message(Role::Tool, 2, [PartKind::ToolResult(result)]));
    let tools = vec![Tool { name: "f".into(), ..Tool::default() }];
    Request { tools, ..ask(model, messages) }
}

#[test]
fn results_come_before_texts_and_say_that_they_failed() {
    let (body, _) = body(&failed_call(CLAUDE)).unwrap();
    let picture = json!({"image": {"format": "png", "source": {"bytes": "aGk="}}});
    let expected = json!([
        {"toolResult": {
            "toolUseId": "c1",
            "content": [{"text": "no such city"}, picture],
            "status": "error",
        }},
        {"text": "So?"},
    ]);
    assert_eq!(body["messages"][2]["content"], expected);
}

#[test]
fn families_without_a_status_read_that_it_failed() {
    let mut request = failed_call(COMMAND_R);
    let PartKind::ToolResult(result) = &mut request.messages[3].parts[0].kind else { panic!() };
    result.parts.truncate(1);
    let (body, _) = body(&request).unwrap();
    let expected =
        json!({"toolUseId": "c1", "content": [{"text": "error:"}, {"text": "no such city"}]});
    assert_eq!(body["messages"][2]["content"][0]["toolResult"], expected);
}

#[test]
fn blank_texts_go_and_their_neighbours_merge() {
    let mut messages = hello();
    messages.push(Message::text(Role::Assistant, 1, " \n"));
    messages.push(Message::text(Role::User, 2, "World"));
    messages.push(Message::text(Role::System, 3, ""));
    let (body, _) = body(&ask(CLAUDE, messages)).unwrap();
    let expected = json!([{"role": "user", "content": [{"text": "Hello"}, {"text": "World"}]}]);
    assert_eq!(body, json!({"messages": expected}));
}

#[test]
fn conversations_of_nothing_are_refused() {
    let blank = vec![Message::text(Role::User, 0, "  ")];
    for messages in [vec![], blank, vec![Message::text(Role::System, 0, "Be kind.")]] {
        let expected = "messages: has to hold at least one user message that is not blank";
        assert_eq!(refusal(&ask(CLAUDE, messages)), expected);
    }
}

#[test]
fn media_go_where_they_may() {
    let with = |kind: PartKind| {
        let text = PartKind::Text("See".into());
        ask(NOVA, vec![message(Role::User, 0, [text, kind])])
    };
    for (media_type, name, format) in [
        ("application/pdf", None, "pdf"),
        ("text/plain", Some("a.log"), "txt"),
        ("application/octet-stream", Some("Sheet.XLSX"), "xlsx"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Some("x"),
            "docx",
        ),
    ] {
        let (body, _) = body(&with(document(media_type, name))).unwrap();
        let got = &body["messages"][0]["content"][1]["document"];
        assert_eq!(got["format"], format, "{media_type}");
        assert_eq!(got["source"], json!({"bytes": "aGk="}));
    }
    let formats =
        "messages[0]: a document has to be PDF, CSV, DOC, DOCX, XLS, XLSX, HTML, TXT or MD";
    assert_eq!(refusal(&with(document("application/zip", Some("a.zip")))), formats);
    let formats = "messages[0]: an image has to be PNG, JPEG, GIF or WebP";
    assert_eq!(refusal(&with(image("image/tiff"))), formats);
    let alone = ask(NOVA, vec![message(Role::User, 0, [document("application/pdf", None)])]);
    let expected = "messages[0]: Bedrock takes a document only together with a text; add one";
    assert_eq!(refusal(&alone), expected);
    let mut messages = hello();
    messages.push(message(Role::Assistant, 1, [image("image/png")]));
    let expected = "messages[1]: Bedrock takes images and documents in user messages only";
    assert_eq!(refusal(&ask(NOVA, messages)), expected);
}

#[test]
fn document_names_are_cleaned_and_differ() {
    let names = ["../../etc/passwd", "", "é.pdf", &"long ".repeat(60), "a.pdf", "a.csv", "a 2.pdf"];
    let mut parts = vec![PartKind::Text("See".into())];
    parts.extend(names.map(|name| document("application/pdf", Some(name))));
    let (body, _) = body(&ask(NOVA, vec![message(Role::User, 0, parts)])).unwrap();
    let blocks = body["messages"][0]["content"].as_array().unwrap();
    let got: Vec<&str> =
        blocks.iter().filter_map(|block| block["document"]["name"].as_str()).collect();
    let long = "long ".repeat(38);
    let expected = ["document", "document 2", "document 3", long.trim(), "a", "a 2", "a 2 2"];
    assert_eq!(got, expected);
}

#[test]
fn choices_without_their_tool_are_wrong() {
    let tools = vec![Tool { name: "f".into(), ..Tool::default() }];
    let named = Some(ToolChoice::Named("g".into()));
    let request = Request { tools, tool_choice: named, ..ask(CLAUDE, hello()) };
    assert_eq!(refusal(&request), "tool_choice: has to name one of the tools");
    let request = Request { tool_choice: Some(ToolChoice::Required), ..ask(CLAUDE, hello()) };
    assert_eq!(refusal(&request), "tool_choice: demands a tool, and none is on offer");
    let tools = vec![Tool { name: "f g".into(), ..Tool::default() }];
    let expected = "tools: the name of a tool has to be 1 to 64 letters, digits, _ or -";
    assert_eq!(refusal(&Request { tools, ..ask(CLAUDE, hello()) }), expected);
}

#[test]
fn budgets_have_to_leave_room() {
    let thinking = |budget, max_tokens| Request {
        reasoning: Some(Reasoning { budget: Some(budget), ..Reasoning::default() }),
        max_tokens,
        ..ask(CLAUDE, hello())
    };
    let fields = |request| body(&request).unwrap().0["additionalModelRequestFields"].clone();
    let budget = |tokens| json!({"thinking": {"type": "enabled", "budget_tokens": tokens}});
    assert_eq!(fields(thinking(5000, Some(8000))), budget(5000));
    assert_eq!(fields(thinking(10, Some(8000))), budget(1024));
    assert_eq!(fields(thinking(0, Some(8000))), json!(null));
    let expected =
        "reasoning_effort: the budget has to be 1024 or more and less than the longest answer";
    assert_eq!(refusal(&thinking(8000, Some(8000))), expected);
}

#[test]
fn tiers_of_others_are_wrong() {
    let tier = |word: &str| Request { service_tier: Some(word.to_owned()), ..ask(CLAUDE, hello()) };
    assert_eq!(body(&tier("auto")).unwrap().0["serviceTier"], json!(null));
    assert_eq!(body(&tier("flex")).unwrap().0["serviceTier"], json!({"type": "flex"}));
    let expected = "service_tier: has to be auto, default, flex or priority for this provider";
    assert_eq!(refusal(&tier("scale")), expected);
}

#[test]
fn a_region_is_needed() {
    let place = Place { region: "", ..place() };
    let mut losses = Losses::new(Strictness::Lenient, Dialect::OpenAiChat, "Bedrock");
    let fault = super::prepare(&ask(CLAUDE, hello()), &place, &mut losses).unwrap_err();
    let expected = "model: Bedrock is served by region; store a credential with a region";
    assert_eq!(fault.message(), expected);
}

/// The catalogue sends the path on as it is: the id stays encoded once.
#[test]
fn the_path_reaches_its_host() {
    let model = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0";
    let mut losses = Losses::new(Strictness::Lenient, Dialect::OpenAiChat, "Bedrock");
    let prepared = super::prepare(&ask(model, hello()), &place(), &mut losses).unwrap();
    let bedrock = catalogue::all().iter().find(|provider| provider.slug == "aws-bedrock").unwrap();
    let cx = RouteContext { account_id: "acc1", fal_target: None };
    let route = bedrock.route(&prepared.path, &cx).unwrap();
    assert_eq!(route.origin(), "https://bedrock-runtime.eu-west-1.amazonaws.com");
    let id = "arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Ainference-profile%2Feu.amazon.nova-pro-v1%3A0";
    assert_eq!(route.path, format!("/model/{id}/converse"));
}
