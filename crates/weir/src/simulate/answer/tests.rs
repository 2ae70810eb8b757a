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
        last: "Hello".to_owned(),
        tools: vec![tool("get_time"), tool("get_weather")],
        input_tokens: 10,
        ..Prompt::new(&call)
    };
    adjust(&mut prompt);
    let choice = choose(&prompt, 0);
    let usage = usage(&prompt, std::slice::from_ref(&choice));
    expect(choice, usage);
}

fn called(choice: &Choice) -> Option<&str> {
    match &choice.content {
        Content::ToolCalls(calls) => Some(&calls[0].name),
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
fn all_tools_that_are_named_are_called() {
    let both = |prompt: &mut Prompt<'_>| prompt.last = "get_time and get_weather".to_owned();
    let count = |choice: &Choice| match &choice.content {
        Content::ToolCalls(calls) => calls.len(),
        Content::Text(_) => 0,
    };
    check("m", both, |choice, _| assert_eq!(count(&choice), 2));
    let serial = |prompt: &mut Prompt<'_>| {
        both(prompt);
        prompt.parallel = false;
    };
    check("m", serial, |choice, _| assert_eq!(count(&choice), 1));
    // A name inside a longer one is another name.
    let longer = |prompt: &mut Prompt<'_>| prompt.last = "get_weather_map, forget_time".to_owned();
    check("m", longer, |choice, _| assert_eq!(count(&choice), 0));
    // The limit ends the calls where it falls: 2 tokens for the name, 4 for the arguments.
    let limited = |prompt: &mut Prompt<'_>| {
        both(prompt);
        prompt.max_tokens = Some(8);
    };
    check("m", limited, |choice, usage| {
        assert_eq!((count(&choice), choice.finish, usage.output), (2, Finish::Length, 9));
    });
}

#[test]
fn thoughts_come_first_and_count() {
    let thinking = |prompt: &mut Prompt<'_>| prompt.thinks = true;
    check("m", thinking, |choice, usage| {
        assert!(matches!(choice.blocks(true)[..], [Block::Thoughts(_), Block::Text(_)]));
        assert!(matches!(choice.blocks(false)[..], [Block::Text(_)]));
        assert_eq!((usage.reasoning, usage.output), (7, choice.tokens));
    });
    let limited = |prompt: &mut Prompt<'_>| {
        thinking(prompt);
        prompt.max_tokens = Some(2);
    };
    check("m", limited, |choice, usage| {
        assert!(matches!(choice.blocks(true)[..], [Block::Thoughts("Let me t")]));
        assert_eq!((choice.finish, usage.output, usage.reasoning), (Finish::Length, 2, 2));
    });
}

#[test]
fn a_stop_sequence_ends_the_text_before_it() {
    let stop = |prompt: &mut Prompt<'_>| prompt.stop = vec!["answer", "simulated"];
    check("m", stop, |choice, _| {
        assert_eq!(choice.content, Content::Text("This is a ".to_owned()));
        assert_eq!(choice.stop_sequence.as_deref(), Some("simulated"));
    });
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
        let call = ToolCall { name: "get_time".to_owned(), arguments: String::new() };
        let cut = Content::ToolCalls(vec![call]);
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
        let last = "say \"hi\"".to_owned();
        let prompt = Prompt { last, format, ..Prompt::new(&call) };
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
