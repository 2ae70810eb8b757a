//! What the tests of the unified endpoints start from: the provider simulator behind a gateway, the
//! requests of each door, and readers of their streams.

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};
use weir_e2e::catalogue;
use weir_e2e::http::{Request, Response};
use weir_e2e::simulator::Simulator;
use weir_e2e::weir::{Config, Weir};

/// Providers that have no path of their own on the data host.
const WITHOUT_PATH: [&str; 2] = ["alibaba", "minimax"];

/// The simulator as every provider, and a gateway before it.
pub(crate) struct Simulated {
    pub(crate) weir: Weir,
    pub(crate) simulator: Simulator,
}

impl Simulated {
    /// Starts with gateway `gw1`.
    pub(crate) async fn start() -> Result<Self> {
        Self::start_with(|config| config).await
    }

    /// The same, with changes of the configuration.
    pub(crate) async fn start_with(change: impl FnOnce(Config) -> Config) -> Result<Self> {
        let simulator = Simulator::start().await?;
        let base = format!("http://{}", simulator.address());
        let slugs = catalogue::slugs().chain(WITHOUT_PATH);
        let config = slugs
            .fold(Config::bare(), |config, slug| {
                config.origin(slug, &catalogue::origin(slug, &base))
            })
            .gateway("gw1", &json!({}))
            .set(&["providers", "google-vertex-ai", "any_token_uri"], json!(true));
        let weir = Weir::start(&change(config)).await?;
        Ok(Self { weir, simulator })
    }

    /// A service account that the simulator changes into tokens.
    pub(crate) fn service_account(&self, region: Option<&str>) -> Result<Value> {
        service_account(&format!("http://{}", self.simulator.address()), region)
    }
}

/// A key file of Google's whose tokens come from `{base}/token`.
pub(crate) fn service_account(base: &str, region: Option<&str>) -> Result<Value> {
    let mut file = json!({
        "type": "service_account",
        "project_id": "proj1",
        "private_key_id": "kid1",
        "private_key": KeyPair::generate_for(&PKCS_RSA_SHA256)?.serialize_pem(),
        "client_email": "weir@proj1.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": format!("{base}/token"),
    });
    if let Some(region) = region {
        file["region"] = json!(region);
    }
    Ok(file)
}

/// Base64 as clients of Vertex send their key file.
pub(crate) fn base64(text: &Value) -> String {
    STANDARD.encode(text.to_string())
}

/// A request at `/compat/{path}` with the gateway's token and the key `sk-client`.
pub(crate) fn compat(path: &str, body: &Value) -> Request {
    Request::call(&format!("compat/{path}"), body)
}

/// A request at the API host, `/ai/{path}`, with the gateway's token.
pub(crate) fn rest(path: &str, body: &Value) -> Request {
    Request::post(&format!("/client/v4/accounts/acc1/ai/{path}"))
        .header("authorization", "Bearer tok-run")
        .json(body)
}

/// Stores a key in gateway `gw1`; gives its id.
pub(crate) async fn store(weir: &Weir, slug: &str, alias: &str, key: &str) -> Result<String> {
    let body = json!({"alias": alias, "default_config": alias == "default",
        "provider_slug": slug, "secret": key});
    let stored = weir.result("POST", "/gateways/gw1/provider_configs", Some(&body)).await?;
    Ok(stored["id"].as_str().context("id of the stored key")?.to_owned())
}

/// Runs all checks at once and shows what each of them found.
///
/// # Errors
/// When one found a fault.
pub(crate) async fn all(
    checks: impl IntoIterator<Item = impl Future<Output = Result<()>>>,
) -> Result<()> {
    let found = join_all(checks).await;
    let faults: Vec<String> =
        found.into_iter().filter_map(Result::err).map(|error| format!("{error:#}")).collect();
    ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

/// The events of a stream: name (empty without one) and data.
pub(crate) fn events(response: &Response) -> Vec<(String, String)> {
    let text = response.text().replace("\r\n", "\n");
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    let event = |block: &str| {
        let field = |name: &str| {
            let lines = block.lines().filter_map(|line| line.strip_prefix(name));
            lines
                .map(|value| value.strip_prefix(' ').unwrap_or(value))
                .collect::<Vec<_>>()
                .join("\n")
        };
        (field("event:"), field("data:"))
    };
    blocks.map(event).collect()
}

/// The data of each event as JSON, without `[DONE]`.
///
/// # Errors
/// When one is not JSON.
pub(crate) fn documents(response: &Response) -> Result<Vec<Value>> {
    let events = events(response).into_iter().map(|(_, data)| data);
    let whole = events.filter(|data| data != "[DONE]" && !data.is_empty());
    whole.map(|data| serde_json::from_str(&data).with_context(|| data.clone())).collect()
}

/// Whether a stream ends with OpenAI's mark.
pub(crate) fn is_done(response: &Response) -> bool {
    events(response).last().is_some_and(|(_, data)| data == "[DONE]")
}

/// The row that an answer names.
///
/// # Errors
/// When the answer names none, or it does not appear.
pub(crate) async fn row(weir: &Weir, response: &Response) -> Result<Value> {
    let shown = || format!("no cf-aig-log-id: {} {}", response.status, response.text());
    let id = response.header("cf-aig-log-id").with_context(shown)?;
    let row = weir.wait_for_row("gw1", id).await?;
    ensure!(row["id"] == id, "{row:#}");
    Ok(row)
}
