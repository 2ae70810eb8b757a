//! Trouble ordered by the model name: `BASE(;KEY[=VALUE])*`.
//!
//! One flat list, so directives combine freely: `gpt-4o-mini;first=500;fail=2;status=503`. A
//! semicolon occurs in no provider's model names and needs no escaping in JSON. A key that is
//! unknown, repeated or has a bad value is refused, since a test that silently runs without its
//! trouble proves nothing. All keys are listed in `docs/simulator.md`.

use std::time::Duration;

use http::StatusCode;

#[cfg(test)]
mod tests;

/// Longest pause that may be ordered, in milliseconds.
const MAX_PAUSE_MS: u64 = 3_600_000;
/// Most content bytes that may be ordered.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Most words that may be ordered.
const MAX_WORDS: u64 = 1_000_000;

/// What shall happen to a request beside a plain good answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    /// `status=N`: answer with this error.
    pub(super) status: Option<StatusCode>,
    /// `retry-after=S`: seconds in the `retry-after` header of that error.
    pub(super) retry_after: Option<u64>,
    /// `fail=N`: only the first N requests of a key fail.
    pub(super) fail: Option<u64>,
    /// `hang`: no answer at all.
    pub(super) hang: bool,
    /// `garbage`: bytes that are not HTTP.
    pub(super) garbage: bool,
    /// `block`: the provider's filter withholds the answer.
    pub(super) block: bool,
    /// `gzip`: compress the answer if the client accepts it.
    pub(super) gzip: bool,
    /// `first=MS`: pause before the response head.
    pub(super) first: Duration,
    /// `chunk=MS`: pause before each stream event but the first.
    pub(super) chunk: Duration,
    /// `hang-after=N` and its kin.
    pub(super) after: Option<After>,
    /// `bytes=N`: content of exactly this size.
    pub(super) bytes: Option<usize>,
    /// `words=N`: content of exactly this many words, one a stream event.
    pub(super) words: Option<usize>,
    /// `in`, `out`, `cached`, `cache-write`, `reasoning`: what the usage shall say.
    pub(super) usage: ReportedUsage,
}

/// Trouble in the middle of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct After {
    /// Stream events that go out before it.
    pub(super) events: usize,
    /// What happens then.
    pub(super) trouble: Trouble,
}

/// What can happen in the middle of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing more comes, the connection stays open.
    Hang,
    /// The connection breaks.
    Cut,
    /// The transport ends properly, the dialect's last event is missing.
    End,
    /// One event carries broken JSON, the rest follows.
    Malformed,
    /// The dialect's error event, then the end.
    Error,
}

/// Token counts to report in place of the computed ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ReportedUsage {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cached: Option<u64>,
    pub(super) cache_write: Option<u64>,
    pub(super) reasoning: Option<u64>,
}

/// Splits a model name into its base and its script.
///
/// # Errors
/// A sentence for the client that names the directive.
pub(super) fn parse(model: &str) -> Result<(&str, Script), String> {
    let mut directives = model.split(';');
    let base = directives.next().unwrap_or(model);
    let mut script = Script::default();
    let mut seen: Vec<&str> = Vec::new();
    for directive in directives {
        let (key, value) = match directive.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (directive, None),
        };
        if seen.contains(&key) {
            return Err(format!("directive `{key}` is given twice"));
        }
        seen.push(key);
        script.set(key, value)?;
    }
    Ok((base, script))
}

impl Script {
    fn set(&mut self, key: &str, value: Option<&str>) -> Result<(), String> {
        match key {
            "hang" => self.hang = flag(key, value)?,
            "garbage" => self.garbage = flag(key, value)?,
            "gzip" => self.gzip = flag(key, value)?,
            "block" => self.block = flag(key, value)?,
            "status" => self.status = Some(status(value)?),
            "retry-after" => self.retry_after = Some(number(key, value, u64::MAX)?),
            "fail" => self.fail = Some(number(key, value, u64::MAX)?),
            "first" => self.first = pause(key, value)?,
            "chunk" => self.chunk = pause(key, value)?,
            "bytes" => self.bytes = Some(size(key, value, MAX_BYTES)?),
            "words" => self.words = Some(size(key, value, MAX_WORDS)?),
            "in" => self.usage.input = Some(number(key, value, u64::MAX / 4)?),
            "out" => self.usage.output = Some(number(key, value, u64::MAX / 4)?),
            "cached" => self.usage.cached = Some(number(key, value, u64::MAX / 4)?),
            "cache-write" => self.usage.cache_write = Some(number(key, value, u64::MAX / 4)?),
            "reasoning" => self.usage.reasoning = Some(number(key, value, u64::MAX / 4)?),
            _ => return self.set_after(key, value),
        }
        Ok(())
    }

    fn set_after(&mut self, key: &str, value: Option<&str>) -> Result<(), String> {
        let trouble = match key {
            "hang-after" => Trouble::Hang,
            "cut-after" => Trouble::Cut,
            "end-after" => Trouble::End,
            "malformed-after" => Trouble::Malformed,
            "error-after" => Trouble::Error,
            _ => return Err(format!("unknown directive `{key}`")),
        };
        if self.after.is_some() {
            return Err(format!("`{key}` cannot be combined with another `...-after`"));
        }
        self.after = Some(After { events: size(key, value, MAX_WORDS)?, trouble });
        Ok(())
    }
}

fn flag(key: &str, value: Option<&str>) -> Result<bool, String> {
    match value {
        None => Ok(true),
        Some(_) => Err(format!("directive `{key}` takes no value")),
    }
}

fn number(key: &str, value: Option<&str>, max: u64) -> Result<u64, String> {
    value
        .and_then(|value| value.parse().ok())
        .filter(|number| *number <= max)
        .ok_or_else(|| format!("directive `{key}` needs a whole number of at most {max}"))
}

fn size(key: &str, value: Option<&str>, max: u64) -> Result<usize, String> {
    let number = number(key, value, max)?;
    usize::try_from(number).map_err(|_| format!("directive `{key}` is too large"))
}

fn pause(key: &str, value: Option<&str>) -> Result<Duration, String> {
    number(key, value, MAX_PAUSE_MS).map(Duration::from_millis)
}

fn status(value: Option<&str>) -> Result<StatusCode, String> {
    value
        .and_then(|value| value.parse::<u16>().ok())
        .filter(|code| (400..600).contains(code))
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or_else(|| "directive `status` needs a number from 400 to 599".to_owned())
}
