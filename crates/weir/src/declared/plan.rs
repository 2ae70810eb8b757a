//! What a document would change, for people to read before it happens.

use serde_json::Value;
use weir_core::mask::mask;

use super::normal::defaults;
use super::text::{key, value};
use super::{Document, Fields, Kind, Place};

/// Characters of a value that a line shows at most.
const WIDTH: usize = 160;

/// Differences between two documents, and what else there is to know.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    steps: Vec<(Place, Step)>,
    /// What is there and not in the file, and stays.
    pub(crate) kept: Vec<Place>,
    /// What was beside the file and goes away with something that changes.
    pub(crate) lost: Vec<String>,
    /// What cannot be made until a secret is stored, and that secret.
    pub(crate) waiting: Vec<(Place, String)>,
}

#[derive(Debug)]
enum Step {
    Create(Vec<String>),
    Change(Vec<String>),
    Delete,
}

impl Plan {
    /// The way from one document to another.
    pub(super) fn between(before: &Document, after: &Document) -> Self {
        let mut steps = Vec::new();
        for (place, fields) in &after.objects {
            match before.objects.get(place) {
                None => steps.push((place.clone(), Step::Create(shown(fields)))),
                Some(former) if former != fields => {
                    steps.push((
                        place.clone(),
                        Step::Change(differences(place.kind, former, fields)),
                    ));
                }
                Some(_) => {}
            }
        }
        for place in before.objects.keys().rev() {
            if !after.objects.contains_key(place) {
                steps.push((place.clone(), Step::Delete));
            }
        }
        Self { steps, ..Self::default() }
    }

    /// An object changes, and it may be that nothing of it shows.
    pub(super) fn note_hidden_change(&mut self, place: &Place) {
        if !self.steps.iter().any(|(changed, _)| changed == place) {
            let lines = vec!["something that does not show, such as a credential".to_owned()];
            self.steps.push((place.clone(), Step::Change(lines)));
        }
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Objects to create, to change and to delete.
    fn counts(&self) -> (usize, usize, usize) {
        self.steps.iter().fold((0, 0, 0), |(create, change, delete), (_, step)| match step {
            Step::Create(_) => (create + 1, change, delete),
            Step::Change(_) => (create, change + 1, delete),
            Step::Delete => (create, change, delete + 1),
        })
    }

    /// The plan as text.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        for (place, step) in &self.steps {
            let (sign, lines): (_, &[String]) = match step {
                Step::Create(lines) => ('+', lines),
                Step::Change(lines) => ('~', lines),
                Step::Delete => ('-', &[]),
            };
            line(format!("{sign} {place}"));
            lines.iter().for_each(|detail| line(format!("    {detail}")));
        }
        for place in &self.kept {
            line(format!("  {place} is not in the file and stays"));
        }
        for what in &self.lost {
            line(format!("- {what}"));
        }
        for (place, secret) in &self.waiting {
            let named = if secret.is_empty() { String::new() } else { format!(" {secret}") };
            line(format!("! {place} waits: its secret{named} is not stored here"));
        }
        line(match self.counts() {
            (0, 0, 0) => "Nothing to change.".to_owned(),
            (create, change, delete) => {
                format!("{create} to create, {change} to change, {delete} to delete.")
            }
        });
        text
    }
}

/// The fields of a new object, credentials masked.
fn shown(fields: &Fields) -> Vec<String> {
    let Value::Object(fields) = masked(fields) else { return Vec::new() };
    let shown = fields.iter().map(|(name, field)| format!("{} = {}", key(name), short(field)));
    let mut shown: Vec<_> = shown.collect();
    shown.sort();
    shown
}

/// The fields that differ, each with what it was and what it becomes.
fn differences(kind: Kind, before: &Fields, after: &Fields) -> Vec<String> {
    let defaults = defaults(kind);
    let (before, after) = (masked(before), masked(after));
    let names = before.as_object().into_iter().chain(after.as_object()).flat_map(|map| map.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    let default = |name: &str| defaults.get(name).cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for name in names {
        let side = |side: &Value| side.get(name).cloned().unwrap_or_else(|| default(name));
        compare(&key(name), &side(&before), &side(&after), &mut lines);
    }
    lines
}

fn compare(path: &str, before: &Value, after: &Value, lines: &mut Vec<String>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Value::Object(before), Value::Object(after)) => {
            let names: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
            let side = |side: &Fields, name: &str| side.get(name).cloned().unwrap_or_default();
            for name in names {
                let path = format!("{path}.{}", key(name));
                compare(&path, &side(before, name), &side(after, name), lines);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (place, (before, after)) in before.iter().zip(after).enumerate() {
                compare(&format!("{path}[{place}]"), before, after, lines);
            }
        }
        (before, after) => lines.push(format!("{path}: {} -> {}", short(before), short(after))),
    }
}

fn masked(fields: &Fields) -> Value {
    let mut value = Value::Object(fields.clone());
    mask(&mut value);
    value
}

/// A value on one line, cut where it is long.
fn short(field: &Value) -> String {
    if field.is_null() {
        return "none".to_owned();
    }
    let text = value(field).replace('\n', " ");
    if text.chars().count() <= WIDTH {
        return text;
    }
    let start: String = text.chars().take(WIDTH).collect();
    format!("{start}… ({} characters)", text.chars().count())
}
