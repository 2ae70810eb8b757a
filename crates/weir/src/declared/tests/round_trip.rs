use super::*;

/// An account with something of everything a file may hold.
const EVERYTHING: &str = r#"
[custom_providers.mine]
name = "Mine"
base_url = "https://h.example/api"
enable = true
position = 3
description = "several\nlines"
link = "https://h.example/docs"

[custom_providers.mine.costs.large]
cost_in = 0.000001
cost_out = 2e-6
model_rule = "starts-with"
token_pricing = { input_tokens = 0.5 }

[custom_providers.mine.costs.small]
enable = false
cost_in = 0.25

[prices."openai/gpt-4o-mini"]
per_million_tokens = { input = "0.1", output = 0.5 }

[prices."openai/gpt-4o-mini@2026-12-01"]
valid_from = "2026-12-01"
aliases = ["mini"]
per_million_tokens = { input = "0.2", cache_write = { default = "0.3", "1h" = "0.4" } }

[gateways.default]
authentication = true

[gateways.support]
authentication = false
cache_ttl = 300
rate_limiting_limit = { null = true }
rate_limiting_technique = "sliding"
log_management = 10000
log_management_strategy = "DELETE_OLDEST"
retry_max_attempts = 3
rate_limit_headers = true
spend_mode = "strict"
spend_ceiling = 0.5
spend_missing = "block"
ip_allow = ["10.0.0.0/8"]
cache_stream_pace = "recorded"
cache_semantic = { provider = "openai", model = "text-embedding-3-small", threshold = 0.9 }
rate_limits = [
    { id = "users", by = "metadata.user", unit = "tokens", limit = 100000, interval = 60 },
    { id = "at-once", by = "token", unit = "concurrent", limit = 5 },
]
guardrails = { prompt = { P1 = "BLOCK", S1 = "FLAG" }, response = {} }
dlp = { enabled = true, action = "BLOCK", profiles = ["a", "b"] }

[gateways.support.spend_limits]
enabled = true
rules = [
    { id = "0badcafe", limit = 2.5, limitType = "cost", window = 3600, metadata = { team = { mode = "partition" } } },
]

[gateways.support.prices."anthropic/claude@20250929"]
per_million_tokens = { input = "3", output = "15" }

[gateways.support.datasets."slow ones"]
enable = false
filters = [
    { key = "duration", operator = "gt", value = [1000] },
    { key = "success", operator = "eq", value = [true] },
]

[gateways.support.routes.by-plan]
comment = "by the customer's plan"
elements = [
    { id = "start", type = "start", outputs = { next = { elementId = "plan" } } },
    { id = "plan", type = "conditional", properties = { conditions = { "metadata.plan" = { "$eq" = "free" } } }, outputs = { true = { elementId = "small" }, false = { elementId = "end" } } },
    { id = "small", type = "model", properties = { provider = "custom-mine", model = "small", timeout = 5000, retries = 2 }, outputs = { success = { elementId = "end" }, fallback = { elementId = "end" } } },
    { id = "end", type = "end" },
]

[gateways.support.policies.team]
actor = "team:support"
resource = { provider = "openai", model = ["openai/gpt-*", "x"] }
condition = "metadata.team == 'support'"
action = { type = "limit", amount = 25.5, period = "monthly", technique = "named-interval" }

[gateways.support.policies.rest]
actor = "all"
resource = "*"
action = { type = "no-limit" }

[gateways.support.policies."rest (2)"]
name = "rest"
actor = "others"
resource = "*"
action = { type = "block" }

[gateways.support.custom_domains."ai.example.com"]
status = "active"
issuer_name = "Team"

[gateways.support.custom_domains."later.example.com"]

[issuers.Team]
issuer = "https://team.example"
audiences = ["aud-1", "aud-2"]
jwks_url = "https://team.example/keys"
gateways = ["support"]
claims = { groups = "realm.roles" }
required = { role = "dev" }

[budgets."Team A"]
by = "team"
unit = "dollars"
limit = 25
period = "monthly"
soft = 0.8
values = ["a", "b"]

[budgets.burst]
by = "metadata.app"
unit = "tokens"
limit = 1000
window = 60
technique = "sliding"
gateway_id = "support"
hard = false

[secrets_stores.keys]
"#;

#[tokio::test]
async fn an_export_applied_elsewhere_exports_the_same_bytes() {
    let first = Installation::applied(EVERYTHING).await;
    let exported = first.export().await;
    for part in ["cache_ttl = 300", "0badcafe", "DELETE_OLDEST", "{ null = true }", "costs.large"] {
        assert!(exported.contains(part), "{part} is missing in\n{exported}");
    }
    assert!(!exported.contains("\nheaders"), "there are none:\n{exported}");
    let second = Installation::applied(&exported).await;
    assert_eq!(second.export().await, exported);
}

