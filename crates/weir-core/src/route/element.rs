//! Reading one element of a route, in the SDK's spelling or that of the documentation
//! (spec: data-plane 8.2).

mod additions;
mod outputs;
mod properties;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use self::outputs::Outputs;
use self::properties::Properties;
use super::condition::Condition;
use super::field::FieldPath;
use super::graph::{Element, ElementId, ModelCall, RateGate, RateUnit, Share, Technique};
use super::plan::{ModelPlan, SharePlan};
use crate::fault::Faults;
use crate::id::ProviderSlug;
use crate::text;

/// Characters of an element's id.
const MAX_ID: usize = 128;
/// Characters of a model's name.
const MAX_MODEL: usize = 256;
/// Ways of a percentage element beside `else`.
const MAX_SHARES: usize = 5;
/// Further tries of a model.
const MAX_RETRIES: u64 = 5;
/// Milliseconds of a model's timeout: a day.
const MAX_TIMEOUT: u64 = 86_400_000;
/// Seconds of a rate window: a year.
const MAX_WINDOW: u64 = 31_536_000;

/// Where an element stands.
pub(super) struct Around<'a> {
    /// Its place in the array.
    pub(super) place: usize,
    /// Slugs that a model may name; `None` for any.
    pub(super) providers: Option<&'a BTreeSet<String>>,
}

/// An element and what was met on the way.
pub(super) struct ReadElement {
    pub(super) element: Element,
    /// Its outputs by name, in their order.
    pub(super) edges: Vec<(String, ElementId)>,
    /// Properties that have no effect.
    pub(super) notes: Vec<String>,
}

/// The id of an element.
pub(super) fn id(value: &Value, faults: &mut Faults) -> Option<ElementId> {
    if !value.is_object() {
        faults.refuse("must be an object with id, type and outputs");
        return None;
    }
    let id = value["id"].as_str().filter(|id| (1..=MAX_ID).contains(&id.chars().count()));
    if id.is_none() {
        faults.refuse_at("id", format_args!("must be a text of 1 to {MAX_ID} characters"));
    }
    id.map(Arc::from)
}

/// The rest of an element. `None` when it has faults of its own.
pub(super) fn read(value: &Value, around: &Around<'_>, faults: &mut Faults) -> Option<ReadElement> {
    let kind = value["type"].as_str().unwrap_or_default();
    let outputs = Outputs::read(value, kind == "end", faults)?;
    let mut properties = Properties::of(value, faults)?;
    let element = match kind {
        "start" => outputs
            .only(&["next"], faults)
            .and_then(|()| Some(Element::Start { next: outputs.required("next", faults)? })),
        "conditional" => conditional(&outputs, &mut properties, faults),
        "percentage" => percentage(&outputs, &mut properties, faults),
        "rate" | "rate_limit" => rate(&outputs, &mut properties, faults),
        "model" => model(&outputs, &mut properties, around, faults),
        "end" => outputs.only(&[], faults).map(|()| Element::End),
        _ => {
            let kinds = "must be one of start, conditional, percentage, rate, model, end";
            faults.refuse_at("type", kinds);
            None
        }
    };
    // After the kinds that have additions.
    if !matches!(kind, "percentage" | "model") {
        properties
            .find(["weir"; 2], faults)
            .map_or(Some(()), |found| found.within(faults, additions::none))?;
    }
    let notes = properties.notes(around.place);
    Some(ReadElement { element: element?, edges: outputs.0, notes })
}

fn conditional(
    outputs: &Outputs,
    properties: &mut Properties<'_>,
    faults: &mut Faults,
) -> Option<Element> {
    let condition = properties
        .take(["conditions", "condition"], faults)
        .and_then(|found| found.within(faults, Condition::read));
    outputs.only(&["true", "false"], faults)?;
    let (then, otherwise) = (outputs.required("true", faults), outputs.required("false", faults));
    Some(Element::Conditional { condition: condition?, then: then?, otherwise: otherwise? })
}

fn percentage(
    outputs: &Outputs,
    properties: &mut Properties<'_>,
    faults: &mut Faults,
) -> Option<Element> {
    let plan = match properties.find(["weir"; 2], faults) {
        None => Some(SharePlan::default()),
        Some(found) => found.within(faults, additions::share_plan),
    };
    let mut shares = Vec::new();
    let mut sound = true;
    for (name, next) in outputs.0.iter().filter(|(name, _)| name != "else") {
        match parts(name) {
            Some(parts) => {
                let (output, next) = (name.as_str().into(), Arc::clone(next));
                shares.push(Share { output, parts, next });
            }
            None => {
                sound = false;
                faults.within("outputs", |faults| {
                    faults.refuse_at(name, "must be else, or a share above 0% and up to 100%");
                });
            }
        }
    }
    let sum: u32 = shares.iter().map(|share| share.parts).fold(0, u32::saturating_add);
    let otherwise = outputs.find("else");
    let wrong = if shares.len() > MAX_SHARES {
        Some("may have 5 shares at most")
    } else if sum > Share::WHOLE {
        Some("must not exceed 100% together")
    } else if sum < Share::WHOLE && otherwise.is_none() && sound {
        Some("must have an else, because the shares are less than 100%")
    } else {
        None
    };
    if let Some(wrong) = wrong {
        faults.refuse_at("outputs", wrong);
    }
    let plan = plan?;
    (sound && wrong.is_none()).then_some(Element::Percentage { shares, otherwise, plan })
}

