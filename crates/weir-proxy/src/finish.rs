//! The end of a call, reached exactly once: usage, cost, counters, log record.

pub(crate) mod trail;

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use weir_core::analytics::{RollupKey, RollupSums};
use weir_core::log::{LogError, LogRecord, Payload, PayloadReason};
use weir_core::{Cost, Usage};
use weir_llm::answer::{Answer, End};
use weir_llm::pricing::Market;
use weir_llm::request::{self, RequestFacts};

use crate::cache::{self, Ended, Kept};
use crate::capture::Capture;
use crate::credential::Source;
use crate::exchange::{Call, Facts, Outcome};
use crate::front::query;
use crate::money;
use crate::plane::Shared;
use crate::request_body::{self, RequestCopy};
use crate::spending;
use crate::spending::guess::{self, Heard};

/// Settles a call.
pub(crate) fn finish(mut facts: Facts, mut outcome: Outcome, shared: &Shared) {
    let ended = Instant::now();
    repeat(&mut facts, &mut outcome);
    let copy = facts.trace.answer.take();
    let (content_type, is_stream, gzip, mut capture, read) = match copy {
        Some(copy) => {
            // A stored answer was read when it came, a shared one by the call that asked for it.
            let read = (!facts.trace.is_given_again()).then(|| copy.reader.finish());
            (copy.content_type, copy.is_stream, copy.gzip, Some(copy.capture), read)
        }
        None => (None, false, false, None, None),
    };
    let is_whole = matches!(outcome, Outcome::Delivered);
    let is_complete = read.as_ref().is_some_and(|read| read.end == End::Complete);
    let answered = facts.trace.upstream_status.is_some_and(|status| status < 400);
    let given_again = facts.trace.is_given_again();
    let mut verdict = judge(&facts, outcome, read.as_ref());
    if let Some(error) = &mut verdict.error {
        facts.trace.sent_keys.strike_text(&mut error.message);
        facts.trace.sent_keys.strike_text(&mut error.code);
    }
    let told = read.as_ref().and_then(|read| read.usage).or(facts.trace.header_usage);
    let (usage, estimated) = if given_again {
        // Nothing is consumed by an answer that is given again (spec: data-plane 4).
        (Some(Usage::default()), false)
    } else if answered {
        let size = capture.as_ref().map_or(0, Capture::size);
        let heard = Heard { read: read.as_ref(), told, size, is_whole, is_stream };
        guess::usage(&facts.call, &heard)
    } else {
        (told, false)
    };
    let request = match &facts.trace.hit {
        // It was read when the answer came.
        Some(answer) => {
            RequestFacts { model: Some(answer.model.clone()), ..RequestFacts::default() }
        }
        None => request_facts(&facts.call),
    };
    let model = request.model.or_else(|| read.as_ref().and_then(|read| read.model.clone()));
    let money = money::price(&money::Sale {
        custom: facts.options.custom_cost.as_ref(),
        custom_invalid: facts.options.custom_cost_invalid,
        prepaid: facts.trace.source == Some(Source::Platform),
        reached: answered && !given_again,
        market: Market::of(&facts.snapshot, &shared.prices, &facts.gateway),
        trusts_provider: facts.gateway.settings.trust_provider_cost,
        provider: facts.call.provider.as_str(),
        models: [model.as_deref(), read.as_ref().and_then(|read| read.model.as_deref())],
        at: facts.created_at,
        usage: usage.as_ref(),
        read: read.as_ref(),
    });
    let reported_cost = read.as_ref().and_then(|read| read.reported_cost);
    if let Some(fill) = facts.trace.fill.take()
        && is_whole
        && verdict.success
    {
        let model = model.clone().unwrap_or_default();
        cache::store(shared, *fill, &facts, Kept { usage, cost: money.cost, model });
    }
    if let Some(tells) = facts.trace.tells.take() {
        tells.get_or_init(|| Ended { error: verdict.error.clone(), cost: money.cost });
    }
    if money.unpriced {
        shared.metrics.unpriced.inc();
    }
    if let (Some(computed), Some(reported)) = (money.computed, reported_cost) {
        shared.metrics.compared(facts.call.provider.as_str(), computed, reported);
    }
    let outcome = match facts.trace.upstream_status {
        Some(status) if status < 400 => spending::Outcome {
            sent: true,
            cost: money.cost,
            tokens: usage.map(|usage| usage.input.saturating_add(usage.output)),
            estimated,
        },
        _ => spending::Outcome::of_failure(&facts.trace),
    };
    spending::settle(shared, &mut facts, &outcome);
    if let Some(admission) = facts.admission.as_ref().filter(|_| !given_again) {
        let tokens = told.map(|usage| usage.input.saturating_add(usage.output));
        // Whoever leaves a stream before it tells its usage has used it all the same.
        let is_known = is_whole || is_complete || !answered;
        admission
            .settle(&facts.trace.passed, tokens.filter(|_| is_known).or((!answered).then_some(0)));
    }
    shared.metrics.finished(&facts, &verdict, usage.as_ref(), money.cost, ended);
    let started = facts.started;
    let since = |at: Instant| millis(at.duration_since(started));
    let duration_ms = since(ended);
    let latency_ms = facts.trace.first_byte_at.map(since);
    if !facts.options.collect {
        let compared = RollupSums::comparing(money.computed, reported_cost);
        let unlogged = Unlogged { facts, verdict, model, usage, cost: money.cost, compared };
        unlogged.count(duration_ms, latency_ms, shared);
        return;
    }
    facts.trail.estimated = estimated;
    let trail = trail::complete(&mut facts, &money, ended);
    let response_size = capture.as_ref().map_or(0, |capture| capture.size());
    let request_size = request_size(&facts.call);
    let payload = payload(&mut facts, capture.as_mut(), gzip, shared.limits.payload);
    let finish_reason = read.and_then(|read| read.finish_reason);
    let record = LogRecord {
        id: facts.id,
        request_id: facts.request_id,
        event_id: facts.options.event_id.as_ref().map(|value| lossy(value.as_bytes())),
        created_at: facts.created_at,
        account: facts.gateway.account_id.clone(),
        gateway: facts.gateway.id.clone(),
        provider: facts.call.provider.clone(),
        model: model.unwrap_or_default(),
        model_type: match &facts.call.unified {
            Some(unified) => Some(unified.model_type),
            None => request::model_type(facts.call.provider.as_str(), &facts.call.rest),
        },
        path: query::redact(&facts.call.rest).into(),
        method: facts.call.method.as_str().into(),
        request_type: "http",
        request_content_type: facts.call.content_type,
        response_content_type: content_type,
        status_code: verdict.status,
        upstream_status_code: facts.trace.upstream_status,
        success: verdict.success,
        cached: facts.trace.is_cached(),
        duration_ms,
        latency_ms,
        ttft_ms: facts.trace.first_content_at.map(since),
        overhead_us: micros(overhead(&facts.trace, facts.started, ended)),
        usage,
        cost: money.cost,
        custom_cost: money.custom,
        price_id: money.price_id,
        provider_reported_cost: reported_cost,
        metadata: facts.options.metadata.as_ref().map(|metadata| metadata.to_text()),
        step: facts.step,
        attempt_index: facts.attempt,
        authentication: facts.caller.is_authenticated(),
        key_id: facts.caller.token.as_ref().map(|token| token.id.clone()),
        wholesale: facts.trace.source == Some(Source::Platform),
        byok: matches!(facts.trace.source, Some(Source::Stored(_))),
        user_agent: facts.call.user_agent,
        stream: is_stream,
        finish_reason: verdict.finish_reason.or(finish_reason),
        error: verdict.error,
        trail: Some(trail),
        request_size,
        response_size,
        payload,
    };
    shared.log.push(record);
}

