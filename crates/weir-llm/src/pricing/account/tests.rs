use serde_json::json;
use weir_core::provider::ModelRule;
use weir_core::{Timestamp, Usage};

use super::*;

fn cost(id: &str, rule: ModelRule, model: &str, dollars: f64) -> ProviderCost {
    ProviderCost {
        id: id.into(),
        account_id: "acc1".into(),
        account_provider_id: "p".into(),
        model: model.to_owned(),
        model_rule: rule,
        cost_type: "tokens".to_owned(),
        cost_in: Some(dollars),
        cost_out: None,
        token_pricing: None,
        enable: true,
        created_at: Timestamp::from_millis(0),
        modified_at: Timestamp::from_millis(0),
    }
}

/// Which of `costs` prices the model.
fn chosen(costs: &[ProviderCost], model: &str) -> Option<String> {
    let price = of_account(costs, model)?;
    let (id, _) = price.id().strip_prefix("provider_cost/")?.split_once('@')?;
    Some(id.to_owned())
}

#[test]
fn the_closest_rule_wins_wherever_it_stands() {
    use ModelRule::{Contains, Equals, StartsWith};
    let mut costs = vec![
        cost("equal", Equals, "gpt-4o", 1.0),
        cost("long start", StartsWith, "gpt-4o", 1.0),
        cost("short start", StartsWith, "gpt", 1.0),
        cost("part", Contains, "gpt-4o-mini-and-more", 1.0),
        cost("any", Contains, "", 1.0),
    ];
    for _ in 0..costs.len() {
        costs.rotate_left(1);
        for (model, id) in [
            ("gpt-4o", "equal"),
            ("gpt-4o-mini", "long start"),
            ("gpt-3", "short start"),
            ("my-gpt-4o-mini-and-more", "part"),
            ("GPT-4o", "any"),
        ] {
            assert_eq!(chosen(&costs, model).as_deref(), Some(id), "{model}");
        }
    }
    assert_eq!(chosen(&costs[..0], "gpt-4o"), None);
}

#[test]
fn a_disabled_price_does_not_count_and_the_later_of_two_equals_does() {
    let off = ProviderCost { enable: false, ..cost("off", ModelRule::Equals, "m", 1.0) };
    let early = cost("early", ModelRule::StartsWith, "m", 1.0);
    let late = ProviderCost {
        modified_at: Timestamp::from_millis(1),
        ..cost("late", ModelRule::StartsWith, "m", 1.0)
    };
    assert_eq!(chosen(std::slice::from_ref(&off), "m"), None);
    assert_eq!(chosen(&[late.clone(), off.clone(), early.clone()], "m").as_deref(), Some("late"));
    assert_eq!(chosen(&[early, off, late], "m").as_deref(), Some("late"));
}

#[test]
fn rates_are_for_one_token_and_exact() {
    let usage =
        Usage { input: 1_000, output: 10, total: 1_010, cache_read: 400, ..Usage::default() };
    let pico = |cost: &ProviderCost| {
        of_account([cost], "m").unwrap().cost(&usage, None).map(weir_core::Cost::pico)
    };
    let flat = ProviderCost { cost_out: Some(0.000_02), ..cost("a", ModelRule::Equals, "m", 1e-7) };
    assert_eq!(pico(&flat), Some(1_000 * 100_000 + 10 * 20_000_000));
    let detailed = ProviderCost {
        token_pricing: Some(json!({"input_cached_tokens": 0, "output_tokens": 0.000_001})),
        ..flat
    };
    assert_eq!(pico(&detailed), Some(600 * 100_000 + 10 * 1_000_000));
    let total = ProviderCost {
        cost_in: None,
        token_pricing: Some(json!({"total_tokens": 0.001})),
        ..cost("b", ModelRule::Equals, "m", 1.0)
    };
    assert_eq!(pico(&total), Some(1_010 * 1_000_000_000));
    // Without a rate for what came out there is no cost, which is not the same as nothing.
    assert_eq!(pico(&cost("c", ModelRule::Equals, "m", 1.0)), None);
}
