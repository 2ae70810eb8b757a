use proptest::prelude::*;
use serde_json::json;

use super::{estimate, input_tokens_body, text};
use crate::canonical::{Image, Message, Part, PartKind, Request, Role, Source, Tool};

/// Compares with the counts of two public encodings, `o200k_base` and `cl100k_base`.
fn check(text: &str, known: [u64; 2], percent: u64) {
    let got = text::tokens(text);
    let [low, high] = [known[0].min(known[1]), known[0].max(known[1])];
    let bounds = low * (100 - percent) / 100..=(high * (100 + percent)).div_ceil(100);
    assert!(bounds.contains(&got), "{got} is not in {bounds:?} for {text}");
}

#[test]
fn prose_json_and_code_are_close() {
    check(
        "A gateway sits between your applications and the providers of language models. It keeps \
         the keys, counts what every call costs, answers repeated questions from its cache, and \
         tries another provider when the first one fails. Nobody has to change more than the \
         address that a client calls, and everything that happens can be read in the logs \
         afterwards.",
        [66, 66],
        15,
    );
    check(
        r#"{"model":"gpt-4o","messages":[{"role":"user","content":"What is the weather in Paris today?"}],"temperature":0.7,"max_tokens":256,"stream":true,"tools":[{"type":"function","function":{"name":"get_weather","description":"Current weather of a city","parameters":{"type":"object","properties":{"city":{"type":"string"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["city"]}}}]}"#,
        [103, 99],
        15,
    );
    check(
        "pub fn largest(values: &[u64]) -> Option<u64> {\n    let mut best = None;\n    for value \
         in values {\n        if best.is_none_or(|known| value > known) {\n            best = \
         Some(value);\n        }\n    }\n    best.copied()\n}\n",
        [59, 59],
        15,
    );
}

#[test]
fn other_scripts_are_in_sight() {
    check("所有请求都通过一个接口提供服务，该接口会检查并记录所有请求。", [17, 22], 25);
    let russian = "Доступ к услугам предоставляется через интерфейс, который проверяет и \
                   записывает все запросы.";
    check(russian, [21, 31], 25);
}

#[test]
fn a_request_is_the_sum_of_its_parts() {
    let image = Image { source: Source::Url("https://i".to_owned()), detail: None };
    let mut request = Request {
        messages: vec![
            Message::text(Role::System, 0, "You answer."),
            Message {
                role: Role::User,
                parts: vec![Part::text("Hi"), PartKind::Image(image).into()],
                index: 0,
            },
        ],
        ..Request::default()
    };
    assert_eq!(estimate(&request), 4 + 3 + 4 + 1 + 1300);
    let before = estimate(&request);
    request.tools = vec![Tool {
        name: "get_weather".to_owned(),
        parameters: Some(json!({"type": "object", "properties": {"city": {"type": "string"}}})),
        ..Tool::default()
    }];
    assert!((20..40).contains(&(estimate(&request) - before)));
    assert_eq!(input_tokens_body(42), b"{\"input_tokens\":42}");
}

proptest! {
    #[test]
    fn never_more_tokens_than_bytes_and_more_text_costs_more(a in ".{0,80}", b in "[a-z ]{0,40}") {
        let one = text::tokens(&a);
        prop_assert!(one <= a.len() as u64 + 1);
        let both = text::tokens(&[a.as_str(), "\n", b.as_str()].concat());
        prop_assert!(both >= one);
    }
}
