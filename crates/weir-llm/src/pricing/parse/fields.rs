//! Fields of a row, each with a message of its own when it cannot be used.

use serde_json::{Map, Value};
use weir_core::Timestamp;

use super::super::off_peak::{self, OffPeak, Window};
use super::super::rates::Schedule;
use super::super::units::UnitRates;
use super::super::validity;
use super::{OBJECT, PER_ONE, PriceError, error};
use crate::decimal;

/// Reads the fields of a row; knows its name for messages.
pub(super) struct Fields<'a> {
    pub(super) name: &'a str,
}

type Object = Map<String, Value>;

impl Fields<'_> {
    pub(super) fn error(&self, field: &str, reason: &'static str) -> PriceError {
        error(self.name, field, reason)
    }

    pub(super) fn object<'v>(
        &self,
        value: &'v Value,
        field: &str,
    ) -> Result<&'v Object, PriceError> {
        value.as_object().ok_or_else(|| self.error(field, OBJECT))
    }

    pub(super) fn number(
        &self,
        value: &Value,
        field: &str,
        scale: i32,
    ) -> Result<u128, PriceError> {
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
            .ok_or_else(|| self.error(field, "is not a decimal figure of a sensible size"))
    }

    pub(super) fn text(&self, row: &Object, key: &str) -> Result<Option<Box<str>>, PriceError> {
        match row.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str().into())),
            Some(_) => Err(self.error(key, "is not a text")),
        }
    }

    pub(super) fn texts(&self, row: &Object, key: &str) -> Result<Vec<String>, PriceError> {
        let Some(list) = row.get(key) else { return Ok(Vec::new()) };
        let texts = list.as_array().into_iter().flatten();
        let texts: Option<Vec<String>> =
            texts.map(|text| text.as_str().map(str::to_owned)).collect();
        texts.filter(|_| list.is_array()).ok_or_else(|| self.error(key, "is not a list of texts"))
    }

    pub(super) fn day(&self, row: &Object, key: &str) -> Result<Option<Timestamp>, PriceError> {
        let Some(text) = self.text(row, key)? else { return Ok(None) };
        let day = validity::day(&text);
        day.map(Some).ok_or_else(|| self.error(key, "is not a day, YYYY-MM-DD"))
    }

    pub(super) fn service_tiers(
        &self,
        row: &Object,
    ) -> Result<Vec<(Box<str>, Schedule)>, PriceError> {
        let Some(tiers) = row.get("service_tiers") else { return Ok(Vec::new()) };
        let tiers = self.object(tiers, "service_tiers")?.iter();
        tiers
            .map(|(tier, value)| {
                let path = format!("service_tiers.{tier}");
                let schedule = self.schedule(self.object(value, &path)?, &format!("{path}."))?;
                Ok((tier.as_str().into(), schedule))
            })
            .collect()
    }

    /// Prices of units. Some are listed and not charged by, because no answer reports them: images
    /// and characters on the other side, seconds of what was made.
    pub(super) fn units(&self, row: &Object) -> Result<UnitRates, PriceError> {
        let mut units = UnitRates::default();
        let Some(listed) = row.get("per_unit") else { return Ok(units) };
        for (unit, value) in self.object(listed, "per_unit")? {
            let field = format!("per_unit.{unit}");
            let place = match unit.as_str() {
                "per_image_out" => &mut units.image,
                "per_second_in" => &mut units.second,
                "per_character_in" => &mut units.character,
                "per_query" => &mut units.query,
                "per_page" => &mut units.page,
                "per_request" => &mut units.request,
                "per_search" => {
                    units.search = self.search(value)?;
                    continue;
                }
                "per_image_in" | "per_second_out" | "per_character_out" => {
                    self.number(value, &field, PER_ONE)?;
                    continue;
                }
                _ => return Err(self.error(&field, "is not a known unit")),
            };
            // Dollars for one, kept like the rates for a million.
            *place = Some(self.number(value, &field, PER_ONE)?);
        }
        Ok(units)
    }

    /// One price, or one for each size; a size that is not listed costs what the middle one costs.
    fn search(&self, value: &Value) -> Result<[Option<u128>; 3], PriceError> {
        let Some(sizes) = value.as_object() else {
            return Ok([Some(self.number(value, "per_unit.per_search", PER_ONE)?); 3]);
        };
        let mut found = [None; 3];
        for (size, value) in sizes {
            let field = format!("per_unit.per_search.{size}");
            let place = match size.as_str() {
                "low" => 0,
                "medium" => 1,
                "high" => 2,
                _ => return Err(self.error(&field, "is not a known size")),
            };
            found[place] = Some(self.number(value, &field, PER_ONE)?);
        }
        let [low, medium, high] = found;
        let middle = medium.or(low).or(high);
        Ok([low.or(middle), middle, high.or(middle)])
    }

    pub(super) fn off_peak(&self, row: &Object) -> Result<Option<OffPeak>, PriceError> {
        let Some(value) = row.get("off_peak") else { return Ok(None) };
        let off_peak = self.object(value, "off_peak")?;
        let windows = off_peak.get("windows_utc").and_then(Value::as_array);
        let windows = windows.ok_or_else(|| self.error("off_peak.windows_utc", "is not a list"))?;
        let offset = off_peak.get("weekday_offset_hours").and_then(Value::as_i64).unwrap_or(0);
        let offset = i8::try_from(offset).ok().filter(|hours| (-24..=24).contains(hours));
        let offset = offset.ok_or_else(|| {
            self.error("off_peak.weekday_offset_hours", "is not a number of hours")
        })?;
        let window = |(index, value): (usize, &Value)| {
            let path = format!("off_peak.windows_utc[{index}]");
            let window = window(value, offset);
            window.ok_or_else(|| self.error(&path, "is not weekdays and hours_utc"))
        };
        Ok(Some(OffPeak {
            rates: self.rates(off_peak, "off_peak.")?,
            windows: windows.iter().enumerate().map(window).collect::<Result<_, _>>()?,
        }))
    }
}

fn window(value: &Value, weekday_offset_hours: i8) -> Option<Window> {
    let hours = value.get("hours_utc")?;
    let spans: Option<Vec<(u16, u16)>> = match hours {
        Value::String(text) => Some(vec![off_peak::span(text)?]),
        Value::Array(list) => list.iter().map(|text| off_peak::span(text.as_str()?)).collect(),
        _ => None,
    };
    let weekdays = match value.get("weekdays") {
        None => 0b111_1111,
        Some(days) => days.as_array()?.iter().try_fold(0, |days, day| {
            let day = day.as_u64().filter(|day| (1..=7).contains(day))?;
            Some(days | 1 << (day - 1))
        })?,
    };
    Some(Window { weekdays, spans: spans?, weekday_offset_hours })
}
