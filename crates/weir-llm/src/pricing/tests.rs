use weir_core::{Cost, Usage};

use super::{CustomCost, PriceTable};

fn id(provider: &str, model: &str) -> Option<String> {
    PriceTable::builtin().find(provider, model).map(|price| price.id().to_string())
}

/// Cost in dollars as text.
#[track_caller]
fn cost(provider: &str, model: &str, usage: &Usage, tier: Option<&str>) -> Option<String> {
    PriceTable::builtin().find(provider, model).unwrap().cost(usage, tier).map(|c| c.to_string())
}

fn tokens(input: u64, output: u64) -> Usage {
    Usage { input, output, total: input + output, ..Usage::default() }
}

#[test]
fn the_embedded_table_parses_whole() {
    let table = PriceTable::parse(include_str!("../pricing.json")).unwrap();
    assert_eq!(table.len(), 48);
    assert_eq!(PriceTable::builtin().len(), 48);
}

#[test]
fn a_plain_call_is_exact() {
    let usage = tokens(10, 19);
    assert_eq!(cost("openai", "gpt-4o-mini", &usage, None).unwrap(), "0.0000129");
    assert_eq!(id("openai", "gpt-4o-mini").unwrap(), "openai/gpt-4o-mini@2026-11-20");
    assert_eq!(cost("openai", "gpt-4o-mini", &tokens(1, 0), None).unwrap(), "0.00000015");
    assert_eq!(cost("openai", "gpt-4o-mini", &Usage::default(), None).unwrap(), "0");
    assert_eq!(
        cost("openai", "text-embedding-3-small", &tokens(8, 0), None).unwrap(),
        "0.00000016"
    );
}

#[test]
fn names_are_found_in_order() {
    let mini = Some("openai/gpt-4o-mini@2026-11-20".to_owned());
    for name in ["gpt-4o-mini-2024-07-18", "GPT-4o-Mini", "gpt-4o-mini-latest"] {
        assert_eq!(id("openai", name), mini, "{name}");
    }
    let sonnet = Some("anthropic/claude-sonnet-4-5@2026-11-20".to_owned());
    for name in ["claude-sonnet-4-5-20250929", "claude-sonnet-4.5", "claude-sonnet-4-5@20250929"] {
        assert_eq!(id("anthropic", name), sonnet, "{name}");
    }
    let nova = Some("aws-bedrock/us.amazon.nova-pro-v1:0@2026-11-20".to_owned());
    assert_eq!(id("aws-bedrock", "us.amazon.nova-pro-v1:0"), nova);
    assert_eq!(
        id("bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0"),
        nova
    );
    // Another region has prices of its own.
    assert_eq!(id("aws-bedrock", "eu.amazon.nova-pro-v1:0"), None);
    let haiku = Some("aws-bedrock/us.anthropic.claude-haiku-5-5@2026-11-20".to_owned());
    assert_eq!(id("aws-bedrock", "us.anthropic.claude-haiku-5-5-20260901-v1:0"), haiku);
    assert_eq!(
        id("mistral", "mistral-small"),
        Some("mistral/mistral-small-latest@2026-11-20".into())
    );
    assert_eq!(id("xai", "grok-4.7"), Some("grok/grok-4.7@2026-11-20".into()));
    assert_eq!(
        id("google", "models/gemini-2.5-pro-001"),
        Some("google-ai-studio/gemini-2.5-pro@2026-11-20".into())
    );
    assert_eq!(
        id("groq", "openai/gpt-oss-120b"),
        Some("groq/openai/gpt-oss-120b@2026-11-20".into())
    );
    assert_eq!(id("openai", "gpt-4o"), None);
    assert_eq!(id("openai", "gpt-4o-mini-tts"), None);
    assert_eq!(id("openai", ""), None);
    assert_eq!(id("nobody", "gpt-4o-mini"), None);
}

#[test]
fn a_region_without_a_row_falls_back_to_the_bare_model() {
    let table = PriceTable::parse(
        r#"{"aws-bedrock/anthropic.m":{"in":0.001},"aws-bedrock/us.anthropic.m":{"in":0.002}}"#,
    )
    .unwrap();
    let id = |model| table.find("aws-bedrock", model).map(|price| price.id().to_string());
    assert_eq!(id("us.anthropic.m").unwrap(), "aws-bedrock/us.anthropic.m");
    assert_eq!(id("eu.anthropic.m").unwrap(), "aws-bedrock/anthropic.m");
    assert_eq!(id("global.anthropic.m-20250101-v1:0").unwrap(), "aws-bedrock/anthropic.m");
}

