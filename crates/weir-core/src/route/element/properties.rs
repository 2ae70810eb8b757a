//! The properties of an element, which tolerate names that nobody knows.

use serde_json::{Map, Value};

use super::whole;
use crate::fault::Faults;

/// The properties of an element, with a memory of which were asked for.
pub(super) struct Properties<'a> {
    given: Option<&'a Map<String, Value>>,
    known: Vec<&'static str>,
}

/// A property and the spelling of its name that was used.
pub(super) struct Found<'a> {
    name: &'static str,
    pub(super) value: &'a Value,
}

impl<'a> Properties<'a> {
    pub(super) fn of(value: &'a Value, faults: &mut Faults) -> Option<Self> {
        let given = match value.get("properties") {
            None | Some(Value::Null) => None,
            Some(Value::Object(given)) => Some(given),
            Some(_) => {
                faults.refuse_at("properties", "must be an object");
                return None;
            }
        };
        Some(Self { given, known: Vec::new() })
    }

    /// A property under one of its two names, of which the first is the official one.
    pub(super) fn find(
        &mut self,
        names: [&'static str; 2],
        faults: &mut Faults,
    ) -> Option<Found<'a>> {
        self.known.extend(names);
        let given = self.given?;
        let mut found =
            names.into_iter().filter_map(|name| Some(Found { name, value: given.get(name)? }));
        let first = found.next()?;
        if let Some(second) = found.next().filter(|second| second.name != first.name) {
            faults.within("properties", |faults| {
                let message = format!("is another name of {}: give one of the two", first.name);
                faults.refuse_at(second.name, message);
            });
        }
        Some(first)
    }

    /// The same of a property that must be there.
    pub(super) fn take(
        &mut self,
        names: [&'static str; 2],
        faults: &mut Faults,
    ) -> Option<Found<'a>> {
        let found = self.find(names, faults);
        if found.is_none() {
            faults.within("properties", |faults| faults.refuse_at(names[0], "is required"));
        }
        found
    }

    pub(super) fn notes(&self, place: usize) -> Vec<String> {
        let names = self.given.into_iter().flat_map(Map::keys);
        let unknown = names.filter(|name| !self.known.contains(&name.as_str()));
        unknown
            .map(|name| {
                let name = format!("elements.{place}.properties.{name}");
                format!("{name} is unknown: it is kept and has no effect")
            })
            .collect()
    }
}

impl Found<'_> {
    pub(super) fn within<T>(
        &self,
        faults: &mut Faults,
        step: impl FnOnce(&Value, &mut Faults) -> T,
    ) -> T {
        faults.within("properties", |faults| {
            faults.within(self.name, |faults| step(self.value, faults))
        })
    }

    /// What was made of it, or a fault.
    pub(super) fn expect<T>(
        &self,
        made: Option<T>,
        faults: &mut Faults,
        message: &str,
    ) -> Option<T> {
        if made.is_none() {
            self.within(faults, |_, faults| faults.refuse(message));
        }
        made
    }

    /// A whole number within bounds.
    pub(super) fn whole(&self, min: u64, max: u64) -> Option<u64> {
        whole(self.value, (min, max))
    }

    /// One of these words.
    pub(super) fn word<T: Copy>(&self, faults: &mut Faults, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| self.value == word).map(|(_, meaning)| *meaning);
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.expect(found, faults, &format!("must be one of {}", names.join(", ")))
    }
}
