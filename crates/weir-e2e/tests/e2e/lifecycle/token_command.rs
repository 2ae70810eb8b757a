//! `weir token` beside a running server.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use weir_e2e::http::Request;
use weir_e2e::weir::{Config, Weir};

/// The status of a call with this token, once it is `wanted`; the last one otherwise.
async fn status(weir: &Weir, token: &str, wanted: u16) -> Result<u16> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let request = Request::get("/client/v4/accounts/acc1/ai-gateway/gateways")
            .header("authorization", format!("Bearer {token}"));
        let status = weir.send(&request).await?.status;
        if status == wanted || Instant::now() > deadline {
            return Ok(status);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_token_is_made_listed_and_revoked() -> Result<()> {
    let weir = Weir::start(&Config::bare()).await?;
    let options = ["--name", "ci", "--permissions", "read"];
    let made = weir.command(&[&["token", "create"][..], &options].concat()).await?;
    assert_eq!(made.status, Some(0), "{made:?}");
    let field = |name: &str| {
        let line = made.stdout.lines().find_map(|line| line.strip_prefix(name));
        line.map(|rest| rest.trim().to_owned()).context(name.to_owned())
    };
    let (id, token) = (field("id")?, field("token")?);
    assert_eq!(status(&weir, &token, 200).await?, 200);

    let listed = weir.command(&["token", "list"]).await?;
    assert!(listed.stdout.lines().any(|line| line.contains(&id) && line.contains("active")));
    assert!(!listed.stdout.contains(&token));

    let revoked = weir.command(&["token", "revoke", &id]).await?;
    assert_eq!(revoked.status, Some(0), "{revoked:?}");
    assert_eq!(status(&weir, &token, 401).await?, 401);
    let unknown = weir.command(&["token", "revoke", "nobody"]).await?;
    assert_eq!(unknown.status, Some(1), "{unknown:?}");

    let trail = weir.result("GET", "/audit?resource_type=token", None).await?;
    let actors: Vec<_> = trail.as_array().into_iter().flatten().collect();
    assert_eq!(actors[0]["actor"]["id"], "token revoke", "{trail}");
    assert_eq!(actors[1]["actor"]["id"], "token create", "{trail}");
    Ok(())
}

/// What the settings name is made at the first start and never put back.
#[tokio::test]
async fn a_second_start_overwrites_nothing() -> Result<()> {
    let mut weir = Weir::start(&Config::bare().gateway("gw1", &serde_json::json!({}))).await?;
    let mut gateway = weir.result("GET", "/gateways/gw1", None).await?;
    gateway["cache_ttl"] = 77.into();
    weir.result("PUT", "/gateways/gw1", Some(&gateway)).await?;
    weir.stop().await?;
    weir.restart().await?;
    assert_eq!(weir.result("GET", "/gateways/gw1", None).await?["cache_ttl"], 77);
    let trail = weir.result("GET", "/audit?resource_type=gateway", None).await?;
    assert_eq!(trail.as_array().map(Vec::len), Some(2), "one creation and one change: {trail}");
    Ok(())
}
