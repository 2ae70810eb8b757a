//! A filter as tests of columns. What each condition means is the business of
//! [`weir_core::log_filter`]; here it is only evaluated once for each different value instead of
//! once for each row.

mod metadata;
mod numbers;
mod texts;

use std::ops::RangeInclusive;

use weir_core::log_filter::{Condition, FieldType, LogField, LogFilter};

use self::metadata::MetadataTest;
use self::texts::{IdTest, text_holds};
use super::segment::{Segment, View};
use super::values::{Flag, Number, Text};
use crate::sqlite::fault::Fault;

/// The tests that a row must pass.
pub(super) struct Plan(Vec<Test>);

enum Test {
    /// No row passes.
    Never,
    /// The number lies in one of the ranges; `nulls` tells what becomes of rows without one.
    Number { number: Number, ranges: Vec<RangeInclusive<i128>>, nulls: bool },
    /// The text meets the condition.
    Text { text: Text, condition: Condition },
    /// The text of an id does.
    Id(IdTest),
    /// Things in the metadata do.
    Metadata(Vec<MetadataTest>),
    /// The metadata holds the text.
    Search(String),
}

impl Plan {
    pub(super) fn new(filter: &LogFilter) -> Self {
        let mut tests: Vec<Test> = filter.conditions.iter().filter_map(test).collect();
        if !filter.search.is_empty() {
            tests.push(Test::Search(filter.search.clone()));
        }
        // Together, since what they read is large.
        let mut of_metadata = Vec::new();
        for test in &mut tests {
            if let Test::Metadata(found) = test {
                of_metadata.append(found);
            }
        }
        tests.retain(|test| !matches!(test, Test::Metadata(found) if found.is_empty()));
        if !of_metadata.is_empty() {
            tests.push(Test::Metadata(of_metadata));
        }
        // Cheap ones first: when no row of a segment is left, the others need not be asked.
        tests.sort_by_key(Test::effort);
        Self(tests)
    }

    /// Whether every row passes.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Which rows of a segment pass, or `None` when no row does.
    pub(super) fn mask(
        &self,
        segment: &Segment,
        view: &View<'_>,
    ) -> Result<Option<Vec<bool>>, Fault> {
        let mut mask = vec![true; segment.rows];
        for test in &self.0 {
            test.apply(view, &mut mask)?;
            if !mask.contains(&true) {
                return Ok(None);
            }
        }
        Ok(Some(mask))
    }

    /// Whether no row of a segment can pass, by what is known without reading it.
    pub(super) fn excludes(&self, segment: &Segment) -> bool {
        self.0.iter().any(|test| test.excludes(segment))
    }
}

/// The test for a condition, or `None` when every row passes it.
fn test(condition: &Condition) -> Option<Test> {
    let condition = condition.clone();
    let text = |text, condition| Some(Test::Text { text, condition });
    match &condition.field {
        LogField::Id => Some(Test::Id(IdTest::new(None, Number::Id, condition))),
        LogField::RequestId => Some(Test::Id(IdTest::new(None, Number::RequestId, condition))),
        LogField::EventId => {
            Some(Test::Id(IdTest::new(Some(Text::EventId), Number::RequestId, condition)))
        }
        LogField::Provider => text(Text::Provider, condition),
        LogField::Model => text(Text::Model, condition),
        LogField::ModelType => text(Text::ModelType, condition),
        LogField::RequestType => text(Text::RequestType, condition),
        LogField::RequestContentType => text(Text::RequestContentType, condition),
        LogField::ResponseContentType => text(Text::ResponseContentType, condition),
        LogField::UserAgent => text(Text::UserAgent, condition),
        LogField::KeyId => text(Text::KeyId, condition),
        LogField::FinishReason => text(Text::FinishReason, condition),
        LogField::ErrorCode => text(Text::ErrorCode, condition),
        LogField::DlpAction | LogField::PromptId | LogField::PromptVersionId => {
            // No row has a value.
            (!text_holds(&condition, None)).then_some(Test::Never)
        }
        LogField::Success => flag(Flag::Success, &condition),
        LogField::Cached => flag(Flag::Cached, &condition),
        LogField::Authentication => flag(Flag::Authentication, &condition),
        LogField::Wholesale => flag(Flag::Wholesale, &condition),
        LogField::Byok => flag(Flag::Byok, &condition),
        LogField::Stream => flag(Flag::Stream, &condition),
        LogField::CompatibilityMode => flag(Flag::Compatibility, &condition),
        LogField::CreatedAt => number(Number::CreatedAt, &condition),
        LogField::Cost => number(Number::Cost, &condition),
        LogField::Tokens => number(Number::Tokens, &condition),
        LogField::TokensIn => number(Number::TokensIn, &condition),
        LogField::TokensOut => number(Number::TokensOut, &condition),
        LogField::Duration => number(Number::Duration, &condition),
        LogField::TtftMs => number(Number::Ttft, &condition),
        LogField::StatusCode => number(Number::Status, &condition),
        LogField::Step => number(Number::Step, &condition),
        LogField::Feedback => number(Number::Feedback, &condition),
        LogField::Score => number(Number::Score, &condition),
        LogField::MetadataKey | LogField::MetadataValue | LogField::Metadata(_) => {
            Some(Test::Metadata(vec![MetadataTest::new(condition)]))
        }
    }
}

