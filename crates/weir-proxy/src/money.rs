//! What a call cost, by whose word, and what the sum is made of.

use std::borrow::Cow;
use std::sync::Arc;

use weir_core::trail::{PriceLine, PriceTerms, PriceTrail};
use weir_core::{Cost, Timestamp, Usage};
use weir_llm::answer::Answer;
use weir_llm::pricing::{Bill, CustomCost, Market, Quote, SearchSize, Setter, Terms};

/// Everything that decides on the cost of a call.
pub(crate) struct Sale<'a> {
    /// The caller's own price.
    pub(crate) custom: Option<&'a CustomCost>,
    /// The caller sent one that cannot be read.
    pub(crate) custom_invalid: bool,
    /// Paid with credits: a caller must not name the price of what others pay.
    pub(crate) prepaid: bool,
    /// Whether the provider did what it was asked for.
    pub(crate) reached: bool,
    /// Where prices are found.
    pub(crate) market: Market<'a>,
    /// Whether the provider's own figure counts before the table's.
    pub(crate) trusts_provider: bool,
    pub(crate) provider: &'a str,
    /// Names of the model, the one to look for first in front.
    pub(crate) models: [Option<&'a str>; 2],
    /// When the call began.
    pub(crate) at: Timestamp,
    pub(crate) usage: Option<&'a Usage>,
    pub(crate) read: Option<&'a Answer>,
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
    /// What our own prices make of it: the cost, or what it is compared with.
    pub(crate) computed: Option<Cost>,
    /// By whose word it is.
    by: By,
    /// What it is made of, where that is known.
    bill: Option<Bill>,
    terms: Option<Box<PriceTerms>>,
    ignored: Option<&'static str>,
}

/// By whose word a cost is.
#[derive(Clone, Copy, Debug, Default)]
enum By {
    /// There is none, or none that anybody set: a call that failed.
    #[default]
    Nobody,
    /// The caller's.
    Request,
    /// The provider's own figure.
    Provider,
    /// Our own prices'.
    Prices(Setter),
}

impl By {
    const fn word(self) -> &'static str {
        match self {
            Self::Nobody => "none",
            Self::Request => "request",
            Self::Provider => "provider",
            Self::Prices(setter) => setter.word(),
        }
    }
}

impl Money {
    /// What is kept of it beside the log row, which says the cost and the price already.
    pub(crate) fn trail(&self) -> PriceTrail {
        let lines: Vec<PriceLine> = self.bill.as_ref().map(Bill::lines).unwrap_or_default();
        PriceTrail {
            by: self.by.word().into(),
            id: self.price_id.clone(),
            lines,
            computed: self.computed.filter(|_| !matches!(self.by, By::Prices(_))),
            terms: self.terms.clone(),
            ignored: self.ignored.map(Cow::Borrowed),
        }
    }
}

/// The cost. By the caller's own price unless credits pay for it, else by the gateway's or the
/// account's, else what the provider says that it charged, if the gateway trusts it, else by the
/// table; a call that failed at the provider costs nothing, an unknown model has no cost (spec:
/// data-plane 11.1, 11.5; providers 7; observability 5.2).
pub(crate) fn price(sale: &Sale<'_>) -> Money {
    Money { ignored: ignored(sale), ..counted(sale) }
}

