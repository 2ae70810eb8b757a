//! An object of every kind, with every field set.

use std::sync::Arc;

use serde_json::json;
use weir_core::access::{ClaimNames, CustomDomain, DomainStatus, Issuer};
use weir_core::billing::{BillingAccount, Topup, TopupConfig};
use weir_core::budget::{Budget, BudgetBy, BudgetTerms, BudgetUnit};
use weir_core::config::{Changes, Object, Resource};
use weir_core::evaluation::{Dataset, Evaluation, EvaluationResult, EvaluationStatus};
use weir_core::gateway::{Gateway, GatewaySettings, Hidden};
use weir_core::policy::{Policy, PolicyBody};
use weir_core::provider::{CustomProvider, ModelRule, PriceOverride, ProviderCost};
use weir_core::route::{Route, RouteDeployment, RouteVersion, Technique};
use weir_core::secrets::{ProviderConfig, SecretReference, SecretsStore, StoredSecret};
use weir_core::stop::{Stop, Stopped};
use weir_core::vault::Sealed;
use weir_core::{ApiToken, Permission, Timestamp, TokenHash};

const AT: Timestamp = Timestamp::from_millis(1_795_206_896_040);
const LATER: Timestamp = Timestamp::from_millis(1_795_206_896_041);

/// One object of every kind, in the order of [`weir_core::config::ObjectKind::EVERY`].
pub fn every_object(account: &str) -> Vec<Object> {
    vec![
        gateway(account, "full").into_object(),
        SecretsStore {
            id: "store".into(),
            account_id: account.into(),
            name: "Main".to_owned(),
            created: AT,
            modified: LATER,
        }
        .into_object(),
        StoredSecret {
            id: "secret".into(),
            account_id: account.into(),
            store_id: "store".into(),
            name: "openai".to_owned(),
            scopes: vec!["ai_gateway".to_owned()],
            comment: Some("a \u{1f30a} 'quoted' \"note\"".to_owned()),
            sealed: Sealed(vec![0, 255, 1]),
            preview: "sk-…x".to_owned(),
            reference: Some(SecretReference::Environment("KEY".into())),
            created: AT,
            modified: LATER,
        }
        .into_object(),
        provider(account).into_object(),
        ProviderCost {
            id: "cost".into(),
            account_id: account.into(),
            account_provider_id: "provider".into(),
            model: "m-".to_owned(),
            model_rule: ModelRule::StartsWith,
            cost_type: "tokens".to_owned(),
            cost_in: Some(0.000_000_1),
            cost_out: None,
            token_pricing: Some(json!({"tiers": [1, null]})),
            enable: true,
            created_at: AT,
            modified_at: LATER,
        }
        .into_object(),
        PriceOverride {
            id: "openai/m@2026-01-01".into(),
            account_id: account.into(),
            gateway_id: Some("full".into()),
            provider: "openai".to_owned(),
            row: json!({"provider": "openai", "model": "m", "per_million_tokens": {"input": "0.10"}}),
            created_at: AT,
            modified_at: LATER,
        }
        .into_object(),
        ProviderConfig {
            id: "config".into(),
            account_id: account.into(),
            gateway_id: "full".into(),
            provider_slug: "openai".to_owned(),
            alias: "default".to_owned(),
            default_config: true,
            secret_id: "secret".into(),
            owns_secret: true,
            rate_limit: Some(u64::MAX),
            rate_limit_period: None,
            pool: Some("team".to_owned()),
            weight: Some(3),
            origin: Some("https://h.example".to_owned()),
            created_at: AT,
            modified_at: LATER,
        }
        .into_object(),
        route(account).into_object(),
        policy(account).into_object(),
        dataset(account).into_object(),
        evaluation(account).into_object(),
        token(account).into_object(),
        BillingAccount {
            id: account.into(),
            account_id: account.into(),
            topups: vec![Topup {
                id: "pi_1".into(),
                amount: 1000,
                automatic: true,
                created_at: AT,
            }],
            topup_config: Some(TopupConfig { amount: 2000, threshold: 500 }),
        }
        .into_object(),
        budget(account).into_object(),
        issuer(account).into_object(),
        CustomDomain {
            id: "domain".into(),
            account_id: account.into(),
            gateway_id: "full".into(),
            hostname: "ai.h.example".to_owned(),
            status: DomainStatus::PendingDcv,
            issuer_id: Some("issuer".into()),
            created_at: AT,
            modified_at: LATER,
        }
        .into_object(),
        Stop {
            id: "session:s-1".into(),
            account_id: account.into(),
            what: Stopped::Session,
            value: "s-1".to_owned(),
            reason: Some("runaway".to_owned()),
            created_at: AT,
            expires_at: Some(LATER),
        }
        .into_object(),
    ]
}

