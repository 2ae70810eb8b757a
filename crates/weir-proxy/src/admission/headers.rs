//! Headers about limits. The original sends none, so a gateway must ask for them (spec: data-plane
//! 3.2).

use http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use weir_core::Timestamp;

use super::Quota;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Writes what is left and in how many seconds there may be more, rounded up; of a refusal also
/// when to come again, in a second at the earliest. A provider's own headers of these names give
/// way: they speak of another limit.
pub(super) fn write(quota: &Quota, is_refusal: bool, now: Timestamp, headers: &mut HeaderMap) {
    let wait = quota.resets_at.as_millis().saturating_sub(now.as_millis());
    let seconds = u64::try_from(wait).unwrap_or(0).div_ceil(1000);
    headers.insert(LIMIT, HeaderValue::from(quota.limit));
    headers.insert(REMAINING, HeaderValue::from(quota.remaining));
    headers.insert(RESET, HeaderValue::from(seconds));
    if is_refusal {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
}
