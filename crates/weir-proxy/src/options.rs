//! The `cf-aig-*` request headers that steer one call, and `weir-explain`, read once
//! (spec: data-plane 3.1).

pub(crate) mod caching;
pub(crate) mod metadata;
pub(crate) mod retry;

use std::time::Duration;

use http::HeaderValue;
use weir_core::gateway::GatewaySettings;
use weir_llm::pricing::CustomCost;

use self::caching::CacheWish;
use self::metadata::Metadata;
use self::retry::{Backoff, RetryPlan};

/// The headers as they came; only those that something acts on are kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawOptions {
    collect_log: Option<HeaderValue>,
    collect_log_payload: Option<HeaderValue>,
    metadata: Option<HeaderValue>,
    event_id: Option<HeaderValue>,
    custom_cost: Option<CustomCost>,
    /// A custom cost was sent and cannot be read.
    custom_cost_invalid: bool,
    request_timeout: Option<HeaderValue>,
    gateway_id: Option<HeaderValue>,
    byok_alias: Option<HeaderValue>,
    no_wholesale: Option<HeaderValue>,
    zdr: Option<HeaderValue>,
    skip_cache: Option<HeaderValue>,
    cache_ttl: Option<HeaderValue>,
    cache_key: Option<HeaderValue>,
    /// `cf-skip-cache` and `cf-cache-ttl`, as they were named before.
    old_skip_cache: Option<HeaderValue>,
    old_cache_ttl: Option<HeaderValue>,
    max_attempts: Option<HeaderValue>,
    retry_delay: Option<HeaderValue>,
    backoff: Option<HeaderValue>,
    session_id: Option<HeaderValue>,
    explain: bool,
}

/// What one call asks of the gateway.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestOptions {
    /// Write a row.
    pub(crate) collect: bool,
    /// Keep the bodies beside it.
    pub(crate) payload: bool,
    /// The caller's labels.
    pub(crate) metadata: Option<Metadata>,
    /// The metadata header could not be used.
    pub(crate) metadata_invalid: bool,
    /// The caller's own id for the request.
    pub(crate) event_id: Option<HeaderValue>,
    /// The caller's own price.
    pub(crate) custom_cost: Option<CustomCost>,
    /// The header with it could not be read.
    pub(crate) custom_cost_invalid: bool,
    /// Longest wait for the first part of the answer, for each try.
    pub(crate) request_timeout: Option<Duration>,
    /// Longest silence inside an answer, where the gateway has one of its own.
    pub(crate) idle_timeout: Option<Duration>,
    /// Longest time for all of the call.
    pub(crate) total_timeout: Option<Duration>,
    /// When to try again.
    pub(crate) retry: RetryPlan,
    /// Whether the answer may come from the cache, and go into it.
    pub(crate) cache: CacheWish,
    /// Which of the stored keys is to be used.
    pub(crate) key_alias: Option<Box<str>>,
    /// No platform-managed key is to be used.
    pub(crate) own_keys_only: bool,
    /// The session, or run of an agent, that the call is part of.
    pub(crate) session: Option<Box<str>>,
    /// The provider is to keep nothing, where it offers that (spec: observability 8.4).
    pub(crate) zdr: bool,
    /// Tell what was decided in a header of the answer, if the caller may know.
    pub(crate) explain: bool,
}

/// Longest name of a session in bytes; the rest of a longer one does not count.
const LONGEST_SESSION: usize = 256;

impl RequestOptions {
    /// Adds the label that only the gateway gives: who calls, by the word of an issuer (spec:
    /// data-plane 2.7).
    pub(crate) fn of_user(mut self, user: Option<&str>) -> Self {
        if let Some(user) = user {
            self.metadata.get_or_insert_default().set_user(user);
        }
        self
    }

    /// Drops what a gateway does for a call beyond passing it on.
    pub(crate) fn go_past_the_gateway(&mut self) {
        self.collect = false;
        self.payload = false;
        self.cache = CacheWish::Off;
        self.retry = RetryPlan::default();
    }
}

