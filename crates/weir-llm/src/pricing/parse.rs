//! Reads price tables, and says exactly what is wrong with one.

mod fields;
mod meters;

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::models::{Read, Version};
use super::rates::Rates;
use super::validity::{self, Validity};
use super::{Price, PriceTable, Rate, abilities};
use fields::Fields;

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
const OBJECT: &str = "is not an object";
/// Decimals of a rate in dollars for a million tokens, and for one token.
const PER_MILLION: i32 = 12;
const PER_ONE: i32 = 18;

fn error(model: &str, field: &str, reason: &'static str) -> PriceError {
    PriceError::Field { model: model.into(), field: field.into(), reason }
}

pub(super) fn table(text: &str) -> Result<PriceTable, PriceError> {
    let Value::Object(table) = serde_json::from_str(text)? else {
        return Err(PriceError::Table(OBJECT));
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
    if validity::day(as_of).is_none() {
        return Err(PriceError::Table("has an as_of that is not a day, YYYY-MM-DD"));
    }
    let models = table.get("models").and_then(Value::as_array);
    let models = models.ok_or(PriceError::Table("has no list of models"))?;
    let mut prices = PriceTable { as_of: as_of.into(), ..PriceTable::default() };
    for (index, value) in models.iter().enumerate() {
        prices.insert(row(value, &format!("model {index}"), as_of)?);
    }
    Ok(prices)
}

/// A row of the embedded table, whose text stays.
pub(super) fn line(text: &'static str, as_of: &str) -> Result<Read, PriceError> {
    let mut read = row(&serde_json::from_str(text)?, "row", as_of)?;
    read.version.row = Cow::Borrowed(text);
    Ok(read)
}

/// A row; `place` names it until its own name is known.
pub(super) fn row(value: &Value, place: &str, as_of: &str) -> Result<Read, PriceError> {
    let object = value.as_object().ok_or_else(|| error(place, "row", OBJECT))?;
    let name = |key: &'static str| {
        let text = object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.ok_or_else(|| error(place, key, "is not a text"))
    };
    let (provider, model) = (name("provider")?, name("model")?);
    let full_name = format!("{provider}/{model}");
    let fields = Fields { name: &full_name };
    let from = fields.day(object, "valid_from")?;
    let until = fields.day(object, "valid_until")?;
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        return Err(error(&full_name, "valid_until", "is not after valid_from"));
    }
    let date = object.get("valid_from").and_then(Value::as_str).unwrap_or(as_of);
    let price = Price {
        id: format!("{full_name}@{date}").into(),
        validity: Validity { from, until },
        standard: fields.schedule(object, "")?,
        off_peak: fields.off_peak(object)?,
        service_tiers: fields.service_tiers(object)?,
        units: fields.units(object)?,
        kind: fields.text(object, "kind")?,
        deprecation_date: fields.text(object, "deprecation_date")?,
        capabilities: abilities::of_row(object),
    };
    Ok(Read {
        provider: provider.to_owned(),
        model: model.to_owned(),
        aliases: fields.texts(object, "aliases")?,
        version: Version { price: Arc::new(price), row: Cow::Owned(value.to_string()) },
    })
}

fn simple(table: &Map<String, Value>) -> Result<PriceTable, PriceError> {
    let mut prices = PriceTable::default();
    for (name, value) in table {
        let fields = Fields { name };
        let Some((provider, model)) = name.split_once('/') else {
            return Err(error(name, "name", "is not provider/model"));
        };
        let mut rates = Rates::default();
        let mut shown = Map::new();
        for (key, value) in fields.object(value, "row")? {
            let (place, meter) = match key.as_str() {
                "in" => (&mut rates.input, "input"),
                "out" => (&mut rates.output, "output"),
                "cache_read" => (&mut rates.cache_read, "cache_read"),
                "cache_write" => (&mut rates.cache_write, "cache_write"),
                _ => return Err(error(name, key, "is not a known price")),
            };
            let rate = fields.number(value, key, PER_ONE)?;
            *place = Some(rate);
            let text = Value::from(Rate(rate).per_million_text());
            let value = if meter == "cache_write" { json!({ "default": text }) } else { text };
            shown.insert(meter.to_owned(), value);
        }
        let row = json!({ "provider": provider, "model": model, "per_million_tokens": shown });
        let price = Arc::new(Price::flat(name.as_str().into(), rates));
        prices.insert(Read {
            provider: provider.to_owned(),
            model: model.to_owned(),
            aliases: Vec::new(),
            version: Version { price, row: Cow::Owned(row.to_string()) },
        });
    }
    Ok(prices)
}
