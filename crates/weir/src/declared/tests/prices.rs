use super::*;

const PRICES: &str = r#"
[prices."openai/m"]
per_million_tokens = { input = "1", output = "2" }

[gateways.shop]
authentication = false

[gateways.shop.prices."openai/m"]
per_million_tokens = { input = "3", output = "4" }
"#;

fn prices(made: &Installation) -> Vec<(String, String)> {
    let account = AccountId::from(ACCOUNT);
    let all = made.configuration.of::<weir_core::provider::PriceOverride>(&account);
    let shown = all.map(|price| {
        (
            price.id.to_string(),
            price.row["per_million_tokens"]["input"].as_str().unwrap().to_owned(),
        )
    });
    shown.collect()
}

#[tokio::test]
async fn prices_of_account_and_gateway_are_set_changed_and_deleted() {
    let mut made = Installation::applied(PRICES).await;
    let pair = |id: &str, input: &str| (id.to_owned(), input.to_owned());
    assert_eq!(prices(&made), [pair("openai/m", "1"), pair("shop:openai/m", "3")]);
    assert!(made.apply(PRICES, true).await.unwrap().empty);

    let dearer = PRICES.replace("input = \"3\"", "input = \"5\"");
    let outcome = made.apply(&dearer, false).await.unwrap();
    assert_eq!(
        outcome.plan,
        "~ gateways.shop.prices.\"openai/m\"\n    \
             per_million_tokens.input: \"3\" -> \"5\"\n\
         0 to create, 1 to change, 0 to delete.\n"
    );
    assert_eq!(prices(&made), [pair("openai/m", "1"), pair("shop:openai/m", "5")]);

    let outcome = made.apply("[gateways.shop]\nauthentication = false\n", true).await.unwrap();
    assert!(outcome.plan.ends_with("0 to create, 0 to change, 2 to delete.\n"), "{}", outcome.plan);
    assert_eq!(prices(&made), []);

    // A gateway takes its own along, and no other's.
    made.apply(PRICES, false).await.unwrap();
    let without = PRICES.split("[gateways").next().unwrap();
    made.apply(without, true).await.unwrap();
    assert_eq!(prices(&made), [pair("openai/m", "1")]);
}

#[tokio::test]
async fn what_is_wrong_with_a_price_is_told_at_its_place() {
    let mut made = Installation::empty();
    for (file, expected) in [
        (
            "[prices.\"openai/m\"]\nper_million_tokens = { inptu = \"1\" }\n",
            "prices.\"openai/m\": price of openai/m: per_million_tokens.inptu is not a known meter",
        ),
        (
            "[prices.\"openai/m\"]\nvalid_from = \"2026-01-01\"\n\
             per_million_tokens = { input = \"1\" }\n",
            "prices.\"openai/m\": the name of this price is \"openai/m@2026-01-01\"",
        ),
        (
            "[prices.\"xai/m\"]\nper_million_tokens = { input = \"1\" }\n",
            "prices.\"xai/m\": the name of this price is \"grok/m\"",
        ),
        (
            "[prices.\"openai/m\"]\nper_milion_tokens = { input = \"1\" }\n",
            "prices.\"openai/m\".per_milion_tokens: unknown key; did you mean `per_million_tokens`?",
        ),
    ] {
        let problems = made.apply(file, false).await.err().unwrap();
        assert!(problems.iter().any(|problem| problem.starts_with(expected)), "{problems:#?}");
        assert_eq!(prices(&made), []);
    }
}