/// What is said of the call that was made holds for those that got its answer.
fn repeat(facts: &mut Facts, outcome: &mut Outcome) {
    let Some(said) = facts.trace.joined.as_ref().and_then(|joined| joined.end.get()) else {
        return;
    };
    if let (Outcome::BrokenOff(error), Some(first)) = (outcome, &said.error) {
        error.clone_from(first);
    }
    facts.trace.told.clone_from(&said.error);
    if let Some(trail) = facts.trail.cache.as_mut() {
        trail.saved = said.cost.map(Cost::dollars);
    }
}

/// A finished call that leaves no row, and counts all the same.
struct Unlogged {
    facts: Facts,
    verdict: Verdict,
    model: Option<Box<str>>,
    usage: Option<Usage>,
    cost: Option<Cost>,
    /// The provider's figure and ours, if there are both.
    compared: RollupSums,
}

impl Unlogged {
    /// Counts it as [`RollupKey::of`] and [`RollupSums::of`] would count its row.
    fn count(self, duration_ms: u32, latency_ms: Option<u32>, shared: &Shared) {
        let Self { facts, verdict, model, usage, cost, compared } = self;
        let usage = usage.unwrap_or_default();
        let key = RollupKey {
            minute: facts.created_at.as_millis().div_euclid(60_000),
            account: facts.gateway.account_id.clone(),
            gateway: facts.gateway.id.clone(),
            provider: facts.call.provider,
            model: model.unwrap_or_default(),
            status: verdict.status.unwrap_or(0),
            success: verdict.success,
            cached: facts.trace.is_cached(),
            rate_limited: verdict.status == Some(429) && facts.trace.upstream_status.is_none(),
            wholesale: facts.trace.source == Some(Source::Platform),
            key_id: facts.caller.token.as_ref().map(|token| token.id.clone()),
        };
        let sums = RollupSums {
            requests: 1,
            tokens_in: usage.input,
            tokens_out: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write.saturating_add(usage.cache_write_1h),
            reasoning: usage.reasoning,
            cost: cost.unwrap_or_default(),
            unpriced: u64::from(cost.is_none()),
            duration_ms: duration_ms.into(),
            latency_ms: latency_ms.unwrap_or(0).into(),
            answered: u64::from(latency_ms.is_some()),
            ..compared
        };
        shared.log.count(key, &sums);
    }
}

