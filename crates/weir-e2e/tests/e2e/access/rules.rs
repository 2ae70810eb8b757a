//! What is known of a user decides: policies, budgets, stops and routes go by it.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;

use super::rig::{NATIVE, Trusting, chat_at};
use crate::traffic::routes::rig::{deploy, element, end, model, start};

/// The status of a chat of this user.
async fn status(trusting: &Trusting, claims: &Value, country: Option<&str>) -> Result<u16> {
    let token = trusting.issuer.token(claims)?;
    let mut request = chat_at(NATIVE).header("cf-access-token", token);
    if let Some(country) = country {
        request = request.header("cf-ipcountry", country);
    }
    Ok(trusting.rig.weir.send(&request).await?.status)
}

#[tokio::test]
async fn policies_know_groups_claims_and_country() -> Result<()> {
    let trusting = Trusting::start_with(
        |config| {
            config
                .set(&["identity", "trusted_proxies"], json!(["127.0.0.1"]))
                .set(&["identity", "country_header"], json!("cf-ipcountry"))
        },
        &json!({"claims": {"groups": "realm.roles"}}),
    )
    .await?;
    for (name, condition) in [
        ("engineers", "'eng' in cf.user.groups && cf.country == 'DE'"),
        ("gold", "cf.custom.tier == 'gold'"),
        ("by label", "metadata.cf.user_id == 'chosen'"),
    ] {
        let policy = json!({"name": name, "actor": "all", "resource": "*",
            "condition": condition, "action": {"type": "no-limit"}});
        let path = "/gateways/gw1/policies?commit=true";
        let made = trusting.rig.weir.manage("POST", path, Some(&policy)).await?;
        assert_eq!(made.status, 200, "{name}: {}", made.text());
    }
    let engineer = json!({"realm": {"roles": ["eng"]}});
    for (claims, country, wanted) in [
        (&engineer, Some("DE"), 200),
        (&engineer, Some("FR"), 403),
        (&engineer, None, 403),
        // The edge knows better than the token; without it the token's word counts.
        (&json!({"realm": {"roles": ["eng"]}, "country": "DE"}), Some("FR"), 403),
        (&json!({"realm": {"roles": ["eng"]}, "country": "DE"}), None, 200),
        (&json!({"groups": ["eng"], "country": "DE"}), None, 403),
        (&json!({"tier": "gold"}), None, 200),
        (&json!({"custom": {"tier": "gold"}}), None, 200),
        (&json!({"sub": "chosen"}), None, 200),
        (&json!({}), None, 403),
    ] {
        let found = status(&trusting, claims, country).await?;
        assert_eq!(found, wanted, "{claims} {country:?}");
    }
    Ok(())
}

#[tokio::test]
async fn budgets_and_stops_are_kept_for_each_user() -> Result<()> {
    let trusting = Trusting::start().await?;
    let weir = &trusting.rig.weir;
    let budget = json!({"name": "each user", "by": "user", "unit": "requests", "limit": 2,
        "period": "monthly"});
    weir.result("POST", "/budgets", Some(&budget)).await?;
    let (one, two) = (json!({"sub": "one"}), json!({"sub": "two"}));
    let mut found = Vec::new();
    for claims in [&one, &one, &one, &two] {
        found.push(status(&trusting, claims, None).await?);
    }
    assert_eq!(found, [200, 200, 429, 200]);
    weir.result("POST", "/stops", Some(&json!({"what": "user", "value": "two"}))).await?;
    assert_eq!(status(&trusting, &two, None).await?, 403);
    Ok(())
}

#[tokio::test]
async fn a_route_chooses_by_the_user() -> Result<()> {
    let trusting = Trusting::start().await?;
    let condition = json!({"condition": {"metadata.cf.user_id": {"$eq": "chosen"}}});
    let elements = [
        start("c"),
        element("c", "conditional", &condition, &[("true", "yes"), ("false", "no")]),
        model("yes", "groq/yes", "end", None),
        model("no", "openai/no", "end", None),
        end(),
    ];
    deploy(&trusting.rig.weir, "by-user", &elements).await?;
    let body = json!({"model": "dynamic/by-user",
        "messages": [{"role": "user", "content": "hi"}]});
    for (user, provider) in [("chosen", "groq"), ("other", "openai")] {
        let token = trusting.issuer.token(&json!({"sub": user}))?;
        let request = Request::post("/v1/acc1/gw1/compat/chat/completions")
            .header("cf-access-token", token)
            .header("authorization", "Bearer sk-client")
            // A caller cannot write it down themselves.
            .header("cf-aig-metadata", r#"{"cf.user_id":"chosen"}"#)
            .json(&body);
        let response = trusting.rig.weir.send(&request).await?;
        assert_eq!(response.status, 200, "{user}: {}", response.text());
        let call = trusting.calls().pop().context("a call")?;
        assert_eq!(call.provider, provider, "{user}");
    }
    Ok(())
}
