//! Methods, paths, headers and statuses.

use anyhow::Result;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use crate::rig::Rig;

#[tokio::test]
async fn every_method_reaches_the_provider() -> Result<()> {
    let rig = Rig::start().await?;
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "PURGE"];
    for method in methods {
        let request = Request::new(method, "/v1/acc1/gw1/anthropic/v1/files/f-1").with_keys();
        let response = rig.weir.send(&request).await?;
        assert_eq!((response.status, response.complete), (200, true), "{method}");
    }
    let seen: Vec<_> = rig.upstream.calls().into_iter().map(|call| call.method).collect();
    assert_eq!(seen, methods);
    Ok(())
}

#[tokio::test]
async fn path_and_query_pass_byte_for_byte() -> Result<()> {
    let rig = Rig::start().await?;
    let targets = [
        "/v1/a//b///c",
        "/v1/a%2Fb%2fc/%E2%82%AC",
        "/v1/models/m:generateContent",
        "/v1/./x/../y",
        "/v1/x?a=1&a=2&&b&c=%20+%2B&d=/?/;e",
        "/v1/x?",
        "/v1/[x]{y}|z'~!$&()*,;=@",
        "/v1/x/",
    ];
    for target in targets {
        let path = format!("/v1/acc1/gw1/anthropic{target}");
        let response = rig.weir.send(&Request::get(&path).with_keys()).await?;
        assert_eq!(response.status, 200, "{target}: {}", response.text());
    }
    let seen: Vec<_> = rig.upstream.calls().into_iter().map(|call| call.target).collect();
    assert_eq!(seen, targets);
    Ok(())
}

#[tokio::test]
async fn duplicate_headers_keep_number_and_order() -> Result<()> {
    let rig = Rig::start().await?;
    let answer = Answer::empty(200).header("x-a", "1").header("x-b", "2").header("x-a", "3");
    rig.upstream.script("anthropic", [answer]);
    let request = Request::get("/v1/acc1/gw1/anthropic/v1/models").with_keys();
    let request = request.header("anthropic-beta", "one").header("x-other", "x");
    let response = rig.weir.send(&request.header("anthropic-beta", "two")).await?;
    assert_eq!(response.head.headers.all("x-a"), ["1", "3"]);
    assert_eq!(rig.upstream.calls()[0].headers.all("anthropic-beta"), ["one", "two"]);
    Ok(())
}

#[tokio::test]
async fn headers_for_the_gateway_and_the_connection_stay_here() -> Result<()> {
    let rig = Rig::start().await?;
    let stays = [
        ("cf-aig-metadata", "{\"a\":1}"),
        ("cf-aig-anything", "x"),
        ("cf-connecting-ip", "1.2.3.4"),
        ("cf-ray", "x"),
        ("x-forwarded-for", "1.2.3.4"),
        ("connection", "keep-alive, x-hop"),
        ("x-hop", "x"),
        ("te", "trailers"),
        ("proxy-authorization", "x"),
    ];
    let request = Request::get("/v1/acc1/gw1/openai/models").with_keys();
    let request = request.header("user-agent", "ua/1").header("openai-beta", "b");
    let request =
        stays.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    let call = &rig.upstream.calls()[0];
    assert_eq!((call.header("user-agent"), call.header("openai-beta")), (Some("ua/1"), Some("b")));
    for (name, _) in stays.into_iter().filter(|(name, _)| *name != "connection") {
        assert_eq!(call.header(name), None, "{name} went to the provider");
    }
    Ok(())
}

#[tokio::test]
async fn answers_without_a_body_stay_without() -> Result<()> {
    let rig = Rig::start().await?;
    rig.upstream.script("openai", [Answer::empty(204), Answer::empty(304).header("etag", "\"x\"")]);
    let get = Request::get("/v1/acc1/gw1/openai/models").with_keys();
    let response = rig.weir.send(&get).await?;
    assert_eq!((response.status, response.body.len()), (204, 0));
    assert_eq!(response.header("transfer-encoding"), None);
    let response = rig.weir.send(&get).await?;
    assert_eq!((response.status, response.header("etag")), (304, Some("\"x\"")));
    rig.upstream.script("openai", [Answer::filled(1000)]);
    let head = Request::new("HEAD", "/v1/acc1/gw1/openai/models").with_keys();
    let response = rig.weir.send(&head).await?;
    assert_eq!((response.status, response.header("content-length")), (200, Some("1000")));
    assert!(rig.upstream.calls().iter().all(|call| call.left.is_none()));
    Ok(())
}

#[tokio::test]
async fn a_redirect_is_handed_on_and_not_followed() -> Result<()> {
    let rig = Rig::start().await?;
    let elsewhere = format!("{}/groq/secret", rig.upstream.base());
    rig.upstream.script("openai", [Answer::empty(307).header("location", &elsewhere)]);
    let response = rig.chat().await?;
    assert_eq!((response.status, response.header("location")), (307, Some(&*elsewhere)));
    assert_eq!(rig.upstream.calls().len(), 1);
    Ok(())
}
