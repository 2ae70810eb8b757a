//! Prices of what is not counted in tokens (spec: providers 7).

use weir_core::{Units, Usage};

use super::bill::Bill;

/// Pico-dollars for a million of each unit.
#[derive(Clone, Debug, Default)]
pub(super) struct UnitRates {
    /// An image that was made. Charged when the images were not counted in tokens.
    pub(super) image: Option<u128>,
    /// A second of audio that was listened to.
    pub(super) second: Option<u128>,
    /// A character that was read aloud.
    pub(super) character: Option<u128>,
    /// A query, or search unit.
    pub(super) query: Option<u128>,
    /// A page that was read.
    pub(super) page: Option<u128>,
    /// The call as such.
    pub(super) request: Option<u128>,
    /// A web search, by how much of the web it looks at: little, middle, much.
    pub(super) search: [Option<u128>; 3],
}

/// How much of the web a search looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchSize {
    /// Little.
    Low,
    /// What is charged when nothing tells.
    #[default]
    Medium,
    /// Much.
    High,
}

impl SearchSize {
    /// Reads the word of an answer; an unknown one is the middle.
    pub fn of_word(word: &str) -> Self {
        match word {
            "low" => Self::Low,
            "high" => Self::High,
            _ => Self::Medium,
        }
    }

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl UnitRates {
    /// Whether any unit has a price.
    pub(super) fn is_any(&self) -> bool {
        let Self { image, second, character, query, page, request, search } = self;
        let rates = [image, second, character, query, page, request];
        rates.into_iter().chain(search).any(Option::is_some)
    }

    /// Puts the units of a usage on a bill, and tells whether there was one that has a price;
    /// `None` beyond what can be counted. `has_rates`: tokens are charged, too.
    pub(super) fn charge(
        &self,
        usage: &Usage,
        size: SearchSize,
        has_rates: bool,
        bill: &mut Bill,
    ) -> Option<bool> {
        let Units { images, audio_ms, characters, queries, pages } = usage.units;
        // Tokens stand for the same images, sounds and texts.
        let unless = |counted: bool, count: u64| if has_rates && counted { 0 } else { count };
        let in_tokens = usage.input > 0 || usage.output > 0;
        let charges = [
            ("images", unless(usage.output > 0, images), self.image, 1),
            ("audio_milliseconds", unless(in_tokens, audio_ms), self.second, 1000),
            ("characters", unless(in_tokens, characters), self.character, 1),
            ("queries", queries, self.query, 1),
            ("pages", pages, self.page, 1),
            ("web_searches", usage.web_searches, self.search[size as usize], 1),
            ("requests", 1, self.request, 1),
        ];
        let mut any = false;
        for (unit, count, rate, divisor) in charges {
            if let Some(rate) = rate.filter(|_| count > 0) {
                bill.add(unit, count, u128::from(count).checked_mul(rate)? / divisor);
                any = true;
            }
        }
        Some(any)
    }
}
