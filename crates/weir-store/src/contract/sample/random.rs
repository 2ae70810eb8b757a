//! Rows, filters and orders at random, the same in every run.

use weir_core::log::{LogError, LogRecord};
use weir_core::log_filter::{
    Condition, FieldType, FilterValue, LogField, LogFilter, LogOrder, Operator,
};
use weir_core::{Cost, LogId, Timestamp, Usage};

use super::bare_record;

/// A small generator (xorshift).
pub(crate) struct Random(pub(crate) u64);

/// Texts of every kind that could go wrong: SQL, patterns, quotes, other scripts, nothing at all.
const TEXTS: [&str; 16] = [
    "openai",
    "anthropic",
    "open",
    "OpenAI",
    "",
    "%",
    "_",
    "' OR 1=1 --",
    "\"; DROP TABLE logs; --",
    "a\\b",
    "\u{e4}\u{1f30a}",
    "null",
    "true",
    "7",
    "text-generation",
    "a text that is so much longer than the others that no table of words would take it in, since \
     that is bounded in the number of its words and in their length, and this one goes on and on and \
     on, beyond two hundred bytes",
];

const METADATA: [&str; 20] = [
    r#"{"team":"search","user":"u-1"}"#,
    r#"{"team":"search","user":"u-2"}"#,
    r#"{"user":"u-1","team":"ads"}"#,
    r#"{"team":null}"#,
    r#"{"team":"null"}"#,
    r#"{"n":7}"#,
    r#"{"n":7.0,"ok":true}"#,
    r#"{"n":"7","ok":"true"}"#,
    r#"{"n":1e400}"#,
    r#"{"team":"a","team":"b"}"#,
    r#"{"\u00e4":"\u00e4 \"quoted\""}"#,
    "{\"\u{e4}\":\"\u{1f30a}\"}",
    r#"{"deep":{"team":"search"},"list":[1,"u-1"]}"#,
    r#"{"":""}"#,
    "{}",
    "[\"team\"]",
    "\"team\"",
    "null",
    "not json",
    r#"{"search":"team"}"#,
];