#[test]
fn cache_reads_and_writes_have_their_own_rates() {
    let usage =
        Usage { cache_read: 1000, cache_write: 200, cache_write_1h: 100, ..tokens(1500, 10) };
    // 200 x 3 + 1000 x 0.3 + 200 x 3.75 + 100 x 6 + 10 x 15 = 2400 millionths
    assert_eq!(cost("anthropic", "claude-sonnet-4-5", &usage, None).unwrap(), "0.0024");
    // No cache price listed: all of it at the input rate. 1500 x 2.5 + 10 x 10
    assert_eq!(cost("cohere", "command-a-03-2025", &usage, None).unwrap(), "0.00385");
    // No price for one hour: the price of a write. 200 x 1.5 + 1000 x 0.15 + 300 x 1.875 + 10 x 7.5
    assert_eq!(cost("anthropic", "claude-sonnet-4-5", &usage, Some("batch")).unwrap(), "0.0010875");
}

#[test]
fn service_tiers_are_charged_as_listed() {
    let usage = Usage { cache_read: 100, ..tokens(1000, 100) };
    // 900 x 0.15 + 100 x 0.075 + 100 x 0.6
    assert_eq!(cost("openai", "gpt-4o-mini", &usage, Some("default")).unwrap(), "0.0002025");
    assert_eq!(cost("openai", "gpt-4o-mini", &usage, Some("priority")).unwrap(), "0.0003375");
    // The batch row has no cache price: its own input price. 1000 x 0.075 + 100 x 0.3
    assert_eq!(cost("openai", "gpt-4o-mini", &usage, Some("batch")).unwrap(), "0.000105");
    assert_eq!(cost("openai", "gpt-4o-mini", &usage, Some("unheard-of")).unwrap(), "0.0002025");
}

#[test]
fn the_full_prompt_decides_the_step() {
    let at = |input| cost("openai", "gpt-5.5", &tokens(input, 0), None).unwrap();
    assert_eq!(at(272_000), "1.36");
    assert_eq!(at(272_001), "2.72001");
    // Cached tokens count towards the step.
    let cached = Usage { cache_read: 272_000, ..tokens(272_001, 0) };
    assert_eq!(cost("openai", "gpt-5.5", &cached, None).unwrap(), "0.27201");
    // Of several steps the highest one reached, and steps inside a service tier.
    let qwen = |input| cost("alibaba", "qwen3-max", &tokens(input, 0), None).unwrap();
    assert_eq!(
        (qwen(32_000), qwen(32_001), qwen(128_001)),
        ("0.0384".into(), "0.0768024".into(), "0.384003".into())
    );
    assert_eq!(cost("openai", "gpt-5.5", &tokens(300_000, 0), Some("flex")).unwrap(), "1.5");
    assert_eq!(cost("openai", "gpt-5.5", &tokens(300_000, 0), Some("priority")).unwrap(), "3.75");
}

#[test]
fn audio_images_and_reasoning_are_parts_of_the_whole() {
    let usage = Usage { audio_in: 40, image_in: 10, audio_out: 20, ..tokens(100, 50) };
    // 50 x 4 + 40 x 32 + 10 x 5 + 30 x 24 + 20 x 64
    assert_eq!(cost("openai", "gpt-realtime-2", &usage, None).unwrap(), "0.00353");
    // Everything a model of images puts out is images, told or not.
    assert_eq!(cost("openai", "gpt-image-1", &tokens(10, 100), None).unwrap(), "0.00405");
    let told = Usage { image_out: 100, ..tokens(10, 100) };
    assert_eq!(cost("openai", "gpt-image-1", &told, None).unwrap(), "0.00405");
    let thinking = Usage { reasoning: 40, ..tokens(0, 50) };
    assert_eq!(cost("google-ai-studio", "gemini-2.5-flash", &thinking, None).unwrap(), "0.000125");
    // Cached audio is reported twice and charged once.
    let twice = Usage { cache_read: 90, audio_in: 90, ..tokens(100, 0) };
    assert_eq!(cost("openai", "gpt-realtime-2", &twice, None).unwrap(), "0.000356");
}

#[test]
fn searches_are_billed_one_by_one() {
    let usage = Usage { web_searches: 3, ..tokens(1000, 0) };
    assert_eq!(cost("anthropic", "claude-sonnet-5-5", &usage, None).unwrap(), "0.032");
}

#[test]
fn what_has_no_price_has_no_cost() {
    assert_eq!(cost("openai", "whisper-1", &tokens(5, 5), None), None);
    assert_eq!(cost("openai", "whisper-1", &Usage::default(), None), None);
    // An embedding model has no output price, and usually no output.
    assert_eq!(cost("openai", "text-embedding-3-small", &tokens(8, 1), None), None);
    // Beyond what can be counted.
    let absurd = Usage { input: u64::MAX, output: u64::MAX, ..Usage::default() };
    assert_eq!(cost("openai", "gpt-5.5", &absurd, None), None);
}

