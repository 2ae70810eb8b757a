//! What the clients meet: the simulator, a gateway in front of it, and its keys.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use weir_e2e::http::{Request, exchange};
use weir_e2e::weir::{Config, Weir};
use weir_e2e::{catalogue, environment, ports};

use super::program;

/// The operator's own keys: calls at the API host use them, since no key of a client is read there.
const PLATFORM: &[&str] = &["openai", "anthropic", "google-ai-studio", "groq", "grok", "deepseek"];

/// The simulator, a gateway in front of it, and its address as the suites want it.
pub(super) struct World {
    weir: Weir,
    simulator: SocketAddr,
    _process: Child,
}

impl World {
    /// Gateway `gw1` asks for a token and has a key for every provider, `open` asks for nothing and
    /// has none, and `renamed` gives models other names.
    pub(super) async fn start() -> Result<Self> {
        let (simulator, process) = simulator().await?;
        let aliases = json!({
            "claude-*": "openai/gpt-4o-mini",
            "gpt-4o-mini": "anthropic/claude-simulated",
            "house-model": "google-ai-studio/gemini-2.5-flash",
        });
        let custom = json!([{
            "slug": "house", "name": "House", "enable": true, "base_url": format!("http://{simulator}/v1"),
        }]);
        let base = format!("http://{simulator}");
        let config = catalogue::slugs()
            .fold(Config::bare(), |config, slug| {
                config.origin(slug, &catalogue::origin(slug, &base))
            })
            .set(&["bootstrap", "custom_providers"], custom)
            .set(&["providers", "google-vertex-ai", "any_token_uri"], json!(true))
            .gateway("gw1", &json!({}))
            .gateway("open", &json!({"authentication": false}))
            .gateway("renamed", &json!({"model_aliases": aliases}));
        let config = PLATFORM.iter().fold(config, |config, slug| {
            config.set(&["providers", slug, "platform_key"], json!("sk-platform"))
        });
        let config = config.set(&["providers", "workers-ai", "platform_key"], json!("sk-platform"));
        let weir = Weir::start(&config).await?;
        let world = Self { weir, simulator, _process: process };
        world.store_keys().await?;
        world.weir.result("POST", "/billing/topup", Some(&json!({"amount": 1000}))).await?;
        Ok(world)
    }

    async fn store_keys(&self) -> Result<()> {
        let google = service_account(self.simulator).await?;
        let aws = json!({"accessKeyId": "AKIASIMULATOR", "secretAccessKey": "simulator-secret",
            "region": "us-east-1"});
        for slug in catalogue::slugs().chain(["custom-house"]) {
            let secret = match slug {
                "google-vertex-ai" => google.to_string(),
                "aws-bedrock" => aws.to_string(),
                _ => "sk-stored".to_owned(),
            };
            let key = json!({"provider_slug": slug, "alias": "default", "default_config": true,
                "secret": secret});
            for gateway in ["gw1", "renamed"] {
                let path = format!("/gateways/{gateway}/provider_configs");
                self.weir.result("POST", &path, Some(&key)).await?;
            }
        }
        Ok(())
    }

    /// Runs a suite with the address of the gateway.
    pub(super) async fn run(&self, command: &mut Command) -> Result<()> {
        command.env("GATEWAY_URL", format!("http://{}", self.weir.address()));
        command.env("SIMULATOR_URL", format!("http://{}", self.simulator));
        program(command, Duration::from_secs(180)).await.with_context(|| self.weir.output())
    }
}

async fn simulator() -> Result<(SocketAddr, Child)> {
    let address = ports::free()?;
    let mut command = Command::new(environment::binary()?);
    command.args(["simulate", "--listen", &address.to_string()]).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for name in environment::own_variables() {
        command.env_remove(name);
    }
    let process = command.spawn().context("start the simulator")?;
    let deadline = Instant::now() + Duration::from_secs(10);
    while exchange(address, &Request::get("/models")).await.is_err() {
        if Instant::now() > deadline {
            bail!("the simulator does not answer");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok((address, process))
}

/// A service account of a project of nobody's, with a key of this moment; the simulator gives
/// tokens for it.
async fn service_account(simulator: SocketAddr) -> Result<Value> {
    let script = "const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });\
        console.log(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))";
    let made = Command::new("node").args(["-e", script]).output().await.context("node")?;
    ensure!(made.status.success(), "node makes no key");
    Ok(json!({
        "type": "service_account",
        "project_id": "house-project",
        "private_key_id": "1",
        "private_key": String::from_utf8(made.stdout)?.trim(),
        "client_email": "house@house-project.iam.gserviceaccount.com",
        "token_uri": format!("http://{simulator}/token"),
        "region": "us-central1",
    }))
}
