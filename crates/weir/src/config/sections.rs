//! The sections of the configuration, one struct each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize, Serializer};
use weir_core::budget::BudgetTerms;
use weir_core::gateway::GatewaySettings;
use weir_core::{ApiToken, GatewayId, Permission, Secret};

use super::Problem;

/// `[admin]`: health and metrics on a listener of their own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Admin {
    pub(crate) listen: Option<String>,
}

/// `[tls]`: serve over TLS.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tls {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

/// `[egress]`: destinations permitted beyond public addresses over TLS.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Egress {
    pub(crate) allow: Vec<String>,
    /// The same for pictures and documents whose addresses callers name.
    pub(crate) allow_media: Vec<String>,
}

/// `[bootstrap]`: what is created on start when it is not there; never overwritten.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Bootstrap {
    pub(crate) account_id: String,
    pub(crate) gateways: Vec<BootstrapGateway>,
    pub(crate) tokens: Vec<BootstrapToken>,
    pub(crate) custom_providers: Vec<BootstrapCustomProvider>,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self {
            account_id: "local".to_owned(),
            gateways: vec![BootstrapGateway::Name("default".to_owned())],
            tokens: Vec::new(),
            custom_providers: Vec::new(),
        }
    }
}

/// A gateway: its id, or a table of its id and settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum BootstrapGateway {
    Name(String),
    Table(toml::Table),
}

impl BootstrapGateway {
    /// Account (if named), id and settings.
    pub(crate) fn parts(&self) -> Result<(Option<String>, String, GatewaySettings), String> {
        let table = match self {
            Self::Name(id) => return Ok((None, id.clone(), GatewaySettings::default())),
            Self::Table(table) => table,
        };
        let mut settings = table.clone();
        let text = |value: Option<toml::Value>| match value {
            Some(toml::Value::String(text)) => Some(text),
            _ => None,
        };
        let account = text(settings.remove("account_id"));
        let id = text(settings.remove("id")).ok_or("a gateway needs an `id`")?;
        let settings = toml::Value::Table(settings).try_into::<GatewaySettings>();
        Ok((account, id, settings.map_err(|error| error.message().trim().to_owned())?))
    }
}

/// A token with a secret of the operator's choice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BootstrapToken {
    pub(crate) name: String,
    pub(crate) secret: SecretText,
    #[serde(default)]
    pub(crate) permissions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account_id: Option<String>,
    #[serde(flatten)]
    pub(crate) scope: TokenScope,
}

/// What a token is limited to, beside its permissions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct TokenScope {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gateways: Option<Vec<GatewayId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) models: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ip_allow: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) budgets: Vec<BudgetTerms>,
}

impl TokenScope {
    /// The token with this scope.
    pub(crate) fn of(&self, token: ApiToken) -> ApiToken {
        ApiToken {
            gateways: self.gateways.clone(),
            models: self.models.clone(),
            ip_allow: self.ip_allow.clone(),
            budgets: self.budgets.clone(),
            ..token
        }
    }
}

/// A custom provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BootstrapCustomProvider {
    pub(crate) slug: String,
    pub(crate) base_url: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) enable: bool,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, SecretText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account_id: Option<String>,
}

/// Text that is read but never shown.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct SecretText(pub(crate) Secret<String>);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

impl Bootstrap {
    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        let mut complain = |key: String, message: String| {
            problems.push(Problem::new(format!("bootstrap.{key}"), message));
        };
        if self.account_id.is_empty() || self.account_id.contains('/') {
            complain("account_id".to_owned(), "must be text without '/'".to_owned());
        }
        for (index, gateway) in self.gateways.iter().enumerate() {
            let place = format!("gateways[{index}]");
            match gateway.parts() {
                Ok((_, id, settings)) => {
                    for fault in settings.faults() {
                        complain(format!("{place}.{}", fault.path.join(".")), fault.message);
                    }
                    if let Err(reason) = GatewayId::check(&id) {
                        complain(place, format!("the id `{id}` {reason}"));
                    }
                }
                Err(message) => complain(place, message),
            }
        }
        for (index, token) in self.tokens.iter().enumerate() {
            for name in &token.permissions {
                if Permission::parse(name).is_none() {
                    let known = Permission::EVERY.map(Permission::name).join(", ");
                    let message = format!("no permission `{name}`; there are: {known}");
                    complain(format!("tokens[{index}].permissions"), message);
                }
            }
            let made = crate::bootstrap::bootstrap_token(token, self.account_id.as_str().into());
            for fault in made.faults() {
                complain(format!("tokens[{index}].{}", fault.path.join(".")), fault.message);
            }
            if token.secret.0.expose().trim().is_empty() {
                complain(format!("tokens[{index}].secret"), "must not be empty".to_owned());
            }
        }
        for (index, custom) in self.custom_providers.iter().enumerate() {
            let base_url = &custom.base_url;
            if !(base_url.starts_with("https://") || base_url.starts_with("http://")) {
                let message = format!("`{base_url}` must begin with https://");
                complain(format!("custom_providers[{index}].base_url"), message);
            }
        }
    }
}

/// `[ledger]`: credits, spend limits and budgets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LedgerSection {
    pub(crate) lease_ms: u64,
}

impl Default for LedgerSection {
    fn default() -> Self {
        Self { lease_ms: 60_000 }
    }
}

