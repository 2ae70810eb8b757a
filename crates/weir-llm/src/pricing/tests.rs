use weir_core::{Cost, Timestamp, Units, Usage};

use super::{CustomCost, PriceTable, SearchSize, Terms};
use crate::capability::Capabilities;

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
fn the_embedded_table_is_the_file_and_reads_whole() {
    let file = include_str!("../pricing.json");
    assert_eq!(super::embedded::TEXT.as_str(), file);
    let read_at_once = PriceTable::parse(file).unwrap();
    let read_late = PriceTable::builtin();
    assert_eq!(read_late.as_of(), read_at_once.as_of());
    assert_eq!(read_late.len(), read_at_once.len());
    assert!(read_late.len() > 1900);
    let rows = |table: &PriceTable| -> Vec<serde_json::Value> {
        table.rows().map(|row| serde_json::from_str(row).unwrap()).collect()
    };
    assert_eq!(rows(read_late), rows(&read_at_once));
    assert!(read_late.providers().all(
        |slug| crate::catalogue::find(slug).is_some() || ["alibaba", "minimax"].contains(&slug)
    ));
}

#[test]
fn the_embedded_table_is_small() {
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/pricing.json.zz"));
    assert!(packed.len() < 200_000, "{} bytes", packed.len());
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
    let dated = Some("openai/gpt-4o-mini-2024-07-18@2026-11-20".to_owned());
    assert_eq!(id("openai", "gpt-4o-mini-2024-07-18"), dated);
    let mini = Some("openai/gpt-4o-mini@2026-11-20".to_owned());
    for name in ["gpt-4o-mini-2031-07-18", "GPT-4o-Mini", "gpt-4o-mini-latest"] {
        assert_eq!(id("openai", name), mini, "{name}");
    }
    let sonnet = Some("anthropic/claude-sonnet-4-5@2026-11-20".to_owned());
    for name in ["claude-sonnet-4-5-20310929", "claude-sonnet-4.5", "claude-sonnet-4-5@20250929"] {
        assert_eq!(id("anthropic", name), sonnet, "{name}");
    }
    let nova = Some("aws-bedrock/us.amazon.nova-pro-v1:0@2026-11-20".to_owned());
    assert_eq!(id("aws-bedrock", "us.amazon.nova-pro-v1:0"), nova);
    assert_eq!(
        id("bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0"),
        nova
    );
    // Another region has prices of its own; one without is charged as the bare model.
    let of = |name: &str| id("aws-bedrock", name).unwrap();
    assert_eq!(of("eu.amazon.nova-pro-v1:0"), "aws-bedrock/eu.amazon.nova-pro-v1:0@2026-11-20");
    assert_eq!(of("jp.amazon.nova-pro-v1:0"), "aws-bedrock/amazon.nova-pro-v1:0@2026-11-20");
    let haiku = Some("aws-bedrock/us.anthropic.claude-haiku-5-5@2026-11-20".to_owned());
    assert_eq!(id("aws-bedrock", "us.anthropic.claude-haiku-5-5-20260901-v1:0"), haiku);
    let fireworks = Some("fireworks/accounts/fireworks/models/kimi-k2p6@2026-11-20".to_owned());
    assert_eq!(id("fireworks", "accounts/fireworks/models/kimi-k2p6"), fireworks);
    assert_eq!(id("fireworks", "kimi-k2p6"), fireworks);
    let tuned = Some("openai/ft:gpt-4o-mini-2024-07-18@2026-11-20".to_owned());
    assert_eq!(id("openai", "ft:gpt-4o-mini-2024-07-18:org::8abc"), tuned);
    let vertex = Some("google-vertex-ai/gemini-2.5-pro@2026-11-20".to_owned());
    assert_eq!(id("google-vertex-ai", "google/gemini-2.5-pro"), vertex);
    assert_eq!(id("google-vertex-ai", "publishers/google/models/gemini-2.5-pro"), vertex);
    assert_eq!(id("xai", "grok-4.7"), Some("grok/grok-4.7@2026-11-20".into()));
    assert_eq!(
        id("google", "models/gemini-2.5-pro-001"),
        Some("google-ai-studio/gemini-2.5-pro@2026-11-20".into())
    );
    assert_eq!(
        id("groq", "openai/gpt-oss-120b"),
        Some("groq/openai/gpt-oss-120b@2026-11-20".into())
    );
    assert_eq!(id("openai", "gpt-4o-nano"), None);
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

/// Cost of a million input tokens at a moment.
#[track_caller]
fn input_at(table: &PriceTable, provider: &str, model: &str, at: &str) -> Option<String> {
    let at = Timestamp::parse(at).unwrap();
    let price = table.find_at(provider, model, at)?;
    let terms = Terms { at: Some(at), ..Terms::default() };
    price.charge(&tokens(1_000_000, 0), &terms).map(|cost| cost.to_string())
}

#[test]
fn some_hours_cost_less() {
    let at = |at| input_at(PriceTable::builtin(), "deepseek", "deepseek-v4-pro", at).unwrap();
    // A Friday, then a Saturday.
    assert_eq!(at("2026-11-20T03:00:00Z"), "1.32");
    assert_eq!(at("2026-11-20T04:00:00Z"), "0.66");
    assert_eq!(at("2026-11-21T03:00:00Z"), "0.66");
    // Without a time, at no time that costs less.
    assert_eq!(cost("deepseek", "deepseek-v4-pro", &tokens(1000, 0), None).unwrap(), "0.00132");
}

#[test]
fn the_row_valid_at_the_time_of_the_call_counts() {
    let row = |more: &str, input: &str| {
        format!(
            r#"{{"provider":"p","model":"m"{more},"per_million_tokens":{{"input":"{input}"}}}}"#
        )
    };
    let text = format!(
        r#"{{"schema":"aig-prices/1","as_of":"2026-11-20","models":[{},{},{}]}}"#,
        row(r#","valid_from":"2026-06-01""#, "2"),
        row(r#","valid_until":"2026-05-01""#, "1"),
        row(r#","valid_from":"2027-01-01","aliases":["other"]"#, "3"),
    );
    let table = PriceTable::parse(&text).unwrap();
    let at = |at| input_at(&table, "p", "m-latest", at);
    assert_eq!(at("2020-01-01T00:00:00Z").as_deref(), Some("1"));
    assert_eq!(at("2026-04-30T23:59:59.999Z").as_deref(), Some("1"));
    assert_eq!(at("2026-05-15T00:00:00Z"), None);
    assert_eq!(at("2026-06-01T00:00:00Z").as_deref(), Some("2"));
    assert_eq!(at("2027-01-01T00:00:00Z").as_deref(), Some("3"));
    let id = table.find("p", "m").unwrap().id();
    assert_eq!(&**id, "p/m@2027-01-01");
    assert_eq!(table.len(), 1);
    assert_eq!(table.rows().count(), 3);
}

#[test]
fn aliases_stand_for_the_model_and_come_after_real_names() {
    let table = PriceTable::parse(
        r#"{"schema":"aig-prices/1","as_of":"2026-11-20","models":[
            {"provider":"p","model":"a","aliases":["b","c-2026-01-01"],"per_million_tokens":{"input":"1"}},
            {"provider":"p","model":"b","per_million_tokens":{"input":"2"}}]}"#,
    )
    .unwrap();
    let id = |name| table.find("p", name).map(|price| price.id().to_string());
    assert_eq!(id("b").unwrap(), "p/b@2026-11-20");
    assert_eq!(id("c").unwrap(), "p/a@2026-11-20");
    assert_eq!(id("d"), None);
}

#[test]
fn units_are_charged_where_a_usage_tells_them() {
    let units = |units: Units| Usage { units, ..Usage::default() };
    let of = |provider, model, given| cost(provider, model, &units(given), None);
    let heard = |audio_ms| Units { audio_ms, ..Units::default() };
    assert_eq!(of("openai", "whisper-1", heard(27_500)).unwrap(), "0.00275");
    assert_eq!(of("deepgram", "nova-3", heard(1)).unwrap(), "0.00000007167");
    let spoken = Units { characters: 100, ..Units::default() };
    assert_eq!(of("elevenlabs", "eleven_v4", spoken).unwrap(), "0.008");
    let searched = Units { queries: 2, ..Units::default() };
    assert_eq!(of("cohere", "rerank-v4.0-pro", searched).unwrap(), "0.005");
    let made = Units { images: 3, ..Units::default() };
    assert_eq!(of("fal", "fal-ai/flux-pro/v1.1", made).unwrap(), "0.12");
    let read = Units { pages: 5, ..Units::default() };
    assert_eq!(of("mistral", "mistral-ocr-4", read).unwrap(), "0.02");
    // Counted in tokens, the images are in the tokens.
    let both = Usage { units: made, image_out: 100, ..tokens(10, 100) };
    assert_eq!(cost("openai", "gpt-image-1", &both, None).unwrap(), "0.00405");
    let heard_too = Usage { units: heard(1000), audio_in: 10, ..tokens(10, 10) };
    assert_eq!(cost("openai", "gpt-4o-transcribe", &heard_too, None).unwrap(), "0.000125");
    let billed_by_time = Usage { units: heard(4000), ..tokens(4, 16) };
    assert_eq!(cost("mistral", "voxtral-mini-latest", &billed_by_time, None).unwrap(), "0.0002");
    // What has no price is no cost of nothing.
    assert_eq!(of("openai", "gpt-4o-mini", heard(1000)), None);
}

#[test]
fn searches_cost_by_what_they_look_at() {
    let price = PriceTable::builtin().find("perplexity-ai", "sonar-pro").unwrap();
    let usage = Usage { web_searches: 1, ..Usage::default() };
    let of = |search_size| {
        price.charge(&usage, &Terms { search_size, ..Terms::default() }).unwrap().to_string()
    };
    assert_eq!(of(SearchSize::Low), "0.006");
    assert_eq!(of(SearchSize::Medium), "0.01");
    assert_eq!(of(SearchSize::High), "0.014");
}

#[test]
fn what_a_model_can_do() {
    let table = PriceTable::builtin();
    let opus = table.capabilities("anthropic", "claude-opus-5.5-20261001");
    assert_eq!(opus.forced_tool_choice, Some(false));
    assert_eq!(opus.sampling_params, Some(false));
    assert_eq!(opus.max_output_tokens, Some(128_000));
    let mini = table.capabilities("openai", "gpt-4o-mini");
    assert_eq!(
        (mini.vision, mini.tools, mini.max_input_tokens),
        (Some(true), Some(true), Some(128_000))
    );
    let unknown = table.capabilities("anthropic", "claude-quartet-9");
    assert_eq!(
        (unknown.vision, unknown.tools, unknown.sampling_params),
        (Some(true), Some(true), None)
    );
    assert_eq!(table.capabilities("openai", "text-embedding-9"), Capabilities::default());
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
        (row(r#""valid_from":"2026-02-30""#), "price of p/m: valid_from is not a day, YYYY-MM-DD"),
        (
            row(r#""valid_from":"2026-02-03","valid_until":"2026-02-03""#),
            "price of p/m: valid_until is not after valid_from",
        ),
        (
            row(r#""per_unit":{"per_smile":"1"}"#),
            "price of p/m: per_unit.per_smile is not a known unit",
        ),
        (row(r#""aliases":"a""#), "price of p/m: aliases is not a list of texts"),
        (
            row(r#""off_peak":{"windows_utc":[{"hours_utc":"9-5"}]}"#),
            "price of p/m: off_peak.windows_utc[0] is not weekdays and hours_utc",
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
