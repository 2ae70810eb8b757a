//! A stored key as the API shows it.

use std::sync::Arc;

use serde::Serialize;
use weir_core::keys::KeyStatus;
use weir_core::secrets::{ProviderConfig, SecretReference, StoredSecret};
use weir_core::{GatewayId, Timestamp};

use crate::Api;

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
    pool: Option<&'a str>,
    weight: Option<u32>,
    origin: Option<&'a str>,
    secret_ref: Option<&'a SecretReference>,
    status: KeyStatus,
    modified_at: Timestamp,
}

impl<'a> View<'a> {
    pub(super) fn of(
        api: &Api,
        config: &'a ProviderConfig,
        secret: Option<&'a Arc<StoredSecret>>,
    ) -> Self {
        let keys = api.keys.as_ref().zip(secret);
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
            pool: config.pool.as_deref(),
            weight: config.weight,
            origin: config.origin.as_deref(),
            secret_ref: secret.and_then(|secret| secret.reference.as_ref()),
            status: keys.map(|(keys, secret)| keys.status(config, secret)).unwrap_or_default(),
            modified_at: config.modified_at,
        }
    }
}