fn terms() -> BudgetTerms {
    BudgetTerms {
        unit: BudgetUnit::Dollars,
        limit: 0.1,
        period: None,
        window: Some(3600),
        technique: Technique::Sliding,
        soft: Some(0.8),
        hard: false,
    }
}

fn budget(account: &str) -> Budget {
    Budget {
        id: "budget".into(),
        account_id: account.into(),
        gateway_id: Some("full".into()),
        name: "Each customer".to_owned(),
        by: BudgetBy::Metadata("customer.id".to_owned()),
        values: vec!["a".to_owned()],
        terms: terms(),
        enabled: false,
        created_at: AT,
        modified_at: LATER,
    }
}

fn issuer(account: &str) -> Issuer {
    Issuer {
        id: "issuer".into(),
        account_id: account.into(),
        name: "Staff".to_owned(),
        issuer: "https://id.h.example".to_owned(),
        audiences: vec!["weir".to_owned()],
        jwks_url: Some("https://id.h.example/keys".to_owned()),
        gateways: Some(vec!["full".into()]),
        claims: ClaimNames { groups: "realm.roles".to_owned(), ..ClaimNames::default() },
        required: [("org".to_owned(), "h".to_owned())].into(),
        enabled: true,
        created_at: AT,
        modified_at: LATER,
    }
}

/// A gateway with nulls, floats and large numbers in it.
pub(super) fn gateway(account: &str, id: &str) -> Gateway {
    Gateway {
        settings: GatewaySettings {
            authentication: false,
            cache_ttl: None,
            rate_limiting_limit: Some(u64::MAX),
            rate_limiting_technique: None,
            retry_backoff: Some("exponential".to_owned()),
            otel: Some(json!([{
                "url": "https://o.example", "authorization": "Bearer x", "headers": {"b": 1, "a": 2}
            }])),
            spend_limits: Some(json!({"limit": 0.1, "unset": null})),
            ..GatewaySettings::default()
        },
        modified_at: LATER,
        ..Gateway::with_defaults(account.into(), id.into(), AT)
    }
}

fn provider(account: &str) -> CustomProvider {
    CustomProvider {
        id: "provider".into(),
        account_id: account.into(),
        name: "Provider".to_owned(),
        slug: "mine".to_owned(),
        base_url: "https://h.example/api/v2".to_owned(),
        enable: false,
        headers: [("x-api-key".to_owned(), Hidden("secret".to_owned()))].into(),
        beta: true,
        position: -1,
        description: Some("a".to_owned()),
        link: Some("b".to_owned()),
        logo: Some("c".to_owned()),
        curl_example: Some("d\n".to_owned()),
        js_example: None,
        created_at: Timestamp::from_millis(-1),
        modified_at: LATER,
    }
}

fn route(account: &str) -> Route {
    Route {
        id: "route".into(),
        account_id: account.into(),
        gateway_id: "full".into(),
        name: "fast".to_owned(),
        versions: vec![RouteVersion {
            id: "v1".into(),
            elements: Arc::new(json!([{"id": "start", "type": "start"}])),
            comment: None,
            created_at: AT,
        }],
        deployments: vec![RouteDeployment {
            id: "d1".into(),
            version_id: "v1".into(),
            comment: Some("first".to_owned()),
            created_at: AT,
        }],
        created_at: AT,
        modified_at: LATER,
    }
}

