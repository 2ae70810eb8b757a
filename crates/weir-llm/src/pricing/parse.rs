//! Reads price tables, and says exactly what is wrong with one.

use serde_json::{Map, Value};

use super::rates::{Rates, Schedule};
use super::{Price, PriceTable};
use crate::decimal;

/// Why a price table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    /// The text is not JSON.
    #[error("the price table is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// The table as a whole is not of a known form.
    #[error("the price table {0}")]
    Table(&'static str),
    /// A field of a model cannot be used.
    #[error("price of {model}: {field} {reason}")]
    Field {
        /// `provider/model`, or its place in the list.
        model: Box<str>,
        /// Path of the field inside the row.
        field: Box<str>,
        /// What is wrong.
        reason: &'static str,
    },
}

const FORM: &str = "aig-prices/1";
/// Decimals of a rate in dollars for a million tokens, and for one token.
const PER_MILLION: i32 = 12;
const PER_ONE: i32 = 18;

pub(super) fn table(text: &str) -> Result<PriceTable, PriceError> {
    let Value::Object(table) = serde_json::from_str(text)? else {
        return Err(PriceError::Table("is not an object"));
    };
    match table.get("schema") {
        None => simple(&table),
        Some(schema) if schema == FORM => full(&table),
        Some(_) => Err(PriceError::Table("has a schema other than aig-prices/1")),
    }
}

fn full(table: &Map<String, Value>) -> Result<PriceTable, PriceError> {
    let as_of = table.get("as_of").and_then(Value::as_str);
    let as_of = as_of.ok_or(PriceError::Table("has no as_of"))?;
    let models = table.get("models").and_then(Value::as_array);
    let models = models.ok_or(PriceError::Table("has no list of models"))?;
    let mut prices = PriceTable::default();
    for (index, row) in models.iter().enumerate() {
        let place = format!("model {index}");
        let name = |key: &'static str| {
            let text = row.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.ok_or_else(|| error(&place, key, "is not a text"))
        };
        let (provider, model) = (name("provider")?, name("model")?);
        let full_name = format!("{provider}/{model}");
        let row = Row { name: &full_name };
        let object = models[index].as_object().ok_or_else(|| error(&place, "row", OBJECT))?;
        let service_tiers = match object.get("service_tiers") {
            None => Vec::new(),
            Some(tiers) => row
                .object(tiers, "service_tiers")?
                .iter()
                .map(|(tier, value)| {
                    let path = format!("service_tiers.{tier}");
                    let schedule = row.schedule(row.object(value, &path)?, &format!("{path}."))?;
                    Ok((tier.as_str().into(), schedule))
                })
                .collect::<Result<_, PriceError>>()?,
        };
        let price = Price {
            id: format!("{full_name}@{as_of}").into(),
            standard: row.schedule(object, "")?,
            service_tiers,
            search: row.search(object)?,
            kind: row.text(object, "kind")?,
            deprecation_date: row.text(object, "deprecation_date")?,
        };
        prices.insert(provider, model, price);
    }
    Ok(prices)
}

fn simple(table: &Map<String, Value>) -> Result<PriceTable, PriceError> {
    let mut prices = PriceTable::default();
    for (name, value) in table {
        let row = Row { name };
        let Some((provider, model)) = name.split_once('/') else {
            return Err(error(name, "name", "is not provider/model"));
        };
        let mut rates = Rates::default();
        for (key, value) in row.object(value, "row")? {
            let place = match key.as_str() {
                "in" => &mut rates.input,
                "out" => &mut rates.output,
                "cache_read" => &mut rates.cache_read,
                "cache_write" => &mut rates.cache_write,
                _ => return Err(error(name, key, "is not a known price")),
            };
            *place = Some(row.number(value, key, PER_ONE)?);
        }
        let id = name.as_str().into();
        prices.insert(provider, model, Price::flat(id, rates));
    }
    Ok(prices)
}

const OBJECT: &str = "is not an object";

fn error(model: &str, field: &str, reason: &'static str) -> PriceError {
    PriceError::Field { model: model.into(), field: field.into(), reason }
}

/// A row being read; knows its name for messages.
struct Row<'a> {
    name: &'a str,
}

impl Row<'_> {
    fn object<'v>(
        &self,
        value: &'v Value,
        field: &str,
    ) -> Result<&'v Map<String, Value>, PriceError> {
        value.as_object().ok_or_else(|| error(self.name, field, OBJECT))
    }

    fn number(&self, value: &Value, field: &str, scale: i32) -> Result<u128, PriceError> {
        let number = match value {
            Value::String(text) => decimal::parse(text, scale),
            // The shortest text of a float is the figure as it was written.
            Value::Number(number) => decimal::parse(&number.to_string(), scale),
            _ => None,
        };
        // A thousand dollars a token: what lies beyond is a slip of units.
        let bound = 1000 * 10_u128.pow(18);
        number
            .filter(|number| *number <= bound)
            .ok_or_else(|| error(self.name, field, "is not a decimal figure of a sensible size"))
    }

    fn schedule(&self, row: &Map<String, Value>, path: &str) -> Result<Schedule, PriceError> {
        let rates = self.rates(row, path)?;
        let mut steps = Vec::new();
        for (index, tier) in
            row.get("tiers").and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            let path = format!("{path}tiers[{index}]");
            let tier = self.object(tier, &path)?;
            let above = tier.get("above_input_tokens").and_then(Value::as_u64);
            let above = above.ok_or_else(|| {
                error(self.name, &format!("{path}.above_input_tokens"), "is not a whole number")
            })?;
            steps.push((above, self.rates(tier, &format!("{path}."))?));
        }
        steps.sort_by_key(|(above, _)| *above);
        Ok(Schedule { rates, steps })
    }

    fn rates(&self, row: &Map<String, Value>, path: &str) -> Result<Rates, PriceError> {
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
                _ => return Err(error(self.name, &field, "is not a known meter")),
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
                _ => return Err(error(self.name, &field, "is not a known lifetime")),
            }
        }
        Ok(())
    }

    fn text(&self, row: &Map<String, Value>, key: &str) -> Result<Option<Box<str>>, PriceError> {
        match row.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str().into())),
            Some(_) => Err(error(self.name, key, "is not a text")),
        }
    }

    /// The price of a web search, of the middle size where sizes differ.
    fn search(&self, row: &Map<String, Value>) -> Result<Option<u128>, PriceError> {
        let Some(search) = row.get("per_unit").and_then(|units| units.get("per_search")) else {
            return Ok(None);
        };
        let value = search.get("medium").unwrap_or(search);
        // Dollars for one, kept like the rates for a million.
        self.number(value, "per_unit.per_search", PER_ONE).map(Some)
    }
}
