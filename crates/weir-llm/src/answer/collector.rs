//! Gathers the captured values of an answer into facts.

use weir_core::Cost;
use weir_core::log::LogError;

use crate::decimal;
use crate::pricing::SearchSize;
use crate::scan::Sink;

use super::counts::{self, Count, Counts};
use super::dialect::Progress;
use super::error;
use super::field::{Field, Side};
use super::modality;

/// The facts so far, and what the present document has told.
#[derive(Debug, Default)]
pub(super) struct Collector {
    pub(super) counts: Counts,
    pub(super) model: Option<Box<str>>,
    pub(super) tier: Option<Box<str>>,
    pub(super) finish: Option<Box<str>>,
    pub(super) status: Option<Box<str>>,
    pub(super) incomplete: Option<Box<str>>,
    pub(super) error: Option<LogError>,
    pub(super) reported_cost: Option<Cost>,
    pub(super) search_size: SearchSize,
    upstream_cost: Option<Cost>,
    own_key: bool,
    pub(super) saw_content: bool,
    pub(super) delivered: u64,
    pub(super) progress: Progress,
    modalities: [Vec<u8>; 3],
    document: Document,
}

/// What counts only together with the rest of its own document.
#[derive(Debug, Default)]
struct Document {
    is_error: bool,
    failed: bool,
    code: Option<Box<str>>,
    message: Option<Box<str>>,
    errors: Option<LogError>,
}

impl Sink<Field> for Collector {
    fn value(&mut self, field: Field, raw: &[u8]) {
        if raw == b"null" {
            return;
        }
        match field {
            Field::Count(count) => {
                if let Some(value) = counts::parse(raw) {
                    self.counts.set(count, value);
                }
                // Bedrock adds its own count to the last chunk of an invoked model's answer.
                self.progress.done |= matches!(count, Count::MetricIn | Count::MetricOut);
            }
            Field::Modalities(side) => {
                let kept = &mut self.modalities[side as usize];
                kept.clear();
                kept.extend_from_slice(raw);
            }
            Field::Model => {
                if self.model.is_none() {
                    self.model = text(raw);
                }
            }
            Field::Tier => keep_text(&mut self.tier, raw),
            Field::Finish => {
                keep_text(&mut self.finish, raw);
                self.progress.finished |= self.finish.is_some();
            }
            Field::Status => self.status(raw),
            Field::Incomplete => keep_text(&mut self.incomplete, raw),
            Field::Blocked => {
                keep_text(&mut self.finish, raw);
                self.progress.finished = true;
            }
            Field::Type => {
                let name = raw.strip_prefix(b"\"").and_then(|raw| raw.strip_suffix(b"\""));
                self.document.is_error |= name == Some(b"error");
                self.progress.event(name.unwrap_or_default());
            }
            Field::Error => self.set_error(error::of_value(raw)),
            Field::Errors => self.document.errors = error::of_list(raw),
            Field::Success => self.document.failed = raw == b"false",
            Field::Code => self.document.code = error::word(raw),
            Field::Message => self.document.message = error::text(raw),
            Field::Cost => {
                let text = std::str::from_utf8(raw).unwrap_or_default();
                self.reported_cost = decimal::dollars(text).or(self.reported_cost);
            }
            Field::CostTicks => {
                let text = std::str::from_utf8(raw).unwrap_or_default();
                self.reported_cost =
                    decimal::parse(text, TICKS).and_then(pico).or(self.reported_cost);
            }
            Field::UpstreamCost => {
                let text = std::str::from_utf8(raw).unwrap_or_default();
                self.upstream_cost = decimal::dollars(text).or(self.upstream_cost);
            }
            Field::OwnKey => self.own_key = raw == b"true",
            Field::Seconds => {
                if let Some(millis) = counts::parse_seconds(raw) {
                    // What is billed is told beside what was heard, and is rounded up.
                    self.counts.raise(Count::AudioMs, millis);
                }
            }
            Field::SearchSize => {
                if let Some(word) = text(raw) {
                    self.search_size = SearchSize::of_word(&word);
                }
            }
            Field::Done => {
                self.progress.ollama = true;
                self.progress.done |= raw == b"true";
            }
            Field::Content
            | Field::Image
            | Field::Choices
            | Field::Candidates
            | Field::ResponseText => {}
        }
    }