fn policy(account: &str) -> Policy {
    let body = PolicyBody {
        name: "cap".to_owned(),
        actor: "{cf.user.id}".to_owned(),
        resource: json!("*"),
        condition: Some("true".to_owned()),
        action: json!({"type": "block"}),
    };
    Policy {
        id: "policy".into(),
        account_id: account.into(),
        gateway_id: "full".into(),
        committed: Some(body.clone()),
        draft: Some(PolicyBody { condition: None, ..body }),
        created_at: AT,
        updated_at: LATER,
    }
}

fn dataset(account: &str) -> Dataset {
    Dataset {
        id: "dataset".into(),
        account_id: account.into(),
        gateway_id: "full".into(),
        name: "good ones".to_owned(),
        enable: false,
        filters: json!([{"key": "cost", "operator": "gt", "value": [0.5]}]),
        created_at: AT,
        modified_at: LATER,
    }
}

fn evaluation(account: &str) -> Evaluation {
    Evaluation {
        id: "evaluation".into(),
        account_id: account.into(),
        gateway_id: "full".into(),
        name: "speed".to_owned(),
        datasets: vec![dataset(account)],
        results: vec![EvaluationResult {
            id: "result".into(),
            evaluation_type_id: "speed".into(),
            status: EvaluationStatus::Running,
            status_description: "half way".to_owned(),
            result: "12.5".to_owned(),
            total_logs: 3,
            created_at: AT,
            modified_at: LATER,
        }],
        total_logs: 4,
        processed: true,
        created_at: AT,
        modified_at: LATER,
    }
}

fn token(account: &str) -> ApiToken {
    ApiToken {
        id: "token".into(),
        account_id: account.into(),
        name: "Token".to_owned(),
        hash: TokenHash::of(account.as_bytes()),
        length: 700,
        permissions: Permission::EVERY.to_vec(),
        gateways: Some(vec!["full".into()]),
        models: Some(vec!["openai/*".to_owned()]),
        ip_allow: vec!["10.0.0.0/8".to_owned()],
        budgets: vec![terms()],
        disabled: true,
        not_before: Some(AT),
        created_at: AT,
        modified_at: Some(LATER),
        expires_at: Some(LATER),
        revoked_at: Some(LATER),
    }
}

/// [`Changes::put`] for an object without its type.
pub(super) fn put(changes: &mut Changes, object: &Object) {
    match object {
        Object::Gateway(object) => changes.put(Gateway::clone(object)),
        Object::SecretsStore(object) => changes.put(SecretsStore::clone(object)),
        Object::StoredSecret(object) => changes.put(StoredSecret::clone(object)),
        Object::CustomProvider(object) => changes.put(CustomProvider::clone(object)),
        Object::PriceOverride(object) => changes.put(PriceOverride::clone(object)),
        Object::ProviderCost(object) => changes.put(ProviderCost::clone(object)),
        Object::ProviderConfig(object) => changes.put(ProviderConfig::clone(object)),
        Object::Route(object) => changes.put(Route::clone(object)),
        Object::Policy(object) => changes.put(Policy::clone(object)),
        Object::Dataset(object) => changes.put(Dataset::clone(object)),
        Object::Evaluation(object) => changes.put(Evaluation::clone(object)),
        Object::ApiToken(object) => changes.put(ApiToken::clone(object)),
        Object::BillingAccount(object) => changes.put(BillingAccount::clone(object)),
        Object::Budget(object) => changes.put(Budget::clone(object)),
        Object::Issuer(object) => changes.put(Issuer::clone(object)),
        Object::CustomDomain(object) => changes.put(CustomDomain::clone(object)),
        Object::Stop(object) => changes.put(Stop::clone(object)),
    }
}
