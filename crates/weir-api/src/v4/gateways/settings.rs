//! From a checked body to settings.

use serde_json::{Map, Value};
use weir_core::config::Configuration;
use weir_core::mask::{MASKED, unmask};
use weir_core::secrets::SecretsStore;
use weir_core::{AccountId, GatewaySettings};

use super::rules;
use crate::error::ApiError;

/// The settings of a new gateway. What is left out has the published default.
pub(super) fn create(
    body: &Map<String, Value>,
    now: &Configuration,
    account: &AccountId,
) -> Result<GatewaySettings, ApiError> {
    // Only the gateway that comes into being by itself asks for a token by itself.
    let defaults = GatewaySettings { authentication: false, ..GatewaySettings::default() };
    replace(&defaults, body, now, account)
}

/// `present` with the settings of `body`: what is left out keeps its value, null clears.
pub(super) fn replace(
    present: &GatewaySettings,
    body: &Map<String, Value>,
    now: &Configuration,
    account: &AccountId,
) -> Result<GatewaySettings, ApiError> {
    let internal = |error: serde_json::Error| ApiError::Internal(error.into());
    let before = serde_json::to_value(present).map_err(internal)?;
    let mut after = before.clone();
    let defaults = serde_json::to_value(GatewaySettings::default()).map_err(internal)?;
    for (name, value) in body {
        let cleared = value.is_null() && GatewaySettings::NULL_IS_DEFAULT.contains(&name.as_str());
        if let Some(setting) = after.get_mut(name) {
            *setting = if cleared { defaults[name].clone() } else { value.clone() };
        }
    }
    for name in ["otel", "stripe"] {
        unmask(&mut after[name], &before[name]);
        refuse_masks(&after[name], &mut vec!["body", name])?;
    }
    rules::complete(&mut after["spend_limits"], &before["spend_limits"])?;
    let mut settings: GatewaySettings =
        serde_json::from_value(after).map_err(|error| unreadable(body, &before, error))?;
    let faults = settings.faults();
    if !faults.is_empty() {
        return Err(ApiError::faults(&["body"], faults));
    }
    // Without logs there is nothing to classify (spec: observability 1.3).
    settings.log_classification &= settings.collect_logs;
    if let Some(store) = settings.store_id.as_deref()
        && settings.store_id != present.store_id
        && now.get::<SecretsStore>(account, store).is_none()
    {
        return Err(ApiError::body("store_id", format!("secrets store {store} was not found")));
    }
    Ok(settings)
}

/// Which setting of a body cannot be read: one of Weir's own that has a key which nobody knows.
fn unreadable(body: &Map<String, Value>, settings: &Value, error: serde_json::Error) -> ApiError {
    let fault = |(name, value): (&String, &Value)| {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        let read = serde_json::from_value::<GatewaySettings>(alone.into());
        Some(ApiError::body(name, format!("{name}: {}", read.err()?)))
    };
    let mut given =
        body.iter().filter(|(name, value)| !value.is_null() && settings.get(name).is_some());
    let found = given.find_map(fault);
    found.unwrap_or_else(|| ApiError::Internal(error.into()))
}

/// A mask that stands for nothing known would be stored as the credential.
fn refuse_masks(value: &Value, path: &mut Vec<&str>) -> Result<(), ApiError> {
    match value {
        Value::String(text) if text == MASKED => {
            let text = "holds the mask of a credential that is not known here: send the credential";
            Err(ApiError::input(path, text))
        }
        Value::Array(items) => items.iter().try_for_each(|item| refuse_masks(item, path)),
        Value::Object(fields) => fields.values().try_for_each(|field| refuse_masks(field, path)),
        _ => Ok(()),
    }
}