impl RawOptions {
    /// Keeps the header `cf-aig-{name}` if something acts on it. One that cannot be read counts as
    /// absent, so that a step's does not hide the request's.
    pub(crate) fn set(&mut self, name: &str, value: HeaderValue) {
        let is_read = match name {
            "collect-log" | "collect-log-payload" | "no-wholesale" | "skip-cache" | "zdr" => {
                boolean(&value).is_some()
            }
            "cache-ttl" | "max-attempts" | "retry-delay" => integer(&value).is_some(),
            "request-timeout" => integer(&value).is_some_and(|ms| ms > 0),
            "backoff" => value.to_str().ok().and_then(Backoff::parse).is_some(),
            "custom-cost" => return self.set_custom_cost(&value),
            _ => true,
        };
        if !is_read {
            return;
        }
        let slot = match name {
            "collect-log" => &mut self.collect_log,
            "collect-log-payload" => &mut self.collect_log_payload,
            "metadata" => &mut self.metadata,
            "event-id" => &mut self.event_id,
            "request-timeout" => &mut self.request_timeout,
            "gateway-id" => &mut self.gateway_id,
            "byok-alias" => &mut self.byok_alias,
            "no-wholesale" => &mut self.no_wholesale,
            "zdr" => &mut self.zdr,
            "skip-cache" => &mut self.skip_cache,
            "cache-ttl" => &mut self.cache_ttl,
            "cache-key" => &mut self.cache_key,
            "max-attempts" => &mut self.max_attempts,
            "retry-delay" => &mut self.retry_delay,
            "backoff" => &mut self.backoff,
            "session-id" => &mut self.session_id,
            _ => return,
        };
        *slot = Some(value);
    }

    fn set_custom_cost(&mut self, value: &HeaderValue) {
        match text(Some(value)).and_then(CustomCost::parse) {
            Some(cost) => self.custom_cost = Some(cost),
            None => self.custom_cost_invalid = true,
        }
    }

    /// Keeps one of the two headers that had shorter names once. Says whether it was one.
    pub(crate) fn set_old(&mut self, name: &str, value: &HeaderValue) -> bool {
        let (slot, is_read) = match name {
            "cf-skip-cache" => (&mut self.old_skip_cache, boolean(value).is_some()),
            "cf-cache-ttl" => (&mut self.old_cache_ttl, integer(value).is_some()),
            _ => return false,
        };
        if is_read {
            *slot = Some(value.clone());
        }
        true
    }

    /// Takes the header `weir-explain`.
    pub(crate) fn set_explain(&mut self, value: &HeaderValue) {
        self.explain = value.as_bytes().trim_ascii() == b"1" || boolean(value) == Some(true);
    }

    /// The client's own event id, which even a refusal echoes.
    pub(crate) fn event_id(&self) -> Option<HeaderValue> {
        self.event_id.clone().filter(|value| !value.is_empty())
    }

    /// These options with what `step` says in their place.
    pub(crate) fn overridden_by(self, step: Self) -> Self {
        Self {
            collect_log: step.collect_log.or(self.collect_log),
            collect_log_payload: step.collect_log_payload.or(self.collect_log_payload),
            metadata: step.metadata.or(self.metadata),
            event_id: self.event_id.or(step.event_id),
            custom_cost: step.custom_cost.or(self.custom_cost),
            custom_cost_invalid: step.custom_cost_invalid || self.custom_cost_invalid,
            request_timeout: step.request_timeout.or(self.request_timeout),
            gateway_id: self.gateway_id,
            byok_alias: step.byok_alias.or(self.byok_alias),
            no_wholesale: step.no_wholesale.or(self.no_wholesale),
            zdr: step.zdr.or(self.zdr),
            // A step's old name is still closer than the request's new one.
            skip_cache: step.skip_cache.or_else(|| step.old_skip_cache.clone()).or(self.skip_cache),
            cache_ttl: step.cache_ttl.or_else(|| step.old_cache_ttl.clone()).or(self.cache_ttl),
            cache_key: step.cache_key.or(self.cache_key),
            old_skip_cache: step.old_skip_cache.or(self.old_skip_cache),
            old_cache_ttl: step.old_cache_ttl.or(self.old_cache_ttl),
            max_attempts: step.max_attempts.or(self.max_attempts),
            retry_delay: step.retry_delay.or(self.retry_delay),
            backoff: step.backoff.or(self.backoff),
            session_id: step.session_id.or(self.session_id),
            explain: self.explain || step.explain,
        }
    }

    /// The gateway that a call at the API host names.
    pub(crate) fn gateway_id(&self) -> Option<&str> {
        text(self.gateway_id.as_ref()).map(str::trim).filter(|id| !id.is_empty())
    }

