//! Rates for tokens, as a row lists them.

use serde_json::{Map, Value};

use super::super::rates::{Rates, Schedule};
use super::fields::Fields;
use super::{PER_MILLION, PriceError};

impl Fields<'_> {
    pub(super) fn schedule(
        &self,
        row: &Map<String, Value>,
        path: &str,
    ) -> Result<Schedule, PriceError> {
        let rates = self.rates(row, path)?;
        let mut steps = Vec::new();
        for (index, tier) in
            row.get("tiers").and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            let path = format!("{path}tiers[{index}]");
            let tier = self.object(tier, &path)?;
            let above = tier.get("above_input_tokens").and_then(Value::as_u64);
            let above = above.ok_or_else(|| {
                self.error(&format!("{path}.above_input_tokens"), "is not a whole number")
            })?;
            steps.push((above, self.rates(tier, &format!("{path}."))?));
        }
        steps.sort_by_key(|(above, _)| *above);
        Ok(Schedule { rates, steps })
    }

    pub(super) fn rates(&self, row: &Map<String, Value>, path: &str) -> Result<Rates, PriceError> {
        let mut rates = Rates::default();
        let Some(listed) = row.get("per_million_tokens") else { return Ok(rates) };
        let path = format!("{path}per_million_tokens");
        for (meter, value) in self.object(listed, &path)? {
            let field = format!("{path}.{meter}");
            let place = match meter.as_str() {
                "input" => &mut rates.input,
                "output" => &mut rates.output,
                "cache_read" => &mut rates.cache_read,
                "input_audio" => &mut rates.input_audio,
                "input_image" => &mut rates.input_image,
                "output_audio" => &mut rates.output_audio,
                "output_image" => &mut rates.output_image,
                "output_reasoning" => &mut rates.output_reasoning,
                // Read over: a usage does not tell these apart.
                "cache_read_audio" | "cache_read_image" => continue,
                "cache_write" => {
                    self.cache_write(value, &field, &mut rates)?;
                    continue;
                }
                _ => return Err(self.error(&field, "is not a known meter")),
            };
            *place = Some(self.number(value, &field, PER_MILLION)?);
        }
        Ok(rates)
    }

    fn cache_write(&self, value: &Value, field: &str, rates: &mut Rates) -> Result<(), PriceError> {
        for (lifetime, value) in self.object(value, field)? {
            let field = format!("{field}.{lifetime}");
            let figure = self.number(value, &field, PER_MILLION)?;
            match lifetime.as_str() {
                "default" => rates.cache_write = Some(figure),
                "1h" => rates.cache_write_1h = Some(figure),
                // No answer reports writes for that long.
                "12h" => {}
                _ => return Err(self.error(&field, "is not a known lifetime")),
            }
        }
        Ok(())
    }
}
