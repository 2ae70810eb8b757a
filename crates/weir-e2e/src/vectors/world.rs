//! The world of a vector: mock providers and a binary, as `given` describes them.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::access::Access;
use super::otel;
use super::time::Time;
use crate::catalogue;
use crate::issuer::is_for_issuer;
use crate::ports;
use crate::upstream::{Call, Upstream, answer_from_json};
use crate::weir::{Config, Weir};

/// What the requests of one vector meet.
#[derive(Debug)]
pub(super) struct World {
    pub(super) upstream: Upstream,
    pub(super) weir: Weir,
    custom: Vec<(String, String)>,
    access: Option<Access>,
    time: Time,
}

impl World {
    /// Builds the world of `given` and waits until the binary is ready.
    pub(super) async fn build(given: &Map<String, Value>) -> Result<Self> {
        let upstream = Upstream::start().await?;
        let mut config = Config::bare()
            .test_clock()
            .token("run-acc2", "tok-run-acc2", "acc2", &["AI Gateway Run", "AI Gateway Read"])
            .token("other", "tok-other", "acc-other", &["AI Gateway Run", "AI Gateway Read"])
            .providers(&upstream);
        let mut gateway = json!({});
        let mut custom = Vec::new();
        for (key, value) in given {
            match key.as_str() {
                "note" => {}
                "gateway" => gateway = otel::redirected(value, &upstream),
                "pricing" => config = config.prices(value),
                "upstream" => config = script(config, value, &upstream)?,
                "platform_keys" => config = platform_keys(config, value, "platform_key")?,
                "platform_zdr_keys" => config = platform_keys(config, value, "platform_zdr_key")?,
                // Put in through the API, or the clock, once there is a binary.
                "access" | "byok" | "credits" | "now" | "policies" | "routes" => {}
                "custom_providers" => {
                    for provider in value.as_array().context("custom_providers")? {
                        config = config.custom_provider(provider, &upstream);
                        custom.push(custom_base(provider));
                    }
                }
                _ => bail!("given.{key} cannot be set up: the runner does not know how"),
            }
        }
        let weir = Weir::start(&config.gateway("gw1", &gateway)).await?;
        let time = Time::begin(given.get("now"))?;
        let access = match given.get("access") {
            Some(access) => Some(Access::build(access, &weir, &upstream).await?),
            None => None,
        };
        let world = Self { upstream, weir, custom, access, time };
        if let Some(keys) = given.get("byok") {
            world.store_keys(keys).await?;
        }
        if let Some(credits) = given.get("credits") {
            world.grant(credits).await?;
        }
        if let Some(policies) = given.get("policies") {
            world.make_policies(policies).await?;
        }
        if let Some(routes) = given.get("routes") {
            world.make_routes(routes).await?;
        }
        // Last, so that the vector's time begins now.
        world.time.put(&world.weir)?;
        Ok(world)
    }

    /// Stores provider keys at the gateway.
    async fn store_keys(&self, keys: &Value) -> Result<()> {
        for key in keys.as_array().context("byok")? {
            let mut body = key.as_object().context("byok")?.clone();
            let slug = body.remove("provider").context("byok.provider")?;
            body.insert("provider_slug".to_owned(), slug);
            if let Some(secret) = body.get_mut("secret")
                && !secret.is_string()
            {
                *secret = json!(secret.to_string());
            }
            body.entry("default_config").or_insert(json!(body_is_default(key)));
            let path = "/gateways/gw1/provider_configs";
            self.weir.result("POST", path, Some(&Value::Object(body))).await?;
        }
        Ok(())
    }

    /// Buys credits, in dollars; none is what an account begins with.
    async fn grant(&self, dollars: &Value) -> Result<()> {
        let dollars = dollars.as_f64().context("credits")?;
        if dollars > 0.0 {
            // The smallest purchase is larger than what vectors need.
            let amount = (dollars * 100.0).max(1000.0);
            let body = json!({"amount": amount});
            self.weir.result("POST", "/billing/topup", Some(&body)).await?;
        }
        Ok(())
    }

    /// Makes policies, and puts those in force that are to be.
    async fn make_policies(&self, policies: &Value) -> Result<()> {
        for policy in policies.as_array().context("policies")? {
            let mut body = policy.as_object().context("policies")?.clone();
            let committed = body.remove("committed") == Some(json!(true));
            let path = format!("/gateways/gw1/policies?commit={committed}");
            let made = self.weir.manage("POST", &path, Some(&Value::Object(body))).await?;
            ensure!(made.status == 200, "POST {path}: {} {}", made.status, made.text());
        }
        Ok(())
    }

