use super::*;

fn facts(status: u16, slug: &'static str, rest: &'static str) -> ProviderError<'static> {
    ProviderError {
        status,
        provider: catalogue::find(slug),
        slug,
        rest,
        gateway_token: true,
        provider_key: true,
        placeholder_key: false,
        model: None,
    }
}

fn hint(facts: &ProviderError<'_>) -> String {
    provider_error(facts).map(Cow::into_owned).unwrap_or_default()
}

#[test]
fn a_missing_provider_key_is_named_with_its_header() {
    let openai = ProviderError { provider_key: false, ..facts(401, "openai", "chat/completions") };
    assert!(hint(&openai).contains("gateway token was accepted, but no key for openai"));
    assert!(hint(&openai).contains("'authorization: Bearer <key>'"));
    let anthropic = ProviderError { provider_key: false, ..facts(401, "anthropic", "v1/messages") };
    assert!(hint(&anthropic).contains("'x-api-key: <key>'"));
    let open = ProviderError { gateway_token: false, ..openai };
    assert!(hint(&open).starts_with("no key for openai"));
}

#[test]
fn a_refused_real_key_needs_no_advice_from_us() {
    assert_eq!(hint(&facts(401, "openai", "chat/completions")), "");
    assert_eq!(hint(&facts(200, "openai", "chat/completions")), "");
    assert_eq!(hint(&facts(500, "openai", "chat/completions")), "");
}

#[test]
fn a_placeholder_key_is_called_one() {
    let facts = ProviderError { placeholder_key: true, ..facts(401, "openai", "chat/completions") };
    assert!(hint(&facts).contains("placeholder"));
}

#[test]
fn versions_doubled_or_missing_in_the_base_url_are_seen() {
    assert!(hint(&facts(404, "anthropic", "v1/v1/messages")).contains("remove it"));
    assert!(hint(&facts(404, "anthropic", "messages")).contains("begin with 'v1/'"));
    assert!(hint(&facts(404, "google-ai-studio", "models/m:generateContent")).contains("v1beta/"));
    assert_eq!(hint(&facts(404, "anthropic", "v1/nothing")), "");
    assert_eq!(hint(&facts(404, "openai", "models/none")), "");
}

#[test]
fn azure_without_api_version() {
    let missing = facts(404, "azure-openai", "res/dep/chat/completions");
    assert!(hint(&missing).contains("api-version"));
    assert_eq!(hint(&facts(404, "azure-openai", "r/d/chat/completions?api-version=1")), "");
    assert_eq!(hint(&facts(404, "azure-openai", "r/openai/v1/responses")), "");
}

#[test]
fn a_unified_model_name_on_a_native_route() {
    let with = |slug, model| ProviderError { model: Some(model), ..facts(404, slug, "x") };
    assert!(hint(&with("openai", "openai/gpt-4o")).contains("bare name such as 'gpt-4o'"));
    assert!(hint(&with("mistral", "anthropic/claude-x")).contains("provider prefix"));
    assert_eq!(hint(&with("openrouter", "openai/gpt-4o")), "");
    assert_eq!(hint(&with("openai", "ft:gpt/x")), "");
}

#[test]
fn refusals_say_what_to_do() {
    assert!(
        refusal(&Refusal::Nothing, true).contains("provider key arrived, but no gateway token")
    );
    assert!(refusal(&Refusal::Placeholder, false).contains("undefined"));
    assert!(refusal(&Refusal::LacksRun, false).contains("AI Gateway Run"));
}

#[test]
fn unknown_names_get_the_nearest() {
    assert!(unknown_provider("opnai", []).contains("'openai'"));
    assert!(unknown_provider("OpenAI", []).contains("'openai'"));
    assert!(unknown_provider("custom-neo", ["neon"]).contains("'custom-neon'"));
    assert!(unknown_provider("custom-neon", ["neon"]).contains("disabled"));
    assert!(unknown_provider("neon", ["neon"]).contains("'custom-neon'"));
    assert!(unknown_provider("chat", []).contains("names no provider"));
    assert!(unknown_gateway("acc1", "gw2", ["gw1"]).contains("'gw1'"));
    assert!(unknown_gateway("v1", "acc1", []).contains("twice"));
}

#[test]
fn hints_are_plain_ascii() {
    assert!(unknown_provider("op\u{e9}n\r\nx", []).bytes().all(|b| (b' '..=b'~').contains(&b)));
}
