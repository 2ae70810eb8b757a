use super::super::family::{Cache, Family, Forced, Thinking, Tools};
use crate::capability::Capabilities;

fn family(model: &str) -> Family {
    Family::of(model, &Capabilities::default())
}

#[test]
fn every_form_of_an_id_finds_its_family() {
    for id in [
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-5-20251101-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.claude-opus-4-6-v1",
        "Anthropic.Claude-Sonnet-5-5",
    ] {
        let family = family(id);
        assert!(family.is_claude() && family.schema, "{id}");
        assert_eq!((family.thinking, family.cache), (Thinking::Claude, Cache::Everywhere), "{id}");
    }
}

#[test]
fn tools_and_thoughts_by_family() {
    use {Forced as F, Thinking as Th, Tools as T};
    for (id, tools, choice, thinking) in [
        ("anthropic.claude-v2:1", T::None, F::Never, Th::None),
        ("anthropic.claude-3-haiku-20240307-v1:0", T::Streamed, F::Named, Th::None),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", T::Streamed, F::Named, Th::Claude),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", T::Streamed, F::Named, Th::Claude),
        ("amazon.nova-micro-v1:0", T::Streamed, F::Named, Th::None),
        ("us.amazon.nova-2-lite-v1:0", T::Streamed, F::Named, Th::Nova),
        ("amazon.titan-text-lite-v1", T::None, F::Never, Th::None),
        ("meta.llama3-8b-instruct-v1:0", T::None, F::Never, Th::None),
        ("us.meta.llama3-2-3b-instruct-v1:0", T::None, F::Never, Th::None),
        ("us.meta.llama3-2-90b-instruct-v1:0", T::Whole, F::Never, Th::None),
        ("us.meta.llama3-3-70b-instruct-v1:0", T::Whole, F::Never, Th::None),
        ("mistral.mistral-7b-instruct-v0:2", T::None, F::Any, Th::None),
        ("mistral.mistral-large-2402-v1:0", T::Whole, F::Any, Th::None),
        ("cohere.command-r-plus-v1:0", T::Streamed, F::Never, Th::None),
        ("cohere.command-text-v14", T::None, F::Never, Th::None),
        ("ai21.jamba-1-5-mini-v1:0", T::Streamed, F::Never, Th::None),
        ("us.deepseek.r1-v1:0", T::None, F::Never, Th::Always),
        ("deepseek.v3-v1:0", T::Streamed, F::Any, Th::None),
        ("openai.gpt-oss-20b-1:0", T::Streamed, F::Named, Th::Effort),
        ("qwen.qwen3-32b-v1:0", T::Streamed, F::Named, Th::None),
        ("something.new-v1:0", T::Streamed, F::Named, Th::None),
    ] {
        let family = family(id);
        assert_eq!(
            (family.tools, family.choice, family.thinking),
            (tools, choice, thinking),
            "{id}"
        );
    }
}

#[test]
fn what_is_known_of_the_model_counts_more() {
    let can = Capabilities {
        tools: Some(true),
        forced_tool_choice: Some(true),
        vision: Some(true),
        pdf_input: Some(false),
        native_json_schema: Some(true),
        assistant_prefill: Some(true),
        ..Capabilities::default()
    };
    let family = Family::of("meta.llama3-8b-instruct-v1:0", &can);
    assert_eq!((family.tools, family.choice), (Tools::Streamed, Forced::Named));
    assert!(family.images && !family.documents && family.prefill);
    // A yes of a price list is none: it also stands for schemas that a tool acts out.
    assert!(!family.schema);
    let table = crate::pricing::PriceTable::builtin();
    for (model, holds) in [
        ("us.amazon.nova-pro-v1:0", false),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", true),
        ("anthropic.claude-opus-5-5", false),
    ] {
        let can = table.capabilities("aws-bedrock", model);
        assert_eq!(Family::of(model, &can).schema, holds, "{model}");
    }
    let can = Capabilities { tools: Some(false), reasoning: Some(false), ..can };
    let family = Family::of("anthropic.claude-opus-5-5", &can);
    assert_eq!((family.tools, family.thinking), (Tools::None, Thinking::None));
}
