//! Policies (spec: data-plane 10.3).

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;

use super::rig::{labelled, settled, start, statuses};
use crate::rig::Rig;
use crate::traffic::rig::{advance, ask, asking, called};
use crate::traffic::universal::rig::{request, step};
use crate::unified::rig::store;

async fn policy(rig: &Rig, policy: &Value) -> Result<()> {
    let mut whole = json!({"name": "p", "actor": "company:all", "resource": "*",
        "condition": "true"});
    let fields = policy.as_object().cloned().unwrap_or_default();
    whole.as_object_mut().into_iter().for_each(|it| it.extend(fields.clone()));
    rig.weir.manage("POST", "/gateways/gw1/policies?commit=true", Some(&whole)).await?;
    Ok(())
}

#[tokio::test]
async fn every_door_is_denied_in_the_policies_own_words() -> Result<()> {
    let rig = start(&json!({})).await?;
    store(&rig.weir, "openai", "default", "sk-stored").await?;
    policy(&rig, &json!({"action": {"type": "block"}})).await?;
    let mut compat = asking("x");
    compat["model"] = json!("openai/gpt-4o-mini");
    let rest = Request::post("/client/v4/accounts/acc1/ai/v1/chat/completions")
        .header("authorization", "Bearer tok-run")
        .header("cf-aig-gateway-id", "gw1")
        .json(&compat);
    for door in [
        ask("x"),
        Request::call("compat/chat/completions", &compat),
        rest,
        request(&[step("openai")]),
    ] {
        let denied = settled(&rig, &door).await?;
        assert_eq!(denied.status, 403, "{}", denied.text());
        let body = json!({"success": false, "error": {"message": "Access denied by policy"}});
        assert_eq!(denied.json()?, body, "{}", door.target);
        assert!(denied.header("cf-aig-log-id").is_some(), "{}", door.target);
    }
    assert!(called(&rig).is_empty());
    Ok(())
}

#[tokio::test]
async fn budgets_are_told_and_begin_anew() -> Result<()> {
    let rig = start(&json!({})).await?;
    let action = json!({"type": "limit", "amount": 0.02, "period": "hourly",
        "technique": "named-interval"});
    let actor = "user:{metadata.user}";
    policy(&rig, &json!({"actor": actor, "action": action})).await?;
    let of = |user: &str| labelled(&json!({"user": user}));
    assert_eq!(settled(&rig, &of("a")).await?.status, 200);
    let refused = settled(&rig, &of("a")).await?;
    let body = json!({"success": false, "error": {"message": "Spending limit exceeded",
        "bucket": "user:a|*", "spent": 0.02, "limit": 0.02}});
    assert_eq!((refused.status, refused.json()?), (429, body));
    // Another's budget is another; nobody speaks for a call without the label.
    assert_eq!(statuses(&rig, &[of("b"), ask("x")]).await?, [200, 403]);
    advance(&rig, 3600)?;
    assert_eq!(settled(&rig, &of("a")).await?.status, 200);
    Ok(())
}
