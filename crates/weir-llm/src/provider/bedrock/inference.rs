//! Length and sampling.

use serde_json::{Map, Number, Value, json};

use super::body::Inference;
use super::family::{Family, TopK};
use super::thinking::Plan;
use crate::canonical::Request;
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

/// Room for the answer itself behind a budget of thoughts, when nobody said how long it may be.
const ROOM: u64 = 4096;

/// The `inferenceConfig`; `topK` goes into `fields`.
pub(super) fn config<'a>(
    request: &'a Request,
    family: &Family,
    can: &Capabilities,
    plan: Plan,
    fields: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<Inference<'a>, Fault> {
    let samples =
        can.sampling_params != Some(false) && !plan.claude_thinks() && !plan.nova_thinks_hard();
    let temperature = temperature(request.temperature.as_ref(), samples, losses)?;
    let mut top_p = request.top_p.clone();
    let both = top_p.is_some() && temperature.is_some() && !family.both_samplings;
    if top_p.is_some() && (!samples || both) {
        losses.drop(&Param::TopP)?;
        top_p = None;
    }
    if let Some(top_k) = request.top_k {
        match family.top_k {
            TopK::Field(name) if samples => drop(fields.insert(name.to_owned(), top_k.into())),
            TopK::Nova if samples => {
                fields.insert("inferenceConfig".to_owned(), json!({"topK": top_k}));
            }
            _ => losses.drop(&Param::TopK)?,
        }
    }
    Ok(Inference {
        max_tokens: max_tokens(request.max_tokens, can, plan, losses)?,
        temperature,
        top_p,
        stop_sequences: stop(&request.stop, family, losses)?,
    })
}

/// Converse ends at 1, OpenAI's scale at 2.
fn temperature(
    given: Option<&Number>,
    samples: bool,
    losses: &mut Losses,
) -> Result<Option<Number>, Fault> {
    let Some(given) = given else { return Ok(None) };
    let is = given.as_f64().unwrap_or_default();
    if !samples {
        // Where it cannot be chosen it is 1.
        if (is - 1.0).abs() > f64::EPSILON {
            losses.drop(&Param::Temperature)?;
        }
        return Ok(None);
    }
    if is > 1.0 {
        losses.drop(&Param::Temperature)?;
        return Ok(Some(1.into()));
    }
    Ok(Some(given.clone()))
}

fn max_tokens(
    given: Option<u64>,
    can: &Capabilities,
    plan: Plan,
    losses: &mut Losses,
) -> Result<Option<u64>, Fault> {
    match (given, plan) {
        (Some(_), plan) if plan.nova_thinks_hard() => losses.drop(&Param::MaxTokens).map(|()| None),
        // It has to be more than the budget, and Claude's own default may be less.
        (None, Plan::Budget(budget)) => {
            let most = can.max_output_tokens.filter(|most| *most > budget);
            Ok(Some(most.unwrap_or(budget + ROOM)))
        }
        (given, _) => Ok(given),
    }
}

fn stop<'a>(
    given: &'a [String],
    family: &Family,
    losses: &mut Losses,
) -> Result<&'a [String], Fault> {
    if given.is_empty() {
        return Ok(given);
    }
    if !family.stop {
        return losses.drop(&Param::Stop).map(|()| <&[String]>::default());
    }
    if given.iter().any(|text| text.trim().is_empty()) {
        return Err(losses.invalid(&Param::Stop, "a stop text has to hold more than blanks"));
    }
    Ok(given)
}
