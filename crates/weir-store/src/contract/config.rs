//! The story of a [`ConfigStore`].

use std::sync::Arc;

use weir_core::gateway::{Gateway, GatewaySettings, Hidden};
use weir_core::store::{ConfigStore, StoreError};
use weir_core::{ApiToken, CustomProvider, Permission, Timestamp, TokenHash};

/// Holds a configuration store to its contract; see the [module](super) for `open`.
///
/// # Panics
///
/// When the store differs from what it must do.
pub async fn config_store(open: impl AsyncFn(&str) -> Arc<dyn ConfigStore>) {
    an_empty_store_loads(&*open("empty").await).await;
    objects_come_back_as_they_were(&*open("objects").await).await;
    names_are_taken_once(&*open("names").await).await;
    dead_tokens_still_load(&*open("tokens").await).await;
    handles_see_each_other(&*open("shared").await, &*open("shared").await).await;
    writers_do_not_lose_each_other(&open("writers").await, &open("writers").await).await;

    let store = open("reopened").await;
    store.create_token(&token("kept")).await.expect("create");
    let generation = store.generation().await.expect("generation");
    drop(store);
    let store = open("reopened").await;
    let found = store.load().await.expect("load");
    assert_eq!((found.tokens.len(), found.generation), (1, generation), "after reopening");
}

async fn an_empty_store_loads(store: &dyn ConfigStore) {
    let found = store.load().await.expect("load");
    let counts = (found.gateways.len(), found.custom_providers.len(), found.tokens.len());
    assert_eq!(counts, (0, 0, 0));
    assert_eq!(found.generation, store.generation().await.expect("generation"));
}

async fn objects_come_back_as_they_were(store: &dyn ConfigStore) {
    let gateway = Gateway {
        settings: GatewaySettings {
            authentication: false,
            cache_ttl: Some(3600),
            rate_limiting_technique: None,
            retry_backoff: Some("exponential".to_owned()),
            otel: Some(
                serde_json::json!([{"url": "https://o.example", "headers": {"b": 1, "a": 2}}]),
            ),
            ..GatewaySettings::default()
        },
        ..gateway("full")
    };
    let provider = CustomProvider { enable: false, ..provider("full") };
    let token = token("full");
    store.create_gateway(&gateway).await.expect("create gateway");
    store.create_custom_provider(&provider).await.expect("create provider");
    store.create_token(&token).await.expect("create token");

    let found = store.load().await.expect("load");
    let json = |value: &Gateway| serde_json::to_string(value).expect("JSON");
    assert_eq!(json(&found.gateways[0]), json(&gateway));
    let json = |value: &CustomProvider| serde_json::to_string(value).expect("JSON");
    assert_eq!(json(&found.custom_providers[0]), json(&provider));
    assert_eq!(format!("{:?}", found.tokens[0]), format!("{token:?}"));
    assert!(found.tokens[0].hash == token.hash, "the hash, which is not shown");
}

async fn names_are_taken_once(store: &dyn ConfigStore) {
    store.create_gateway(&gateway("one")).await.expect("a gateway");
    store.create_custom_provider(&provider("one")).await.expect("a provider");
    store.create_token(&token("one")).await.expect("a token");
    let before = store.generation().await.expect("generation");

    exists(&store.create_gateway(&gateway("one")).await, "the same gateway");
    let other_id = CustomProvider { id: "another id".into(), ..provider("one") };
    exists(&store.create_custom_provider(&other_id).await, "a provider of the same slug");
    let other_id = ApiToken { id: "another id".into(), ..token("one") };
    exists(&store.create_token(&other_id).await, "a token of the same hash");
    let other_hash = ApiToken { hash: TokenHash::of(b"another"), ..token("one") };
    exists(&store.create_token(&other_hash).await, "a token of the same id");

    // A slug and a gateway's name belong to their account.
    let elsewhere = Gateway { account_id: "other".into(), ..gateway("one") };
    store.create_gateway(&elsewhere).await.expect("the name in another account");
    let elsewhere =
        CustomProvider { id: "third".into(), account_id: "other".into(), ..provider("one") };
    store.create_custom_provider(&elsewhere).await.expect("the slug in another account");

    let found = store.load().await.expect("load");
    let counts = (found.gateways.len(), found.custom_providers.len(), found.tokens.len());
    assert_eq!(counts, (2, 2, 1), "refused writes leave nothing");
    assert!(found.generation >= before + 2, "each write raises the generation");
}

