//! Answers from the segments, to questions about rows that roll-ups do not know.

use foldhash::HashMap;
use rusqlite::Connection;
use weir_core::analytics::{
    AnalyticsFilter, AnalyticsQuery, Dimension, DimensionValue, RollupSums,
};
use weir_core::{Cost, GatewayId};

use super::groups::{Groups, Sort};
use super::rows::range;
use crate::sqlite::fault::Fault;
use crate::sqlite::logs::segment::{self, Segment, Texts, View};
use crate::sqlite::logs::select::bit;
use crate::sqlite::logs::values::{Flag, Number, Text};

/// What is read of each row besides the texts.
const NUMBERS: [Number; 11] = [
    Number::CreatedAt,
    Number::Flags,
    Number::Status,
    Number::TokensIn,
    Number::TokensOut,
    Number::CacheRead,
    Number::CacheWrite,
    Number::Reasoning,
    Number::Cost,
    Number::Duration,
    Number::Latency,
];

/// Adds a gateway's logged calls.
pub(super) fn add(
    groups: &mut Groups<'_>,
    connection: &Connection,
    number: i64,
    gateway: &GatewayId,
) -> Result<(), Fault> {
    let (from, to) = range(groups.query);
    let texts: Vec<(Dimension, Text)> = named(groups.query)
        .into_iter()
        .filter_map(|named| Some((named, text_of(named)?)))
        .collect();
    for segment in segment::all(connection, number)? {
        let (oldest, newest) = segment.moments;
        if newest.div_euclid(60_000) >= from && oldest.div_euclid(60_000) <= to {
            let view = segment.view(connection)?;
            Rows::read(&segment, &view, &texts)?.add(groups, gateway, from..=to);
            groups.check()?;
        }
    }
    Ok(())
}

/// The columns of a segment that a question needs.
struct Rows {
    count: usize,
    numbers: [Vec<i64>; 11],
    /// Rows without a cost, and without a first byte.
    unpriced: Option<Vec<bool>>,
    unanswered: Option<Vec<bool>>,
    texts: Vec<(Dimension, Texts)>,
}

impl Rows {
    fn read(
        segment: &Segment,
        view: &View<'_>,
        named: &[(Dimension, Text)],
    ) -> Result<Self, Fault> {
        let mut numbers: [Vec<i64>; 11] = Default::default();
        for (values, number) in numbers.iter_mut().zip(NUMBERS) {
            *values = view.numbers(number)?.short_values();
        }
        let unpriced = view.numbers(Number::Cost)?.nulls();
        let unanswered = view.numbers(Number::Latency)?.nulls();
        let texts = named
            .iter()
            .map(|(dimension, text)| Ok((*dimension, view.texts(*text)?)))
            .collect::<Result<_, Fault>>()?;
        Ok(Self { count: segment.rows, numbers, unpriced, unanswered, texts })
    }

    fn add(
        &self,
        groups: &mut Groups<'_>,
        gateway: &GatewayId,
        minutes: std::ops::RangeInclusive<i64>,
    ) {
        let [created_at, flags, status, tokens_in, tokens_out, cache_read, cache_write, ..] =
            &self.numbers;
        let [.., reasoning, cost, duration, latency] = &self.numbers;
        // Rows that agree in all that is named are of one kind; each kind is looked at once.
        let mut kinds = HashMap::<Box<[usize]>, Option<Sort>>::default();
        let mut kind = Vec::new();
        for row in 0..self.count {
            let minute = created_at[row].div_euclid(60_000);
            if !minutes.contains(&minute) {
                continue;
            }
            kind.clear();
            kind.push(flags[row] as usize);
            kind.push(status[row] as usize);
            kind.extend(
                self.texts.iter().map(|(_, texts)| texts.codes.get(row).unwrap_or(usize::MAX)),
            );
            let sort = match kinds.get(&kind[..]) {
                Some(sort) => *sort,
                None => {
                    let sort = self.sort(groups, gateway, &kind);
                    kinds.insert(kind.clone().into(), sort);
                    sort
                }
            };
            let Some(sort) = sort else { continue };
            let sums = RollupSums {
                requests: 1,
                tokens_in: count(tokens_in[row]),
                tokens_out: count(tokens_out[row]),
                cache_read: count(cache_read[row]),
                cache_write: count(cache_write[row]),
                reasoning: count(reasoning[row]),
                cost: Cost::from_pico(cost[row]),
                unpriced: u64::from(is_null(&self.unpriced, row)),
                duration_ms: count(duration[row]),
                latency_ms: count(latency[row]),
                answered: u64::from(!is_null(&self.unanswered, row)),
                // Only roll-ups compare.
                ..RollupSums::default()
            };
            groups.add(minute, sort, &sums);
        }
    }

    fn sort(&self, groups: &mut Groups<'_>, gateway: &GatewayId, kind: &[usize]) -> Option<Sort> {
        let [flags, status, codes @ ..] = kind else { return None };
        let is_set = |flag| bit(*flags as i128, flag);
        let number = |number: i128| DimensionValue::Number(i64::try_from(number).unwrap_or(0));
        let group = groups.group(|dimension| match dimension {
            Dimension::Gateway => DimensionValue::Text(gateway.as_str().into()),
            Dimension::StatusCode => number(*status as i128),
            Dimension::Error => number(1 - is_set(Flag::Success)),
            Dimension::Cached => number(is_set(Flag::Cached)),
            Dimension::RateLimited => number(is_set(Flag::RateLimited)),
            Dimension::Wholesale => number(is_set(Flag::Wholesale)),
            Dimension::Provider
            | Dimension::Model
            | Dimension::Key
            | Dimension::UserAgent
            | Dimension::Metadata => {
                let mut texts = self.texts.iter().zip(codes);
                let found = texts.find(|((named, _), _)| *named == dimension);
                let text = found.map(|((_, texts), code)| texts.dictionary.get(*code));
                DimensionValue::Text(text.unwrap_or_default().into())
            }
        })?;
        let (success, cached) = (is_set(Flag::Success) == 1, is_set(Flag::Cached) == 1);
        Some(Sort { group, success, cached })
    }
}

fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn is_null(nulls: &Option<Vec<bool>>, row: usize) -> bool {
    nulls.as_ref().is_some_and(|nulls| nulls[row])
}

const fn text_of(dimension: Dimension) -> Option<Text> {
    match dimension {
        Dimension::Provider => Some(Text::Provider),
        Dimension::Model => Some(Text::Model),
        Dimension::Key => Some(Text::KeyId),
        Dimension::UserAgent => Some(Text::UserAgent),
        Dimension::Metadata => Some(Text::Metadata),
        Dimension::Gateway
        | Dimension::StatusCode
        | Dimension::Error
        | Dimension::Cached
        | Dimension::RateLimited
        | Dimension::Wholesale => None,
    }
}

/// The dimensions that a question names, each once.
fn named(query: &AnalyticsQuery) -> Vec<Dimension> {
    fn add(filter: &AnalyticsFilter, named: &mut Vec<Dimension>) {
        match filter {
            AnalyticsFilter::All(parts) | AnalyticsFilter::Any(parts) => {
                parts.iter().for_each(|part| add(part, named));
            }
            AnalyticsFilter::Is { dimension, .. } | AnalyticsFilter::Contains { dimension, .. } => {
                named.push(*dimension);
            }
        }
    }
    let mut named = query.group_by.clone();
    add(&query.filter, &mut named);
    named.sort_unstable();
    named.dedup();
    named
}
