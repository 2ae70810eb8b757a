//! Sizes and times that bound one call.

use std::time::Duration;

/// Bounds of one call (spec: data-plane 7.1, 14).
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest request body in bytes.
    pub request_body: u64,
    /// Largest body that the log keeps, in bytes.
    pub payload: usize,
    /// Longest wait for a connection to a provider.
    pub connect: Duration,
    /// Longest wait for the first part of an answer, when the caller names none.
    pub first_byte: Duration,
    /// Longest silence inside an answer.
    pub idle: Duration,
    /// Longest silence of a client inside its request body.
    pub client_idle: Duration,
    /// Calls of one gateway on the operator's keys in each window; 0 means no limit (spec: data-plane
    /// 6).
    pub platform_calls: u64,
    /// That window, in whole seconds.
    pub platform_window: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_body: 100 * 1024 * 1024,
            payload: 10_000_000,
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(600),
            idle: Duration::from_secs(300),
            client_idle: Duration::from_secs(60),
            platform_calls: 200,
            platform_window: Duration::from_secs(60),
        }
    }
}