/// Success or failure, as the log and the counters see it.
pub(crate) struct Verdict {
    pub(crate) status: Option<u16>,
    pub(crate) success: bool,
    pub(crate) error: Option<LogError>,
    finish_reason: Option<Box<str>>,
}

fn judge(facts: &Facts, outcome: Outcome, read: Option<&Answer>) -> Verdict {
    let status = facts.trace.status;
    let is_2xx = status.is_some_and(|status| (200..300).contains(&status));
    let in_band = read.and_then(|read| read.error.clone()).or_else(|| facts.trace.told.clone());
    let failed = |error: LogError| Verdict {
        status,
        success: false,
        error: Some(error),
        finish_reason: None,
    };
    let is_whole = read.is_some_and(|read| read.end == End::Complete);
    match outcome {
        // Many clients leave at the closing event, before the connection says that it is over.
        Outcome::ClientGone if is_2xx && is_whole && in_band.is_none() => {
            Verdict { status, success: true, error: None, finish_reason: None }
        }
        Outcome::Refused(error, status) => Verdict { status: Some(status), ..failed(error) },
        Outcome::BrokenOff(error) => failed(error),
        // The provider did its part; the client chose to leave (spec: observability 1.10).
        Outcome::ClientGone => Verdict {
            success: is_2xx && in_band.is_none(),
            error: in_band,
            status,
            finish_reason: Some(
                if facts.is_lost() { "hedge_lost" } else { "client_disconnect" }.into(),
            ),
        },
        Outcome::Delivered => {
            if let Some(error) = in_band {
                return failed(error);
            }
            if is_2xx && read.is_some_and(|read| read.end == End::Truncated) {
                return failed(LogError {
                    code: "stream_truncated".into(),
                    message: "the answer ended before its closing event".into(),
                });
            }
            Verdict { status, success: is_2xx, error: None, finish_reason: None }
        }
    }
}

