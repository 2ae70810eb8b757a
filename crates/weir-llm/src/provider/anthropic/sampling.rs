//! How tokens are chosen (spec: providers 4.1).

use serde_json::Number;

use crate::canonical::Request;
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

/// What is left of the client's wishes.
#[derive(Default)]
pub(super) struct Sampling {
    pub(super) temperature: Option<Number>,
    pub(super) top_p: Option<Number>,
    pub(super) top_k: Option<u64>,
}

impl Sampling {
    pub(super) fn of(
        request: &Request,
        thinks: bool,
        capabilities: &Capabilities,
        losses: &mut Losses,
    ) -> Result<Self, Fault> {
        // 1 is what Anthropic does by itself: leaving it out loses nothing.
        let not_one = |number: &&Number| number.as_f64() != Some(1.0);
        let temperature = request.temperature.as_ref().filter(not_one);
        let top_p = request.top_p.as_ref().filter(not_one);
        if thinks || capabilities.sampling_params == Some(false) {
            let given = [
                (temperature.is_some(), Param::Temperature),
                (top_p.is_some(), Param::TopP),
                (request.top_k.is_some(), Param::TopK),
            ];
            for (_, param) in given.iter().filter(|(given, _)| *given) {
                losses.drop(param)?;
            }
            return Ok(Self::default());
        }
        if temperature.is_some() && top_p.is_some() {
            losses.drop(&Param::TopP)?;
        }
        Ok(Self {
            temperature: temperature.map(|number| in_range(number, losses)).transpose()?,
            top_p: top_p.filter(|_| temperature.is_none()).cloned(),
            top_k: request.top_k,
        })
    }
}

/// OpenAI's scale ends at 2, Anthropic's at 1.
fn in_range(temperature: &Number, losses: &mut Losses) -> Result<Number, Fault> {
    if temperature.as_f64().is_none_or(|number| number <= 1.0) {
        return Ok(temperature.clone());
    }
    if losses.is_strict() {
        let why = format!("{} takes 0 to 1, not {temperature}", losses.target());
        return Err(losses.invalid(&Param::Temperature, &why));
    }
    losses.drop(&Param::Temperature)?;
    Ok(Number::from(1))
}
