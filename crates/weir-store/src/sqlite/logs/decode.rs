//! A row as the log record it was.

use std::sync::Arc;

use rusqlite::types::FromSql;
use rusqlite::{Connection, Row};
use weir_core::log::{LogError, LogRecord, Payload, PayloadReason};
use weir_core::store::StoredLog;
use weir_core::{AccountId, Cost, GatewayId, LogId, ProviderSlug, Timestamp, Units, Usage};

use super::known;
use super::words::Reading;
use crate::sqlite::fault::Fault;

/// Reads a row that was selected as [`super::columns::NAMES`].
pub(super) fn row(
    row: &Row<'_>,
    connection: &Connection,
    words: &mut Reading,
    account: &AccountId,
    gateway: &GatewayId,
) -> Result<StoredLog, Fault> {
    // The first column is the gateway, which the caller knows.
    let mut row = Columns { row, connection, words, next: 1 };
    let id = LogId::from_bytes(row.take()?);
    let record = LogRecord {
        id,
        request_id: row.take::<Option<[u8; 16]>>()?.map_or(id, LogId::from_bytes),
        event_id: row.take()?,
        created_at: Timestamp::from_millis(row.take()?),
        account: account.clone(),
        gateway: gateway.clone(),
        provider: ProviderSlug::from(&*row.word()?),
        model: row.boxed_word()?.unwrap_or_default(),
        model_type: row.optional_word()?.and_then(|word| known::word(&word)),
        path: row.take()?,
        method: row.boxed_word()?.unwrap_or_default(),
        request_type: known::word(&row.word()?).unwrap_or("unknown"),
        request_content_type: row.boxed_word()?,
        response_content_type: row.boxed_word()?,
        status_code: row.take()?,
        upstream_status_code: row.take()?,
        success: row.take()?,
        cached: row.take()?,
        duration_ms: row.take()?,
        latency_ms: row.take()?,
        ttft_ms: row.take()?,
        overhead_us: row.take()?,
        usage: row.usage()?,
        cost: row.take::<Option<i64>>()?.map(Cost::from_pico),
        custom_cost: row.take()?,
        price_id: row.optional_word()?,
        provider_reported_cost: row.take::<Option<i64>>()?.map(Cost::from_pico),
        metadata: row.take()?,
        step: row.take()?,
        attempt_index: row.take()?,
        authentication: row.take()?,
        key_id: row.optional_word()?,
        wholesale: row.take()?,
        byok: row.take()?,
        user_agent: row.boxed_word()?,
        stream: row.take()?,
        finish_reason: row.boxed_word()?,
        error: row.error()?,
        trail: None,
        request_size: row.take()?,
        response_size: row.take()?,
        payload: row.payload()?,
    };
    let payload_stored = matches!(record.payload, Payload::Stored { .. });
    // Past the place of the bodies.
    row.next += 5;
    Ok(StoredLog {
        record,
        payload_stored,
        feedback: row.take()?,
        score: row.take()?,
        cost_history: Vec::new(),
    })
}

/// The columns of a row, taken from left to right.
struct Columns<'a, 'statement> {
    row: &'a Row<'statement>,
    connection: &'a Connection,
    words: &'a mut Reading,
    next: usize,
}

impl Columns<'_, '_> {
    fn take<T: FromSql>(&mut self) -> Result<T, Fault> {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    fn optional_word(&mut self) -> Result<Option<Arc<str>>, Fault> {
        let value = self.row.get_ref(self.next)?;
        self.next += 1;
        self.words.text(self.connection, value)
    }

    fn word(&mut self) -> Result<Arc<str>, Fault> {
        Ok(self.optional_word()?.unwrap_or_default())
    }

    fn boxed_word(&mut self) -> Result<Option<Box<str>>, Fault> {
        Ok(self.optional_word()?.map(|word| Box::from(&*word)))
    }

    fn usage(&mut self) -> Result<Option<Usage>, Fault> {
        let mut parts = [None; 12];
        for part in &mut parts {
            *part = self.take::<Option<u64>>()?;
        }
        let units: Option<Box<str>> = self.take()?;
        let Some(input) = parts[0] else { return Ok(None) };
        // What a newer version wrote is not known here, and the row is readable all the same.
        let units: Option<Units> = units.and_then(|text| serde_json::from_str(&text).ok());
        let units = units.unwrap_or_default();
        let [_, output, total, reasoning, cache_read, cache_write, hour, rest @ ..] =
            parts.map(Option::unwrap_or_default);
        let [audio_in, audio_out, image_in, image_out, web_searches] = rest;
        let cache_write_1h = hour;
        Ok(Some(Usage {
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
        }))
    }

    fn error(&mut self) -> Result<Option<LogError>, Fault> {
        let code = self.boxed_word()?;
        let message = self.take::<Option<Box<str>>>()?;
        Ok(code.map(|code| LogError { code, message: message.unwrap_or_default() }))
    }

    /// The bodies themselves are never read with the row.
    fn payload(&mut self) -> Result<Payload, Fault> {
        let Some(word) = self.optional_word()? else {
            return Ok(Payload::Stored { request: Vec::new(), response: Vec::new() });
        };
        PayloadReason::parse(&word)
            .map(Payload::Omitted)
            .ok_or_else(|| Fault::Content(format!("unknown payload reason {word:?}")))
    }
}
