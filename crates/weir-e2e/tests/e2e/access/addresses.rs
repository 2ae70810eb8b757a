//! Lists of addresses that may call, and who is believed about where a caller is.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};
use weir_e2e::weir::Config;

use super::rig::{NATIVE, chat_at, hint};
use crate::rig::Rig;

/// A gateway that these may call, behind these proxies.
async fn rig(allow: &Value, proxies: &Value) -> Result<Rig> {
    Rig::start_with(|config| {
        config
            .gateway("listed", &json!({"ip_allow": allow}))
            .set(&["identity", "trusted_proxies"], proxies.clone())
    })
    .await
}

async fn call(rig: &Rig, headers: &[(&str, &str)]) -> Result<Response> {
    let request = chat_at("/v1/acc1/listed/openai/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run");
    let with = |request: Request, (name, value): &(&str, &str)| request.header(name, value);
    rig.weir.send(&headers.iter().fold(request, with)).await
}

#[tokio::test]
async fn a_gateway_may_be_called_from_its_list() -> Result<()> {
    for (allow, status) in [
        (json!([]), 200),
        (json!(["127.0.0.1"]), 200),
        (json!(["127.0.0.0/8"]), 200),
        (json!(["::ffff:127.0.0.1"]), 200),
        (json!(["10.0.0.0/8", "2001:db8::/32"]), 403),
    ] {
        let rig = rig(&allow, &json!([])).await?;
        let response = call(&rig, &[]).await?;
        assert_eq!(response.status, status, "{allow}: {}", response.text());
        if status == 403 {
            assert!(hint(&response).contains("127.0.0.1"), "{}", hint(&response));
            assert!(!hint(&response).contains("10.0.0.0"), "{}", hint(&response));
            assert!(rig.upstream.calls().is_empty());
        }
    }
    Ok(())
}

#[tokio::test]
async fn nobody_can_write_themselves_onto_the_list() -> Result<()> {
    let rig = rig(&json!(["203.0.113.7"]), &json!([])).await?;
    for headers in [
        vec![("x-forwarded-for", "203.0.113.7")],
        vec![("x-real-ip", "203.0.113.7")],
        vec![("forwarded", "for=203.0.113.7")],
        vec![("cf-connecting-ip", "203.0.113.7")],
        vec![("true-client-ip", "203.0.113.7"), ("x-forwarded-for", "203.0.113.7")],
    ] {
        assert_eq!(call(&rig, &headers).await?.status, 403, "{headers:?}");
    }
    Ok(())
}

#[tokio::test]
async fn behind_a_proxy_its_word_counts_and_the_clients_does_not() -> Result<()> {
    let rig = rig(&json!(["203.0.113.7", "2001:db8::/32"]), &json!(["127.0.0.0/8"])).await?;
    for (forwarded, status) in [
        ("203.0.113.7", 200),
        ("2001:db8::5", 200),
        ("198.51.100.1, 203.0.113.7", 200),
        ("203.0.113.7, 127.0.0.9", 200),
        // The client's own word stands before what the proxy added.
        ("203.0.113.7, 198.51.100.1", 403),
        ("198.51.100.1", 403),
        ("203.0.113.7, unknown", 403),
        ("unknown", 403),
        ("", 403),
    ] {
        let response = call(&rig, &[("x-forwarded-for", forwarded)]).await?;
        assert_eq!(response.status, status, "{forwarded}: {}", response.text());
    }
    let direct = call(&rig, &[]).await?;
    assert_eq!(direct.status, 403, "the proxy itself is not on the list");
    Ok(())
}

#[tokio::test]
async fn a_token_holds_to_its_list_on_data_and_management() -> Result<()> {
    let rig = Rig::start_with(|config| {
        config.set(&["identity", "trusted_proxies"], json!(["127.0.0.1"]))
    })
    .await?;
    let body = json!({"name": "office", "permissions": ["*"], "ip_allow": ["203.0.113.0/24"]});
    let target = "/client/v4/accounts/acc1/tokens";
    let admin = |method: &str, path: &str| {
        Request::new(method, path).header("authorization", "Bearer tok-admin")
    };
    let made = rig.weir.send(&admin("POST", target).json(&body)).await?;
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json()?;
    let token = made["result"]["value"].as_str().unwrap_or_default().to_owned();
    for (address, inside) in [("203.0.113.9", true), ("198.51.100.1", false)] {
        let data = chat_at(NATIVE)
            .header("cf-aig-authorization", format!("Bearer {token}"))
            .header("x-forwarded-for", address);
        let data = rig.weir.send(&data).await?;
        assert_eq!(data.status, if inside { 200 } else { 403 }, "{}", data.text());
        assert!(inside || hint(&data).contains(address), "{}", hint(&data));
        let management = Request::get("/client/v4/accounts/acc1/ai-gateway/gateways")
            .header("authorization", format!("Bearer {token}"))
            .header("x-forwarded-for", address);
        let status = rig.weir.send(&management).await?.status;
        assert_eq!(status, if inside { 200 } else { 403 });
    }
    Ok(())
}

#[tokio::test]
async fn headers_of_the_edge_do_not_travel_on() -> Result<()> {
    let rig = Rig::start_with(|config: Config| {
        config
            .set(&["identity", "trusted_proxies"], json!(["127.0.0.1"]))
            .set(&["identity", "client_ip_header"], json!("x-real-ip"))
            .set(&["identity", "country_header"], json!("x-country"))
    })
    .await?;
    let request = chat_at(NATIVE)
        .header("cf-aig-authorization", "Bearer tok-run")
        .header("x-real-ip", "203.0.113.7")
        .header("x-country", "DE");
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    let calls = rig.upstream.calls();
    assert_eq!((calls[0].header("x-real-ip"), calls[0].header("x-country")), (None, None));
    Ok(())
}

#[tokio::test]
async fn a_header_nobody_is_trusted_to_set_is_refused_at_the_start() -> Result<()> {
    for (key, value) in [
        ("country_header", json!("cf-ipcountry")),
        ("client_ip_header", json!("x-real-ip")),
        ("trusted_proxies", json!(["10.0.0.0/33"])),
    ] {
        let started = Rig::start_with(|config| config.set(&["identity", key], value)).await;
        let said = started.err().map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(said.contains("identity."), "{key}: {said}");
    }
    Ok(())
}
