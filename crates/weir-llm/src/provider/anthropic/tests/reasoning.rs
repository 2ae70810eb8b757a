use serde_json::{Number, Value, json};

use super::{body, call, conversation, lenient, refusal, request, result, strict_refusal, tool};
use crate::canonical::{Effort, Part, PartKind, Reasoning, Request, Role, ToolChoice};
use crate::capability::Capabilities;

fn budget_model() -> Capabilities {
    Capabilities { max_output_tokens: Some(64_000), ..Capabilities::default() }
}

fn adaptive_model() -> Capabilities {
    Capabilities { thinking_adaptive: Some(true), effort_max: Some(true), ..budget_model() }
}

fn effort(effort: Effort, max_tokens: Option<u64>) -> Request {
    request(|it| {
        it.max_tokens = max_tokens;
        it.reasoning = Some(Reasoning { effort: Some(effort), ..Reasoning::default() });
    })
}

fn budget(budget: u64, max_tokens: Option<u64>) -> Request {
    request(|it| {
        it.max_tokens = max_tokens;
        it.reasoning = Some(Reasoning { budget: Some(budget), ..Reasoning::default() });
    })
}

#[test]
fn efforts_as_budgets() {
    let check = |word, max_tokens, expected: Value| {
        let got = body(&effort(word, max_tokens), budget_model());
        assert_eq!(got["thinking"]["budget_tokens"], expected);
    };
    check(Effort::None, None, Value::Null);
    check(Effort::Minimal, None, json!(1024));
    check(Effort::Medium, Some(8000), json!(2048));
    check(Effort::High, None, json!(16_384));
    check(Effort::High, Some(10_000), json!(5000));
    check(Effort::Max, Some(3000), json!(1500));
    check(Effort::Low, Some(1025), json!(1024));
    let (got, dropped) = lenient(&effort(Effort::Low, Some(1024)), budget_model());
    assert_eq!((got.get("thinking"), dropped.len()), (None, 1));
    assert!(strict_refusal(&effort(Effort::Low, Some(500)), budget_model()).contains("1024"));
}

#[test]
fn budgets_stay_below_the_limit() {
    let got = body(&budget(30_000, Some(32_000)), budget_model());
    assert_eq!(got["thinking"], json!({"type": "enabled", "budget_tokens": 30_000}));
    assert!(refusal(&budget(4000, Some(4000)), budget_model()).contains("below 4000"));
    assert_eq!(body(&budget(5000, None), Capabilities::default())["max_tokens"], 9096);
    assert_eq!(body(&budget(1, Some(2000)), budget_model())["thinking"]["budget_tokens"], 1024);
}

#[test]
fn efforts_as_they_are() {
    let check = |word, expected: &str| {
        let got = body(&effort(word, None), adaptive_model());
        assert_eq!(got["thinking"], json!({"type": "adaptive"}));
        assert_eq!(got["output_config"]["effort"], expected);
    };
    check(Effort::Minimal, "low");
    check(Effort::High, "high");
    check(Effort::XHigh, "high");
    check(Effort::Max, "max");
    assert_eq!(body(&budget(2000, None), adaptive_model())["output_config"]["effort"], "medium");
    let off = body(&effort(Effort::None, None), adaptive_model());
    assert_eq!((&off["thinking"], off.get("output_config")), (&json!({"type": "disabled"}), None));
    let always = Capabilities { thinking_always_on: Some(true), ..adaptive_model() };
    assert!(refusal(&effort(Effort::None, None), always).contains("effort `low`"));
}

#[test]
fn thinking_leaves_no_choice_in_sampling() {
    let mut hot = effort(Effort::High, None);
    hot.temperature = Number::from_f64(0.5);
    let (got, dropped) = lenient(&hot, budget_model());
    assert_eq!((got.get("temperature"), dropped.len()), (None, 1));
    hot.reasoning = None;
    hot.tools = vec![tool("f")];
    hot.tool_choice = Some(ToolChoice::Required);
    assert_eq!(body(&hot, budget_model())["temperature"], 0.5);
    hot.reasoning = Some(Reasoning { effort: Some(Effort::High), ..Reasoning::default() });
    let (got, dropped) = lenient(&hot, budget_model());
    assert_eq!((got.get("thinking"), dropped.len()), (None, 1));
}

fn in_loop(thoughts: Option<PartKind>) -> Request {
    let mut answer: Vec<Part> = thoughts.into_iter().map(Part::from).collect();
    answer.push(call("a", "{}"));
    let mut request = conversation(vec![
        (Role::User, vec![Part::text("go")]),
        (Role::Assistant, answer),
        (Role::Tool, vec![result("a", "1")]),
    ]);
    request.max_tokens = None;
    request.reasoning = Some(Reasoning { effort: Some(Effort::Low), ..Reasoning::default() });
    request
}

#[test]
fn thoughts_go_back_unchanged_or_thinking_ends() {
    let seal = |signature: Option<&str>| PartKind::Thinking {
        text: "hm".to_owned(),
        signature: signature.map(str::to_owned),
    };
    let kept = body(&in_loop(Some(seal(Some("s")))), budget_model());
    let expected = json!({"type": "thinking", "thinking": "hm", "signature": "s"});
    assert_eq!(kept["messages"][1]["content"][0], expected);
    assert_eq!(kept["thinking"]["type"], "enabled");
    let redacted = body(&in_loop(Some(PartKind::RedactedThinking("x".to_owned()))), budget_model());
    assert_eq!(redacted["thinking"]["type"], "enabled");

    let (lost, dropped) = lenient(&in_loop(None), budget_model());
    assert_eq!((lost.get("thinking"), dropped.len()), (None, 1));
    assert!(strict_refusal(&in_loop(None), budget_model()).contains("thinking blocks"));
    assert_eq!(body(&in_loop(None), adaptive_model())["thinking"]["type"], "adaptive");
    let (foreign, dropped) = lenient(&in_loop(Some(seal(None))), budget_model());
    assert_eq!((foreign.get("thinking"), dropped.len()), (None, 2));
}
