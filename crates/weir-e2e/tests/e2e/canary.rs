//! Secrets that are stored, used, refused, repeated by providers, rotated and deleted appear nowhere:
//! in no answer of the management API, no metric, no output of the process, no file of the data
//! folder, no command line; in no encoding that is likely.

mod needles;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::{Answer, Upstream};
use weir_e2e::weir::{Config, Weir};

use self::needles::Needles;

const STORED: &str = "sk-canary-stored-Aa0/1+2bZ9qT";
const ROTATED: &str = "sk-canary-rotated-Bb0/1+2bZ9qT";
const POOLED: &str = "sk-canary-pooled-Cc0/1+2bZ9qT";
const HEADER: &str = "sk-canary-header-Dd0/1+2bZ9qT";
const HOUSE: &str = "sk-canary-house-Ee0/1+2bZ9qT";
const VAULT: &str = "sk-canary-vault-Ff0/1+2bZ9qT";
const VAULT_TOKEN: &str = "hvs.canary-token-Gg0/1+2bZ9qT";
const CLIENT: &str = "sk-canary-client-Hh0/1+2bZ9qT";
const GATEWAY: &str = "tok-canary-gateway-Ii0-1-2bZ9qT";
const VARIABLE: &str = "sk-canary-variable-Jj0/1+2bZ9qT";
const ZDR: &str = "sk-canary-zdr-Kk0/1+2bZ9qT";
const SPARE: &str = "sk-canary-spare-Ll0/1+2bZ9qT";

/// Every secret there is.
const SECRETS: [&str; 12] = [
    STORED,
    ROTATED,
    POOLED,
    HEADER,
    HOUSE,
    VAULT,
    VAULT_TOKEN,
    CLIENT,
    GATEWAY,
    VARIABLE,
    ZDR,
    SPARE,
];

const CONFIGS: &str = "/gateways/gw1/provider_configs";

#[tokio::test]
async fn no_secret_is_found_anywhere() -> Result<()> {
    let (upstream, kv) = (Upstream::start().await?, Upstream::start().await?);
    let config = Config::new(&upstream)
        .token("canary", GATEWAY, "acc1", &["AI Gateway Run"])
        .set(&["egress", "allow"], json!(["127.0.0.1"]))
        .set(&["cache", "disk_bytes"], json!(4 << 20))
        .set(&["telemetry", "level"], json!("debug"))
        .set(&["providers", "openai", "platform_key"], json!(HOUSE))
        .set(&["providers", "openai", "platform_zdr_key"], json!(ZDR))
        .set(&["secrets", "environment"], json!(["WEIR_KEY_*"]))
        .set(
            &["secrets", "vault"],
            json!({"address": kv.base(), "token": VAULT_TOKEN, "mounts": ["secret"]}),
        )
        .variable("WEIR_KEY_CANARY", VARIABLE);
    let mut weir = Weir::start(&config).await?;
    weir.result("POST", "/billing/topup", Some(&json!({"amount": 100_000}))).await?;
    let needles = Needles::of(&SECRETS);

    let mut told = Vec::new();
    play(&weir, &upstream, &kv, &mut told).await?;
    told.extend(everything(&weir).await?);
    for (place, bytes) in told {
        needles.refuse(&place, &bytes)?;
    }
    let finished = weir.command(&["export"]).await?;
    needles.refuse("weir export", format!("{finished:?}").as_bytes())?;
    let finished = weir.command(&["check"]).await?;
    needles.refuse("weir check", format!("{finished:?}").as_bytes())?;
    for part in ["cmdline", "maps"] {
        let path = format!("/proc/{}/{part}", weir.id().context("a process")?);
        needles.refuse(&path, &std::fs::read(&path)?)?;
    }
    // While it runs, with what the databases have not merged yet, and after the end.
    for state in ["running", "stopped"] {
        if state == "stopped" {
            weir.stop().await?;
        }
        for (name, bytes) in weir.files()? {
            needles.refuse(&format!("{name}, {state}"), &bytes)?;
        }
        for name in ["stderr", "stdout"] {
            let bytes = std::fs::read(weir.folder().join(name))?;
            needles.refuse(&format!("{name}, {state}"), &bytes)?;
        }
    }
    Ok(())
}