/// Reads `12.5%` as ten-thousandths of a per cent.
fn parts(name: &str) -> Option<u32> {
    let number = name.strip_suffix('%')?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str, most| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(whole, 3) || !digits(fraction, 4) {
        return None;
    }
    let parts =
        whole.parse::<u32>().ok()? * 10_000 + format!("{fraction:0<4}").parse::<u32>().ok()?;
    (1..=Share::WHOLE).contains(&parts).then_some(parts)
}

fn rate(
    outputs: &Outputs,
    properties: &mut Properties<'_>,
    faults: &mut Faults,
) -> Option<Element> {
    let unit = properties.take(["limitType"; 2], faults).and_then(|found| {
        found.word(faults, &[("count", RateUnit::Count), ("cost", RateUnit::Cost)])
    });
    let key =
        properties.take(["key"; 2], faults).and_then(|found| found.within(faults, FieldPath::read));
    let limit = properties.take(["limit"; 2], faults).and_then(|found| {
        let limit = found.value.as_f64().filter(|limit| *limit > 0.0 && limit.is_finite());
        found.expect(limit, faults, "must be a number above 0")
    });
    let window = properties.take(["window", "interval"], faults).and_then(|found| {
        let message = "must be a whole number of seconds from 1 to 31536000, which is a year";
        found.expect(found.whole(1, MAX_WINDOW), faults, message)
    });
    let technique = match properties.find(["technique"; 2], faults) {
        None => Some(Technique::default()),
        Some(found) => {
            found.word(faults, &[("fixed", Technique::Fixed), ("sliding", Technique::Sliding)])
        }
    };
    outputs.only(&["success", "fallback"], faults)?;
    Some(Element::Rate(Arc::new(RateGate {
        success: outputs.required("success", faults)?,
        fallback: outputs.find("fallback"),
        unit: unit?,
        key: key?,
        limit: limit?,
        window: window?,
        technique: technique?,
    })))
}

fn model(
    outputs: &Outputs,
    properties: &mut Properties<'_>,
    around: &Around<'_>,
    faults: &mut Faults,
) -> Option<Element> {
    let provider = properties
        .take(["provider"; 2], faults)
        .and_then(|found| found.within(faults, |value, faults| provider(value, around, faults)));
    let model =
        properties.take(["model"; 2], faults).and_then(|found| found.within(faults, model_name));
    let timeout_ms = properties.take(["timeout"; 2], faults).and_then(|found| {
        let message = "must be a whole number of milliseconds from 1 to 86400000, which is a day";
        found.expect(found.whole(1, MAX_TIMEOUT), faults, message)
    });
    let retries = properties.take(["retries"; 2], faults).and_then(|found| {
        let retries = found.whole(0, MAX_RETRIES).and_then(|number| u32::try_from(number).ok());
        found.expect(retries, faults, "must be a whole number from 0 to 5")
    });
    let plan = match properties.find(["weir"; 2], faults) {
        None => Some(ModelPlan::default()),
        Some(found) => {
            found.within(faults, |value, faults| additions::model_plan(value, around, faults))
        }
    };
    outputs.only(&["success", "fallback"], faults)?;
    Some(Element::Model(Arc::new(ModelCall {
        success: outputs.required("success", faults)?,
        fallback: outputs.find("fallback"),
        provider: provider?,
        model: model?,
        timeout_ms: timeout_ms?,
        retries: retries?,
        plan: plan?,
    })))
}

/// A provider that a model may name.
fn provider(value: &Value, around: &Around<'_>, faults: &mut Faults) -> Option<ProviderSlug> {
    let named = value.as_str().unwrap_or_default();
    let known = match around.providers {
        Some(providers) => providers.contains(named),
        None => !named.is_empty(),
    };
    if known {
        return Some(named.into());
    }
    let slugs = around.providers.into_iter().flatten().map(String::as_str);
    match text::nearest(named, slugs) {
        Some(near) => {
            faults.refuse(format_args!("must be a provider known here, such as {near}"));
        }
        None => faults.refuse("must be a provider known here"),
    }
    None
}

/// The name of a model.
fn model_name(value: &Value, faults: &mut Faults) -> Option<String> {
    let name = value.as_str().unwrap_or_default();
    let fits = (1..=MAX_MODEL).contains(&name.chars().count());
    if !fits {
        faults.refuse("must be a text of 1 to 256 characters");
    }
    fits.then(|| name.to_owned())
}

/// A whole number, however it is written: JavaScript has no others than floating ones.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the bounds are small whole numbers, and the value lies within them"
)]
fn whole(value: &Value, (min, max): (u64, u64)) -> Option<u64> {
    let number = value.as_f64()?;
    let fits = number.fract() == 0.0 && (min as f64..=max as f64).contains(&number);
    fits.then_some(number as u64)
}
