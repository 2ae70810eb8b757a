use super::*;

#[tokio::test]
async fn a_plan_names_every_difference() {
    let before = "\
        [gateways.changed]\n\
        authentication = true\n\
        cache_ttl = 60\n\
        guardrails = { prompt = { S1 = 'FLAG' }, response = {} }\n\
        [gateways.gone]\n";
    let mut made = Installation::applied(before).await;
    let after = "\
        [gateways.changed]\n\
        authentication = true\n\
        guardrails = { prompt = { S1 = 'BLOCK' }, response = {} }\n\
        [gateways.made]\n\
        collect_logs = false\n";
    let kept = made.apply(after, false).await.unwrap();
    assert_eq!(
        kept.plan,
        "~ gateways.changed\n    \
             cache_ttl: 60 -> 0\n    \
             guardrails.prompt.S1: \"FLAG\" -> \"BLOCK\"\n\
         + gateways.made\n    \
             authentication = false\n    \
             collect_logs = false\n  \
         gateways.gone is not in the file and stays\n\
         1 to create, 1 to change, 0 to delete.\n"
    );
    made.gateway("gone");

    let pruned = made.apply(after, true).await.unwrap();
    assert_eq!(pruned.plan, "- gateways.gone\n0 to create, 0 to change, 1 to delete.\n");
    let gone = made.configuration.get::<Gateway>(&ACCOUNT.into(), "gone");
    assert!(gone.is_none());
}

#[tokio::test]
async fn other_accounts_are_left_alone() {
    let mut made = Installation::applied("[gateways.mine]").await;
    let stranger = Gateway::with_defaults("acc2".into(), "g".into(), Timestamp::from_millis(5));
    made.configuration.put(&weir_core::config::Resource::into_object(stranger));
    let outcome = made.apply("[gateways.other]", true).await.unwrap();
    assert!(!outcome.plan.contains("acc2"));
    assert!(made.configuration.get::<Gateway>(&"acc2".into(), "g").is_some());
    assert_eq!(made.configuration.gateways.iter().count(), 2);
}

#[tokio::test]
async fn what_is_deleted_takes_its_own_along() {
    let file = "\
        [custom_providers.mine]\n\
        name = 'Mine'\n\
        base_url = 'https://h.example'\n\
        [custom_providers.mine.costs.m]\n\
        cost_in = 1\n";
    let mut made = Installation::applied(file).await;
    let outcome = made.apply("", true).await.unwrap();
    assert_eq!(
        outcome.plan,
        "- custom_providers.mine.costs.m\n- custom_providers.mine\n\
         0 to create, 0 to change, 2 to delete.\n"
    );
    assert_eq!(made.configuration.provider_costs.iter().count(), 0);
}

/// Whoever adds a dataset to a gateway does not mean to reset it.
#[tokio::test]
async fn a_table_without_fields_leaves_its_object_as_it_is() {
    let mut made = Installation::applied("[gateways.g]\ncache_ttl = 60\n").await;
    let file = "[gateways.g.datasets.d]\nfilters = []\n";
    let outcome = made.apply(file, true).await.unwrap();
    assert!(outcome.plan.starts_with("+ gateways.g.datasets.d"), "{}", outcome.plan);
    assert_eq!(made.gateway("g").settings.cache_ttl, Some(60));
    made.apply(&file.replace("gateways.g.", "gateways.h."), false).await.unwrap();
    assert_eq!(made.gateway("h").settings.cache_ttl, Some(0));
    // A single field says the rest.
    made.apply("[gateways.g]\ncollect_logs = true\n", false).await.unwrap();
    assert_eq!(made.gateway("g").settings.cache_ttl, Some(0));
}