/// A provider's answer that repeats a key, in its body and in a header.
fn echo(status: u16, key: &str) -> Answer {
    let body = json!({"error": {"message": format!("Incorrect API key provided: {key}."),
        "type": "invalid_request_error", "code": key}, "header": format!("Bearer {key}"),
        "usage": {"prompt_tokens": 3, "completion_tokens": 2}});
    Answer::json(status, &body).header("x-echo", key).header("www-authenticate", key)
}

/// The same as a stream.
fn streamed(key: &str) -> Answer {
    let delta = json!({"choices": [{"index": 0, "delta": {"content": key}}]}).to_string();
    Answer::sse(&[&delta, "[DONE]"])
}

async fn play(
    weir: &Weir,
    upstream: &Upstream,
    kv: &Upstream,
    told: &mut Vec<(String, Vec<u8>)>,
) -> Result<()> {
    let mut manage = async |method: &str, path: &str, body: Value| -> Result<Value> {
        let answer = weir.manage(method, path, Some(&body)).await?;
        told.push((format!("{method} {path}"), answer.body.clone()));
        Ok(answer.json()?["result"].clone())
    };
    let key = |provider: &str, alias: &str| json!({"provider_slug": provider, "alias": alias, "default_config": alias == "default"});
    let with = |mut body: Value, name: &str, value: &str| {
        body[name] = json!(value);
        body
    };

    // The operator's, the caller's own.
    call(weir, upstream, "openai", &[echo(401, HOUSE), echo(200, HOUSE)], &[]).await?;
    call(weir, upstream, "openai", &[echo(200, ZDR)], &[("cf-aig-zdr", "true")]).await?;
    let own = format!("Bearer {CLIENT}");
    let own = [("authorization", own.as_str())];
    for answer in [echo(401, CLIENT), echo(200, CLIENT), streamed(CLIENT)] {
        call(weir, upstream, "openai", &[answer], &own).await?;
    }

    // A stored key: taken, refused, in a stream, tried again, cached, tested, rotated.
    let stored = with(key("openai", "default"), "secret", STORED);
    let stored = manage("POST", CONFIGS, stored).await?;
    let id = stored["id"].as_str().context("id")?.to_owned();
    let retries = [("cf-aig-max-attempts", "3"), ("cf-aig-retry-delay", "1")];
    let answers = [echo(500, STORED), echo(429, STORED), echo(403, STORED)];
    call(weir, upstream, "openai", &answers, &retries).await?;
    call(weir, upstream, "openai", &[streamed(STORED)], &[]).await?;
    call(weir, upstream, "openai", &[echo(200, STORED)], &[("cf-aig-cache-ttl", "600")]).await?;
    upstream.script("openai", [echo(401, STORED)]);
    manage("POST", &format!("{CONFIGS}/{id}/test"), Value::Null).await?;
    let spare = with(key("openai", "spare"), "secret", POOLED);
    manage("POST", CONFIGS, with(spare, "pool", "default")).await?;
    let answers = [echo(429, STORED), echo(401, POOLED), echo(200, POOLED)];
    call(weir, upstream, "openai", &answers, &[]).await?;
    manage("PUT", &format!("{CONFIGS}/{id}"), json!({"secret": ROTATED})).await?;
    call(weir, upstream, "openai", &[echo(401, ROTATED), echo(400, ROTATED)], &[]).await?;
    manage("DELETE", &format!("{CONFIGS}/{id}"), Value::Null).await?;

    // Where keys lie elsewhere.
    let variable = with(key("groq", "default"), "secret_ref", "env:WEIR_KEY_CANARY");
    manage("POST", CONFIGS, variable).await?;
    call(weir, upstream, "groq", &[echo(401, VARIABLE)], &[]).await?;
    let vault = with(key("mistral", "default"), "secret_ref", "vault:secret/canary#key");
    manage("POST", CONFIGS, vault).await?;
    let data = json!({"lease_duration": 1, "data": {"data": {"key": VAULT}}});
    kv.script("v1", [Answer::json(200, &data), echo(500, VAULT_TOKEN), echo(403, VAULT_TOKEN)]);
    for _ in 0..3 {
        call(weir, upstream, "mistral", &[echo(401, VAULT)], &[]).await?;
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }

    // A custom provider's own header.
    let custom = json!({"name": "x", "slug": "x", "enable": true,
        "base_url": format!("{}/custom-x", upstream.base()),
        "headers": json!({"x-secret": HEADER}).to_string()});
    manage("POST", "/custom-providers", custom).await?;
    call(weir, upstream, "custom-x", &[echo(401, HEADER), echo(200, HEADER)], &[]).await?;
    let spare = with(key("custom-x", "default"), "secret", SPARE);
    manage("POST", CONFIGS, spare).await?;
    call(weir, upstream, "custom-x", &[echo(200, SPARE)], &[]).await?;

    // Mistakes: a key where none belongs, and bodies that are refused.
    let wrong = with(key("openai", "a"), "secret", &format!(" {STORED}"));
    manage("POST", CONFIGS, wrong).await?;
    manage("POST", CONFIGS, with(key("nowhere", "a"), "secret", STORED)).await?;
    manage("POST", CONFIGS, with(key("openai", "a"), "secret_ref", "file:/etc/passwd")).await?;
    Ok(())
}

