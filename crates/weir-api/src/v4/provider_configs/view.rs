//! A stored key as the API shows it.

use std::sync::Arc;

use serde::Serialize;
use weir_core::secrets::{ProviderConfig, StoredSecret};
use weir_core::{GatewayId, Timestamp};

#[derive(Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    gateway_id: &'a GatewayId,
    provider_slug: &'a str,
    alias: &'a str,
    default_config: bool,
    secret_id: &'a str,
    secret_preview: &'a str,
    rate_limit: Option<u64>,
    rate_limit_period: Option<u64>,
    modified_at: Timestamp,
}

impl<'a> View<'a> {
    pub(super) fn of(config: &'a ProviderConfig, secret: Option<&'a Arc<StoredSecret>>) -> Self {
        Self {
            id: &config.id,
            gateway_id: &config.gateway_id,
            provider_slug: &config.provider_slug,
            alias: &config.alias,
            default_config: config.default_config,
            secret_id: &config.secret_id,
            secret_preview: secret.map_or("…", |secret| &secret.preview),
            rate_limit: config.rate_limit,
            rate_limit_period: config.rate_limit_period,
            modified_at: config.modified_at,
        }
    }
}
