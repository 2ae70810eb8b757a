//! What a row should cost by the prices now in force for its time.

use weir_core::store::{Repricing, StoredLog};
use weir_core::trail::{PriceTerms, PriceTrail};
use weir_core::{LogRecord, Timestamp};
use weir_llm::pricing::{Bill, Market, SearchSize, Terms};

/// What to do with a row.
#[derive(Debug)]
pub(super) enum Figure {
    /// Our prices do not decide on it.
    Left(Reason),
    /// No price fits it now. What it costs stays: a figure is not replaced by none.
    Unpriced,
    /// It costs what it should.
    Unchanged,
    /// It should cost something else.
    Other(Box<Repricing>),
}

/// Why our prices do not decide on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The caller set the price.
    CustomCost,
    /// The provider's own figure counts.
    ProviderCost,
    /// It failed, or its answer was given again.
    Free,
    /// Nobody told what it consumed.
    WithoutUsage,
}

impl Figure {
    /// That of a row with everything that is kept of it.
    pub(super) fn of(market: &Market<'_>, row: &StoredLog, now: Timestamp) -> Self {
        let record = &row.record;
        if let Some(reason) = left(record) {
            return Self::Left(reason);
        }
        let former = record.trail.as_ref().and_then(|trail| trail.price.clone());
        let former = former.unwrap_or_default();
        let known = former.terms.as_deref().cloned().unwrap_or_default();
        let Some(usage) = known.billed.as_ref().or(record.usage.as_ref()) else {
            return Self::Left(Reason::WithoutUsage);
        };
        let named = Some(&*record.model).filter(|model| !model.is_empty());
        let names = [named, known.model.as_deref(), charged_as(record)];
        let provider = record.provider.as_str();
        let found = market.find(provider, names.into_iter().flatten(), record.created_at);
        let Some(quote) = found else { return Self::Unpriced };
        let terms = Terms {
            service_tier: known.service_tier.as_deref(),
            at: Some(record.created_at),
            search_size: SearchSize::of_word(known.search_size.as_deref().unwrap_or_default()),
        };
        let bill = quote.price.bill(usage, &terms);
        let Some((bill, cost)) = bill.and_then(|bill| bill.total().map(|cost| (bill, cost))) else {
            return Self::Unpriced;
        };
        if record.cost == Some(cost) {
            return Self::Unchanged;
        }
        // Should the price go away again, the name that it was found by is still a hint.
        let model = known
            .model
            .clone()
            .or_else(|| Some(quote.model).filter(|model| Some(*model) != named).map(Into::into));
        let terms = PriceTerms { model, ..known };
        Self::Other(Box::new(Repricing {
            id: record.id,
            was: record.cost,
            cost,
            price: PriceTrail {
                by: quote.by.word().into(),
                id: Some(quote.price.id().clone()),
                lines: Bill::lines(&bill),
                computed: None,
                terms: (terms != PriceTerms::default()).then(|| Box::new(terms)),
                ignored: former.ignored,
            },
            at: now,
        }))
    }
}

/// Why our prices do not decide on a row, if they do not.
fn left(record: &LogRecord) -> Option<Reason> {
    if record.custom_cost {
        return Some(Reason::CustomCost);
    }
    let by = record.trail.as_ref().and_then(|trail| Some(&*trail.price.as_ref()?.by));
    let is_reported = match by {
        Some(by) => by == "provider",
        // Rows from before trails tell it by the price.
        None => record.price_id.as_deref().is_some_and(|id| id.ends_with("/reported")),
    };
    if is_reported {
        return Some(Reason::ProviderCost);
    }
    // What has a cost and no price costs nothing.
    if record.cached || (record.cost.is_some() && record.price_id.is_none()) {
        return Some(Reason::Free);
    }
    record.usage.is_none().then_some(Reason::WithoutUsage)
}

/// The model that the row's price names: `provider/model@date`, or without the date.
fn charged_as(record: &LogRecord) -> Option<&str> {
    let named = record.price_id.as_deref()?.split_once('/')?.1;
    Some(named.rsplit_once('@').map_or(named, |(model, _)| model))
}

#[cfg(test)]
mod tests;