#[test]
fn off_peak_rows_are_charged_at_their_ordinary_rates() {
    assert_eq!(cost("deepseek", "deepseek-v4-pro", &tokens(1000, 0), None).unwrap(), "0.00132");
}

#[test]
fn the_simple_form_is_dollars_for_a_token() {
    let table = PriceTable::parse(
        r#"{"openai/gpt-4o-mini":{"in":1,"out":1},"x/y":{"in":0.000001,"out":2e-6}}"#,
    )
    .unwrap();
    let of = |provider, model| table.find(provider, model).unwrap().cost(&tokens(10, 10), None);
    assert_eq!(of("openai", "gpt-4o-mini"), Some(Cost::from_pico(20 * Cost::SCALE)));
    assert_eq!(of("x", "y"), Some(Cost::from_pico(30_000_000)));
    assert!(PriceTable::parse("{}").unwrap().is_empty());
}

#[test]
fn a_bad_table_is_told_by_model_and_field() {
    let row = |rest: &str| {
        format!(
            r#"{{"schema":"aig-prices/1","as_of":"2026-11-20","models":[{{"provider":"p","model":"m",{rest}}}]}}"#
        )
    };
    for (text, message) in [
        ("[]".to_owned(), "the price table is not an object"),
        (r#"{"schema":"x"}"#.to_owned(), "the price table has a schema other than aig-prices/1"),
        (r#"{"schema":"aig-prices/1"}"#.to_owned(), "the price table has no as_of"),
        (
            row(r#""per_million_tokens":{"input":"-1"}"#),
            "price of p/m: per_million_tokens.input is not a decimal figure of a sensible size",
        ),
        (
            row(r#""per_million_tokens":{"inptu":"1"}"#),
            "price of p/m: per_million_tokens.inptu is not a known meter",
        ),
        (row(r#""tiers":[{}]"#), "price of p/m: tiers[0].above_input_tokens is not a whole number"),
        (
            row(r#""service_tiers":{"batch":{"per_million_tokens":{"output":true}}}"#),
            "price of p/m: service_tiers.batch.per_million_tokens.output is not a decimal figure of a sensible size",
        ),
        (r#"{"gpt":{"in":1}}"#.to_owned(), "price of gpt: name is not provider/model"),
        (r#"{"p/m":{"on":1}}"#.to_owned(), "price of p/m: on is not a known price"),
    ] {
        assert_eq!(PriceTable::parse(&text).unwrap_err().to_string(), message);
    }
    assert!(
        PriceTable::parse("{").unwrap_err().to_string().starts_with("the price table is not JSON")
    );
}

#[test]
fn a_callers_own_price() {
    let usage = Usage { cache_read: 4, cache_write: 2, cache_write_1h: 1, ..tokens(10, 5) };
    let of = |header: &str, usage: Option<&Usage>| {
        CustomCost::parse(header).unwrap().cost(usage).map(|cost| cost.to_string())
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        of(r#"{"per_token_in":0.000001,"per_token_out":0.000002}"#, Some(&usage)),
        some("0.00002")
    );
    // 3 x 1 + 4 x 0.1 + 3 x 0.5 + 5 x 2
    let cached = r#"{"per_token_in":1e-6,"per_token_out":2e-6,"per_cache_read_token":1e-7,"per_cache_write_token":5e-7}"#;
    assert_eq!(of(cached, Some(&usage)), some("0.0000149"));
    // An omitted cache rate is the input rate: 6 x 1 + 4 x 0.1 + 5 x 2
    assert_eq!(
        of(
            r#"{"per_token_in":1e-6,"per_token_out":2e-6,"per_cache_read_token":1e-7}"#,
            Some(&usage)
        ),
        some("0.0000164")
    );
    assert_eq!(of(r#"{"total_cost":0.5,"per_token_in":1}"#, None), some("0.5"));
    assert_eq!(of(r#"{"total_cost":0}"#, None), some("0"));
    assert_eq!(of(r#"{"per_token_in":1}"#, None), None);
    assert_eq!(
        of(r#"{"per_token_out":0.0000000000000001}"#, Some(&tokens(0, 10_000))),
        some("0.000000000001")
    );
    for bad in [
        "",
        "x",
        "1",
        "[]",
        "{}",
        r#"{"foo":1}"#,
        r#"{"per_token_in":-1}"#,
        r#"{"per_token_in":"1"}"#,
        r#"{"total_cost":null}"#,
        r#"{"total_cost":1,"per_token_in":-1}"#,
        r#"{"total_cost":1"#,
        r#"{"total_cost":1e30}"#,
    ] {
        assert_eq!(CustomCost::parse(bad), None, "{bad}");
    }
}
