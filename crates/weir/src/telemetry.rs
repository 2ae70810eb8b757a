//! The process's own log: lines on standard error, for operators.

use tracing_subscriber::EnvFilter;

use crate::config::Telemetry;

/// Starts logging. Calling it twice keeps the first.
pub(crate) fn start(settings: &Telemetry) {
    let filter: EnvFilter = settings.level.parse().unwrap_or_default();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if settings.format == "json" { builder.json().try_init() } else { builder.try_init() };
}
