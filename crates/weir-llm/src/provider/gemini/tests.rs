use proptest::prelude::*;
use serde_json::{Value, json};

use super::decoder;
use crate::canonical::{
    Event, EventSink, Failure, Image, Message, Part, PartKind, Request, Role, Source, ToolCall,
    ToolResult,
};
use crate::capability::Capabilities;
use crate::dialect::Dialect;
use crate::fault::{Fault, Losses, Strictness};
use crate::provider::{DecodeContext, Place, Wire};

/// Path and body of a request, and what was left out.
fn prepared(request: &Request, provider: &str) -> Result<(String, Value, usize), Fault> {
    let mut losses = Losses::new(Strictness::Lenient, Dialect::OpenAiChat, provider.to_owned());
    let place = Place {
        provider,
        path: "",
        region: "europe-west4",
        project: "p-1",
        capabilities: Capabilities::default(),
    };
    let prepared = Wire::Gemini.prepare(request, &place, &mut losses)?;
    let body = serde_json::from_slice(&prepared.body).unwrap();
    Ok((prepared.path, body, losses.dropped().len()))
}

fn body(request: &Request) -> Value {
    prepared(request, "google-ai-studio").unwrap().1
}

fn message(role: Role, parts: Vec<PartKind>) -> Message {
    Message { role, parts: parts.into_iter().map(Part::from).collect(), index: 0 }
}

fn picture() -> PartKind {
    let source = Source::Data { media_type: "image/png".to_owned(), base64: "AA==".to_owned() };
    PartKind::Image(Image { source, detail: None })
}

fn tool_loop(model: &str, result: ToolResult) -> Request {
    let call = ToolCall { id: "a".to_owned(), name: "f".to_owned(), ..ToolCall::default() };
    let thought = PartKind::Thinking { text: "hm".to_owned(), signature: Some("s".to_owned()) };
    Request {
        model: model.to_owned(),
        messages: vec![
            message(Role::User, vec![PartKind::Text("q".to_owned())]),
            message(Role::Assistant, vec![thought, PartKind::ToolCall(call)]),
            message(Role::Tool, vec![PartKind::ToolResult(result)]),
        ],
        ..Request::default()
    }
}

fn result(parts: Vec<PartKind>, is_error: bool) -> ToolResult {
    let parts = parts.into_iter().map(Part::from).collect();
    ToolResult { id: "a".to_owned(), name: None, parts, is_error }
}

#[test]
fn vertex_has_other_paths_and_no_ids_of_calls() {
    let request = tool_loop("gemini-2.5-pro", result(vec![], false));
    let (path, body, _) = prepared(&request, "google-vertex-ai").unwrap();
    let expected = "v1/projects/p-1/locations/europe-west4/publishers/google/models/gemini-2.5-pro\
                    :generateContent";
    assert_eq!(path, expected);
    assert_eq!(body["contents"][1]["parts"], json!([{"functionCall": {"name": "f", "args": {}}}]));
}

#[test]
fn pictures_of_a_result_stand_inside_of_it_or_behind() {
    let said = vec![PartKind::Text("seen".to_owned()), picture()];
    let turn = |model: &str| {
        body(&tool_loop(model, result(said.clone(), false)))["contents"][2]["parts"].clone()
    };
    let blob = json!({"inlineData": {"mimeType": "image/png", "data": "AA=="}});
    let response = json!({"id": "a", "name": "f", "response": {"result": "seen"}});
    assert_eq!(turn("gemini-2.5-pro"), json!([{"functionResponse": response}, blob]));
    let mut inside = response;
    inside["parts"] = json!([blob]);
    assert_eq!(turn("gemini-3-pro"), json!([{"functionResponse": inside}]));
}