    /// Reads the values. A bad one counts as absent and never fails the call.
    pub(crate) fn parse(self, gateway: &GatewaySettings) -> RequestOptions {
        let collect = self.collect_log.as_ref().and_then(boolean).unwrap_or(gateway.collect_logs);
        let payload = self.collect_log_payload.as_ref().and_then(boolean).unwrap_or(true);
        let metadata = self.metadata.as_ref().map(|value| Metadata::parse(value.as_bytes()));
        let timeout = self.request_timeout.as_ref().and_then(integer).filter(|ms| *ms > 0);
        let retry = RetryPlan::read(
            self.max_attempts.as_ref().and_then(integer),
            self.retry_delay.as_ref().and_then(integer),
            text(self.backoff.as_ref()),
            gateway,
        );
        let cache = CacheWish::read(
            self.skip_cache.as_ref().or(self.old_skip_cache.as_ref()).and_then(boolean),
            self.cache_ttl.as_ref().or(self.old_cache_ttl.as_ref()).and_then(integer),
            self.cache_key.as_ref().map(HeaderValue::as_bytes),
            gateway,
        );
        let event_id = self.event_id();
        let session = text(self.session_id.as_ref()).map(str::trim).filter(|id| !id.is_empty());
        let key_alias = text(self.byok_alias.as_ref()).map(str::trim);
        // The header can only tighten what the gateway permits (spec: data-plane 2.4).
        let no_wholesale = self.no_wholesale.as_ref().and_then(boolean) == Some(true);
        RequestOptions {
            collect,
            payload: collect && payload,
            metadata_invalid: matches!(metadata, Some(Err(_))),
            metadata: metadata.and_then(Result::ok).filter(|metadata| !metadata.is_empty()),
            event_id,
            custom_cost: self.custom_cost,
            custom_cost_invalid: self.custom_cost_invalid,
            request_timeout: timeout.or(gateway.request_timeout).map(Duration::from_millis),
            idle_timeout: gateway.idle_timeout.map(Duration::from_millis),
            total_timeout: gateway.total_timeout.map(Duration::from_millis),
            retry,
            cache,
            key_alias: key_alias.filter(|alias| !alias.is_empty()).map(Into::into),
            own_keys_only: gateway.byok_only || no_wholesale,
            // Visible ASCII, so that every byte is a place to cut.
            session: session.map(|id| id[..id.len().min(LONGEST_SESSION)].into()),
            zdr: self.zdr.as_ref().and_then(boolean).unwrap_or(gateway.zdr),
            explain: self.explain,
        }
    }
}

fn text(value: Option<&HeaderValue>) -> Option<&str> {
    value.and_then(|value| value.to_str().ok())
}

fn boolean(value: &HeaderValue) -> Option<bool> {
    let value = value.as_bytes().trim_ascii();
    if value.eq_ignore_ascii_case(b"true") {
        Some(true)
    } else if value.eq_ignore_ascii_case(b"false") {
        Some(false)
    } else {
        None
    }
}

fn integer(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok()?.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Larger than any number is as good as the largest.
    Some(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(gateway: bool, headers: &[(&str, &'static str)]) -> RequestOptions {
        let mut raw = RawOptions::default();
        for (name, value) in headers {
            raw.set(name, HeaderValue::from_static(value));
        }
        raw.parse(&GatewaySettings { collect_logs: gateway, ..GatewaySettings::default() })
    }

    #[test]
    fn what_is_collected_follows_the_table() {
        // spec: observability 1.3; (gateway, collect-log, collect-log-payload) -> (row, bodies)
        for (gateway, log, payload, row, bodies) in [
            (true, None, None, true, true),
            (true, None, Some("true"), true, true),
            (true, Some("false"), Some("true"), false, false),
            (true, None, Some("false"), true, false),
            (false, None, Some("true"), false, false),
            (false, Some("true"), None, true, true),
            (false, Some("TRUE"), Some("false"), true, false),
            (true, Some("maybe"), Some("0"), true, true),
        ] {
            let mut headers = Vec::new();
            headers.extend(log.map(|value| ("collect-log", value)));
            headers.extend(payload.map(|value| ("collect-log-payload", value)));
            let options = parse(gateway, &headers);
            assert_eq!((options.collect, options.payload), (row, bodies), "{headers:?}");
        }
    }

    #[test]
    fn an_explanation_is_asked_for_by_name() {
        for (value, asked) in [("1", true), (" true ", true), ("0", false), ("", false)] {
            let mut raw = RawOptions::default();
            raw.set_explain(&HeaderValue::from_static(value));
            let kept = raw.clone().overridden_by(RawOptions::default());
            assert_eq!(raw.parse(&GatewaySettings::default()).explain, asked, "{value:?}");
            assert_eq!(kept.explain, asked, "a step does not take it back");
        }
    }

    #[test]
    fn a_session_has_a_name_of_some_length() {
        let session = |value: &'static str| parse(true, &[("session-id", value)]).session;
        assert_eq!(session(" run 7 ").as_deref(), Some("run 7"));
        assert_eq!(session("  "), None);
        let long: &'static str = Box::leak("x".repeat(300).into_boxed_str());
        assert_eq!(session(long).map(|it| it.len()), Some(256));
    }

    #[test]
    fn bad_values_count_as_absent() {
        let options = parse(true, &[("request-timeout", "soon"), ("custom-cost", "oops")]);
        assert_eq!(options.request_timeout, None);
        assert!(options.custom_cost.is_none());
        assert_eq!(parse(true, &[("request-timeout", "0")]).request_timeout, None);
        let timeout = parse(true, &[("request-timeout", " 500 ")]).request_timeout;
        assert_eq!(timeout, Some(Duration::from_millis(500)));
    }
}