/// Calls a provider, at its own path and at the compat endpoint, until its answers are used up.
async fn call(
    weir: &Weir,
    upstream: &Upstream,
    slug: &str,
    answers: &[Answer],
    headers: &[(&str, &str)],
) -> Result<()> {
    let messages = json!([{"role": "user", "content": format!("hi {}", answers.len())}]);
    for compat in [false, true] {
        upstream.script(slug, answers);
        let (path, model) = match compat {
            true => ("compat/chat/completions".to_owned(), format!("{slug}/gpt-4o-mini")),
            false => (format!("{slug}/chat/completions"), "gpt-4o-mini".to_owned()),
        };
        let mut request = Request::post(&format!("/v1/acc1/gw1/{path}"))
            .header("cf-aig-authorization", format!("Bearer {GATEWAY}"))
            .header("weir-explain", "1")
            .json(&json!({"model": model, "messages": messages}));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        for _ in answers {
            weir.send(&request).await?;
        }
    }
    Ok(())
}

/// Whatever the management API and the metrics tell.
async fn everything(weir: &Weir) -> Result<Vec<(String, Vec<u8>)>> {
    let mut told = Vec::new();
    let mut paths: Vec<String> = [
        CONFIGS,
        "/gateways/gw1",
        "/gateways",
        "/custom-providers",
        "/audit?per_page=100",
        "/gateways/gw1/logs?per_page=50",
        "/gateways/gw1/logs/export?format=json",
        "/gateways/gw1/logs/export?format=csv",
    ]
    .map(str::to_owned)
    .into();
    let rows = weir.wait_for_rows(20).await?;
    for row in &rows {
        let id = row["id"].as_str().context("id")?;
        for part in ["", "/request", "/response", "/explain"] {
            paths.push(format!("/gateways/gw1/logs/{id}{part}"));
        }
    }
    let mut bodies = 0;
    for path in paths {
        let answer = weir.manage("GET", &path, None).await?;
        bodies += usize::from(path.ends_with("/response") && answer.text().contains("[redacted]"));
        told.push((format!("GET {path}"), answer.body));
    }
    assert!(bodies >= 10, "{bodies} bodies repeat a key: the test tests nothing");
    let metrics = weir.send(&Request::get("/metrics")).await?;
    told.push(("metrics".to_owned(), metrics.body));
    Ok(told)
}
