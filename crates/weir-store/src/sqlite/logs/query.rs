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

/// Rows passed over from which on a page is found in two steps; see [`deep`]. Tests have few rows.
const DEEP: u64 = if cfg!(test) { 20 } else { 20_000 };

/// The ids of a page, and how many rows match in all.
pub(super) fn select(
    connection: &Connection,
    gateway: i64,
    query: &LogQuery,
) -> Result<(Vec<LogId>, u64), Fault> {
    let plan = Plan::new(&query.filter);
    let mut segments = segment::all(connection, gateway)?;
    let all: u64 = segments.iter().map(|segment| segment.rows as u64).sum();
    if plan.is_empty() && query.offset > all / 2 && query.offset < all {
        return from_the_end(connection, gateway, query, all);
    }
    let sorted_by = SortedBy::from(query.order);
    if (DEEP..all).contains(&query.offset) && !matches!(sorted_by, SortedBy::Text(_)) {
        return deep(connection, &segments, &plan, sorted_by, query);
    }
    let mut selection = Selection::new(query);
    let mut total = 0;
    // The nearest first, so that the others are found to be too far away without a look.
    segments.sort_by_key(|segment| segment.moments);
    if !query.ascending {
        segments.reverse();
    }
    for segment in segments {
        let is_closed = sorted_by == SortedBy::Number(Number::CreatedAt)
            && selection.is_closed_to(&nearest(segment.moments, query.ascending));
        if plan.is_empty() && is_closed {
            total += segment.rows as u64;
            continue;
        }
        let Some((view, passing)) = open(connection, &segment, &plan)? else { continue };
        total += passing.count;
        if !is_closed {
            let keys = Keys::read(&view, sorted_by)?;
            offer(&mut selection, &view, &keys, |row| passing.has(row))?;
        }
    }
    Ok((selection.page(), total))
}

/// A page behind many others. Holding all rows before it, with their ids, would cost more than
/// looking twice: first at the keys alone, which tells between which two the page lies, then at the
/// rows between those.
fn deep(
    connection: &Connection,
    segments: &[Segment],
    plan: &Plan,
    sorted_by: SortedBy,
    query: &LogQuery,
) -> Result<(Vec<LogId>, u64), Fault> {
    let mut keys = Vec::<Option<i64>>::new();
    for segment in segments {
        let Some((view, passing)) = open(connection, segment, plan)? else { continue };
        let found = Keys::read(&view, sorted_by)?;
        let rows = (0..segment.rows).filter(|row| passing.has(*row));
        keys.extend(rows.filter_map(|row| match found.of(row) {
            Key::Number(key) => Some(key),
            Key::Text(_) => None,
        }));
    }
    let total = keys.len() as u64;
    let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
    if offset >= keys.len() || query.limit == 0 {
        return Ok((Vec::new(), total));
    }
    let last = offset.saturating_add(query.limit as usize - 1).min(keys.len() - 1);
    let compare = |one: &Option<i64>, other: &Option<i64>| {
        if query.ascending { one.cmp(other) } else { other.cmp(one) }
    };
    let (_, first_key, behind) = keys.select_nth_unstable_by(offset, compare);
    let first_key = *first_key;
    let last_key = match last - offset {
        0 => first_key,
        steps => *behind.select_nth_unstable_by(steps - 1, compare).1,
    };
    let before = keys.iter().filter(|key| compare(key, &first_key).is_lt()).count();
    drop(keys);
    let rest = LogQuery { offset: (offset - before) as u64, ..query.clone() };
    let mut selection = Selection::new(&rest);
    for segment in segments {
        let Some((view, passing)) = open(connection, segment, plan)? else { continue };
        let found = Keys::read(&view, sorted_by)?;
        offer(&mut selection, &view, &found, |row| {
            let Key::Number(key) = found.of(row) else { return false };
            compare(&first_key, &key).is_le()
                && compare(&key, &last_key).is_le()
                && passing.has(row)
        })?;
    }
    Ok((selection.page(), total))
}

/// Which rows of a segment pass.
struct Passing {
    /// `None` for all.
    mask: Option<Vec<bool>>,
    count: u64,
}

impl Passing {
    fn has(&self, row: usize) -> bool {
        self.mask.as_ref().is_none_or(|mask| mask[row])
    }
}

/// Opens a segment, unless no row in it passes.
fn open<'connection>(
    connection: &'connection Connection,
    segment: &Segment,
    plan: &Plan,
) -> Result<Option<(View<'connection>, Passing)>, Fault> {
    if plan.excludes(segment) {
        return Ok(None);
    }
    let view = segment.view(connection)?;
    if plan.is_empty() {
        return Ok(Some((view, Passing { mask: None, count: segment.rows as u64 })));
    }
    let Some(mask) = plan.mask(segment, &view)? else { return Ok(None) };
    let count = mask.iter().filter(|passes| **passes).count() as u64;
    Ok(Some((view, Passing { mask: Some(mask), count })))
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
    view: &View<'_>,
    keys: &Keys,
    passes: impl Fn(usize) -> bool,
) -> Result<(), Fault> {
    let mut ids = Ids { view, read: None };
    for row in (0..view.rows()).filter(|row| passes(*row)) {
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
                let key = texts.codes.get(row).and_then(|code| keys.get(code));
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
        let Some((view, passing)) = open(connection, &segment, &plan)? else { continue };
        let mut columns = Vec::with_capacity(Summary::NUMBERS.len());
        for number in Summary::NUMBERS {
            columns.push((number, view.numbers(number)?.values()));
        }
        for row in (0..segment.rows).filter(|row| passing.has(*row)) {
            summary.add(|number| {
                let column = columns.iter().find(|(named, _)| *named == number);
                column.and_then(|(_, values)| values[row])
            });
        }
    }
    Ok(summary.finish())
}