async fn dead_tokens_still_load(store: &dyn ConfigStore) {
    let expired = ApiToken { expires_at: Some(Timestamp::from_millis(5)), ..token("expired") };
    store.create_token(&expired).await.expect("create");
    store.create_token(&token("revoked")).await.expect("create");
    let before = store.generation().await.expect("generation");

    let first = Timestamp::from_millis(1_000);
    store.revoke_token("revoked", first).await.expect("revoke");
    assert!(store.generation().await.expect("generation") > before);
    store.revoke_token("revoked", Timestamp::from_millis(2_000)).await.expect("revoke again");
    let missing = store.revoke_token("nobody", first).await;
    assert!(matches!(missing, Err(StoreError::NotFound(_))), "{missing:?}");

    let found = store.load().await.expect("load").tokens;
    assert_eq!(found.len(), 2);
    let revoked = found.iter().find(|token| &*token.id == "revoked").expect("the revoked token");
    assert_eq!(revoked.revoked_at, Some(first), "the first revocation counts");
}

async fn handles_see_each_other(here: &dyn ConfigStore, there: &dyn ConfigStore) {
    let before = there.generation().await.expect("generation");
    here.create_gateway(&gateway("one")).await.expect("create");
    let after = there.generation().await.expect("generation");
    assert!(after > before, "a write elsewhere is noticed");
    assert_eq!(there.load().await.expect("load").gateways.len(), 1);
    there.create_gateway(&gateway("two")).await.expect("create");
    assert!(here.generation().await.expect("generation") > after);
}

async fn writers_do_not_lose_each_other(here: &Arc<dyn ConfigStore>, there: &Arc<dyn ConfigStore>) {
    let before = here.generation().await.expect("generation");
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let store = Arc::clone(if number % 2 == 0 { here } else { there });
            tokio::spawn(async move { store.create_token(&token(&number.to_string())).await })
        })
        .collect();
    for task in tasks {
        task.await.expect("a writer").expect("create");
    }
    let found = there.load().await.expect("load");
    assert_eq!(found.tokens.len(), 20);
    assert!(found.generation >= before + 20);
}

fn exists(result: &Result<(), StoreError>, what: &str) {
    assert!(matches!(result, Err(StoreError::AlreadyExists(_))), "{what}: {result:?}");
}

fn gateway(id: &str) -> Gateway {
    Gateway::with_defaults("account".into(), id.into(), Timestamp::from_millis(1_234_567))
}

fn provider(slug: &str) -> CustomProvider {
    CustomProvider {
        id: format!("id of {slug}").into(),
        account_id: "account".into(),
        name: format!("Provider {slug}"),
        slug: slug.to_owned(),
        base_url: "https://h.example/api/v2".to_owned(),
        enable: true,
        headers: [("x-api-key".to_owned(), Hidden("secret".to_owned()))].into(),
        created_at: Timestamp::from_millis(-1),
        modified_at: Timestamp::from_millis(2),
    }
}

fn token(id: &str) -> ApiToken {
    ApiToken {
        id: id.into(),
        account_id: "account".into(),
        name: format!("Token {id}"),
        hash: TokenHash::of(id.as_bytes()),
        length: 700,
        permissions: Permission::EVERY.to_vec(),
        created_at: Timestamp::from_millis(3),
        expires_at: Some(Timestamp::from_millis(4)),
        revoked_at: None,
    }
}