impl LedgerSection {
    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        if !(1_000..=86_400_000).contains(&self.lease_ms) {
            let message = "must be from 1000 (a second) to 86400000 (a day)";
            problems.push(Problem::new("ledger.lease_ms", message));
        }
    }
}

/// `[cache]`: answers kept for calls that ask the same again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CacheSection {
    pub(crate) memory_bytes: u64,
    pub(crate) disk_bytes: u64,
}

impl Default for CacheSection {
    fn default() -> Self {
        Self { memory_bytes: 64 << 20, disk_bytes: 0 }
    }
}

impl CacheSection {
    /// A file smaller than this would hold little but its own tables.
    const SMALLEST_DISK: u64 = 1 << 20;

    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        if self.disk_bytes > 0 && self.disk_bytes < Self::SMALLEST_DISK {
            let message = format!("must be 0 or at least {}", Self::SMALLEST_DISK);
            problems.push(Problem::new("cache.disk_bytes", message));
        }
        if self.disk_bytes > 0 && self.memory_bytes == 0 {
            let message = "must be greater than 0 when there is a `disk_bytes`: answers pass \
                           through memory on their way";
            problems.push(Problem::new("cache.memory_bytes", message));
        }
    }
}

/// `[limits]`: sizes and times of one call.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LimitsSection {
    pub(crate) request_body_bytes: u64,
    pub(crate) log_body_bytes: u64,
    pub(crate) connect_timeout_ms: u64,
    pub(crate) first_byte_timeout_ms: u64,
    pub(crate) idle_timeout_ms: u64,
    pub(crate) client_idle_timeout_ms: u64,
    pub(crate) platform_calls: u64,
    pub(crate) platform_window: u64,
}

impl Default for LimitsSection {
    fn default() -> Self {
        let limits = weir_proxy::limits::Limits::default();
        let ms = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            request_body_bytes: limits.request_body,
            log_body_bytes: limits.payload as u64,
            connect_timeout_ms: ms(limits.connect),
            first_byte_timeout_ms: ms(limits.first_byte),
            idle_timeout_ms: ms(limits.idle),
            client_idle_timeout_ms: ms(limits.client_idle),
            platform_calls: limits.platform_calls,
            platform_window: limits.platform_window.as_secs(),
        }
    }
}

impl LimitsSection {
    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        for (key, value) in [
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("first_byte_timeout_ms", self.first_byte_timeout_ms),
            ("idle_timeout_ms", self.idle_timeout_ms),
            ("client_idle_timeout_ms", self.client_idle_timeout_ms),
        ] {
            if value == 0 {
                problems.push(Problem::new(format!("limits.{key}"), "must be greater than 0"));
            }
        }
    }
}

/// `[log]`: the queue of log rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Log {
    pub(crate) queue_rows: usize,
    pub(crate) queue_bytes: usize,
    pub(crate) batch_rows: usize,
    pub(crate) interval_ms: u64,
}

impl Default for Log {
    fn default() -> Self {
        let queue = weir_proxy::record::QueueConfig::default();
        Self {
            queue_rows: queue.rows,
            queue_bytes: queue.bytes,
            batch_rows: queue.batch,
            interval_ms: u64::try_from(queue.interval.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl Log {
    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        if self.batch_rows == 0 || self.batch_rows > 10_000 {
            problems.push(Problem::new("log.batch_rows", "must be from 1 to 10000"));
        }
        if self.queue_rows < self.batch_rows {
            problems.push(Problem::new("log.queue_rows", "must be at least log.batch_rows"));
        }
        if self.interval_ms == 0 || self.interval_ms > 60_000 {
            problems.push(Problem::new("log.interval_ms", "must be from 1 to 60000"));
        }
    }
}

/// `[prices]`: the price table.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Prices {
    pub(crate) file: Option<PathBuf>,
}

/// `[shutdown]`: how the process ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Shutdown {
    pub(crate) drain_ms: u64,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self { drain_ms: 30_000 }
    }
}

/// `[telemetry]`: the process's own log, on standard error.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Telemetry {
    pub(crate) level: String,
    pub(crate) format: String,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: "text".to_owned() }
    }
}

impl Telemetry {
    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        if self.level.parse::<tracing_subscriber::EnvFilter>().is_err() {
            let message = format!("`{}` is not a level such as info or weir=debug", self.level);
            problems.push(Problem::new("telemetry.level", message));
        }
        if !matches!(self.format.as_str(), "text" | "json") {
            problems.push(Problem::new("telemetry.format", "must be `text` or `json`"));
        }
    }
}

/// `[testing]`: what only tests may set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Testing {
    /// Holds milliseconds by which calls see the machine's clock shifted.
    pub(crate) clock_file: Option<PathBuf>,
    /// Where chance begins: the same draws in the same order.
    pub(crate) seed: Option<u64>,
}

impl Testing {
    /// What an operator must know who has set something of it.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        let clock = self.clock_file.as_ref().map(|file| {
            format!(
                "testing.clock_file is set: whoever writes {} decides when limits and caches \
                 expire; it is for tests only",
                file.display()
            )
        });
        let seed = self.seed.map(|_| {
            "testing.seed is set: shares of routes can be foretold; it is for tests only".to_owned()
        });
        clock.into_iter().chain(seed)
    }
}
