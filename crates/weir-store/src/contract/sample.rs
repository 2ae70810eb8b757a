//! Records to try a log store with.

pub(crate) mod random;
mod trail;

use weir_core::log::{LogError, LogRecord, Payload, PayloadReason};
use weir_core::{Cost, LogId, Timestamp, Units, Usage};

pub use trail::{full_trail, ordinary_trail};

/// Account and gateway of the sample records.
pub(super) const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";
pub(super) const GATEWAY: &str = "default";

/// A record with as little in it as can be.
pub fn bare_record() -> LogRecord {
    let id = LogId::generate();
    LogRecord {
        id,
        request_id: id,
        event_id: None,
        created_at: Timestamp::now(),
        account: ACCOUNT.into(),
        gateway: GATEWAY.into(),
        provider: "openai".into(),
        model: "".into(),
        model_type: None,
        path: "".into(),
        method: "POST".into(),
        request_type: "http",
        request_content_type: None,
        response_content_type: None,
        status_code: None,
        upstream_status_code: None,
        success: false,
        cached: false,
        duration_ms: 0,
        latency_ms: None,
        ttft_ms: None,
        overhead_us: 0,
        usage: None,
        cost: None,
        custom_cost: false,
        price_id: None,
        provider_reported_cost: None,
        metadata: None,
        step: 0,
        attempt_index: 0,
        authentication: false,
        key_id: None,
        wholesale: false,
        byok: false,
        user_agent: None,
        stream: false,
        finish_reason: None,
        error: None,
        trail: None,
        request_size: 0,
        response_size: 0,
        payload: Payload::Omitted(PayloadReason::OptedOut),
    }
}

/// A record with every field set, and no two numbers alike, so that fields cannot be swapped
/// unnoticed. `seed` sets records apart from each other.
pub fn full_record(seed: u32) -> LogRecord {
    let wide = u64::from(seed) * 100;
    LogRecord {
        request_id: LogId::generate(),
        event_id: Some(format!("event {seed} \u{1f30a}").into()),
        created_at: Timestamp::from_millis(1_795_000_000_000 + i64::from(seed)),
        model: format!("gpt-{}", seed % 5).into(),
        model_type: Some("text-generation"),
        path: format!("chat/completions?seed={seed}").into(),
        request_type: "universal",
        request_content_type: Some("application/json".into()),
        response_content_type: Some("text/event-stream".into()),
        status_code: Some(499),
        upstream_status_code: Some(200),
        duration_ms: u32::MAX - seed,
        latency_ms: Some(seed * 100 + 1),
        ttft_ms: Some(seed * 100 + 2),
        overhead_us: seed * 100 + 3,
        usage: Some(Usage {
            input: wide + 4,
            output: wide + 5,
            total: u64::from(u32::MAX) + wide,
            reasoning: wide + 6,
            cache_read: wide + 7,
            cache_write: wide + 8,
            cache_write_1h: wide + 9,
            audio_in: wide + 10,
            audio_out: wide + 11,
            image_in: wide + 12,
            image_out: wide + 13,
            web_searches: wide + 14,
            units: Units { images: 1, audio_ms: wide, characters: 2, queries: 3, pages: 4 },
        }),
        cost: Some(Cost::from_pico(i64::MAX)),
        price_id: Some("openai/gpt-4o-mini@2026-11-20".into()),
        provider_reported_cost: Some(Cost::from_pico(-1 - i64::from(seed))),
        metadata: Some(r#"{"team":"\u00e4 \"quoted\""}"#.into()),
        step: seed * 100 + 15,
        attempt_index: seed * 100 + 16,
        key_id: Some("b7f7e6e0-0000-4000-8000-000000000001".into()),
        user_agent: Some("x".repeat(500).into()),
        finish_reason: Some("client_disconnect".into()),
        error: Some(LogError { code: "timeout".into(), message: "too late".into() }),
        trail: Some(Box::new(full_trail(seed))),
        request_size: wide + 17,
        response_size: 1 << 40,
        // Of two flags that lie side by side, one is set.
        success: true,
        custom_cost: true,
        wholesale: true,
        stream: true,
        payload: Payload::Stored { request: b"{}".to_vec(), response: Vec::new() },
        ..bare_record()
    }
}
