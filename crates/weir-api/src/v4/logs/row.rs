//! A log row as JSON (spec: observability 1.2).

use serde::Serialize;
use weir_core::log::LogError;
use weir_core::store::StoredLog;
use weir_core::{Cost, GatewayId, LogId, Payload, ProviderSlug, Timestamp, Usage};

use super::head::Head;
use super::money::Money;

/// The keys that list and detail share. What is unknown is null, never zero; what this version
/// does not record yet (`location`, `dlp_*`, `guardrails`) is there and empty,
/// because readers of the API look for the keys.
#[derive(Serialize)]
struct Row<'a> {
    id: LogId,
    created_at: Timestamp,
    event_id: EventId<'a>,
    request_id: LogId,
    gateway_id: &'a GatewayId,
    provider: &'a ProviderSlug,
    model: &'a str,
    model_type: Option<&'static str>,
    path: &'a str,
    method: &'a str,
    request_type: &'static str,
    request_content_type: Option<&'a str>,
    response_content_type: Option<&'a str>,
    status_code: Option<u16>,
    upstream_status_code: Option<u16>,
    success: bool,
    cached: bool,
    duration: u32,
    timings: Timings,
    ttft_ms: Option<u32>,
    gateway_overhead_ms: f64,
    tokens_in: Option<u64>,
    tokens_out: Option<u64>,
    usage_metadata: Option<Usage>,
    cost: Option<Cost>,
    custom_cost: bool,
    price_id: Option<&'a str>,
    provider_reported_cost: Option<Cost>,
    metadata: Option<&'a str>,
    step: u32,
    attempt_index: u32,
    feedback: Option<f64>,
    score: Option<f64>,
    location: Option<()>,
    authentication: bool,
    key_id: Option<&'a str>,
    wholesale: bool,
    byok: bool,
    #[serde(rename = "compatibilityMode")]
    compatibility_mode: bool,
    user_agent: Option<&'a str>,
    dlp_action: Option<()>,
    dlp_profiles: [(); 0],
    guardrails: Option<()>,
    stream: bool,
    finish_reason: Option<&'a str>,
    error: Option<Failure<'a>>,
    payload_stored: bool,
    payload_reason: Option<&'static str>,
}

/// A row of the list. Bodies are never in it; the two empty strings are what existing readers
/// expect to find.
#[derive(Serialize)]
pub(super) struct ListRow<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    request: &'static str,
    response: &'static str,
}

/// A row of an export: one of the list, and what its cost is made of.
#[derive(Serialize)]
pub(super) struct ExportRow<'a> {
    #[serde(flatten)]
    row: ListRow<'a>,
    #[serde(flatten)]
    money: Money<'a>,
}

/// One row, with what its cost is made of, and the beginnings and sizes of its bodies.
#[derive(Serialize)]
pub(super) struct Detail<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    #[serde(flatten)]
    money: Money<'a>,
    request_head: Option<String>,
    request_head_complete: bool,
    request_size: u64,
    response_head: Option<String>,
    response_head_complete: bool,
    response_size: u64,
}

/// Milliseconds from the request's head to the last and to the first byte of the answer.
#[derive(Serialize)]
struct Timings {
    total: u32,
    latency: Option<u32>,
}

/// What went wrong.
#[derive(Serialize)]
pub(super) struct Failure<'a> {
    code: &'a str,
    message: &'a str,
}

/// The client's own word, or the request's id when it gave none.
#[derive(Serialize)]
#[serde(untagged)]
enum EventId<'a> {
    Chosen(&'a str),
    Request(LogId),
}

impl<'a> ListRow<'a> {
    pub(super) fn of(log: &'a StoredLog) -> Self {
        Self { row: Row::of(log), request: "", response: "" }
    }
}

impl<'a> ExportRow<'a> {
    pub(super) fn of(log: &'a StoredLog) -> Self {
        Self { row: ListRow::of(log), money: Money::of(log) }
    }
}

impl<'a> Detail<'a> {
    pub(super) fn of(log: &'a StoredLog, request: Head, response: Head) -> Self {
        Self {
            row: Row::of(log),
            money: Money::of(log),
            request_head: request.text,
            request_head_complete: request.complete,
            request_size: log.record.request_size,
            response_head: response.text,
            response_head_complete: response.complete,
            response_size: log.record.response_size,
        }
    }
}

impl<'a> Row<'a> {
    fn of(log: &'a StoredLog) -> Self {
        let record = &log.record;
        Self {
            id: record.id,
            created_at: record.created_at,
            event_id: match record.event_id.as_deref() {
                Some(chosen) => EventId::Chosen(chosen),
                None => EventId::Request(record.request_id),
            },
            request_id: record.request_id,
            gateway_id: &record.gateway,
            provider: &record.provider,
            model: &record.model,
            model_type: record.model_type,
            path: &record.path,
            method: &record.method,
            request_type: record.request_type,
            request_content_type: record.request_content_type.as_deref(),
            response_content_type: record.response_content_type.as_deref(),
            status_code: record.status_code,
            upstream_status_code: record.upstream_status_code,
            success: record.success,
            cached: record.cached,
            duration: record.duration_ms,
            timings: Timings { total: record.duration_ms, latency: record.latency_ms },
            ttft_ms: record.ttft_ms,
            gateway_overhead_ms: f64::from(record.overhead_us) / 1000.0,
            tokens_in: record.usage.map(|usage| usage.input),
            tokens_out: record.usage.map(|usage| usage.output),
            usage_metadata: record.usage,
            cost: record.cost,
            custom_cost: record.custom_cost,
            price_id: record.price_id.as_deref(),
            provider_reported_cost: record.provider_reported_cost,
            metadata: record.metadata.as_deref(),
            step: record.step,
            attempt_index: record.attempt_index,
            feedback: log.feedback,
            score: log.score,
            location: None,
            authentication: record.authentication,
            key_id: record.key_id.as_deref(),
            wholesale: record.wholesale,
            byok: record.byok,
            compatibility_mode: record.request_type == "compat",
            user_agent: record.user_agent.as_deref(),
            dlp_action: None,
            dlp_profiles: [],
            guardrails: None,
            stream: record.stream,
            finish_reason: record.finish_reason.as_deref(),
            error: record.error.as_ref().map(Failure::of),
            payload_stored: log.payload_stored,
            payload_reason: match &record.payload {
                Payload::Omitted(reason) if !log.payload_stored => Some(reason.label()),
                _ => None,
            },
        }
    }
}

impl<'a> Failure<'a> {
    pub(super) fn of(error: &'a LogError) -> Self {
        Self { code: &error.code, message: &error.message }
    }
}
