//! Texts that repeat from row to row (providers, models, content types, client programs) as small
//! numbers: that halves a typical row, and costs less than writing the text again.
//!
//! Callers choose some of these texts, so the table is bounded: once it is full, or for a long
//! text, the row holds the text itself. A column of words thus holds either, told apart by type.

use std::sync::Arc;

use foldhash::HashMap;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, ToSql};

use crate::sqlite::fault::Fault;

/// Words taken into the table. A busy installation has a few hundred.
const MOST: i64 = 20_000;
/// Bytes of the longest text that is worth a word.
const LONGEST: usize = 200;

/// Gives no row when the table is full. Words are never deleted, so the highest number is their
/// count.
const ADD: &str = "
    INSERT INTO words (text)
    SELECT ?1 WHERE (SELECT coalesce(max(ref), 0) FROM words) < ?2
    RETURNING ref";

/// What a row holds for a text.
pub(super) enum Word<'text> {
    Ref(i64),
    Text(&'text str),
}

impl ToSql for Word<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Ref(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
        }
    }
}

/// The writer's side: text to word.
#[derive(Default)]
pub(super) struct Writing {
    refs: HashMap<Box<str>, i64>,
}

impl Writing {
    /// The word for `text`, added to the table when it is new and there is room. To be called
    /// inside the transaction that writes the row; after a rollback, [`Self::forget`].
    pub(super) fn word<'text>(
        &mut self,
        connection: &Connection,
        text: &'text str,
    ) -> Result<Word<'text>, Fault> {
        if let Some(number) = self.refs.get(text) {
            return Ok(Word::Ref(*number));
        }
        if text.len() > LONGEST {
            return Ok(Word::Text(text));
        }
        let known = connection
            .prepare_cached("SELECT ref FROM words WHERE text = ?")?
            .query_row([text], |row| row.get(0))
            .optional()?;
        let number: Option<i64> = match known {
            Some(number) => Some(number),
            None => connection
                .prepare_cached(ADD)?
                .query_row((text, MOST), |row| row.get(0))
                .optional()?,
        };
        let Some(number) = number else { return Ok(Word::Text(text)) };
        self.refs.insert(text.into(), number);
        Ok(Word::Ref(number))
    }

    /// Drops what may have been rolled back; it is looked up again as it is needed.
    pub(super) fn forget(&mut self) {
        self.refs.clear();
    }
}

/// A reader's side: word to text. Words never change, so what was once read stays true.
#[derive(Default)]
pub(super) struct Reading {
    texts: HashMap<i64, Arc<str>>,
}

impl Reading {
    /// The text of a stored value, or `None` for null.
    pub(super) fn text(
        &mut self,
        connection: &Connection,
        value: ValueRef<'_>,
    ) -> Result<Option<Arc<str>>, Fault> {
        match value {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => self.lookup(connection, number).map(Some),
            other => match other.as_str() {
                Ok(text) => Ok(Some(Arc::from(text))),
                Err(error) => Err(Fault::Content(format!("a word: {error}"))),
            },
        }
    }

    fn lookup(&mut self, connection: &Connection, number: i64) -> Result<Arc<str>, Fault> {
        if let Some(text) = self.texts.get(&number) {
            return Ok(Arc::clone(text));
        }
        let text: Option<Arc<str>> = connection
            .prepare_cached("SELECT text FROM words WHERE ref = ?")?
            .query_row([number], |row| row.get(0))
            .optional()?;
        let text = text.ok_or_else(|| Fault::Content(format!("word {number} is missing")))?;
        self.texts.insert(number, Arc::clone(&text));
        Ok(text)
    }
}
