//! Configuration: defaults, then a file, then `WEIR_*` variables, parsed once and fully before any
//! port opens. A pure function of strings; every problem is reported, not only the first.

mod api;
mod billing;
mod environment;
mod identity;
mod keys;
mod providers;
mod secrets;
mod sections;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use toml::{Table, Value};
use weir_core::Clock;

pub(crate) use self::api::ApiSection;
pub(crate) use self::billing::BillingSection;
pub(crate) use self::environment::Environment;
pub(crate) use self::identity::Identity;
pub(crate) use self::keys::unknown;
pub(crate) use self::providers::ProviderSection;
pub(crate) use self::secrets::{Secrets, VaultSection};
pub(crate) use self::sections::{
    Admin, Bootstrap, BootstrapCustomProvider, BootstrapToken, CacheSection, Egress, LedgerSection,
    LimitsSection, Log, Prices, Shutdown, Telemetry, Testing, Tls, TokenScope,
};

/// Everything an operator can set. `weir.example.toml` explains each key.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Config {
    pub(crate) listen: String,
    pub(crate) data_dir: PathBuf,
    pub(crate) admin: Admin,
    pub(crate) tls: Option<Tls>,
    pub(crate) api: ApiSection,
    pub(crate) billing: BillingSection,
    pub(crate) secrets: Secrets,
    pub(crate) bootstrap: Bootstrap,
    pub(crate) egress: Egress,
    pub(crate) identity: Identity,
    pub(crate) providers: std::collections::BTreeMap<String, ProviderSection>,
    pub(crate) cache: CacheSection,
    pub(crate) ledger: LedgerSection,
    pub(crate) limits: LimitsSection,
    pub(crate) log: Log,
    pub(crate) prices: Prices,
    pub(crate) shutdown: Shutdown,
    pub(crate) telemetry: Telemetry,
    pub(crate) testing: Testing,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8787".to_owned(),
            data_dir: PathBuf::from("weir-data"),
            admin: Admin::default(),
            tls: None,
            api: ApiSection::default(),
            billing: BillingSection::default(),
            secrets: Secrets::default(),
            bootstrap: Bootstrap::default(),
            egress: Egress::default(),
            identity: Identity::default(),
            providers: std::collections::BTreeMap::default(),
            cache: CacheSection::default(),
            ledger: LedgerSection::default(),
            limits: LimitsSection::default(),
            log: Log::default(),
            prices: Prices::default(),
            shutdown: Shutdown::default(),
            telemetry: Telemetry::default(),
            testing: Testing::default(),
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// A key (`egress.allow`), a variable (`WEIR_LISTEN`) or a file.
    pub(crate) place: String,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// A configuration and what was wrong with its sources.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) problems: Vec<Problem>,
}

impl Loaded {
    /// The configuration, or an error that lists every problem.
    pub(crate) fn into_valid(self) -> anyhow::Result<Config> {
        if self.problems.is_empty() {
            return Ok(self.config);
        }
        let lines: Vec<String> = self.problems.iter().map(|p| format!("\n  {p}")).collect();
        anyhow::bail!("the configuration has {} problem(s):{}", lines.len(), lines.concat())
    }
}

/// Reads the sources in order; later ones win.
pub(crate) fn load(file: Option<&Path>, environment: &Environment) -> Loaded {
    let mut problems = Vec::new();
    let mut table = file.map_or_else(Table::new, |file| read_file(file, &mut problems));
    environment.apply(&mut table, &mut problems);
    let mut loaded = parse(table);
    problems.append(&mut loaded.problems);
    Loaded { config: loaded.config, problems }
}

fn read_file(file: &Path, problems: &mut Vec<Problem>) -> Table {
    let place = file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            problems.push(Problem::new(place, format!("cannot be read: {error}")));
            return Table::new();
        }
    };
    text.parse::<Table>().unwrap_or_else(|error| {
        problems.push(Problem::new(place, format!("is not valid TOML: {error}")));
        Table::new()
    })
}

