//! The columns of a log row, in the one order that [`super::encode`] and [`super::decode`] share.

/// A list of columns as SQL text, and how many they are.
macro_rules! columns {
    ($first:ident $(, $rest:ident)* $(,)?) => {
        /// Names, for `SELECT`. The trail is not among them: only who looks at one row reads it.
        pub(super) const NAMES: &str = concat!(stringify!($first) $(, ", ", stringify!($rest))*);
        /// Adds a row, unless its key is there.
        pub(super) const INSERT: &str = concat!(
            "INSERT INTO logs (", stringify!($first) $(, ", ", stringify!($rest))*, ", trail) ",
            "VALUES (?" $(, columns!(@mark $rest))*, ", ?) ON CONFLICT (gateway_ref, id) DO NOTHING"
        );
    };
    (@mark $name:ident) => { ", ?" };
}

columns! {
    gateway_ref, id, request_id, event_id, created_at,
    provider, model, model_type, path, method, request_type,
    request_content_type, response_content_type,
    status_code, upstream_status_code, success, cached,
    duration_ms, latency_ms, ttft_ms, overhead_us,
    tokens_in, tokens_out, tokens_total, tokens_reasoning, tokens_cache_read, tokens_cache_write,
    tokens_cache_write_1h, tokens_audio_in, tokens_audio_out, tokens_image_in, tokens_image_out,
    web_searches, units,
    cost, custom_cost, price_id, provider_reported_cost, metadata, step, attempt_index,
    authentication, key_id, wholesale, byok, user_agent, stream, finish_reason,
    error_code, error_message, request_size, response_size,
    payload_reason, pack, request_offset, request_length, response_offset, response_length,
    feedback, score,
}