    /// Makes routes; the API deploys each at once.
    async fn make_routes(&self, routes: &Value) -> Result<()> {
        for route in routes.as_array().context("routes")? {
            ensure!(route.get("deployed") == Some(&json!(true)), "a route that is not deployed");
            let body = json!({"name": route.get("name"), "elements": route.get("elements")});
            self.weir.result("POST", "/gateways/gw1/routes", Some(&body)).await?;
        }
        Ok(())
    }

    /// Moves the clock; false when the item does not ask for that.
    pub(super) fn advance(&mut self, item: &Value) -> Result<bool> {
        let moved = self.time.advance(item)?;
        if moved {
            self.time.put(&self.weir)?;
        }
        Ok(moved)
    }

    /// The real URL that a call at the mock stands for.
    pub(super) fn real_url(&self, call: &Call) -> Option<String> {
        let custom = self.custom.iter().find(|(slug, _)| *slug == call.provider);
        let base = custom.map(|(_, base)| base.as_str());
        catalogue::real_url(&call.provider, &call.target, base)
    }

    /// The calls of providers so far; those of the span exporter, and for the keys of issuers, are
    /// not among them.
    pub(super) fn calls(&self) -> Vec<Call> {
        let calls = self.upstream.calls().into_iter();
        calls.filter(|call| call.provider != otel::SLUG && !is_for_issuer(call)).collect()
    }

    /// What a vector calls by a name, `@name`.
    pub(super) fn token(&self, name: &str) -> Option<&str> {
        self.access.as_ref()?.token(name)
    }

    /// Changes the world in the middle of a sequence.
    pub(super) async fn change(&self, config: &Value) -> Result<()> {
        for (key, value) in config.as_object().context("config")? {
            match key.as_str() {
                "gateway" => self.change_gateway(value).await?,
                "policies" => self.make_policies(value).await?,
                "custom_provider_update" => self.change_custom_provider(value).await?,
                _ => bail!("config.{key} cannot be changed: the runner does not know how"),
            }
        }
        Ok(())
    }

    async fn change_gateway(&self, settings: &Value) -> Result<()> {
        let path = "/gateways/gw1";
        let mut gateway = self.weir.result("GET", path, None).await?;
        let table = gateway.as_object_mut().context("gateway")?;
        let settings = settings.as_object().context("config.gateway")?.clone();
        // `touch` only says that the gateway is saved even if nothing differs; it always is.
        table.extend(settings.into_iter().filter(|(key, _)| key != "touch"));
        self.weir.result("PUT", path, Some(&gateway)).await?;
        Ok(())
    }

    async fn change_custom_provider(&self, update: &Value) -> Result<()> {
        let slug = update.get("slug").and_then(Value::as_str).context("slug")?;
        let list = self.weir.result("GET", "/custom-providers", None).await?;
        let id = list.as_array().into_iter().flatten().find_map(|provider| {
            let named = provider.get("slug").and_then(Value::as_str) == Some(slug);
            named.then(|| provider.get("id").and_then(Value::as_str))?
        });
        let path = format!("/custom-providers/{}", id.context("no such custom provider")?);
        self.weir.result("PATCH", &path, Some(update)).await?;
        Ok(())
    }
}

fn body_is_default(key: &Value) -> bool {
    key.get("alias").and_then(Value::as_str).is_none_or(|alias| alias == "default")
}

fn platform_keys(mut config: Config, keys: &Value, setting: &str) -> Result<Config> {
    for (slug, key) in keys.as_object().context("given platform keys")? {
        config = config.set(&["providers", slug, setting], key.clone());
    }
    Ok(config)
}

/// Scripts the mock. A provider that can never be reached gets an address where nothing listens.
fn script(mut config: Config, scripts: &Value, upstream: &Upstream) -> Result<Config> {
    for (slug, answers) in scripts.as_object().context("given.upstream")? {
        let answers = answers.as_array().with_context(|| format!("given.upstream.{slug}"))?;
        let refuses = |answer: &Value| answer.get("connect_error") == Some(&Value::Bool(true));
        if !answers.is_empty() && answers.iter().all(refuses) {
            let dead = format!("http://{}", ports::free()?);
            config = config.origin(slug, &catalogue::origin(slug, &dead));
        }
        let answers: Result<Vec<_>> = answers.iter().map(answer_from_json).collect();
        upstream.script(slug, answers?);
    }
    Ok(config)
}

fn custom_base(provider: &Value) -> (String, String) {
    let text = |key: &str| provider.get(key).and_then(Value::as_str).unwrap_or_default();
    (format!("custom-{}", text("slug")), text("base_url").to_owned())
}
