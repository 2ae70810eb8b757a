//! What a usage costs, exact to the pico-dollar (spec: observability 5.2 and 5.3, providers 7).
//!
//! Rates are kept as pico-dollars for a million tokens, so every listed price is an integer; a cost
//! is one sum of products in 128 bits, rounded once at its end. An unknown price is `None`, never
//! zero.

mod abilities;
mod account;
mod bill;
mod custom;
mod embedded;
mod listing;
mod market;
mod models;
pub(crate) mod names;
mod off_peak;
mod parse;
mod rates;
mod rows;
mod units;
mod validity;
mod worst;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use weir_core::{Cost, Timestamp, Usage};

pub use account::{UNMETERED, of_account};
pub use bill::Bill;
pub use custom::CustomCost;
pub use listing::{Listed, Rate};
pub use market::{Market, Quote, Setter};
pub use parse::PriceError;
pub use rows::{Row, is_row_of, of_rows};
pub use units::SearchSize;

use crate::capability::Capabilities;
use models::{Read, Section};
use off_peak::OffPeak;
use rates::{Rates, Schedule};
use units::UnitRates;
use validity::Validity;

/// Prices by provider and model.
#[derive(Clone, Debug, Default)]
pub struct PriceTable {
    as_of: Box<str>,
    providers: BTreeMap<Box<str>, Section>,
}

/// The price row of one model.
#[derive(Clone, Debug, Default)]
pub struct Price {
    id: Arc<str>,
    validity: Validity,
    standard: Schedule,
    off_peak: Option<OffPeak>,
    service_tiers: Vec<(Box<str>, Schedule)>,
    units: UnitRates,
    /// What the model does, e.g. `chat`.
    kind: Option<Box<str>>,
    /// Day from which the provider no longer offers it, `YYYY-MM-DD`.
    deprecation_date: Option<Box<str>>,
    capabilities: Capabilities,
}

/// What decides on a price besides the usage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// The service tier of the answer; tiers that the row does not list are charged as standard.
    pub service_tier: Option<&'a str>,
    /// When the call was made. `None`: at no time that costs less.
    pub at: Option<Timestamp>,
    /// How much of the web its searches looked at.
    pub search_size: SearchSize,
}

static BUILTIN: LazyLock<Arc<PriceTable>> =
    LazyLock::new(|| Arc::new(embedded::table(embedded::TEXT.as_str())));

impl PriceTable {
    /// The prices that come with this build.
    pub fn builtin() -> &'static Arc<Self> {
        &BUILTIN
    }

    /// Reads a table in the form `aig-prices/1`, or the simple form
    /// `{"provider/model": {"in": x, "out": y}}` in dollars for one token.
    ///
    /// # Errors
    ///
    /// Names the model and the field that cannot be used.
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        parse::table(text)
    }

    /// Day of its making, `YYYY-MM-DD`; empty for the simple form.
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// How many models have a price. Reads the whole table.
    pub fn len(&self) -> usize {
        self.providers.values().map(|section| section.models(&self.as_of).entries.len()).sum()
    }

    /// Whether no model has a price.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The newest price of a model, see [`Self::find_at`].
    pub fn find(&self, provider: &str, model: &str) -> Option<&Price> {
        let found = self.versions(provider, model).find_map(models::Entry::newest);
        found.map(|version| &*version.price)
    }

    /// The price of a model at a moment. Tried in turn: the name as it is, or an alias of a row;
    /// without regard to case and to dots or dashes; without a date, version or `-latest`; for
    /// Bedrock the same without the region prefix, whose prices differ and therefore come first
    /// (spec: providers 7).
    pub fn find_at(&self, provider: &str, model: &str, moment: Timestamp) -> Option<&Price> {
        let found = self.versions(provider, model).find_map(|entry| entry.at(moment));
        found.map(|version| &*version.price)
    }

    /// What a model can do: as its newest row says, else as its family can.
    pub fn capabilities(&self, provider: &str, model: &str) -> Capabilities {
        let told = match self.find(provider, model) {
            Some(price) => price.capabilities,
            None => abilities::of_family(model),
        };
        match provider {
            "openai" | "azure-openai" => abilities::of_openai(model, told),
            _ => told,
        }
    }

    fn versions<'a>(
        &'a self,
        provider: &str,
        model: &str,
    ) -> impl Iterator<Item = &'a models::Entry> {
        let of_slug = || self.providers.get_key_value(crate::catalogue::find(provider)?.slug);
        let section = self.providers.get_key_value(provider).or_else(of_slug);
        let entries: Vec<&models::Entry> = match section {
            None => Vec::new(),
            Some((slug, section)) => {
                let models = section.models(&self.as_of);
                names::candidates(slug, model).filter_map(|name| models.find(name)).collect()
            }
        };
        entries.into_iter()
    }

    fn insert(&mut self, read: Read) {
        self.providers.entry(read.provider.as_str().into()).or_default().insert(read);
    }
}

impl Price {
    /// A price without steps and tiers.
    fn flat(id: Arc<str>, rates: Rates) -> Self {
        Self { id, standard: Schedule { rates, steps: Vec::new() }, ..Self::default() }
    }

    /// Names the row for good, e.g. `openai/gpt-4o-mini@2026-11-20`.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Whether a service tier has rates of its own.
    pub fn has_tier(&self, name: &str) -> bool {
        self.service_tiers.iter().any(|(listed, _)| listed.eq_ignore_ascii_case(name))
    }

    /// Whether there is any figure in it that a call could be charged by.
    pub fn is_charging(&self) -> bool {
        self.standard.rates.is_any() || self.units.is_any()
    }

    /// What the model can do.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// What a usage costs at this price in a service tier, see [`Self::charge`].
    pub fn cost(&self, usage: &Usage, service_tier: Option<&str>) -> Option<Cost> {
        self.charge(usage, &Terms { service_tier, ..Terms::default() })
    }

    /// What a usage costs at this price, see [`Self::bill`].
    pub fn charge(&self, usage: &Usage, terms: &Terms<'_>) -> Option<Cost> {
        self.bill(usage, terms)?.total()
    }

    /// What a usage costs at this price, line by line, or `None` when it holds something the row
    /// has no price for.
    ///
    /// The whole request is charged by the long-context step its full prompt falls into. Cached
    /// tokens without a price of their own cost what input costs. Hours that cost less are those of
    /// the standard tier.
    pub fn bill(&self, usage: &Usage, terms: &Terms<'_>) -> Option<Bill> {
        let tier = terms.service_tier.and_then(|name| {
            self.service_tiers.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(name))
        });
        let standard = self.standard.at(usage.input);
        let off_peak = || {
            let hours = self.off_peak.as_ref()?;
            terms.at.is_some_and(|at| hours.covers(at)).then_some(&hours.rates)
        };
        let rates = match tier {
            Some((_, schedule)) => schedule.at(usage.input),
            None => off_peak().unwrap_or(standard),
        };
        let has_rates = rates.is_any() || standard.is_any();
        // Rates are pico-dollars for a million.
        let mut bill = Bill::new(1_000_000);
        if usage.input == 0 && usage.output == 0 {
            let any = self.units.charge(usage, terms.search_size, has_rates, &mut bill)?;
            // Nothing was charged by; or only what has no price.
            return (any || has_rates && usage.units.is_none()).then_some(bill);
        }
        if has_rates {
            rates.charge(standard, usage, &mut bill)?;
        }
        let any = self.units.charge(usage, terms.search_size, has_rates, &mut bill)?;
        // A row that prices units alone needs a usage that tells them.
        (has_rates || any).then_some(bill)
    }
}