/// Reads a table of settings. Each section is read on its own, so that a mistake in one does not
/// hide those in the others.
fn parse(mut table: Table) -> Loaded {
    let mut problems = Vec::new();
    keys::report_unknown(&table, &mut problems);
    let mut config = Config::default();
    take(&mut table, "listen", &mut config.listen, &mut problems);
    take(&mut table, "data_dir", &mut config.data_dir, &mut problems);
    take(&mut table, "admin", &mut config.admin, &mut problems);
    take(&mut table, "api", &mut config.api, &mut problems);
    take(&mut table, "billing", &mut config.billing, &mut problems);
    take(&mut table, "secrets", &mut config.secrets, &mut problems);
    take(&mut table, "bootstrap", &mut config.bootstrap, &mut problems);
    take(&mut table, "egress", &mut config.egress, &mut problems);
    take(&mut table, "identity", &mut config.identity, &mut problems);
    take(&mut table, "cache", &mut config.cache, &mut problems);
    take(&mut table, "ledger", &mut config.ledger, &mut problems);
    take(&mut table, "limits", &mut config.limits, &mut problems);
    take(&mut table, "log", &mut config.log, &mut problems);
    take(&mut table, "prices", &mut config.prices, &mut problems);
    take(&mut table, "shutdown", &mut config.shutdown, &mut problems);
    take(&mut table, "telemetry", &mut config.telemetry, &mut problems);
    take(&mut table, "testing", &mut config.testing, &mut problems);
    let mut tls = None;
    take(&mut table, "tls", &mut tls, &mut problems);
    config.tls = tls;
    if let Some(Value::Table(providers)) = table.remove("providers") {
        for (slug, section) in providers {
            let place = format!("providers.{slug}");
            match section.try_into() {
                Ok(section) => {
                    config.providers.insert(slug, section);
                }
                Err(error) => problems.push(Problem::new(place, reason(&error))),
            }
        }
    }
    config.validate(&mut problems);
    Loaded { config, problems }
}

fn take<T: serde::de::DeserializeOwned>(
    table: &mut Table,
    key: &str,
    into: &mut T,
    problems: &mut Vec<Problem>,
) {
    let Some(value) = table.remove(key) else { return };
    match value.try_into() {
        Ok(value) => *into = value,
        Err(error) => problems.push(Problem::new(key, reason(&error))),
    }
}

fn reason(error: &toml::de::Error) -> String {
    error.message().trim().to_owned()
}

impl Config {
    /// Checks what types cannot: addresses, ranges, names, files that belong together.
    fn validate(&self, problems: &mut Vec<Problem>) {
        for (key, text) in
            [("listen", Some(&self.listen)), ("admin.listen", self.admin.listen.as_ref())]
        {
            if let Some(text) = text
                && text.parse::<std::net::SocketAddr>().is_err()
            {
                let message = format!("`{text}` is not an address such as 127.0.0.1:8787");
                problems.push(Problem::new(key, message));
            }
        }
        for (place, list) in
            [("egress.allow", &self.egress.allow), ("egress.allow_media", &self.egress.allow_media)]
        {
            if let Err(message) = weir_proxy::egress::EgressPolicy::parse(list) {
                problems.push(Problem::new(place, message));
            }
        }
        for (slug, section) in &self.providers {
            section.validate(slug, problems);
        }
        self.identity.validate(problems);
        self.api.validate(problems);
        self.billing.validate(problems);
        self.secrets.validate(problems);
        self.bootstrap.validate(problems);
        self.cache.validate(problems);
        self.ledger.validate(problems);
        self.limits.validate(problems);
        self.log.validate(problems);
        self.telemetry.validate(problems);
    }

    /// Where the stores lie, and what opens them.
    pub(crate) fn stores(&self) -> weir_store::OpenOptions {
        let (data_dir, master_key) = (self.data_dir.clone(), self.secrets.source());
        weir_store::OpenOptions { data_dir, master_key }
    }

    /// How much the response cache may hold.
    pub(crate) fn cache(&self) -> weir_store::CacheOptions {
        let CacheSection { memory_bytes, disk_bytes } = self.cache;
        weir_store::CacheOptions { data_dir: self.data_dir.clone(), memory_bytes, disk_bytes }
    }

    /// Where the ledger lies.
    pub(crate) fn ledger(&self, clock: Arc<dyn Clock>) -> weir_store::LedgerOptions {
        let lease = Duration::from_millis(self.ledger.lease_ms);
        weir_store::LedgerOptions { data_dir: self.data_dir.clone(), lease, clock }
    }

    /// What the management API asks for. `simulated`: the simulator, which speaks plain HTTP, may
    /// be called.
    pub(crate) fn api_options(&self, simulated: bool) -> weir_api::Options {
        weir_api::Options {
            secret_places: self.secrets.places(),
            ..self.api.options(simulated || !self.egress.allow.is_empty(), self.billing)
        }
    }

    /// The configuration as a file would say it, secrets masked.
    pub(crate) fn to_masked_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_else(|error| format!("# cannot be shown: {error}"))
    }
}

#[cfg(test)]
mod tests;
