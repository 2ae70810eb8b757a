//! Rows of a table one by one: what accounts set for themselves, and what lists show.

use std::sync::Arc;

use serde_json::Value;
use weir_core::Timestamp;

use super::models::Section;
use super::{Price, PriceError, PriceTable, names, parse};

/// A row of the form `aig-prices/1` that can be used.
#[derive(Clone, Debug)]
pub struct Row {
    /// Slug of the provider.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// First day it holds, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// What it says.
    pub price: Arc<Price>,
}

impl Row {
    /// Reads a row.
    ///
    /// # Errors
    ///
    /// Names the field that cannot be used.
    pub fn parse(row: &Value) -> Result<Self, PriceError> {
        let read = parse::row(row, "row", "")?;
        let valid_from = row.get("valid_from").and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            provider: read.provider,
            model: read.model,
            valid_from,
            price: read.version.price,
        })
    }
}

/// Whether a row may be one of a call's model: by its name or an alias, as it is or folded. Cheap,
/// so that only rows that may fit are read.
pub fn is_row_of(row: &Value, provider: &str, model: &str) -> bool {
    let aliases = row.get("aliases").and_then(Value::as_array).into_iter().flatten();
    let listed: Vec<&str> =
        row.get("model").into_iter().chain(aliases).filter_map(Value::as_str).collect();
    names::candidates(provider, model).any(|name| {
        let folded = names::fold(name);
        listed.iter().any(|listed| {
            let listed = names::fold(listed);
            listed == folded || names::bare(&listed) == names::bare(&folded)
        })
    })
}

/// The price of a model at a moment, among rows of one provider and the times they were set at.
/// That time goes into the price's id, since a row may be set anew for the same day.
pub fn of_rows<'a>(
    rows: impl IntoIterator<Item = (&'a Value, Timestamp)>,
    provider: &str,
    model: &str,
    moment: Timestamp,
) -> Option<Price> {
    let mut section = Section::default();
    for (row, set_at) in rows {
        if is_row_of(row, provider, model)
            && let Ok(mut read) = parse::row(row, "row", "")
        {
            let id = format!("{}/{}@{set_at}", read.provider, read.model).into();
            let price = Price::clone(&read.version.price);
            read.version.price = Arc::new(Price { id, ..price });
            section.insert(read);
        }
    }
    let models = section.models("");
    let mut found = names::candidates(provider, model).filter_map(|name| models.find(name));
    found.find_map(|entry| entry.at(moment)).map(|version| Price::clone(&version.price))
}

impl PriceTable {
    /// Every row as JSON, those that held before too, by provider and model.
    pub fn rows(&self) -> impl Iterator<Item = &str> {
        self.providers
            .values()
            .flat_map(|section| &section.models(&self.as_of).entries)
            .flat_map(|entry| &entry.versions)
            .map(|version| &*version.row)
    }

    /// The newest row of a model as JSON, found like its price.
    pub fn row(&self, provider: &str, model: &str) -> Option<&str> {
        let found = self.versions(provider, model).find_map(super::models::Entry::newest);
        found.map(|version| &*version.row)
    }

    /// Slugs of the providers it has prices of.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.providers.keys().map(|slug| &**slug)
    }
}
