//! Reading `properties.weir`. Unlike the properties around it, nothing in it is passed over: nobody
//! but Weir reads it, so an unknown name is a mistake.

use serde_json::{Map, Value};

use super::{Around, MAX_TIMEOUT, MAX_WINDOW, model_name, provider, whole};
use crate::fault::Faults;
use crate::route::field::FieldPath;
use crate::route::graph::Share;
use crate::route::plan::{
    Balance, BalanceStrategy, Breaker, Hedge, ModelPlan, RouteTarget, Shadow, SharePlan,
};
use crate::text;

/// Further targets of a balance.
const MAX_TARGETS: usize = 8;
/// The weight of a target.
const WEIGHTS: (u64, u64) = (1, 1000);
/// Failures that open a breaker.
const FAILURES: (u64, u64) = (1, 1000);
/// Seconds of a breaker: up to a day.
const BREAKER_SECONDS: (u64, u64) = (1, 86_400);

/// Additions to a percentage element.
pub(super) fn share_plan(value: &Value, faults: &mut Faults) -> Option<SharePlan> {
    let fields = Fields::of(value, &["sticky"], faults)?;
    let sticky = fields.optional("sticky", faults, FieldPath::read)?;
    Some(SharePlan { sticky })
}

/// Additions to a model element.
pub(super) fn model_plan(
    value: &Value,
    around: &Around<'_>,
    faults: &mut Faults,
) -> Option<ModelPlan> {
    let fields = Fields::of(value, &["balance", "shadow", "hedge", "breaker"], faults)?;
    // All are read before any is missed, so that every fault is found.
    let balance = fields.optional("balance", faults, |value, f| balance(value, around, f));
    let shadow = fields.optional("shadow", faults, |value, f| shadow(value, around, f));
    let hedge = fields.optional("hedge", faults, |value, f| hedge(value, around, f));
    let breaker = fields.optional("breaker", faults, breaker);
    Some(ModelPlan { balance: balance?, shadow: shadow?, hedge: hedge?, breaker: breaker? })
}

/// Elements of other kinds have none.
pub(super) fn none(value: &Value, faults: &mut Faults) -> Option<()> {
    Fields::of(value, &[], faults).map(|_| ())
}

fn balance(value: &Value, around: &Around<'_>, faults: &mut Faults) -> Option<Balance> {
    let fields = Fields::of(value, &["strategy", "weight", "targets"], faults)?;
    let strategy = fields.required("strategy", faults, |value, faults| {
        let strategy = match value.as_str() {
            Some("weights") => Some(BalanceStrategy::Weights),
            Some("latency") => Some(BalanceStrategy::Latency),
            Some("busy") => Some(BalanceStrategy::Busy),
            _ => None,
        };
        expect(strategy, faults, "must be one of weights, latency, busy")
    });
    let weight = fields.whole("weight", WEIGHTS, 1, faults);
    let targets = fields.required("targets", faults, |value, faults| {
        let list = value.as_array().filter(|list| (1..=MAX_TARGETS).contains(&list.len()));
        let list = expect(list, faults, "must be a list of 1 to 8 targets")?;
        let read: Vec<_> = list
            .iter()
            .enumerate()
            .map(|(place, value)| faults.within(place, |f| weighted(value, around, f)))
            .collect();
        read.into_iter().collect::<Option<Vec<_>>>()
    });
    Some(Balance { strategy: strategy?, weight: weight?, targets: targets? })
}

fn weighted(value: &Value, around: &Around<'_>, faults: &mut Faults) -> Option<(RouteTarget, u32)> {
    let fields = Fields::of(value, &["provider", "model", "weight"], faults)?;
    let target = fields.target(around, faults);
    let weight = fields.whole("weight", WEIGHTS, 1, faults);
    Some((target?, weight?))
}

fn shadow(value: &Value, around: &Around<'_>, faults: &mut Faults) -> Option<Shadow> {
    let fields = Fields::of(value, &["provider", "model", "percent"], faults)?;
    let target = fields.target(around, faults);
    let parts = fields.optional("percent", faults, |value, faults| {
        expect(
            parts(value),
            faults,
            "must be a number above 0 and up to 100, of 4 decimals at most",
        )
    });
    Some(Shadow { target: target?, parts: parts?.unwrap_or(Shadow::DEFAULT_PARTS) })
}

