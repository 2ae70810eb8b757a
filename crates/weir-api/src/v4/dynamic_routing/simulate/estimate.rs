//! What the models on a way would cost. An unknown cost is null, with a reason, never 0.

use serde::Serialize;
use weir_core::{Cost, Timestamp, Usage};
use weir_llm::pricing::{Market, Terms};
use weir_llm::tokens;

use super::facts::Facts;

/// The tokens of a call and where they are known from.
#[derive(Debug, Serialize)]
pub(super) struct Estimate {
    /// `log`, `estimate`, `none`.
    source: &'static str,
    input: Option<u64>,
    output: Option<u64>,
    about: &'static str,
    #[serde(skip)]
    usage: Option<Usage>,
}

/// Where prices are found.
pub(super) struct Prices<'a> {
    pub(super) market: Market<'a>,
    pub(super) at: Timestamp,
}

/// A cost, or why it is unknown.
#[derive(Debug, Serialize)]
pub(super) struct CostView {
    usd: Option<Cost>,
    price_id: Option<String>,
    reason: Option<String>,
}

impl Estimate {
    /// The logged usage, else an estimate of the body.
    pub(super) fn of(facts: &Facts) -> Self {
        if let Some(usage) = facts.usage {
            let about = "as the provider told for the logged call; another model counts otherwise";
            return Self {
                source: "log",
                input: Some(usage.input),
                output: Some(usage.output),
                about,
                usage: Some(usage),
            };
        }
        // A caller who tries a route out need not repeat its name in the body.
        let Some(guess) = tokens::guess(facts.body.to_string().as_bytes()) else {
            let about = "there is no body in a dialect known here, so tokens cannot be estimated";
            return Self { source: "none", input: None, output: None, about, usage: None };
        };
        let (input, output) = (guess.input, guess.most_output);
        let about = match output {
            Some(_) => "input is estimated, output is the most that the request permits",
            None => "input is estimated; the request sets no most, so output is not counted",
        };
        let total = input.saturating_add(output.unwrap_or_default());
        let usage = Usage { input, output: output.unwrap_or_default(), total, ..Usage::default() };
        Self { source: "estimate", input: Some(input), output, about, usage: Some(usage) }
    }

    /// What a model would cost, by the price that its calls would be charged.
    pub(super) fn cost(&self, prices: &Prices<'_>, provider: &str, model: &str) -> CostView {
        let Some(usage) = &self.usage else {
            return CostView::unknown("the number of tokens is unknown".to_owned());
        };
        let Prices { market, at } = *prices;
        let Some(quote) = market.find(provider, [model], at) else {
            return CostView::unknown(format!("no price is known for {provider}/{model}"));
        };
        let price = &quote.price;
        let Some(cost) = price.charge(usage, &Terms { at: Some(at), ..Terms::default() }) else {
            return CostView::unknown(format!("{} has no rate for what this consumes", price.id()));
        };
        CostView { usd: Some(cost), price_id: Some(price.id().to_string()), reason: None }
    }
}

impl CostView {
    fn unknown(reason: String) -> Self {
        Self { usd: None, price_id: None, reason: Some(reason) }
    }
}