fn number(number: Number, condition: &Condition) -> Option<Test> {
    let (ranges, nulls) = match condition.field.kind() {
        FieldType::Time => numbers::of_times(condition),
        _ => numbers::of_numbers(condition, number),
    };
    Some(Test::Number { number, ranges, nulls })
}

fn flag(flag: Flag, condition: &Condition) -> Option<Test> {
    let passes = [false, true].map(|is_set| numbers::flag_holds(condition, is_set));
    let ranges = match passes {
        [true, true] => return None,
        [false, false] => return Some(Test::Never),
        _ => (0..=i128::from(u8::MAX))
            .filter(|flags| (flags & flag as i128 != 0) == passes[1])
            .map(|flags| flags..=flags),
    };
    Some(Test::Number { number: Number::Flags, ranges: numbers::join(ranges), nulls: false })
}

impl Test {
    /// Roughly how much there is to read and to do.
    fn effort(&self) -> u8 {
        match self {
            Self::Never => 0,
            Self::Number { number: Number::Flags | Number::Status, .. } => 1,
            Self::Text { .. } => 2,
            Self::Number { .. } => 3,
            Self::Metadata(_) => 4,
            Self::Search(_) => 5,
            Self::Id(_) => 6,
        }
    }

    fn excludes(&self, segment: &Segment) -> bool {
        match self {
            Self::Never => true,
            Self::Number { number: Number::CreatedAt, ranges, .. } => {
                let (oldest, newest) = segment.moments;
                !ranges
                    .iter()
                    .any(|range| *range.start() <= newest.into() && *range.end() >= oldest.into())
            }
            _ => false,
        }
    }

    /// Clears the mask of rows that do not pass.
    fn apply(&self, view: &View<'_>, mask: &mut [bool]) -> Result<(), Fault> {
        match self {
            Self::Never => mask.fill(false),
            Self::Number { number, ranges, nulls } => {
                view.numbers(*number)?.keep(ranges, *nulls, mask);
            }
            Self::Text { text, condition } => {
                let texts = view.texts(*text)?;
                let passes: Vec<bool> =
                    texts.dictionary.iter().map(|text| text_holds(condition, Some(text))).collect();
                texts.codes.keep(&passes, text_holds(condition, None), mask);
            }
            Self::Id(test) => test.apply(view, mask)?,
            Self::Metadata(tests) => {
                let pairs = view.pairs()?;
                tests.iter().for_each(|test| test.apply(&pairs, mask));
            }
            Self::Search(part) => {
                let texts = view.texts(Text::Metadata)?;
                let finder = memchr::memmem::Finder::new(part);
                let holds = |text: &str| finder.find(text.as_bytes()).is_some();
                let passes: Vec<bool> = texts.dictionary.iter().map(holds).collect();
                texts.codes.keep(&passes, false, mask);
            }
        }
        Ok(())
    }
}
