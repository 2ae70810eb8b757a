//! The models of one provider, by name and by the forms a name is also known under.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use weir_core::Timestamp;

use super::{Price, names, parse};

/// The models of one provider, read when they are first asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    /// Rows that are not read yet, one a line; empty where they were read at once.
    lines: &'static str,
    models: OnceLock<Models>,
}

/// The models of one provider.
#[derive(Clone, Debug, Default)]
pub(super) struct Models {
    pub(super) entries: Vec<Entry>,
    exact: HashMap<Box<str>, usize>,
    folded: HashMap<Box<str>, usize>,
    bare: HashMap<Box<str>, usize>,
}

/// A model: its prices over time.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: Box<str>,
    pub(super) versions: Vec<Version>,
}

/// A price, and the row it was read from.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) price: Arc<Price>,
    pub(super) row: Cow<'static, str>,
}

/// A row that was read.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) provider: String,
    pub(super) model: String,
    pub(super) aliases: Vec<String>,
    pub(super) version: Version,
}

impl Section {
    /// Rows of the embedded table, which a test has read.
    pub(super) fn unread(lines: &'static str) -> Self {
        Self { lines, models: OnceLock::new() }
    }

    /// The models, read now if they were not.
    pub(super) fn models(&self, as_of: &str) -> &Models {
        self.models.get_or_init(|| {
            let mut models = Models::default();
            for line in self.lines.lines() {
                // A test proves that every row can be read.
                if let Ok(read) = parse::line(line.trim_end_matches(','), as_of) {
                    models.insert(read);
                }
            }
            models
        })
    }

    /// Adds a row to a section that is read at once.
    pub(super) fn insert(&mut self, read: Read) {
        self.models.get_or_init(Models::default);
        if let Some(models) = self.models.get_mut() {
            models.insert(read);
        }
    }
}

impl Models {
    fn insert(&mut self, read: Read) {
        let Read { model, aliases, version, .. } = read;
        if let Some(place) = self.exact.get(model.as_str()).copied()
            && let Some(entry) = self.entries.get_mut(place).filter(|entry| *entry.name == *model)
        {
            entry.add(version);
            return;
        }
        let place = self.entries.len();
        // The name that a row is listed under is before another row's alias.
        self.exact.insert(model.as_str().into(), place);
        self.index(&model, place);
        for alias in &aliases {
            self.exact.entry(alias.as_str().into()).or_insert(place);
            self.index(alias, place);
        }
        self.entries.push(Entry { name: model.into(), versions: vec![version] });
    }

    /// Of several names that fold into one, the first listed keeps it.
    fn index(&mut self, name: &str, place: usize) {
        let folded = names::fold(name);
        if let Some((_, short)) = folded.rsplit_once("models/") {
            self.folded.entry(short.into()).or_insert(place);
            self.bare.entry(names::bare(short).into()).or_insert(place);
        }
        self.bare.entry(names::bare(&folded).into()).or_insert(place);
        self.folded.entry(folded.into()).or_insert(place);
    }

    /// The model of that name. Tried in turn: the name as it is; without regard to case and to dots
    /// or dashes; without a date, version or `-latest`.
    pub(super) fn find(&self, name: &str) -> Option<&Entry> {
        let place = self.exact.get(name).or_else(|| {
            let folded = names::fold(name);
            let place = self.folded.get(folded.as_str());
            place.or_else(|| self.bare.get(names::bare(&folded)))
        })?;
        self.entries.get(*place)
    }
}

impl Entry {
    /// Of two rows for the same time, the later one stays.
    fn add(&mut self, version: Version) {
        self.versions.retain(|kept| kept.price.validity != version.price.validity);
        self.versions.push(version);
        self.versions.sort_by_key(|version| version.price.validity.from);
    }

    /// The price at a moment: the latest that is valid then.
    pub(super) fn at(&self, moment: Timestamp) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.price.validity.covers(moment))
    }

    /// The newest price.
    pub(super) fn newest(&self) -> Option<&Version> {
        self.versions.last()
    }
}