fn hedge(value: &Value, around: &Around<'_>, faults: &mut Faults) -> Option<Hedge> {
    let fields = Fields::of(value, &["provider", "model", "after_ms", "limit", "window"], faults)?;
    let target = fields.target(around, faults);
    let after_ms = fields.optional("after_ms", faults, |value, faults| {
        let message = "must be null, or a whole number of milliseconds from 1 to 86400000";
        expect(whole(value, (1, MAX_TIMEOUT)), faults, message)
    });
    let limit = fields.required("limit", faults, |value, faults| {
        let limit = value.as_f64().filter(|limit| *limit > 0.0 && limit.is_finite());
        expect(limit, faults, "must be a number of US dollars above 0")
    });
    let window = fields.required("window", faults, |value, faults| {
        let message = "must be a whole number of seconds from 1 to 31536000, which is a year";
        expect(whole(value, (1, MAX_WINDOW)), faults, message)
    });
    Some(Hedge { target: target?, after_ms: after_ms?, limit: limit?, window: window? })
}

fn breaker(value: &Value, faults: &mut Faults) -> Option<Breaker> {
    let fields = Fields::of(value, &["failures", "window", "cooldown"], faults)?;
    let failures = fields.whole("failures", FAILURES, 5, faults);
    let window = fields.whole("window", BREAKER_SECONDS, 60, faults);
    let cooldown = fields.whole("cooldown", BREAKER_SECONDS, 30, faults);
    let (window, cooldown) = (window?.into(), cooldown?.into());
    Some(Breaker { failures: failures?, window, cooldown })
}

/// Reads `12.5` as ten-thousandths of a per cent.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the bounds are small whole numbers, and the value lies within them"
)]
fn parts(value: &Value) -> Option<u32> {
    let parts = value.as_f64()? * 10_000.0;
    let whole = parts.round();
    let fits = (1.0..=f64::from(Share::WHOLE)).contains(&whole) && (parts - whole).abs() < 1e-6;
    fits.then_some(whole as u32)
}

/// What was made of a value, or a fault.
fn expect<T>(made: Option<T>, faults: &mut Faults, message: &str) -> Option<T> {
    if made.is_none() {
        faults.refuse(message);
    }
    made
}

/// The fields of an object that holds no others.
struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn of(value: &'a Value, known: &[&'static str], faults: &mut Faults) -> Option<Self> {
        let fields = expect(value.as_object(), faults, "must be an object")?;
        let mut sound = true;
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            sound = false;
            let hint = match (text::nearest(name, known.iter().copied()), known) {
                (Some(near), _) => format!("did you mean {near}?"),
                (None, []) => "elements of this type have no additions".to_owned(),
                (None, known) => format!("known are {}", known.join(", ")),
            };
            faults.refuse_at(name, format_args!("is unknown: {hint}"));
        }
        sound.then_some(Self(fields))
    }

    /// A field that may be missing or null, which is `Some(None)`; `None` when it has a fault.
    fn optional<T>(
        &self,
        name: &str,
        faults: &mut Faults,
        read: impl FnOnce(&Value, &mut Faults) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(value) => faults.within(name, |faults| read(value, faults)).map(Some),
        }
    }

    fn required<T>(
        &self,
        name: &str,
        faults: &mut Faults,
        read: impl FnOnce(&Value, &mut Faults) -> Option<T>,
    ) -> Option<T> {
        let read = self.optional(name, faults, read)?;
        if read.is_none() {
            faults.refuse_at(name, "is required");
        }
        read
    }

    /// A whole number within bounds that fit 32 bits.
    fn whole(
        &self,
        name: &str,
        (min, max): (u64, u64),
        default: u32,
        faults: &mut Faults,
    ) -> Option<u32> {
        let read = self.optional(name, faults, |value, faults| {
            let number = whole(value, (min, max)).and_then(|number| u32::try_from(number).ok());
            expect(number, faults, &format!("must be a whole number from {min} to {max}"))
        });
        Some(read?.unwrap_or(default))
    }

    fn target(&self, around: &Around<'_>, faults: &mut Faults) -> Option<RouteTarget> {
        let provider = self.required("provider", faults, |value, f| provider(value, around, f));
        let model = self.required("model", faults, model_name);
        Some(RouteTarget { provider: provider?, model: model? })
    }
}

#[cfg(test)]
mod tests;
