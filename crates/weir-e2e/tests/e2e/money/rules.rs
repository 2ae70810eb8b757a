//! Spend limits: what they are about, and what they say (spec: data-plane 11.2).

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;

use super::rig::{assert_refused, labelled, limits, settled, start, statuses};
use crate::traffic::rig::{ask, called, change};

#[tokio::test]
async fn a_limit_that_is_used_up_refuses_as_documented() -> Result<()> {
    let rig = start(&limits(&[json!({"id": "r1"})])).await?;
    assert_eq!(settled(&rig, &ask("a")).await?.status, 200);
    let refused = settled(&rig, &ask("b")).await?;
    assert_refused(&refused)?;
    let body = refused.json()?;
    let message = "Spend limit exceeded: rule 'r1' (cost limit 0.02 per 3600s, fixed) for openai \
                   gpt-4o-mini";
    assert_eq!(body["message"], message);
    assert_eq!(called(&rig), ["openai"]);
    let row = rig.weir.wait_for_rows(2).await?.remove(1);
    assert_eq!((&row["status_code"], &row["success"]), (&json!(429), &json!(false)), "{row:#}");
    assert_eq!(row["error"]["code"], "spend_limited", "{row:#}");
    let id = row["id"].as_str().unwrap_or_default();
    let told = rig.weir.result("GET", &format!("/gateways/gw1/logs/{id}/explain"), None).await?;
    let limit = &told["limits"][0];
    assert_eq!((&limit["name"], &limit["unit"]), (&json!("r1"), &json!("cost")), "{told:#}");
    assert_eq!((&limit["passed"], &limit["before"]), (&json!(false), &json!(20_000_000_000_u64)));
    Ok(())
}

#[tokio::test]
async fn a_refusal_says_when_to_come_again_where_the_gateway_wants_that() -> Result<()> {
    let mut settings = limits(&[json!({"id": "r1"})]);
    settings["rate_limit_headers"] = json!(true);
    let rig = start(&settings).await?;
    settled(&rig, &ask("a")).await?;
    let refused = settled(&rig, &ask("b")).await?;
    let seconds: u64 = refused.header("retry-after").unwrap_or_default().parse()?;
    assert!((3500..=3600).contains(&seconds), "{seconds}");
    Ok(())
}

#[tokio::test]
async fn rules_are_about_some_models_providers_and_labels() -> Result<()> {
    let user = |user: &str| labelled(&json!({"user": user}));
    let plain = || ask("x");
    let partition = json!({"mode": "partition"});
    let filter = |values: Value| json!({"mode": "filter", "values": values});
    let groq = || {
        Request::call(
            "groq/chat/completions",
            &json!({"model": "small",
            "messages": [{"role": "user", "content": "hi"}]}),
        )
    };
    for (rule, requests, expected) in [
        (json!({"model": filter(json!(["gpt-4o-mini"]))}), vec![plain(), plain()], vec![200, 429]),
        (
            json!({"model": filter(json!(["openai/gpt-4o-mini"]))}),
            vec![plain(), plain()],
            vec![200, 429],
        ),
        (json!({"model": filter(json!(["gpt-5"]))}), vec![plain(), plain()], vec![200, 200]),
        (json!({"provider": filter(json!(["openai"]))}), vec![plain(), plain()], vec![200, 429]),
        (json!({"provider": filter(json!(["groq"]))}), vec![plain(), plain()], vec![200, 200]),
        (json!({"provider": partition}), vec![plain(), groq(), plain()], vec![200, 200, 429]),
        (json!({"model": partition}), vec![plain(), groq(), plain()], vec![200, 200, 429]),
        // Without a dimension all share.
        (json!({}), vec![plain(), groq()], vec![200, 429]),
        (
            json!({"metadata": {"user": partition}}),
            vec![user("a"), user("b"), user("a"), plain(), plain()],
            vec![200, 200, 429, 200, 200],
        ),
        (
            json!({"metadata": {"user": filter(json!(["a"]))}}),
            vec![user("a"), user("b"), user("a"), user("b"), plain()],
            vec![200, 200, 429, 200, 200],
        ),
    ] {
        let rig = start(&limits(std::slice::from_ref(&rule))).await?;
        let answer =
            weir_e2e::upstream::Answer::json(200, &crate::traffic::rig::completion("pong"));
        rig.upstream.script("groq", [answer]);
        assert_eq!(statuses(&rig, &requests).await?, expected, "{rule}");
    }
    Ok(())
}

#[tokio::test]
async fn calls_without_the_label_are_as_the_gateway_says() -> Result<()> {
    let rule = json!({"metadata": {"user": {"mode": "partition"}}});
    for (missing, expected) in [("skip", [200, 200]), ("shared", [200, 429]), ("block", [400, 400])]
    {
        let mut settings = limits(std::slice::from_ref(&rule));
        settings["spend_missing"] = json!(missing);
        let rig = start(&settings).await?;
        assert_eq!(statuses(&rig, &[ask("a"), ask("b")]).await?, expected, "{missing}");
    }
    Ok(())
}

#[tokio::test]
async fn what_was_spent_outlives_a_change_of_the_rule() -> Result<()> {
    let rig = start(&limits(&[json!({"id": "r1"})])).await?;
    assert_eq!(statuses(&rig, &[ask("a"), ask("b")]).await?, [200, 429]);
    change(&rig, &limits(&[json!({"id": "r1", "limit": 0.05})])).await?;
    assert_eq!(statuses(&rig, &[ask("c"), ask("d"), ask("e")]).await?, [200, 200, 429]);
    change(&rig, &json!({"spend_limits": {"enabled": false, "rules": []}})).await?;
    assert_eq!(settled(&rig, &ask("f")).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn the_callers_own_price_counts_and_a_hit_costs_nothing() -> Result<()> {
    let mut settings = limits(&[json!({"limit": 1.0})]);
    settings["cache_ttl"] = json!(3600);
    let rig = start(&settings).await?;
    let dear = |question: &str| ask(question).header("cf-aig-custom-cost", r#"{"total_cost":1}"#);
    assert_eq!(settled(&rig, &dear("a")).await?.status, 200);
    assert_eq!(settled(&rig, &ask("b")).await?.status, 429);
    let hit = settled(&rig, &dear("a")).await?;
    assert_eq!((hit.status, hit.header("cf-aig-cache-status")), (200, Some("HIT")));
    Ok(())
}
