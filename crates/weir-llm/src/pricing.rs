//! What a usage costs, exact to the pico-dollar (spec: observability 5.2 and 5.3, providers 7).
//!
//! Rates are kept as pico-dollars for a million tokens, so every listed price is an integer; a cost
//! is one sum of products in 128 bits, rounded once at its end. An unknown price is `None`, never
//! zero.

mod account;
mod custom;
mod listing;
mod names;
mod parse;
mod rates;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use weir_core::{Cost, Usage};

pub use account::{UNMETERED, of_account};
pub use custom::CustomCost;
pub use listing::{Listed, Rate};
pub use parse::PriceError;

use rates::{Rates, Schedule};

/// Prices by provider and model.
#[derive(Clone, Debug, Default)]
pub struct PriceTable {
    providers: HashMap<Box<str>, Models>,
    len: usize,
}

/// The models of one provider, by name and by the forms a name is also known under.
#[derive(Clone, Debug, Default)]
struct Models {
    exact: HashMap<Box<str>, Arc<Price>>,
    folded: HashMap<Box<str>, Arc<Price>>,
    bare: HashMap<Box<str>, Arc<Price>>,
}

/// The price row of one model.
#[derive(Clone, Debug)]
pub struct Price {
    id: Arc<str>,
    standard: Schedule,
    service_tiers: Vec<(Box<str>, Schedule)>,
    /// Pico-dollars for a million web searches.
    search: Option<u128>,
    /// What the model does, e.g. `chat`.
    kind: Option<Box<str>>,
    /// Day from which the provider no longer offers it, `YYYY-MM-DD`.
    deprecation_date: Option<Box<str>>,
}

static BUILTIN: LazyLock<PriceTable> = LazyLock::new(|| {
    // That the embedded table parses is proved by a test; a broken one would price nothing.
    PriceTable::parse(include_str!("pricing.json")).unwrap_or_default()
});

impl PriceTable {
    /// The prices that come with this build.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Reads a table in the form `aig-prices/1`, or the simple form
    /// `{"provider/model": {"in": x, "out": y}}` in dollars for one token.
    ///
    /// Off-peak windows are read over: a row is always charged at its ordinary rates.
    ///
    /// # Errors
    ///
    /// Names the model and the field that cannot be used.
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        parse::table(text)
    }

    /// How many models have a price.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no model has a price.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The price of a model. Tried in turn: the name as it is; without regard to case and to dots
    /// or dashes; without a date, version or `-latest`; for Bedrock the same without the region
    /// prefix, whose prices differ and therefore come first (spec: providers 7).
    pub fn find(&self, provider: &str, model: &str) -> Option<&Price> {
        let models = self
            .providers
            .get(provider)
            .or_else(|| self.providers.get(crate::catalogue::find(provider)?.slug))?;
        // Listings of models put their collection before the name.
        let model = model.rsplit_once("models/").map_or(model, |(_, name)| name);
        models.find(model).or_else(|| {
            let name = names::without_arn(model);
            models.find(name).or_else(|| models.find(names::without_region(name)?))
        })
    }

    fn insert(&mut self, provider: &str, model: &str, price: Price) {
        let price = Arc::new(price);
        let models = self.providers.entry(provider.into()).or_default();
        let folded = names::fold(model);
        // Of several names that fold into one, the first listed keeps it.
        models.bare.entry(names::bare(&folded).into()).or_insert_with(|| Arc::clone(&price));
        models.folded.entry(folded.into()).or_insert_with(|| Arc::clone(&price));
        if models.exact.insert(model.into(), price).is_none() {
            self.len += 1;
        }
    }
}

impl Models {
    fn find(&self, model: &str) -> Option<&Price> {
        if let Some(price) = self.exact.get(model) {
            return Some(price);
        }
        let folded = names::fold(model);
        let price = self.folded.get(folded.as_str());
        price.or_else(|| self.bare.get(names::bare(&folded))).map(|price| &**price)
    }
}

impl Price {
    /// A price without steps and tiers.
    fn flat(id: Arc<str>, rates: Rates) -> Self {
        Self {
            id,
            standard: Schedule { rates, steps: Vec::new() },
            service_tiers: Vec::new(),
            search: None,
            kind: None,
            deprecation_date: None,
        }
    }

    /// Names the row for good, e.g. `openai/gpt-4o-mini@2026-11-20`.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// What a usage costs at this price, or `None` when it holds something the row has no price
    /// for.
    ///
    /// The service tier is the answer's word; tiers the row does not list are charged as standard.
    /// The whole request is charged by the long-context step its full prompt falls into. Cached
    /// tokens without a price of their own cost what input costs.
    pub fn cost(&self, usage: &Usage, service_tier: Option<&str>) -> Option<Cost> {
        let tier = service_tier.and_then(|name| {
            self.service_tiers.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(name))
        });
        let standard = self.standard.at(usage.input);
        let rates = tier.map_or(standard, |(_, schedule)| schedule.at(usage.input));
        let mut sum = rates.charge(standard, usage)?;
        if usage.web_searches > 0
            && let Some(search) = self.search
        {
            sum = sum.checked_add(search.checked_mul(u128::from(usage.web_searches))?)?;
        }
        crate::decimal::divide(sum, 1_000_000)
    }
}
