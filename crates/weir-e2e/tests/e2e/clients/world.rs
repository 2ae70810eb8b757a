//! What the clients meet: the simulator, a gateway in front of it, and its keys.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;
use tokio::process::Command;
use weir_e2e::catalogue;
use weir_e2e::simulator::Simulator;
use weir_e2e::weir::{Config, Weir};

use super::program;
use crate::unified::rig::service_account;

/// The operator's own keys: calls at the API host use them, since no key of a client is read there.
const PLATFORM: &[&str] = &["openai", "anthropic", "google-ai-studio", "groq", "grok", "deepseek"];

/// The simulator, a gateway in front of it, and its address as the suites want it.
pub(super) struct World {
    weir: Weir,
    simulator: Simulator,
}

impl World {
    /// Gateway `gw1` asks for a token and has a key for every provider, `open` asks for nothing and
    /// has none, and `renamed` gives models other names.
    pub(super) async fn start() -> Result<Self> {
        let simulator = Simulator::start().await?;
        let base = format!("http://{}", simulator.address());
        let aliases = json!({
            "claude-*": "openai/gpt-4o-mini",
            "gpt-4o-mini": "anthropic/claude-simulated",
            "house-model": "google-ai-studio/gemini-2.5-flash",
        });
        let custom = json!([{
            "slug": "house", "name": "House", "enable": true, "base_url": format!("{base}/v1"),
        }]);
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
        let world = Self { weir, simulator };
        world.store_keys().await?;
        world.weir.result("POST", "/billing/topup", Some(&json!({"amount": 1000}))).await?;
        Ok(world)
    }

    async fn store_keys(&self) -> Result<()> {
        let google =
            service_account(&format!("http://{}", self.simulator.address()), Some("us-central1"))?;
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
        command.env("SIMULATOR_URL", format!("http://{}", self.simulator.address()));
        program(command, Duration::from_secs(180)).await.with_context(|| self.weir.output())
    }
}