const NUMBERS: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    7.0,
    200.0,
    429.0,
    0.5,
    1e-12,
    2.5e-12,
    9_223_372.036_854_775,
    1e300,
    -1e300,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 33) as usize) % end
    }

    pub(crate) fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn text(&mut self) -> &'static str {
        self.pick(&TEXTS)
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.chance(3) { None } else { Some(make(self)) }
    }

    /// Metadata, of which some is no JSON.
    pub(crate) fn metadata(&mut self) -> &'static str {
        self.pick(&METADATA)
    }

    fn count(&mut self) -> u64 {
        let wide = 1 << self.below(40);
        self.next() % wide
    }

    fn moment(&mut self) -> Timestamp {
        let millis = 1_795_000_000_000 + (self.next() % 3_000) as i64;
        Timestamp::from_millis(if self.chance(40) { -millis } else { millis })
    }

    /// A record. Its account and gateway are those of [`bare_record`].
    pub(crate) fn record(&mut self) -> LogRecord {
        let id = match self.below(4) {
            0 => LogId::from_bytes((u128::from(self.next()) << 64 | 5).to_be_bytes()),
            _ => LogId::generate(),
        };
        let small_costs = [0, 1, 2, 500_000_000_000, 1_000_000_000_000];
        let extreme_costs = [i64::MAX, i64::MIN, -1, i64::MAX - 1];
        LogRecord {
            id,
            request_id: if self.chance(3) { LogId::generate() } else { id },
            event_id: self.maybe(|random| random.text().into()),
            created_at: self.moment(),
            provider: self.text().into(),
            model: self.text().into(),
            model_type: self.maybe(|random| random.pick(&["text-generation", "text-embeddings"])),
            request_type: self.pick(&["http", "compat", "universal"]),
            request_content_type: self.maybe(|random| random.text().into()),
            response_content_type: self.maybe(|random| random.text().into()),
            status_code: self.maybe(|random| random.pick(&[200, 201, 400, 429, 500])),
            upstream_status_code: self.maybe(|random| random.pick(&[200, 429])),
            success: self.chance(2),
            cached: self.chance(2),
            duration_ms: match self.below(8) {
                0 => u32::MAX,
                1 => 0,
                _ => (self.next() % 3000) as u32,
            },
            latency_ms: self.maybe(|random| (random.next() % 1000) as u32),
            ttft_ms: self.maybe(|random| (random.next() % 1000) as u32),
            usage: self.maybe(|random| Usage {
                input: random.count(),
                output: random.count(),
                cache_read: random.count(),
                cache_write: random.count(),
                reasoning: random.count(),
                ..Usage::default()
            }),
            cost: self.maybe(|random| {
                let extreme = random.chance(30);
                let of = if extreme { &extreme_costs[..] } else { &small_costs[..] };
                Cost::from_pico(random.pick(of))
            }),
            metadata: self.maybe(|random| random.metadata().into()),
            step: self.below(3) as u32,
            authentication: self.chance(2),
            key_id: self.maybe(|random| random.text().into()),
            wholesale: self.chance(2),
            byok: self.chance(2),
            user_agent: self.maybe(|random| random.text().into()),
            stream: self.chance(2),
            finish_reason: self.maybe(|random| random.text().into()),
            error: self.maybe(|random| LogError { code: random.text().into(), message: "".into() }),
            ..bare_record()
        }
    }

    /// An order.
    pub(crate) fn order(&mut self) -> LogOrder {
        LogOrder::parse(self.pick(LogOrder::NAMES)).expect("a published order")
    }

    /// A filter; `rows` lend it values that occur.
    pub(crate) fn filter(&mut self, rows: &[LogRecord]) -> LogFilter {
        let conditions = (0..self.below(4)).map(|_| self.condition(rows)).collect();
        let parts = ["team", "\"u-1\"", "{", "\\u00e4", "\u{e4}", "%", "nowhere", "'"];
        let search = if self.chance(5) { self.pick(&parts) } else { "" };
        LogFilter { conditions, search: search.to_owned() }
    }

    fn condition(&mut self, rows: &[LogRecord]) -> Condition {
        let field = if self.chance(10) {
            let names = ["team", "user", "n", "ok", "\u{e4}", "", "deep", "list"];
            LogField::Metadata(self.pick(&names).to_owned())
        } else {
            LogField::parse(self.pick(LogField::NAMES)).expect("a published field")
        };
        let operator = Operator::parse(self.pick(Operator::NAMES)).expect("a published operator");
        let values = (0..self.below(4)).map(|_| self.value(&field, rows)).collect();
        Condition { field, operator, values }
    }

    fn value(&mut self, field: &LogField, rows: &[LogRecord]) -> FilterValue {
        if self.chance(6) {
            return FilterValue::Null;
        }
        let other = [FieldType::Text, FieldType::Number, FieldType::Flag, FieldType::Time];
        let kind = if self.chance(12) { self.pick(&other) } else { field.kind() };
        match kind {
            FieldType::Text => FilterValue::Text(self.wanted_text(field, rows)),
            FieldType::Number => FilterValue::Number(self.wanted_number(field, rows)),
            FieldType::Flag => FilterValue::Flag(self.chance(2)),
            FieldType::Time => FilterValue::Time(match self.below(8) {
                0 => Timestamp::from_millis(i64::MIN),
                1 => Timestamp::from_millis(i64::MAX),
                _ => self.moment(),
            }),
        }
    }

    fn wanted_text(&mut self, field: &LogField, rows: &[LogRecord]) -> String {
        let metadata =
            ["team", "user", "search", "u-1", "7", "7.0", "true", "\u{e4} \"quoted\"", "se"];
        match field {
            LogField::Id | LogField::EventId | LogField::RequestId if !self.chance(3) => {
                let record = &rows[self.below(rows.len())];
                let id = if self.chance(2) { record.id } else { record.request_id };
                let text = id.to_string();
                match self.below(4) {
                    0 => text[..self.below(36)].to_owned(),
                    1 => text.to_uppercase(),
                    _ => text,
                }
            }
            LogField::Metadata(_) | LogField::MetadataKey | LogField::MetadataValue => {
                self.pick(&metadata).to_owned()
            }
            _ => self.text().to_owned(),
        }
    }

    fn wanted_number(&mut self, field: &LogField, rows: &[LogRecord]) -> f64 {
        let record = &rows[self.below(rows.len())];
        let usage = record.usage.unwrap_or_default();
        let there = match field {
            LogField::Cost => record.cost.unwrap_or_default().dollars(),
            LogField::Tokens => (usage.input + usage.output) as f64,
            LogField::TokensIn => usage.input as f64,
            LogField::TokensOut => usage.output as f64,
            LogField::Duration => f64::from(record.duration_ms),
            LogField::TtftMs => f64::from(record.ttft_ms.unwrap_or(7)),
            _ => self.pick(&NUMBERS),
        };
        match self.below(5) {
            0 => self.pick(&NUMBERS),
            1 => there + 0.5,
            _ => there,
        }
    }
}
