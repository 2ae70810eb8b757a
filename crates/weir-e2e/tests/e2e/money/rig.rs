//! Gateways with limits, and calls that cost something.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};
use weir_e2e::upstream::Answer;

use crate::rig::Rig;
use crate::traffic;
use crate::traffic::rig::{ask, completion};

/// A gateway whose calls of `gpt-4o-mini` cost two cents each.
pub(crate) async fn start(settings: &Value) -> Result<Rig> {
    let rig = traffic::rig::start(settings).await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong"))]);
    Ok(rig)
}

/// Settings with these spend limits; what a rule leaves out is that of an hour, fixed.
pub(crate) fn limits(rules: &[Value]) -> Value {
    let whole = |rule: &Value| {
        let mut whole = json!({"limitType": "cost", "limit": 0.02, "window": 3600,
            "technique": "fixed"});
        let fields = rule.as_object().cloned().unwrap_or_default();
        whole.as_object_mut().into_iter().for_each(|it| it.extend(fields.clone()));
        whole
    };
    let rules: Vec<Value> = rules.iter().map(whole).collect();
    json!({"spend_limits": {"enabled": true, "rules": rules}})
}

/// The same, kept strictly.
pub(crate) fn strict(rules: &[Value]) -> Value {
    let mut settings = limits(rules);
    settings["spend_mode"] = json!("strict");
    settings
}

/// A call with these labels.
pub(crate) fn labelled(labels: &Value) -> Request {
    ask("x").header("cf-aig-metadata", labels.to_string())
}

/// Makes a budget of the account; what it leaves out is two cents a day.
pub(crate) async fn budget(rig: &Rig, fields: &Value) -> Result<Value> {
    let mut budget = json!({"name": "b", "by": "account", "unit": "dollars", "limit": 0.02});
    if fields.get("window").is_none() {
        budget["period"] = json!("daily");
    }
    let given = fields.as_object().cloned().unwrap_or_default();
    budget.as_object_mut().into_iter().for_each(|it| it.extend(given.clone()));
    rig.weir.result("POST", "/budgets", Some(&budget)).await
}

/// Sends each request once the row of the one before is written, and gives the statuses.
pub(crate) async fn statuses(rig: &Rig, requests: &[Request]) -> Result<Vec<u16>> {
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(settled(rig, request).await?.status);
    }
    Ok(statuses)
}

/// Sends, and waits until the call is settled.
pub(crate) async fn settled(rig: &Rig, request: &Request) -> Result<Response> {
    let answer = rig.weir.send(request).await?;
    if let Some(id) = answer.header("cf-aig-log-id") {
        rig.weir.wait_for_row("gw1", id).await?;
    }
    Ok(answer)
}

/// Fails unless it is a refusal of a spend limit, as documented.
pub(crate) fn assert_refused(answer: &Response) -> Result<()> {
    let body = answer.json()?;
    ensure!(answer.status == 429, "{}", answer.text());
    ensure!(answer.code() == Some(2045), "{body}");
    ensure!(body["name"] == "AiGatewayError" && body["httpCode"] == 429, "{body}");
    ensure!(answer.header("retry-after").is_none(), "{:?}", answer.header("retry-after"));
    ensure!(answer.header("cf-aig-log-id").is_some(), "no row");
    Ok(())
}
