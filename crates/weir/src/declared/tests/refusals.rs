use super::*;

async fn refused(text: &str) -> Vec<String> {
    let mut made = Installation::empty();
    match made.apply(text, false).await {
        Err(problems) => problems,
        Ok(outcome) => panic!("{}", outcome.plan),
    }
}

#[tokio::test]
async fn unknown_fields_are_errors_at_any_depth() {
    let problems = refused(
        "[gateways.g]\n\
         cach_ttl = 5\n\
         guardrails = { prompt = { S99 = 'BLOCK' }, response = {} }\n\
         dlp = { enabled = true, policies = [{ id = 'p', actoin = 'BLOCK', action = 'BLOCK', \
             check = [], enabled = true, profiles = [] }] }\n\
         [gateways.g.route.x]\n\
         [custom_providers.p]\n\
         name = 'P'\n\
         base_url = 'https://h.example'\n\
         slug = 'p'\n",
    )
    .await;
    for part in [
        "gateways.g.cach_ttl: unknown key; did you mean `cache_ttl`?",
        "gateways.g.guardrails.prompt.S99: unknown key; did you mean `S9`?",
        "gateways.g.dlp.policies[0].actoin: unknown key; did you mean `action`?",
        "gateways.g.route: unknown key; did you mean `routes`?",
        "custom_providers.p.slug: unknown key",
    ] {
        assert!(problems.iter().any(|problem| problem.starts_with(part)), "{part} {problems:#?}");
    }
    assert_eq!(problems.len(), 5, "{problems:#?}");
}

/// The bounds are those of the API, and every object that breaks one is named.
#[tokio::test]
async fn bounds_are_those_of_the_api() {
    let problems = refused(
        "[gateways.UPPER]\n\
         [gateways.g]\n\
         cache_ttl = -1\n\
         retry_max_attempts = 9\n\
         spend_limits = { rules = [{ limit = -1, limitType = 'cost', window = 1 }] }\n\
         [gateways.h]\n\
         secrets_store = 'none'\n\
         [custom_providers.p]\n\
         name = 'P'\n\
         base_url = 'http://h.example'\n\
         [custom_providers.q]\n\
         name = 'Q'\n",
    )
    .await;
    for part in [
        "gateways.UPPER.id:",
        "gateways.g.cache_ttl:",
        "gateways.g.retry_max_attempts:",
        "gateways.g.spend_limits.rules[0].limit:",
        "gateways.h.secrets_store:",
        "custom_providers.p.base_url:",
        "custom_providers.q.base_url:",
    ] {
        assert!(problems.iter().any(|problem| problem.starts_with(part)), "{part} {problems:#?}");
    }
}

#[tokio::test]
async fn a_mask_without_a_credential_behind_it_is_refused() {
    let problems = refused(
        "[gateways.g]\n\
         otel = [{ url = 'https://o.example', headers = {}, authorization = '********' }]\n\
         [custom_providers.p]\n\
         name = 'P'\n\
         base_url = 'https://h.example'\n\
         headers = { x-key = '********' }\n",
    )
    .await;
    assert!(problems[0].starts_with("custom_providers.p.headers.x-key:"), "{problems:#?}");
    assert!(problems[1].starts_with("gateways.g.otel[0].authorization:"), "{problems:#?}");
}

/// The credential of one destination is never sent to another.
#[tokio::test]
async fn a_mask_does_not_follow_to_another_address() {
    let file = "[gateways.g]\n\
        otel = [{ url = 'https://o.example', headers = {}, authorization = 'k' }]\n";
    let mut made = Installation::applied(file).await;
    let moved = made.export().await.replace("https://o.example", "https://evil.example");
    let problems = made.apply(&moved, false).await.err().unwrap();
    assert!(problems[0].starts_with("gateways.g.otel[0].authorization:"), "{problems:#?}");
}

#[tokio::test]
async fn nothing_is_done_when_anything_is_wrong() {
    let mut made = Installation::applied("[gateways.g]\ncache_ttl = 1").await;
    let before = made.export().await;
    let problems =
        made.apply("[gateways.g]\ncache_ttl = 2\n[gateways.h]\ncache_ttl = 'x'", true).await;
    assert!(problems.is_err());
    assert_eq!(made.export().await, before);
}
