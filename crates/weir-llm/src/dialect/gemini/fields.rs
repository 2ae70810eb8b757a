//! An object somewhere in the body. Google's readers take `camelCase` and `snake_case` alike, so do
//! these; faults use the first.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use crate::fault::Fault;
use crate::json::{self, Object, Raw};

/// The members of an object, and where it stands, e.g. `generationConfig`.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    place: String,
    members: Object<'a>,
}

impl<'a> Fields<'a> {
    /// The whole body, whose place has no name.
    pub(super) fn body(body: &'a [u8]) -> Result<Self, Fault> {
        Ok(Self { place: String::new(), members: Object::read(body)? })
    }

    /// An object that stands at `place`.
    pub(super) fn at(raw: Raw<'a>, place: String) -> Result<Self, Fault> {
        Ok(Self { members: json::read(raw, &place)?, place })
    }

    /// Where a member stands.
    pub(super) fn path(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// Takes a member out, unread. `name` is in camel case.
    pub(super) fn raw(&mut self, name: &str) -> Option<Raw<'a>> {
        let other = self.members.take_raw(&snake(name));
        self.members.take_raw(name).or(other)
    }

    /// Takes a member out and reads it; `None` when it is absent or `null`.
    pub(super) fn take<T: Deserialize<'a>>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        self.raw(name).map(|raw| json::read(raw, &self.path(name))).transpose()
    }

    /// Takes out a count, which Google's readers also take as a text or with a point.
    pub(super) fn count(&mut self, name: &str) -> Result<Option<u64>, Fault> {
        let Some(count) = self.integer(name)? else { return Ok(None) };
        let count = u64::try_from(count);
        count.map(Some).map_err(|_| self.invalid(name, "has to be 0 or more"))
    }

    /// Takes out an integer, in the same forms.
    pub(super) fn integer(&mut self, name: &str) -> Result<Option<i64>, Fault> {
        Ok(self.take::<Integer>(name)?.map(|Integer(value)| value))
    }

    /// Takes out a member that is an object.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, Fault> {
        self.raw(name).map(|raw| Self::at(raw, self.path(name))).transpose()
    }

    /// Takes out a member that is a list of objects.
    pub(super) fn objects(&mut self, name: &str) -> Result<Vec<Self>, Fault> {
        let Some(items) = self.take::<Vec<Raw<'a>>>(name)? else { return Ok(Vec::new()) };
        let path = self.path(name);
        let items = items.into_iter().enumerate();
        items.map(|(at, raw)| Self::at(raw, format!("{path}[{at}]"))).collect()
    }

    /// The fault of a member that has to be there.
    pub(super) fn missing(&self, name: &str) -> Fault {
        Fault::missing_at(&self.path(name))
    }

    /// The fault of a member that holds a wrong value. `why` says what it has to be.
    pub(super) fn invalid(&self, name: &str, why: &str) -> Fault {
        Fault::invalid_at(&self.path(name), why)
    }

    /// The fault of a member that no other provider could take.
    pub(super) fn unsupported(&self, name: &str, why: &str) -> Fault {
        Fault::unsupported_at(&self.path(name), why)
    }

    /// What was not taken: places and values.
    pub(super) fn rest(&self) -> impl Iterator<Item = (String, Raw<'a>)> {
        self.members.rest().map(|(name, raw)| (self.path(&camel(name)), raw))
    }

    /// Name of the first member that was not taken.
    pub(super) fn other(&self) -> Option<String> {
        self.members.rest().map(|(name, _)| camel(name)).next()
    }
}

fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// In camel case, whichever it was.
pub(super) fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut raise = false;
    for letter in name.chars() {
        if letter == '_' && !out.is_empty() {
            raise = true;
        } else {
            out.push(if raise { letter.to_ascii_uppercase() } else { letter });
            raise = false;
        }
    }
    out
}

/// A whole number: `7`, `7.0` or `"7"`.
struct Integer(i64);

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Integer;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Integer, E> {
                Ok(Integer(value))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Integer, E> {
                i64::try_from(value).map(Integer).map_err(E::custom)
            }

            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Integer, E> {
                let is_small = value.fract() == 0.0 && value.abs() < 9e15;
                let not_whole = || E::invalid_value(de::Unexpected::Float(value), &self);
                is_small.then_some(Integer(value as i64)).ok_or_else(not_whole)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Integer, E> {
                text.parse().map(Integer).map_err(E::custom)
            }
        }
        from.deserialize_any(Whole)
    }
}
