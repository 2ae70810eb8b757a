//! A key that came with a call, on its way into the store.

use std::sync::Arc;

use weir_core::gateway::Hidden;
use weir_core::secrets::{SecretReference, StoredSecret};
use weir_core::vault::Sealed;

use super::form::Material;
use crate::Api;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::v4::secrets_store::{Value, permitted, seal};

/// A key, sealed for the secret of one id; or the place where it lies.
pub(super) struct Brought {
    pub(super) id: Arc<str>,
    sealed: Sealed,
    preview: String,
    reference: Option<SecretReference>,
}

impl Brought {
    /// Seals a key, or checks that its place may be named.
    pub(super) async fn seal(
        api: &Api,
        caller: &Caller,
        id: Arc<str>,
        material: Material<'_>,
    ) -> Result<Self, ApiError> {
        let (value, preview, reference) = match material {
            Material::Key(value) => {
                let sealed = seal(api, caller.account(), &id, value).await?;
                return Ok(Self { id, sealed, preview: value.preview(), reference: None });
            }
            Material::Elsewhere(reference) => {
                permitted(api, &reference, &["body", "secret_ref"])?;
                (Value::from(Hidden(String::new())), reference.to_string(), Some(reference))
            }
        };
        let sealed = seal(api, caller.account(), &id, &value).await?;
        Ok(Self { id, sealed, preview, reference })
    }

    /// Puts it in the place of what a secret holds.
    pub(super) fn fill(&self, secret: &mut StoredSecret) {
        secret.sealed.clone_from(&self.sealed);
        secret.preview.clone_from(&self.preview);
        secret.reference.clone_from(&self.reference);
    }
}
