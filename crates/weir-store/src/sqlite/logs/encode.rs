//! A log record as the values of a row.

use rusqlite::{Connection, Statement, ToSql};
use weir_core::log::{LogRecord, Payload, PayloadReason};
use weir_core::{Cost, Units, Usage};

use super::pack::{Place, as_sql};
use super::trail;
use super::words::Writing;
use crate::sqlite::fault::Fault;

/// Binds a record to the statement [`super::columns::INSERT`], in the order of
/// [`super::columns::NAMES`], the trail behind them.
pub(super) fn bind(
    statement: &mut Statement<'_>,
    connection: &Connection,
    words: &mut Writing,
    gateway_ref: i64,
    record: &LogRecord,
    place: Option<Place>,
) -> Result<(), Fault> {
    let mut row = Values { statement, connection, words, next: 1 };
    row.put(gateway_ref)?;
    row.put(record.id.as_bytes().as_slice())?;
    let request_id =
        (record.request_id != record.id).then(|| record.request_id.as_bytes().as_slice());
    row.put(request_id)?;
    row.put(record.event_id.as_deref())?;
    row.put(record.created_at.as_millis())?;
    row.word(Some(record.provider.as_str()))?;
    row.word(Some(&record.model))?;
    row.word(record.model_type)?;
    row.put(&*record.path)?;
    row.word(Some(&record.method))?;
    row.word(Some(record.request_type))?;
    row.word(record.request_content_type.as_deref())?;
    row.word(record.response_content_type.as_deref())?;
    row.put(record.status_code)?;
    row.put(record.upstream_status_code)?;
    row.put(record.success)?;
    row.put(record.cached)?;
    row.put(record.duration_ms)?;
    row.put(record.latency_ms)?;
    row.put(record.ttft_ms)?;
    row.put(record.overhead_us)?;
    row.usage(record.usage.as_ref())?;
    row.put(record.cost.map(Cost::pico))?;
    row.put(record.custom_cost)?;
    row.word(record.price_id.as_deref())?;
    row.put(record.provider_reported_cost.map(Cost::pico))?;
    row.put(record.metadata.as_deref())?;
    row.put(record.step)?;
    row.put(record.attempt_index)?;
    row.put(record.authentication)?;
    row.word(record.key_id.as_deref())?;
    row.put(record.wholesale)?;
    row.put(record.byok)?;
    row.word(record.user_agent.as_deref())?;
    row.put(record.stream)?;
    row.word(record.finish_reason.as_deref())?;
    row.word(record.error.as_ref().map(|error| &*error.code))?;
    row.put(record.error.as_ref().map(|error| &*error.message))?;
    row.put(count(record.request_size))?;
    row.put(count(record.response_size))?;
    row.payload(&record.payload, place)?;
    // Feedback and score come later, if ever.
    row.put(rusqlite::types::Null)?;
    row.put(rusqlite::types::Null)?;
    row.put(record.trail.as_ref().map(|trail| trail::encode(trail, record.price_id.as_deref())))
}

/// The parameters of the statement, filled from left to right.
struct Values<'a, 'statement> {
    statement: &'a mut Statement<'statement>,
    connection: &'a Connection,
    words: &'a mut Writing,
    next: usize,
}

impl Values<'_, '_> {
    fn put(&mut self, value: impl ToSql) -> Result<(), Fault> {
        self.statement.raw_bind_parameter(self.next, value)?;
        self.next += 1;
        Ok(())
    }

    fn word(&mut self, text: Option<&str>) -> Result<(), Fault> {
        match text {
            Some(text) => {
                let word = self.words.word(self.connection, text)?;
                self.put(word)
            }
            None => self.put(rusqlite::types::Null),
        }
    }

    fn usage(&mut self, usage: Option<&Usage>) -> Result<(), Fault> {
        // All of it named, so that a new kind of token cannot be forgotten here.
        let Some(Usage {
            input,
            output,
            total,
            reasoning,
            cache_read,
            cache_write,
            cache_write_1h,
            audio_in,
            audio_out,
            image_in,
            image_out,
            web_searches,
            units,
        }) = usage
        else {
            return (0..13).try_for_each(|_| self.put(rusqlite::types::Null));
        };
        let parts = [
            input,
            output,
            total,
            reasoning,
            cache_read,
            cache_write,
            cache_write_1h,
            audio_in,
            audio_out,
            image_in,
            image_out,
            web_searches,
        ];
        parts.into_iter().try_for_each(|part| self.put(count(*part)))?;
        self.put((!units.is_none()).then(|| json(units)))
    }

    fn payload(&mut self, payload: &Payload, place: Option<Place>) -> Result<(), Fault> {
        self.word(match payload {
            Payload::Stored { .. } => None,
            Payload::Omitted(reason) => Some(PayloadReason::label(*reason)),
        })?;
        self.put(place.and_then(|place| place.pack))?;
        self.put(place.map(|place| as_sql(place.offset)))?;
        self.put(place.map(|place| as_sql(place.request)))?;
        self.put(place.map(|place| as_sql(place.offset + place.request)))?;
        self.put(place.map(|place| as_sql(place.response)))
    }
}

fn json(units: &Units) -> String {
    // A struct of numbers has nothing that JSON could not hold.
    serde_json::to_string(units).unwrap_or_default()
}

/// A count as SQLite keeps it: its integers have a sign, and a count that needs the last bit is a
/// provider's nonsense.
pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
