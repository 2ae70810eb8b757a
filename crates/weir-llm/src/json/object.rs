//! Reading an object member by member.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::fault::Fault;

/// A value as it was written.
pub type Raw<'a> = &'a RawValue;

/// The members of an object, in order, their values unread. Of equal names the last one counts, as
/// everywhere in JSON; a `null` counts as absent.
#[derive(Debug, Default)]
pub struct Object<'a> {
    pub(super) members: Vec<(Cow<'a, str>, Raw<'a>)>,
}

impl<'a> Object<'a> {
    /// Reads a document that has to be an object.
    ///
    /// # Errors
    /// A fault without a place: the body as a whole is not usable.
    pub fn read(body: &'a [u8]) -> Result<Self, Fault> {
        serde_json::from_slice(body)
            .map_err(|error| Fault::body(format!("the body is not a JSON object: {error}")))
    }

    /// Takes a member out, unread.
    pub fn take_raw(&mut self, name: &str) -> Option<Raw<'a>> {
        let mut found = None;
        self.members.retain(|(key, value)| {
            let this = key == name;
            if this {
                found = Some(*value);
            }
            !this
        });
        found.filter(|raw| raw.get() != "null")
    }

    /// Takes a member out and reads it. `None` when it is absent or `null`.
    ///
    /// # Errors
    /// Names the member.
    pub fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        self.take_raw(name).map(|raw| read(raw, name)).transpose()
    }

    /// Reads a member and leaves it where it is.
    ///
    /// # Errors
    /// Names the member.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Fault> {
        let raw = self.members.iter().rev().find(|(key, _)| key == name).map(|(_, raw)| *raw);
        raw.filter(|raw| raw.get() != "null").map(|raw| read(raw, name)).transpose()
    }

    /// Whether a member is there more than once, so that another reader may see another value.
    pub fn repeats(&self, name: &str) -> bool {
        self.members.iter().filter(|(key, _)| key == name).count() > 1
    }

    /// Names of the members that were not taken, except those that are `null`.
    pub fn rest(&self) -> impl Iterator<Item = (&str, Raw<'a>)> {
        self.members
            .iter()
            .filter(|(_, value)| value.get() != "null")
            .map(|(name, value)| (&**name, *value))
    }
}

/// Reads a value; a fault says `name` and where inside of it.
pub(crate) fn read<'a, T: Deserialize<'a>>(raw: Raw<'a>, name: &str) -> Result<T, Fault> {
    serde_json::from_str(raw.get()).map_err(|error| {
        let text = error.to_string();
        // The position counts from the start of the value and helps nobody.
        let reason = text.split(" at line ").next().unwrap_or(&text);
        Fault::invalid(name, format!("{name}: {reason}"))
    })
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Object { members })
            }
        }
        from.deserialize_map(Members)
    }
}

/// A key, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// A text, or a list: the two forms that content has in most dialects. Without the copies that an
/// untagged enum makes.
#[derive(Clone, Debug, PartialEq)]
pub enum TextOr<T> {
    /// A string.
    Text(String),
    /// An array.
    List(Vec<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = TextOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TextOr<T>, E> {
                Ok(TextOr::Text(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<TextOr<T>, E> {
                Ok(TextOr::Text(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<TextOr<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(TextOr::List(list))
            }
        }
        from.deserialize_any(Either(PhantomData))
    }
}
