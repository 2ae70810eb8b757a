//! Where prices are found: what a gateway and its account say that models cost, those of the account's
//! own providers (spec: management-api 7) and those they have a price of their own for (spec:
//! observability 5.3), then the table. Everybody who prices anything asks here, so that an estimate,
//! a charge and a correction agree.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use weir_core::provider::{PriceOverride, ProviderCost};
use weir_core::{Cost, Gateway, Snapshot, Timestamp, Usage};

use super::{Price, PriceTable, Terms, of_account, of_rows};
use crate::catalogue;

/// The prices that hold for the calls of a gateway.
#[derive(Clone, Copy, Debug)]
pub struct Market<'a> {
    /// What operators set.
    pub snapshot: &'a Snapshot,
    /// What is listed.
    pub table: &'a PriceTable,
    /// Account of the gateway.
    pub account: &'a str,
    /// The gateway.
    pub gateway: &'a str,
}

/// Who set a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setter {
    /// The gateway has one of its own.
    Gateway,
    /// The account has, for its own provider or in place of the table's.
    Account,
    /// The table.
    List,
}

impl Setter {
    /// As trails name it, see [`weir_core::trail::PriceTrail::by`].
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Account => "account",
            Self::List => "list",
        }
    }
}

/// A price that was found.
#[derive(Clone, Debug)]
pub struct Quote<'a> {
    /// It.
    pub price: Cow<'a, Price>,
    /// Who set it.
    pub by: Setter,
    /// Which of the names it was found by.
    pub model: &'a str,
}

impl<'a> Market<'a> {
    /// The prices for the calls of a gateway.
    pub fn of(snapshot: &'a Snapshot, table: &'a PriceTable, gateway: &'a Gateway) -> Self {
        let (account, gateway) = (gateway.account_id.as_str(), gateway.id.as_str());
        Self { snapshot, table, account, gateway }
    }

    /// The price at a moment of the first of `models` that anybody set one for. In turn: the
    /// gateway's, the account's for its own provider, the account's, the table's.
    pub fn find(
        &self,
        provider: &str,
        models: impl IntoIterator<Item = &'a str> + Clone,
        at: Timestamp,
    ) -> Option<Quote<'a>> {
        self.own(provider, models.clone(), at).or_else(|| self.listed(provider, models, at))
    }

    /// The same without the table.
    pub fn own(
        &self,
        provider: &str,
        models: impl IntoIterator<Item = &'a str> + Clone,
        at: Timestamp,
    ) -> Option<Quote<'a>> {
        let quote = |by| move |(price, model)| Quote { price: Cow::Owned(price), by, model };
        let (gateway, account) = self.overrides(provider);
        first(&gateway, provider, models.clone(), at)
            .map(quote(Setter::Gateway))
            .or_else(|| {
                self.of_custom_provider(provider, models.clone()).map(quote(Setter::Account))
            })
            .or_else(|| first(&account, provider, models, at).map(quote(Setter::Account)))
    }

    /// The table's price.
    pub fn listed(
        &self,
        provider: &str,
        models: impl IntoIterator<Item = &'a str>,
        at: Timestamp,
    ) -> Option<Quote<'a>> {
        models.into_iter().find_map(|model| {
            let price = self.table.find_at(provider, model, at)?;
            Some(Quote { price: Cow::Borrowed(price), by: Setter::List, model })
        })
    }

    /// What a usage would cost at the price that holds for a model; `None` where there is no price,
    /// or none for what it consumes.
    pub fn estimate(
        &self,
        provider: &str,
        model: &'a str,
        usage: &Usage,
        at: Timestamp,
    ) -> Option<Cost> {
        let terms = Terms { at: Some(at), ..Terms::default() };
        self.find(provider, [model], at)?.price.charge(usage, &terms)
    }

    /// The rows of a provider that the gateway has, and those that its account has for all.
    fn overrides(&self, provider: &str) -> (Vec<Set<'a>>, Vec<Set<'a>>) {
        let slug = catalogue::find(provider).map_or(provider, |found| found.slug);
        let rows = self
            .snapshot
            .configuration()
            .price_overrides
            .of(self.account)
            .filter(|row| row.provider == provider || row.provider == slug)
            .filter(|row| row.gateway_id.as_ref().is_none_or(|id| id.as_str() == self.gateway));
        let mut found = (Vec::new(), Vec::new());
        for row in rows {
            let row: &PriceOverride = row;
            let side = if row.gateway_id.is_some() { &mut found.0 } else { &mut found.1 };
            side.push((&row.row, row.modified_at));
        }
        found
    }

    fn of_custom_provider(
        &self,
        provider: &str,
        models: impl IntoIterator<Item = &'a str>,
    ) -> Option<(Price, &'a str)> {
        let slug = provider.strip_prefix("custom-")?;
        let custom = self.snapshot.custom_provider(self.account, slug)?;
        let costs: Vec<&ProviderCost> = self
            .snapshot
            .configuration()
            .of(&custom.account_id)
            .map(Arc::as_ref)
            .filter(|cost: &&ProviderCost| cost.account_provider_id == custom.id)
            .collect();
        models
            .into_iter()
            .find_map(|model| Some((of_account(costs.iter().copied(), model)?, model)))
    }
}

/// A row, and when it was set.
type Set<'a> = (&'a Value, Timestamp);

fn first<'a>(
    rows: &[Set<'_>],
    provider: &str,
    models: impl IntoIterator<Item = &'a str>,
    at: Timestamp,
) -> Option<(Price, &'a str)> {
    if rows.is_empty() {
        return None;
    }
    let slug = catalogue::find(provider).map_or(provider, |found| found.slug);
    let mut models = models.into_iter();
    models.find_map(|model| Some((of_rows(rows.iter().copied(), slug, model, at)?, model)))
}

#[cfg(test)]
mod tests;