    fn dropped(&mut self, field: Field) {
        // Its text is lost, that it is there is not.
        if field == Field::Error {
            let message = "the provider's error is too long to keep".into();
            self.set_error(Some(LogError { code: "error".into(), message }));
        }
    }

    fn present(&mut self, field: Field) {
        match field {
            Field::Choices => self.progress.chat = true,
            Field::Candidates => self.progress.gemini = true,
            Field::Image => {
                self.counts.add(Count::Images, 1);
                self.saw_content = true;
            }
            Field::ResponseText => {
                self.progress.text_pieces = true;
                self.saw_content = true;
            }
            _ => self.saw_content = true,
        }
    }

    fn object_end(&mut self) {
        let document = std::mem::take(&mut self.document);
        if document.failed || document.is_error {
            self.set_error(document.errors);
        }
        // An error may stand in the open: `{"type":"error","code":...,"message":...}`.
        if document.is_error
            && let Some(message) = document.message
        {
            let code = document.code.unwrap_or_else(|| "error".into());
            self.set_error(Some(LogError { code, message }));
        } else if document.failed {
            let message =
                document.message.unwrap_or_else(|| "the provider reports no success".into());
            self.set_error(Some(LogError { code: "error".into(), message }));
        }
    }
}

impl Collector {
    /// The first error is the cause; later ones are its consequences.
    pub(super) fn set_error(&mut self, error: Option<LogError>) {
        if self.error.is_none() {
            self.error = error;
        }
    }

    /// A document is over, closed or not.
    pub(super) fn forget_document(&mut self) {
        self.document = Document::default();
    }

    /// Reckons in what is only needed at the end.
    pub(super) fn settle(&mut self) {
        for (side, list) in
            [Side::Prompt, Side::Tool, Side::Answer].into_iter().zip(&self.modalities)
        {
            modality::add(side, list, &mut self.counts);
        }
        // With the caller's own key the provider charges its fee alone; the other charges the rest.
        if let (true, Some(fee), Some(rest)) =
            (self.own_key, self.reported_cost, self.upstream_cost)
        {
            self.reported_cost = Some(fee + rest);
        }
    }

    fn status(&mut self, raw: &[u8]) {
        // A state on the way is no reason to stop.
        let on_the_way: [&[u8]; 4] =
            [b"\"in_progress\"", b"\"queued\"", b"\"starting\"", b"\"processing\""];
        if raw.first() == Some(&b'"') && !on_the_way.contains(&raw) {
            keep_text(&mut self.status, raw);
        }
    }
}

/// Decimals of a pico-dollar in a tick.
const TICKS: i32 = 2;

fn pico(pico: u128) -> Option<Cost> {
    i64::try_from(pico).ok().map(Cost::from_pico)
}

/// Takes a string that is not empty; the last one wins.
fn keep_text(place: &mut Option<Box<str>>, raw: &[u8]) {
    if place.as_deref().is_some_and(|held| is_same(held, raw)) {
        return;
    }
    if let Some(text) = text(raw) {
        *place = Some(text);
    }
}

fn is_same(held: &str, raw: &[u8]) -> bool {
    raw.strip_prefix(b"\"").and_then(|raw| raw.strip_suffix(b"\"")) == Some(held.as_bytes())
}

/// A JSON string that is not empty.
pub(super) fn text(raw: &[u8]) -> Option<Box<str>> {
    serde_json::from_slice::<Box<str>>(raw).ok().filter(|text| !text.is_empty())
}
