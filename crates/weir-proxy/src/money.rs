//! What a call cost, by whose word, and what the sum is made of.

use std::sync::Arc;

use weir_core::trail::{PriceLine, PriceTrail};
use weir_core::{Cost, Snapshot, Timestamp, Usage};
use weir_llm::answer::Answer;
use weir_llm::pricing::{self, Bill, CustomCost, PriceTable, Terms};

/// Everything that decides on the cost of a call.
pub(crate) struct Sale<'a> {
    /// The caller's own price.
    pub(crate) custom: Option<&'a CustomCost>,
    /// Paid with credits: a caller must not name the price of what others pay.
    pub(crate) prepaid: bool,
    /// Whether the provider did what it was asked for.
    pub(crate) reached: bool,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) account: &'a str,
    pub(crate) provider: &'a str,
    /// Names of the model, the one to look for first in front.
    pub(crate) models: [Option<&'a str>; 2],
    /// When the call began.
    pub(crate) at: Timestamp,
    pub(crate) usage: Option<&'a Usage>,
    pub(crate) read: Option<&'a Answer>,
    pub(crate) table: &'a PriceTable,
}

/// A cost.
#[derive(Debug, Default)]
pub(crate) struct Money {
    pub(crate) cost: Option<Cost>,
    /// By the caller's own price.
    pub(crate) custom: bool,
    /// The price that was charged, for good.
    pub(crate) price_id: Option<Arc<str>>,
    /// A usage that nobody has a price for.
    pub(crate) unpriced: bool,
    /// By whose word it is.
    by: By,
    /// What it is made of, where that is known.
    bill: Option<Bill>,
}

/// By whose word a cost is.
#[derive(Clone, Copy, Debug, Default)]
enum By {
    /// There is none, or none that anybody set: a call that failed.
    #[default]
    Nobody,
    /// The caller's.
    Request,
    /// The account's.
    Account,
    /// The provider's own figure.
    Provider,
    /// The price table's.
    List,
}

impl By {
    const fn word(self) -> &'static str {
        match self {
            Self::Nobody => "none",
            Self::Request => "request",
            Self::Account => "account",
            Self::Provider => "provider",
            Self::List => "list",
        }
    }
}

impl Money {
    /// What is kept of it beside the log row, which says the cost and the price already.
    pub(crate) fn trail(&self) -> PriceTrail {
        let lines: Vec<PriceLine> = self.bill.as_ref().map(Bill::lines).unwrap_or_default();
        PriceTrail { by: self.by.word().into(), id: self.price_id.clone(), lines }
    }
}

/// The cost: by the caller's own price unless credits pay for it, else by the account's, else what
/// the provider says that it charged, else by the table; a call that failed at the provider costs
/// nothing, an unknown model has no cost (spec: data-plane 11.1, 11.5; providers 7).
pub(crate) fn price(sale: &Sale<'_>) -> Money {
    if let Some(custom) = sale.custom.filter(|_| !sale.prepaid) {
        let own_price = Money { custom: true, by: By::Request, ..Money::default() };
        if !sale.reached {
            return Money { cost: Some(Cost::ZERO), ..own_price };
        }
        let bill = custom.bill(sale.usage);
        return Money { cost: bill.as_ref().and_then(Bill::total), bill, ..own_price };
    }
    if !sale.reached {
        return Money { cost: Some(Cost::ZERO), ..Money::default() };
    }
    let models = || sale.models.into_iter().flatten();
    let Sale { account, provider, at, .. } = *sale;
    // What is billed may be less than what was counted.
    let usage = sale.read.and_then(|read| read.billed.as_ref()).or(sale.usage);
    let own = usage.and_then(|_| pricing::own(sale.snapshot, account, provider, models(), at));
    if let (None, Some(cost)) = (&own, sale.read.and_then(|read| read.reported_cost)) {
        let price_id = Some(format!("{provider}/reported").into());
        return Money { cost: Some(cost), price_id, by: By::Provider, ..Money::default() };
    }
    let Some(usage) = usage else { return Money::default() };
    let listed = || models().find_map(|model| sale.table.find_at(provider, model, at));
    let Some(price) = own.as_ref().or_else(listed) else {
        return Money { unpriced: true, ..Money::default() };
    };
    let terms = Terms {
        service_tier: sale.read.and_then(|read| read.service_tier.as_deref()),
        at: Some(at),
        search_size: sale.read.map(|read| read.search_size).unwrap_or_default(),
    };
    let bill = price.bill(usage, &terms);
    Money {
        cost: bill.as_ref().and_then(Bill::total),
        price_id: Some(Arc::clone(price.id())),
        by: if own.is_some() { By::Account } else { By::List },
        bill,
        ..Money::default()
    }
}

#[cfg(test)]
mod tests;