fn counted(sale: &Sale<'_>) -> Money {
    let custom = sale.custom.filter(|_| !sale.prepaid);
    if !sale.reached {
        let (is_custom, by) =
            if custom.is_some() { (true, By::Request) } else { (false, By::Nobody) };
        return Money { cost: Some(Cost::ZERO), custom: is_custom, by, ..Money::default() };
    }
    let reported = sale.read.and_then(|read| read.reported_cost);
    if let Some(custom) = custom {
        let bill = custom.bill(sale.usage);
        let computed = reported.and_then(|_| Computed::of(sale)?.cost());
        let cost = bill.as_ref().and_then(Bill::total);
        return Money { cost, custom: true, by: By::Request, bill, computed, ..Money::default() };
    }
    let computed = Computed::of(sale);
    let is_listed =
        computed.as_ref().is_none_or(|computed| matches!(computed.quote.by, Setter::List));
    if let Some(cost) = reported.filter(|_| sale.trusts_provider && is_listed) {
        let price_id = Some(format!("{}/reported", sale.provider).into());
        let computed = computed.and_then(|computed| computed.cost());
        let by = By::Provider;
        return Money { cost: Some(cost), price_id, by, computed, ..Money::default() };
    }
    match computed {
        Some(Computed { quote, bill }) => {
            let cost = bill.as_ref().and_then(Bill::total);
            Money {
                cost,
                price_id: Some(Arc::clone(quote.price.id())),
                by: By::Prices(quote.by),
                computed: cost,
                bill,
                terms: terms(sale, Some(&quote)),
                ..Money::default()
            }
        }
        None if billed(sale).is_some() => {
            Money { unpriced: true, terms: terms(sale, None), ..Money::default() }
        }
        None => Money::default(),
    }
}

/// What our own prices make of a call.
struct Computed<'a> {
    quote: Quote<'a>,
    bill: Option<Bill>,
}

impl<'a> Computed<'a> {
    fn of(sale: &Sale<'a>) -> Option<Self> {
        let usage = billed(sale)?;
        let models = sale.models.into_iter().flatten();
        let quote = sale.market.find(sale.provider, models, sale.at)?;
        let terms = Terms {
            service_tier: sale.read.and_then(|read| read.service_tier.as_deref()),
            at: Some(sale.at),
            search_size: sale.read.map(|read| read.search_size).unwrap_or_default(),
        };
        let bill = quote.price.bill(usage, &terms);
        Some(Self { quote, bill })
    }

    fn cost(&self) -> Option<Cost> {
        self.bill.as_ref().and_then(Bill::total)
    }
}

/// What is billed may be less than what was counted.
fn billed<'a>(sale: &Sale<'a>) -> Option<&'a Usage> {
    sale.read.and_then(|read| read.billed.as_ref()).or(sale.usage)
}

/// Service tiers that are no tier, in the words of several providers.
const ORDINARY: [&str; 4] = ["default", "standard", "auto", "on_demand"];

/// What a later correction of the price must know besides the row.
fn terms(sale: &Sale<'_>, quote: Option<&Quote<'_>>) -> Option<Box<PriceTerms>> {
    let [named, answered] = sale.models;
    let model = quote.map(|quote| quote.model).or(answered).filter(|model| Some(*model) != named);
    let tier = sale.read.and_then(|read| read.service_tier.as_deref()).filter(|tier| {
        quote.is_some_and(|quote| quote.price.has_tier(tier))
            || !ORDINARY.iter().any(|word| word.eq_ignore_ascii_case(tier))
    });
    let searched = sale.usage.is_some_and(|usage| usage.web_searches > 0);
    let size = sale.read.map(|read| read.search_size).filter(|_| searched);
    let billed = sale.read.and_then(|read| read.billed.as_ref());
    let terms = PriceTerms {
        model: model.map(Into::into),
        service_tier: tier.map(Into::into),
        search_size: size.filter(|size| *size != SearchSize::Medium).map(|size| size.word().into()),
        billed: billed.filter(|billed| Some(*billed) != sale.usage).copied(),
    };
    (terms != PriceTerms::default()).then(|| Box::new(terms))
}

/// Why a price that the caller sent does not count.
fn ignored(sale: &Sale<'_>) -> Option<&'static str> {
    if sale.custom.is_some() {
        return sale.prepaid.then_some(
            "cf-aig-custom-cost is passed over where the operator's credits pay for the call",
        );
    }
    sale.custom_invalid.then_some(
        "cf-aig-custom-cost is passed over: it must be a JSON object with total_cost, or with \
         per_token_in, per_token_out, per_cache_read_token or per_cache_write_token, none negative",
    )
}

#[cfg(test)]
mod tests;
