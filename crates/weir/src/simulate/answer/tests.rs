use serde_json::{Value, json};

use super::*;
use crate::simulate::reply::Call;
use crate::simulate::script;

fn check(model: &str, adjust: impl FnOnce(&mut Prompt<'_>), expect: impl FnOnce(Choice, Usage)) {
    let (model, script) = script::parse(model).unwrap();
    let call = Call { model, script: &script, seed: 1 };
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let tool = |name| Tool { name, parameters: Some(&schema) };
    let mut prompt = Prompt {
        call: &call,
        last: "Hello".to_owned(),
        answers_tool: false,
        tools: vec![tool("get_time"), tool("get_weather")],
        tool_choice: ToolChoice::Auto,
        format: Format::Text,
        max_tokens: None,
        input_tokens: 10,
    };
    adjust(&mut prompt);
    let choice = choose(&prompt, 0);
    let usage = usage(&prompt, choice.tokens);
    expect(choice, usage);
}

fn called(choice: &Choice) -> Option<&str> {
    match &choice.content {
        Content::ToolCall { name, .. } => Some(name),
        Content::Text(_) => None,
    }
}

#[test]
fn a_tool_is_called_when_named_required_or_mentioned() {
    check("m", |_| {}, |choice, _| assert_eq!(called(&choice), None));
    let mention = |prompt: &mut Prompt<'_>| prompt.last = "use get_weather please".to_owned();
    check("m", mention, |choice, _| {
        assert_eq!(called(&choice), Some("get_weather"));
        assert_eq!(choice.finish, Finish::ToolCall);
    });
    let required = |prompt: &mut Prompt<'_>| prompt.tool_choice = ToolChoice::Required;
    check("m", required, |choice, _| assert_eq!(called(&choice), Some("get_time")));
    let named = |prompt: &mut Prompt<'_>| prompt.tool_choice = ToolChoice::Named("get_weather");
    check("m", named, |choice, _| assert_eq!(called(&choice), Some("get_weather")));
    let none = |prompt: &mut Prompt<'_>| {
        mention(prompt);
        prompt.tool_choice = ToolChoice::None;
    };
    check("m", none, |choice, _| assert_eq!(called(&choice), None));
    let result = |prompt: &mut Prompt<'_>| {
        mention(prompt);
        prompt.answers_tool = true;
    };
    check("m", result, |choice, _| assert_eq!(called(&choice), None));
}

#[test]
fn the_limit_cuts_and_is_used_up_exactly() {
    check(
        "m",
        |prompt| prompt.max_tokens = Some(3),
        |choice, usage| {
            assert_eq!(choice.content, Content::Text("This is a si".to_owned()));
            assert_eq!((choice.finish, usage.output), (Finish::Length, 3));
        },
    );
    let tool = |prompt: &mut Prompt<'_>| {
        prompt.tool_choice = ToolChoice::Named("get_time");
        prompt.max_tokens = Some(1);
    };
    check("m", tool, |choice, _| {
        let cut = Content::ToolCall { name: "get_time".to_owned(), arguments: String::new() };
        assert_eq!((choice.content, choice.finish), (cut, Finish::Length));
    });
}

#[test]
fn ordered_content_has_its_size() {
    let limited = |prompt: &mut Prompt<'_>| prompt.max_tokens = Some(1);
    check("m;bytes=100001", limited, |choice, _| {
        assert!(matches!(choice.content, Content::Text(text) if text.len() == 100_001));
    });
    check("m;words=25", limited, |choice, _| {
        let Content::Text(text) = choice.content else { panic!("a text") };
        assert_eq!(text.split_inclusive(' ').count(), 25);
    });
}

#[test]
fn reported_usage_wins_and_holds_its_parts() {
    check(
        "m;in=1000;out=500;cached=200;reasoning=100",
        |_| {},
        |_, usage| {
            let expected =
                Usage { input: 1000, output: 500, cached: 200, cache_write: 0, reasoning: 100 };
            assert_eq!(usage, expected);
        },
    );
    check(
        "m;in=1;cached=200;cache-write=5;out=1;reasoning=9",
        |_| {},
        |_, usage| {
            assert_eq!((usage.input, usage.output), (205, 9));
        },
    );
}

#[test]
fn json_formats_give_json() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}});
    for format in [Format::JsonObject, Format::JsonSchema(&schema)] {
        let is_schema = format != Format::JsonObject;
        let (model, script) = script::parse("m").unwrap();
        let call = Call { model, script: &script, seed: 1 };
        let prompt = Prompt {
            call: &call,
            last: "say \"hi\"".to_owned(),
            answers_tool: false,
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            format,
            max_tokens: None,
            input_tokens: 0,
        };
        let Content::Text(text) = choose(&prompt, 0).content else { panic!("a text") };
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value.get("n").is_some(), is_schema);
    }
}

#[test]
fn pieces_join_to_the_whole() {
    assert_eq!(cut("aäöü", 2).concat(), "aäöü");
    assert!(cut("", 4).is_empty());
}
