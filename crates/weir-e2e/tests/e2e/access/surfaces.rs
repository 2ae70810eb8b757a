//! A user is a user at every kind of endpoint.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;

use super::rig::{Trusting, hint, labels};
use crate::rig::chat_body;

fn surfaces() -> Vec<(&'static str, Value)> {
    let unified = json!({"model": "openai/gpt-4o-mini",
        "messages": [{"role": "user", "content": "hi"}]});
    let step = json!([{"provider": "openai", "endpoint": "chat/completions",
        "headers": {"authorization": "Bearer sk-client"}, "query": chat_body()}]);
    let run = json!({"model": "openai/gpt-4o-mini",
        "input": {"messages": [{"role": "user", "content": "hi"}]}});
    vec![
        ("/v1/acc1/gw1/openai/chat/completions", chat_body()),
        ("/v1/acc1/gw1/compat/chat/completions", unified.clone()),
        ("/v1/acc1/gw1", step),
        ("/client/v4/accounts/acc1/ai/v1/chat/completions", unified),
        ("/client/v4/accounts/acc1/ai/run", run),
    ]
}

fn request(path: &str, body: &Value, token: &str) -> Request {
    let request = Request::post(path).header("cf-aig-gateway-id", "gw1").json(body);
    // At the API host there is one header for a credential.
    let name = if path.starts_with("/client") { "authorization" } else { "cf-aig-authorization" };
    request.header(name, format!("Bearer {token}"))
}

#[tokio::test]
async fn every_endpoint_takes_a_user_and_names_them_in_its_row() -> Result<()> {
    let trusting = Trusting::start().await?;
    let token = trusting.issuer.token(&json!({}))?;
    let surfaces = surfaces();
    for (path, body) in &surfaces {
        let response = trusting.rig.weir.send(&request(path, body, &token)).await?;
        assert_eq!(response.status, 200, "{path}: {}", response.text());
    }
    for call in trusting.calls() {
        assert!(!call.mentions(&token), "{call:#?}");
    }
    for row in trusting.rig.weir.wait_for_rows(surfaces.len()).await? {
        assert_eq!(labels(&row)["cf.user_id"], "user-1", "{row:#}");
    }
    Ok(())
}

#[tokio::test]
async fn every_endpoint_refuses_a_bad_one_alike() -> Result<()> {
    let trusting = Trusting::start().await?;
    let token = trusting.issuer.token(&json!({"aud": "others"}))?;
    for (path, body) in surfaces() {
        let response = trusting.rig.weir.send(&request(path, &body, &token)).await?;
        assert_eq!((response.status, response.code()), (401, Some(2009)), "{path}");
        assert!(hint(&response).contains("audience"), "{path}: {}", hint(&response));
    }
    assert!(trusting.calls().is_empty());
    assert_eq!(trusting.rig.weir.row_count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_token_in_a_step_is_neither_a_credential_nor_sent_on() -> Result<()> {
    let trusting = Trusting::start().await?;
    let token = trusting.issuer.token(&json!({}))?;
    let steps = json!([{"provider": "openai", "endpoint": format!("chat/completions?t={token}"),
        "headers": {"authorization": format!("Bearer {token}"), "cf-access-token": token,
            "cookie": format!("CF_Authorization={token}"), "x-amz-security-token": token,
            "x-my-own": format!("Bearer {token}")},
        "query": chat_body()}]);
    let anonymous = Request::post("/v1/acc1/gw1").json(&steps);
    assert_eq!(trusting.rig.weir.send(&anonymous).await?.status, 401);
    let known = anonymous.header("cf-aig-authorization", "Bearer tok-run");
    assert_eq!(trusting.rig.weir.send(&known).await?.status, 200);
    let calls = trusting.calls();
    assert_eq!(calls.len(), 1);
    assert!(!calls[0].mentions(&token), "{:#?}", calls[0]);
    let row = trusting.rig.weir.only_row().await?;
    assert!(labels(&row).get("cf.user_id").is_none(), "{row:#}");
    Ok(())
}

#[tokio::test]
async fn the_management_api_is_not_for_users() -> Result<()> {
    let trusting = Trusting::start().await?;
    let token = trusting.issuer.token(&json!({}))?;
    for path in ["/gateways", "/gateways/gw1/logs", "/issuers", "/custom-domains"] {
        let target = format!("/client/v4/accounts/acc1/ai-gateway{path}");
        for (name, value) in [
            ("authorization", format!("Bearer {token}")),
            ("cf-access-jwt-assertion", token.clone()),
        ] {
            let response =
                trusting.rig.weir.send(&Request::get(&target).header(name, value)).await?;
            assert!(matches!(response.status, 400 | 401 | 403), "{path}: {}", response.status);
        }
    }
    Ok(())
}
