//! An answer as a row, and back.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use weir_core::cache::{CachedAnswer, CachedFrame};
use weir_core::{Cost, LogId, Timestamp, Usage};

use crate::sqlite::fault::Fault;

/// Everything but the body, and when it expires, which has a column of its own.
#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    content_type: Option<Box<str>>,
    /// Milliseconds since 1970 UTC.
    stored_at: i64,
    log_id: LogId,
    usage: Option<Usage>,
    /// Pico-dollars.
    cost: Option<i64>,
    model: Box<str>,
    /// End and time of each part of a stream.
    frames: Vec<(u32, u32)>,
}

/// The head of an answer.
pub(super) fn head(answer: &CachedAnswer) -> Result<Vec<u8>, Fault> {
    let head = Head {
        status: answer.status,
        content_type: answer.content_type.clone(),
        stored_at: answer.stored_at.as_millis(),
        log_id: answer.log_id,
        usage: answer.usage,
        cost: answer.cost.map(Cost::pico),
        model: answer.model.clone(),
        frames: answer.frames.iter().map(|frame| (frame.end, frame.at_ms)).collect(),
    };
    serde_json::to_vec(&head).map_err(|error| Fault::Unwritable(error.to_string()))
}

/// Tells an answer from one that the disk altered: the database has no check sums of its own, and
/// a wrong answer is worse than none.
pub(super) fn checksum(head: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(body);
    hasher.finalize()
}

/// The answer of a row.
pub(super) fn answer(
    expires_at: i64,
    checked: u32,
    head: &[u8],
    body: Vec<u8>,
) -> Result<CachedAnswer, Fault> {
    if checksum(head, &body) != checked {
        return Err(Fault::Content("an answer that was altered".to_owned()));
    }
    let head: Head =
        serde_json::from_slice(head).map_err(|error| Fault::Content(error.to_string()))?;
    let frames = head.frames.into_iter().map(|(end, at_ms)| CachedFrame { end, at_ms });
    Ok(CachedAnswer {
        status: head.status,
        content_type: head.content_type,
        body: Bytes::from(body),
        frames: frames.collect(),
        stored_at: Timestamp::from_millis(head.stored_at),
        expires_at: Timestamp::from_millis(expires_at),
        log_id: head.log_id,
        usage: head.usage,
        cost: head.cost.map(Cost::from_pico),
        model: head.model,
    })
}
