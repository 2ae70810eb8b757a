//! A gateway as the API shows it: every setting, and what only the server knows.

use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use weir_core::mask::mask;
use weir_core::{AccountId, Gateway, GatewayId, GatewaySettings, Timestamp};

/// The JSON of a gateway (spec: management-api 2).
#[derive(serde::Serialize)]
pub(super) struct View<'a> {
    id: &'a GatewayId,
    account_id: &'a AccountId,
    account_tag: &'a AccountId,
    internal_id: String,
    is_default: bool,
    created_at: Timestamp,
    modified_at: Timestamp,
    #[serde(flatten, serialize_with = "shown")]
    settings: GatewaySettings,
}

impl<'a> View<'a> {
    pub(super) fn of(gateway: &'a Gateway) -> Self {
        let mut settings = gateway.settings.clone();
        // These two hold credentials of other services; they go in, never out.
        for setting in [&mut settings.otel, &mut settings.stripe].into_iter().flatten() {
            mask(setting);
        }
        Self {
            id: &gateway.id,
            account_id: &gateway.account_id,
            account_tag: &gateway.account_id,
            internal_id: internal_id(gateway).to_string(),
            is_default: gateway.is_default(),
            created_at: gateway.created_at,
            modified_at: gateway.modified_at,
            settings,
        }
    }
}

/// `dlp` alone is never null: clients type it as an object that may be missing.
fn shown<S: Serializer>(settings: &GatewaySettings, serializer: S) -> Result<S::Ok, S::Error> {
    let mut settings = serde_json::to_value(settings).map_err(S::Error::custom)?;
    if let Some(fields) = settings.as_object_mut()
        && fields.get("dlp").is_some_and(Value::is_null)
    {
        fields.remove("dlp");
    }
    settings.serialize(serializer)
}

/// A UUID (version 8) that is the same at each reading and on each node, and another one when a
/// gateway is deleted and made anew under its old name.
fn internal_id(gateway: &Gateway) -> Uuid {
    let digest = Sha256::new()
        .chain_update(gateway.account_id.as_str())
        .chain_update([0])
        .chain_update(gateway.id.as_str())
        .chain_update([0])
        .chain_update(gateway.created_at.as_millis().to_be_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_internal_id_belongs_to_one_life_of_a_gateway() {
        let at = |millis| {
            Gateway::with_defaults("acc1".into(), "g".into(), Timestamp::from_millis(millis))
        };
        assert_eq!(internal_id(&at(1)), internal_id(&at(1)));
        assert_ne!(internal_id(&at(1)), internal_id(&at(2)));
        assert_eq!(internal_id(&at(1)).get_version_num(), 8);
    }
}