#[test]
fn results_become_objects() {
    let response = |text: &str, is_error| {
        let said = result(vec![PartKind::Text(text.to_owned())], is_error);
        let body = body(&tool_loop("gemini-2.5-pro", said));
        body["contents"][2]["parts"][0]["functionResponse"]["response"].clone()
    };
    assert_eq!(response(r#"{"a": 1}"#, false), json!({"a": 1}));
    assert_eq!(response("[1]", false), json!({"result": [1]}));
    assert_eq!(response("12", false), json!({"result": "12"}));
    assert_eq!(response("no", true), json!({"error": "no"}));
    assert_eq!(response(r#"{"a": 1}"#, true), json!({"error": {"a": 1}}));
}

#[test]
fn thoughts_of_the_past_stay_behind() {
    let body = body(&tool_loop("gemini-3-pro", result(vec![], false)));
    assert_eq!(body["contents"][1]["parts"].as_array().unwrap().len(), 1);
}

#[test]
fn googles_own_parameters_are_carried() {
    let mut request = tool_loop("gemini-2.5-pro", result(vec![], false));
    let settings = json!([{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]);
    request.own.insert("safety_settings".to_owned(), settings.clone());
    request.own.insert("cachedContent".to_owned(), json!("cachedContents/1"));
    request.own.insert("made_up".to_owned(), json!(1));
    let (_, body, dropped) = prepared(&request, "google-ai-studio").unwrap();
    assert_eq!(body["safetySettings"], settings);
    assert_eq!(body["cachedContent"], "cachedContents/1");
    assert_eq!(dropped, 1);
}

#[test]
fn an_error_of_an_unknown_shape_is_the_message() {
    let failure = |body: &str| Wire::Gemini.failure(502, body.as_bytes());
    assert_eq!(failure("<html>\n"), Failure::new(502, "<html>"));
    assert_eq!(failure("[]"), Failure::new(502, "[]"));
    let full = failure(r#" [{"error": {"code": 400, "message": "m", "status": "S"}}]"#);
    assert_eq!((full.status, full.kind.as_deref(), &*full.message), (502, Some("S"), "m"));
}

/// Events as text.
#[derive(Default)]
struct Notes(Vec<String>);

impl EventSink for Notes {
    fn event(&mut self, event: Event<'_>) {
        self.0.push(format!("{event:?}"));
    }
}

fn decoded<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut notes = Notes::default();
    let mut decoder = decoder(DecodeContext::default());
    pieces.for_each(|piece| decoder.push(piece, &mut notes));
    decoder.finish(&mut notes);
    notes.0
}

const STREAM: &str = concat!(
    r#"data: {"candidates":[{"content":{"parts":[{"text":"é\n"},{"text":"t","thought":true}]}}]}"#,
    "\r\n\r\n: ping\n\n",
    r#"data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":[1, 2]}}}]"#,
    r#"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3}}"#,
    "\r\n\r\n",
);

#[test]
fn a_stream_without_its_end_says_no_done() {
    assert_eq!(decoded([STREAM.as_bytes()].into_iter()).last().unwrap(), "Done");
    let cut = &STREAM.as_bytes()[..STREAM.len() - 30];
    assert!(decoded([cut].into_iter()).iter().all(|event| !event.starts_with(['D', 'E'])));
    assert!(decoded(std::iter::empty()).is_empty());
}

proptest! {
    #[test]
    fn cuts_change_nothing(cuts in proptest::collection::vec(0..STREAM.len(), 0..8)) {
        let mut cuts = cuts;
        cuts.extend([0, STREAM.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &STREAM.as_bytes()[pair[0]..pair[1]]);
        prop_assert_eq!(decoded(pieces), decoded([STREAM.as_bytes()].into_iter()));
    }

    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>, at in 0..STREAM.len(), other: u8) {
        decoded([&bytes[..]].into_iter());
        let mut damaged = STREAM.as_bytes().to_vec();
        damaged[at] = other;
        decoded([&damaged[..]].into_iter());
        let _ = Wire::Gemini.decode(&bytes, &DecodeContext::default());
        Wire::Gemini.failure(400, &bytes);
    }
}
