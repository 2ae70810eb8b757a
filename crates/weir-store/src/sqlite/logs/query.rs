//! Questions about many rows, answered from the segments.

use rusqlite::Connection;
use weir_core::LogId;
use weir_core::log_filter::LogFilter;
use weir_core::store::{LogQuery, LogSummary};

use super::filter::Plan;
use super::segment::{self, Segment, View};
use super::select::{Key, Selection, bit};
use super::summary::Summary;
use super::values::{Flag, Number, SortedBy, to_id};
use crate::sqlite::fault::Fault;

/// The ids of a page, and how many rows match in all.
pub(super) fn select(
    connection: &Connection,
    gateway: i64,
    query: &LogQuery,
) -> Result<(Vec<LogId>, u64), Fault> {
    let plan = Plan::new(&query.filter);
    let mut segments = segment::all(connection, gateway)?;
    if plan.is_empty() {
        let total = segments.iter().map(|segment| segment.rows as u64).sum();
        if query.offset > total / 2 && query.offset < total {
            return from_the_end(connection, gateway, query, total);
        }
    }
    let sorted_by = SortedBy::from(query.order);
    let mut selection = Selection::new(query);
    let mut total = 0;
    // The nearest first, so that the others are found to be too far away without a look.
    segments.sort_by_key(|segment| segment.moments);
    if !query.ascending {
        segments.reverse();
    }
    for segment in segments {
        if plan.excludes(&segment) {
            continue;
        }
        let is_closed = sorted_by == SortedBy::Number(Number::CreatedAt)
            && selection.is_closed_to(&nearest(segment.moments, query.ascending));
        if plan.is_empty() && is_closed {
            total += segment.rows as u64;
            continue;
        }
        let view = segment.view(connection)?;
        let mask = if plan.is_empty() { None } else { Some(plan.mask(&segment, &view)?) };
        let mask = match mask {
            // Every row passes.
            None => None,
            Some(None) => continue,
            Some(Some(mask)) => Some(mask),
        };
        let passes = |row: usize| mask.as_ref().is_none_or(|mask| mask[row]);
        total += match &mask {
            Some(mask) => mask.iter().filter(|passes| **passes).count() as u64,
            None => segment.rows as u64,
        };
        if !is_closed {
            offer(&mut selection, &segment, &view, sorted_by, passes)?;
        }
    }
    Ok((selection.page(), total))
}

/// A page of the far half of all rows, chosen from the other end: rows passed over are held until
/// the page is known, so the fewer the better.
fn from_the_end(
    connection: &Connection,
    gateway: i64,
    query: &LogQuery,
    total: u64,
) -> Result<(Vec<LogId>, u64), Fault> {
    let limit = u64::from(query.limit).min(total - query.offset);
    let turned = LogQuery {
        ascending: !query.ascending,
        offset: total - query.offset - limit,
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
        ..query.clone()
    };
    let (mut ids, total) = select(connection, gateway, &turned)?;
    ids.reverse();
    Ok((ids, total))
}

fn nearest((oldest, newest): (i64, i64), ascending: bool) -> Key {
    Key::Number(Some(if ascending { oldest } else { newest }))
}

/// Offers the rows of a segment that pass.
fn offer(
    selection: &mut Selection,
    segment: &Segment,
    view: &View<'_>,
    sorted_by: SortedBy,
    passes: impl Fn(usize) -> bool,
) -> Result<(), Fault> {
    let keys = Keys::read(view, sorted_by)?;
    let mut ids = Ids { view, read: None };
    for row in (0..segment.rows).filter(|row| passes(*row)) {
        let key = keys.of(row);
        if !selection.is_closed_to(&key) {
            selection.offer(key, ids.of(row)?);
        }
    }
    Ok(())
}

/// What the rows of a segment are sorted by.
enum Keys {
    Numbers(Vec<Option<i128>>),
    Flags(Vec<Option<i128>>, Flag),
    Texts(super::segment::Texts, Vec<Key>),
}

impl Keys {
    fn read(view: &View<'_>, sorted_by: SortedBy) -> Result<Self, Fault> {
        Ok(match sorted_by {
            SortedBy::Number(number) => Self::Numbers(view.numbers(number)?.values()),
            SortedBy::Flag(flag) => Self::Flags(view.numbers(Number::Flags)?.values(), flag),
            SortedBy::Text(text) => {
                let texts = view.texts(text)?;
                let keys =
                    texts.dictionary.iter().map(|text| Key::Text(Some(text.into()))).collect();
                Self::Texts(texts, keys)
            }
        })
    }

    fn of(&self, row: usize) -> Key {
        match self {
            Self::Numbers(values) => Key::number(values[row]),
            Self::Flags(values, flag) => Key::number(values[row].map(|flags| bit(flags, *flag))),
            Self::Texts(texts, keys) => {
                let key = texts.code(row).and_then(|code| keys.get(code));
                key.cloned().unwrap_or(Key::Text(None))
            }
        }
    }
}

/// The ids of a segment, read when the first is asked for.
struct Ids<'view, 'connection> {
    view: &'view View<'connection>,
    read: Option<Vec<Option<i128>>>,
}

impl Ids<'_, '_> {
    fn of(&mut self, row: usize) -> Result<LogId, Fault> {
        let ids = match &mut self.read {
            Some(ids) => ids,
            none => none.insert(self.view.numbers(Number::Id)?.values()),
        };
        Ok(to_id(ids.get(row).copied().flatten().unwrap_or_default()))
    }
}

/// Figures over the rows that match.
pub(super) fn summarise(
    connection: &Connection,
    gateway: i64,
    filter: &LogFilter,
) -> Result<LogSummary, Fault> {
    let plan = Plan::new(filter);
    let mut summary = Summary::default();
    for segment in segment::all(connection, gateway)? {
        if plan.excludes(&segment) {
            continue;
        }
        let view = segment.view(connection)?;
        let Some(mask) = plan.mask(&segment, &view)? else { continue };
        let mut columns = Vec::with_capacity(Summary::NUMBERS.len());
        for number in Summary::NUMBERS {
            columns.push((number, view.numbers(number)?.values()));
        }
        for row in (0..segment.rows).filter(|row| mask[*row]) {
            summary.add(|number| {
                let column = columns.iter().find(|(named, _)| *named == number);
                column.and_then(|(_, values)| values[row])
            });
        }
    }
    Ok(summary.finish())
}
