//! Elements on their way into a version.

use std::collections::BTreeSet;

use serde_json::Value;
use weir_core::config::Configuration;
use weir_core::route::{RouteGraph, official};
use weir_core::{AccountId, CustomProvider};
use weir_llm::catalogue;

use crate::error::ApiError;

/// What a model element may name as its provider: slugs and aliases of the catalogue, and the
/// account's own providers, disabled ones too.
pub(super) fn providers(now: &Configuration, account: &AccountId) -> BTreeSet<String> {
    let known = catalogue::all()
        .iter()
        .flat_map(|row| std::iter::once(&row.slug).chain(row.aliases))
        .map(|&slug| slug.to_owned());
    let own = now.of::<CustomProvider>(account).map(|own| format!("custom-{}", own.slug));
    known.chain(own).collect()
}

/// Bytes of the elements of a version, as JSON. A route keeps many versions, in memory too.
const MOST_BYTES: usize = 256 * 1024;

/// The elements as they are kept, with remarks on them.
pub(super) fn check(
    elements: &Value,
    providers: &BTreeSet<String>,
) -> Result<(Value, Vec<String>), ApiError> {
    if elements.to_string().len() > MOST_BYTES {
        let message = format!("elements may have {MOST_BYTES} bytes at most, as JSON");
        return Err(ApiError::body("elements", message));
    }
    let reading = RouteGraph::read(elements, providers)
        .map_err(|faults| ApiError::faults(&["body", "elements"], faults))?;
    Ok((official(elements.clone()), reading.notes))
}

/// Whether elements could still be accepted. A provider of theirs may be gone.
pub(super) fn is_valid(elements: &Value, providers: &BTreeSet<String>) -> bool {
    RouteGraph::read(elements, providers).is_ok()
}
