use weir_core::config::Resource as _;
use weir_core::secrets::{ProviderConfig, SecretsStore, StoredSecret};
use weir_core::vault::Sealed;

use super::*;

const FILE: &str = "\
    [secrets_stores.keys]\n\
    [gateways.g]\n\
    secrets_store = 'keys'\n\
    [gateways.g.provider_configs.'openai/default']\n\
    default_config = true\n\
    secret_name = 'keys/g_openai_default'\n\
    [gateways.g.provider_configs.'openai/spare']\n\
    secret_name = 'keys/g_openai_spare'\n\
    rate_limit = 5\n";

fn secret(store: &SecretsStore, name: &str) -> StoredSecret {
    StoredSecret {
        id: format!("{:0>32}", name.len()).into(),
        account_id: ACCOUNT.into(),
        store_id: store.id.clone(),
        name: name.to_owned(),
        scopes: vec!["ai_gateway".to_owned()],
        comment: None,
        sealed: Sealed(vec![1]),
        preview: "sk-…".to_owned(),
        reference: None,
        created: Timestamp::from_millis(0),
        modified: Timestamp::from_millis(0),
    }
}

fn config<'a>(made: &'a Installation, alias: &str) -> &'a ProviderConfig {
    made.configuration.provider_configs.iter().find(|config| config.alias == alias).unwrap()
}

/// An account whose stored keys were there before the file.
async fn with_keys() -> Installation {
    let mut made = Installation::applied("[secrets_stores.keys]").await;
    let store = SecretsStore::clone(made.configuration.secrets_stores.iter().next().unwrap());
    for name in ["g_openai_default", "g_openai_spare"] {
        made.configuration.put(&secret(&store, name).into_object());
    }
    made.apply(FILE, false).await.unwrap();
    made
}

#[tokio::test]
async fn a_provider_config_waits_for_its_secret() {
    let mut made = Installation::empty();
    let outcome = made.apply(FILE, false).await.unwrap();
    let waits = "! gateways.g.provider_configs.\"openai/default\" waits: \
        its secret keys/g_openai_default is not stored here\n";
    assert!(outcome.plan.contains(waits), "{}", outcome.plan);
    assert_eq!(made.configuration.provider_configs.iter().count(), 0);
    let store = made.configuration.secrets_stores.iter().next().unwrap();
    assert_eq!(made.gateway("g").settings.store_id.as_deref(), Some(&*store.id));
}

#[tokio::test]
async fn a_provider_config_names_its_secret() {
    let mut made = with_keys().await;
    assert_eq!(made.configuration.provider_configs.iter().count(), 2);
    let exported = made.export().await;
    assert!(exported.contains("secret_name = \"keys/g_openai_spare\""), "{exported}");
    assert!(!exported.contains("rate_limit_period"), "60 is the default:\n{exported}");
    assert!(made.apply(FILE, true).await.unwrap().empty);
}

#[tokio::test]
async fn a_provider_config_can_be_changed_and_deleted() {
    let mut made = with_keys().await;
    let changed = FILE
        .replace("rate_limit = 5", "rate_limit = 7\nrate_limit_period = 10\ndefault_config = true")
        .replace("default_config = true\nsecret_name", "secret_name");
    let outcome = made.apply(&changed, true).await.unwrap();
    for line in [
        "default_config: true -> false",
        "default_config: false -> true",
        "rate_limit: 5 -> 7",
        "rate_limit_period: none -> 10",
    ] {
        assert!(outcome.plan.contains(line), "{line} {}", outcome.plan);
    }
    assert!(!config(&made, "default").default_config);
    let spare = config(&made, "spare");
    assert_eq!((spare.rate_limit, spare.rate_limit_period), (Some(7), Some(10)));

    let wrong = changed.replace("rate_limit = 7", "rate_limit = 'many'");
    let problems = made.apply(&wrong, true).await.err().unwrap();
    assert!(
        problems[0].starts_with("gateways.g.provider_configs.\"openai/spare\".rate_limit:"),
        "{problems:#?}"
    );

    let without = "[secrets_stores.keys]\n[gateways.g]\nsecrets_store = 'keys'\n";
    let outcome = made.apply(without, true).await.unwrap();
    assert!(outcome.plan.contains("0 to create, 0 to change, 2 to delete"), "{}", outcome.plan);
    // The secrets were there before, and belong to nobody.
    assert_eq!(made.configuration.secrets.iter().count(), 2);
}

#[tokio::test]
async fn a_key_in_a_file_is_refused_and_not_repeated() {
    let mut made = Installation::empty();
    let file = "[gateways.g.provider_configs.'openai/default']\nsecret = 'sk-canary'\n";
    let problems = made.apply(file, false).await.err().unwrap();
    assert!(problems[0].contains("openai/default\".secret: unknown key"), "{problems:#?}");
    assert!(!problems.concat().contains("canary"), "{problems:#?}");
}

#[tokio::test]
async fn stores_of_secrets_are_never_pruned() {
    let mut made = with_keys().await;
    let outcome = made.apply("", true).await.unwrap();
    assert!(outcome.plan.contains("secrets_stores.keys is not in the file and stays"));
    assert_eq!(made.configuration.secrets_stores.iter().count(), 1);
    assert_eq!(made.configuration.gateways.iter().count(), 0);
}
