//! A simulated walk as the API shows it.

use serde::Serialize;
use serde_json::Value;
use weir_core::counters::Level;
use weir_core::ledger::Standing;
use weir_core::route::{
    Element, Ending, ModelCall, RateGate, RateUnit, RouteTarget, Share, Technique,
};
use weir_core::trail::Visit;
use weir_core::{Cost, ProviderSlug, Timestamp};

use super::estimate::{CostView, Estimate};

/// The whole answer.
#[derive(Serialize)]
pub(super) struct Simulation<'a> {
    pub(super) route_id: &'a str,
    pub(super) name: &'a str,
    pub(super) version_id: &'a str,
    pub(super) seed: u64,
    pub(super) path: Vec<Visit>,
    pub(super) ending: &'static str,
    /// The model whose answer the client would get.
    pub(super) model: Option<Target>,
    pub(super) models: Vec<ModelView>,
    pub(super) rates: Vec<RateView>,
    pub(super) chances: Vec<Chances>,
    pub(super) tokens: &'a Estimate,
    pub(super) notes: &'a [&'static str],
}

/// The word for an ending.
pub(super) const fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Answered => "answered",
        Ending::ModelFailed => "model_failed",
        Ending::RateLimited => "rate_limited",
        Ending::NoModel => "no_model",
    }
}

/// A model element and what it asks first.
#[derive(Clone, Serialize)]
pub(super) struct Target {
    element: String,
    provider: ProviderSlug,
    model: String,
}

/// A model on the way.
#[derive(Serialize)]
pub(super) struct ModelView {
    #[serde(flatten)]
    pub(super) target: Target,
    pub(super) answered: bool,
    cost: CostView,
    /// What may be asked instead or as well.
    others: Vec<OtherView>,
}

#[derive(Serialize)]
struct OtherView {
    role: &'static str,
    provider: ProviderSlug,
    model: String,
    cost: CostView,
}

impl ModelView {
    pub(super) fn of(
        id: &str,
        call: &ModelCall,
        answered: bool,
        cost: impl Fn(&str, &str) -> CostView,
    ) -> Self {
        let plan = &call.plan;
        let balance = plan.balance.iter().flat_map(|balance| &balance.targets);
        let balance = balance.map(|(target, _)| ("balance", target));
        let hedge = plan.hedge.iter().map(|hedge| ("hedge", &hedge.target));
        let shadow = plan.shadow.iter().map(|shadow| ("shadow", &shadow.target));
        let other = |(role, target): (&'static str, &RouteTarget)| OtherView {
            role,
            provider: target.provider.clone(),
            model: target.model.clone(),
            cost: cost(target.provider.as_str(), &target.model),
        };
        Self {
            target: Target {
                element: id.to_owned(),
                provider: call.provider.clone(),
                model: call.model.clone(),
            },
            answered,
            cost: cost(call.provider.as_str(), &call.model),
            others: balance.chain(hedge).chain(shadow).map(other).collect(),
        }
    }
}

/// A limit on the way, and where it stands.
#[derive(Serialize)]
pub(super) struct RateView {
    element: String,
    key: String,
    /// As far as it may be shown.
    value: String,
    unit: &'static str,
    limit: f64,
    window: u64,
    technique: Technique,
    used: Option<f64>,
    resets_at: Option<Timestamp>,
    pub(super) passed: bool,
}

/// How much of a limit is used, whoever counts it.
#[derive(Clone, Copy)]
pub(super) struct Used {
    used: u64,
    resets_at: Option<Timestamp>,
}

impl From<Level> for Used {
    fn from(level: Level) -> Self {
        Self { used: level.used, resets_at: Some(level.resets_at) }
    }
}

impl From<Standing> for Used {
    fn from(standing: Standing) -> Self {
        Self { used: standing.taken(), resets_at: standing.resets_at }
    }
}

impl RateView {
    #[expect(clippy::cast_precision_loss, reason = "a figure to show; the counter is exact")]
    pub(super) fn of(
        id: &str,
        gate: &RateGate,
        value: &str,
        level: Option<Used>,
        passed: bool,
    ) -> Self {
        let (unit, scale) = match gate.unit {
            RateUnit::Count => ("count", 1.0),
            RateUnit::Cost => ("cost", Cost::SCALE as f64),
        };
        Self {
            element: id.to_owned(),
            key: gate.key.to_string(),
            value: gate.key.show(&Value::from(value)),
            unit,
            limit: gate.limit,
            window: gate.window,
            technique: gate.technique,
            used: level.map(|level| level.used as f64 / scale),
            resets_at: level.and_then(|level| level.resets_at),
            passed,
        }
    }

    /// Why it lets the call pass, or not.
    pub(super) fn because(&self) -> String {
        let Self { key, value, limit, window, .. } = self;
        let unit = if self.unit == "count" { "calls" } else { "US dollars" };
        match self.used {
            Some(used) => {
                format!("{key} = {value}: {used} of {limit} {unit} used within {window} s")
            }
            None => format!("{key} = {value}: nothing is counted here, so there is room"),
        }
    }
}

/// The ways of a percentage element.
#[derive(Serialize)]
pub(super) struct Chances {
    element: String,
    /// The fact that decides, when the same value always goes the same way.
    sticky: Option<String>,
    ways: Vec<Way>,
}

#[derive(Serialize)]
struct Way {
    output: String,
    element_id: String,
    /// In per cent of all calls that come here.
    percent: f64,
    taken: bool,
}

impl Chances {
    /// `None` for elements of other kinds.
    pub(super) fn of(visit: &Visit, element: &Element) -> Option<Self> {
        let Element::Percentage { shares, otherwise, plan } = element else { return None };
        let named = shares.iter().map(|share| (&*share.output, &share.next, share.parts));
        let rest = Share::WHOLE - shares.iter().map(|share| share.parts).sum::<u32>();
        let rest = otherwise.iter().map(|next| ("else", next, rest));
        let way = |(output, next, parts): (&str, &_, u32)| Way {
            output: output.to_owned(),
            element_id: ToString::to_string(next),
            percent: f64::from(parts) / 10_000.0,
            taken: visit.output.as_deref() == Some(output),
        };
        Some(Self {
            element: visit.element.to_string(),
            sticky: plan.sticky.as_ref().map(ToString::to_string),
            ways: named.chain(rest).map(way).collect(),
        })
    }
}