/// What the request body and the path say.
pub(crate) fn request_facts(call: &Call) -> RequestFacts {
    if let Some(unified) = &call.unified {
        return RequestFacts { model: Some(unified.model.clone()), ..RequestFacts::default() };
    }
    let mut facts = match &call.request {
        RequestCopy::Whole(bytes) if request_body::is_json(call.content_type.as_deref()) => {
            request_body::read(bytes)
        }
        RequestCopy::Whole(_) => RequestFacts::default(),
        RequestCopy::Settled { facts, .. } => facts.clone(),
        RequestCopy::Passing(passing) => {
            passing.lock().unwrap_or_else(PoisonError::into_inner).facts()
        }
    };
    // Where the path names the model it is the one that runs, and is paid for, whatever the body says.
    if let Some(named) = request::model_from_path(call.provider.as_str(), &call.rest) {
        facts.model = Some(named.into());
    }
    facts
}

fn request_size(call: &Call) -> u64 {
    match &call.request {
        RequestCopy::Whole(bytes) => bytes.len() as u64,
        RequestCopy::Settled { size, .. } => *size,
        RequestCopy::Passing(passing) => {
            passing.lock().unwrap_or_else(PoisonError::into_inner).capture.size()
        }
    }
}

fn payload(
    facts: &mut Facts,
    answer: Option<&mut crate::capture::Capture>,
    gzip: bool,
    limit: usize,
) -> Payload {
    if !facts.options.payload {
        return Payload::Omitted(PayloadReason::OptedOut);
    }
    let request = match &mut facts.call.request {
        // Bodies that had to be read whole may be larger than what the log keeps.
        RequestCopy::Whole(bytes) => (bytes.len() <= limit).then(|| bytes.to_vec()),
        RequestCopy::Settled { body, .. } => body.take(),
        RequestCopy::Passing(passing) => {
            let mut passing = passing.lock().unwrap_or_else(PoisonError::into_inner);
            passing.capture.is_whole().then(|| passing.capture.take())
        }
    };
    let response = match answer {
        Some(capture) => capture
            .is_whole()
            .then(|| capture.take())
            .and_then(|bytes| if gzip { decode_gzip(&bytes, limit) } else { Some(bytes) }),
        None => Some(Vec::new()),
    };
    match (request, response) {
        (Some(mut request), Some(mut response)) => {
            facts.trace.sent_keys.strike(&mut request);
            facts.trace.sent_keys.strike(&mut response);
            Payload::Stored { request, response }
        }
        _ => Payload::Omitted(PayloadReason::TooLarge),
    }
}

/// The log keeps bodies as people read them. What cannot be decoded, or grows beyond the limit, is
/// not kept.
pub(crate) fn decode_gzip(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    use std::io::Read;
    let mut decoded = Vec::new();
    let decoder = flate2::read::MultiGzDecoder::new(bytes);
    decoder.take(limit as u64 + 1).read_to_end(&mut decoded).ok()?;
    (decoded.len() <= limit).then_some(decoded)
}

/// Time inside the gateway: head to sending, without the waits for the client's body and for a
/// vector, and from the provider's head to ours.
pub(crate) fn overhead(
    trace: &crate::exchange::Trace,
    started: Instant,
    ended: Instant,
) -> Duration {
    let until_sent = trace.sent_at.unwrap_or(ended).duration_since(started);
    let relayed = match (trace.head_at, trace.replied_at) {
        (Some(head), Some(replied)) => replied.duration_since(head),
        _ => Duration::ZERO,
    };
    until_sent.saturating_sub(trace.body_wait + trace.embedding_wait) + relayed
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}

fn lossy(bytes: &[u8]) -> Box<str> {
    String::from_utf8_lossy(bytes).into()
}
