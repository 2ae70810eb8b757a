use serde_json::{Value, json};

use super::{body, call, conversation, refusal, request, result, strict_refusal};
use crate::canonical::{Image, Media, Part, PartKind, Role, Source};
use crate::capability::Capabilities;

fn check(messages: Vec<(Role, Vec<Part>)>, expected: &Value) {
    let got = body(&conversation(messages), Capabilities::default());
    assert_eq!(got["messages"], *expected);
}

fn say(text: &str) -> Vec<Part> {
    vec![Part::text(text)]
}

#[test]
fn the_smallest_request() {
    let expected = json!({
        "model": "claude-sonnet-4-5", "max_tokens": 100,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    });
    assert_eq!(body(&request(|_| {}), Capabilities::default()), expected);
}

#[test]
fn the_system_is_apart() {
    let messages = || {
        conversation(vec![
            (Role::System, say("a")),
            (Role::System, say("b")),
            (Role::User, say("c")),
            (Role::System, say("d")),
            (Role::User, say("e")),
        ])
    };
    let text = |text: &str| json!({"type": "text", "text": text});
    let hoisted = body(&messages(), Capabilities::default());
    assert_eq!(hoisted["system"], json!([text("a"), text("b"), text("d")]));
    assert_eq!(hoisted["messages"], json!([{"role": "user", "content": [text("c"), text("e")]}]));
    let facts = Capabilities { mid_conversation_system: Some(true), ..Capabilities::default() };
    let kept = body(&messages(), facts);
    assert_eq!(kept["system"], json!([text("a"), text("b")]));
    assert_eq!(kept["messages"][1], json!({"role": "system", "content": [text("d")]}));
    assert!(strict_refusal(&messages(), Capabilities::default()).contains("only at the start"));
}

#[test]
fn results_stand_together_before_any_text() {
    let messages = vec![
        (Role::User, say("go")),
        (Role::Assistant, vec![Part::text("both"), call("a", "{\"x\": 1}"), call("b:1", " ")]),
        (Role::Tool, vec![result("b:1", "two")]),
        (Role::User, say("well?")),
        (Role::Tool, vec![result("a", "")]),
    ];
    let expected = json!([
        {"role": "user", "content": [{"type": "text", "text": "go"}]},
        {"role": "assistant", "content": [
            {"type": "text", "text": "both"},
            {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}},
            {"type": "tool_use", "id": "b_1", "name": "f", "input": {}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "b_1", "content": [{"type": "text", "text": "two"}]},
            {"type": "tool_result", "tool_use_id": "a"},
            {"type": "text", "text": "well?"},
        ]},
    ]);
    check(messages, &expected);
}

#[test]
fn calls_have_to_fit() {
    let with = |arguments: &str, id: &str| {
        conversation(vec![
            (Role::User, say("go")),
            (Role::Assistant, vec![call("a", arguments)]),
            (Role::Tool, vec![result(id, "1")]),
        ])
    };
    let plain = Capabilities::default();
    assert!(refusal(&with("{", "a"), plain).contains("`a` are not a JSON object"));
    assert!(refusal(&with("[1]", "a"), plain).contains("not a JSON object"));
    assert!(refusal(&with("{}", "z"), plain).contains("no tool call before it has the id `z`"));
    assert!(refusal(&with("{}", ""), plain).contains("same id"));
}

#[test]
fn empty_conversations_are_refused() {
    let only_system = conversation(vec![(Role::System, say("a")), (Role::User, say(""))]);
    assert!(refusal(&only_system, Capabilities::default()).contains("message of the user"));
}

#[test]
fn a_begun_answer_where_the_model_takes_it() {
    let begun = conversation(vec![(Role::User, say("a")), (Role::Assistant, say("b"))]);
    assert_eq!(body(&begun, Capabilities::default())["messages"][1]["role"], "assistant");
    let facts = Capabilities { assistant_prefill: Some(false), ..Capabilities::default() };
    assert!(refusal(&begun, facts).contains("does not continue"));
}

fn one(part: PartKind) -> super::Request {
    conversation(vec![(Role::User, vec![part.into()])])
}

fn data(media_type: &str, base64: &str) -> Source {
    Source::Data { media_type: media_type.to_owned(), base64: base64.to_owned() }
}

#[test]
fn pictures_and_documents() {
    let block = |part| {
        let got = body(&one(part), Capabilities::default());
        got["messages"][0]["content"][0].clone()
    };
    let image = |source| PartKind::Image(Image { source, detail: None });
    let file = |source| PartKind::File(Media { source, name: Some("n".to_owned()) });
    let expected = json!({"type": "base64", "media_type": "image/jpeg", "data": "AA=="});
    assert_eq!(block(image(data("image/jpg", "AA==")))["source"], expected);
    let url = Source::Url("https://a/b.pdf".to_owned());
    let expected = json!({"type": "url", "url": "https://a/b.pdf"});
    assert_eq!(block(image(url.clone()))["source"], expected);
    let expected = json!({"type": "document", "source": expected, "title": "n"});
    assert_eq!(block(file(url)), expected);
    let expected = json!({"type": "text", "media_type": "text/plain", "data": "hé"});
    assert_eq!(block(file(data("text/csv", "aMOp")))["source"], expected);

    let refused = |part| refusal(&one(part), Capabilities::default());
    assert!(refused(file(data("application/zip", "AA=="))).contains("not `application/zip`"));
    assert!(refused(file(Source::Id("f".to_owned()))).contains("file id"));
    let sound = Media { source: data("audio/wav", "AA=="), name: None };
    assert!(refused(PartKind::Audio(sound)).contains("takes no audio"));
    let blind = Capabilities { vision: Some(false), ..Capabilities::default() };
    assert!(refusal(&one(image(data("image/png", ""))), blind).contains("no images"));
}