#[tokio::test]
async fn what_was_applied_once_is_not_applied_again() {
    let mut made = Installation::applied(EVERYTHING).await;
    let again = made.apply(EVERYTHING, true).await.unwrap();
    assert!(again.empty, "{}", again.plan);
    assert_eq!(again.plan, "Nothing to change.\n");
    let exported = made.export().await;
    assert!(made.apply(&exported, true).await.unwrap().empty);
}

#[tokio::test]
async fn null_takes_a_gateways_limits_away_once() {
    let file = "[gateways.g]\ncache_streams = true\n\
        rate_limits = [{ id = 'a', by = 'model', unit = 'requests', limit = 1, interval = 60 }]";
    let mut made = Installation::applied(file).await;
    assert_eq!(made.gateway("g").settings.rate_limits.len(), 1);
    assert!(made.apply(file, false).await.unwrap().empty);
    let without = "[gateways.g]\ncache_streams = { null = true }\nrate_limits = { null = true }";
    assert!(!made.apply(without, false).await.unwrap().empty);
    assert_eq!(made.gateway("g").settings.rate_limits, []);
    assert!(!made.gateway("g").settings.cache_streams);
    assert!(made.apply(without, false).await.unwrap().empty);
}

/// A rule that is written without an id gets one from the server, and keeps it.
#[tokio::test]
async fn a_spend_limit_keeps_its_id() {
    let file = "[gateways.g.spend_limits]\n\
        rules = [{ limit = 1, limitType = 'cost', window = 60 }]";
    let mut made = Installation::applied(file).await;
    let rule = |made: &Installation| {
        made.gateway("g").settings.spend_limits.as_ref().unwrap()["rules"][0].clone()
    };
    let before = rule(&made);
    assert!(before["id"].is_string(), "{before}");
    assert!(made.apply(file, false).await.unwrap().empty);
    let dearer = file.replace("limit = 1", "limit = 2");
    assert!(!made.apply(&dearer, false).await.unwrap().empty);
    let after = rule(&made);
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["limit"], 2);
}

#[tokio::test]
async fn credentials_stay_out_of_the_file_and_in_the_store() {
    let file = "\
        [custom_providers.mine]\n\
        name = 'Mine'\n\
        base_url = 'https://h.example'\n\
        headers = { x-key = 'canary-1' }\n\
        [gateways.g]\n\
        otel = [{ url = 'https://o.example', headers = { k = 'canary-2' }, authorization = 'canary-3' }]\n\
        stripe = { authorization = 'canary-4', usage_events = [] }\n";
    let mut made = Installation::empty();
    let plan = made.apply(file, false).await.unwrap().plan;
    assert!(!plan.contains("canary"), "{plan}");
    let exported = made.export().await;
    assert!(!exported.contains("canary"), "{exported}");
    assert_eq!(exported.matches("********").count(), 4 + 1, "{exported}");

    // Written back with another change, everything hidden stays as it is.
    let changed = exported.replace("[gateways.g]\n", "[gateways.g]\ncache_ttl = 5\n");
    let plan = made.apply(&changed, false).await.unwrap().plan;
    assert!(plan.contains("cache_ttl: 0 -> 5"), "{plan}");
    let gateway = made.gateway("g");
    assert_eq!(gateway.settings.otel.as_ref().unwrap()[0]["authorization"], "canary-3");
    assert_eq!(gateway.settings.stripe.as_ref().unwrap()["authorization"], "canary-4");

    // A new credential is a change, though nothing of it shows; the same one again is none.
    let another = file
        .replace("canary-3", "canary-5")
        .replace("[gateways.g]\n", "[gateways.g]\ncache_ttl = 5\n");
    let outcome = made.apply(&another, false).await.unwrap();
    assert!(
        outcome.plan.contains("~ gateways.g\n    something that does not show"),
        "{}",
        outcome.plan
    );
    assert_eq!(made.gateway("g").settings.otel.as_ref().unwrap()[0]["authorization"], "canary-5");
    assert!(made.apply(&another, false).await.unwrap().empty);
}

/// The example of the documentation holds.
#[tokio::test]
async fn the_documented_file_can_be_applied() {
    let text = include_str!("../../../../../docs/configuration-as-code.md");
    let example = text.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let mut made = Installation::empty();
    let problems = made.apply(example, false).await.err().unwrap();
    let mask = "custom_providers.mine.headers.x-key: stands for a credential";
    assert!(problems[0].starts_with(mask), "there is none behind it yet: {problems:#?}");
    assert!(problems.iter().all(|problem| !problem.contains(".costs.")), "{problems:#?}");
    let outcome = made.apply(&example.replace("********", "clear"), false).await.unwrap();
    assert!(outcome.plan.contains("openai/default\" waits"), "{}", outcome.plan);
    assert_eq!(outcome.plan.lines().filter(|line| line.starts_with('+')).count(), 10);
}
