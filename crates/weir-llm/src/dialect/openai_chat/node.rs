//! An object somewhere in the body, whose faults name its place.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use serde::Deserialize;

use crate::fault::Fault;
use crate::json::{self, Object, Raw};

/// The members of an object, and where it stands, e.g. `messages[2].content[0]`.
#[derive(Debug)]
pub(super) struct Node<'a> {
    place: Place,
    members: Object<'a>,
}

/// A place, put into words only for a fault: a body has thousands of them.
#[derive(Clone, Debug)]
struct Place {
    path: Rc<str>,
    /// In the list at that path.
    index: Option<usize>,
}

impl From<String> for Place {
    fn from(path: String) -> Self {
        Self { path: path.into(), index: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        self.index.map_or(Ok(()), |index| write!(f, "[{index}]"))
    }
}

/// A text, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Node<'a> {
    /// The whole body, whose place has no name.
    pub(super) fn body(body: &'a [u8]) -> Result<Self, Fault> {
        Ok(Self { place: String::new().into(), members: Object::read(body)? })
    }

    /// Where a member stands.
    pub(super) fn path(&self, name: &str) -> String {
        match (&*self.place.path, self.place.index) {
            ("", None) => name.to_owned(),
            _ => format!("{}.{name}", self.place),
        }
    }

    /// Takes a member out, unread.
    pub(super) fn raw(&mut self, name: &str) -> Option<Raw<'a>> {
        self.members.take_raw(name)
    }

    /// Takes a member out and reads it; `None` when it is absent or `null`.
    pub(super) fn take<T: Deserialize<'a>>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        self.raw(name).map(|raw| self.parse(raw, name)).transpose()
    }

    /// Reads a member that was taken.
    pub(super) fn parse<T: Deserialize<'a>>(&self, raw: Raw<'a>, name: &str) -> Result<T, Fault> {
        // The name is put together only for a fault.
        serde_json::from_str(raw.get()).or_else(|_| json::read(raw, &self.path(name)))
    }

    /// Takes out a member that has to be there.
    pub(super) fn need<T: Deserialize<'a>>(&mut self, name: &str) -> Result<T, Fault> {
        self.take(name)?.ok_or_else(|| self.missing(name))
    }

    /// Takes out a text that has to be there, without a copy.
    pub(super) fn word(&mut self, name: &str) -> Result<Cow<'a, str>, Fault> {
        self.need::<Word<'a>>(name).map(|word| word.0)
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

    /// Takes out a member that is an object.
    pub(super) fn node(&mut self, name: &str) -> Result<Option<Self>, Fault> {
        self.raw(name).map(|raw| self.child(raw, name)).transpose()
    }

    /// Reads an object that was taken.
    pub(super) fn child(&self, raw: Raw<'a>, name: &str) -> Result<Self, Fault> {
        let place = self.path(name);
        Ok(Self { members: json::read(raw, &place)?, place: place.into() })
    }

    /// Takes out a member that is a list of objects.
    pub(super) fn nodes(&mut self, name: &str) -> Result<Option<Vec<Self>>, Fault> {
        self.raw(name).map(|raw| self.list(raw, name)).transpose()
    }

    /// Reads a list of objects that was taken.
    pub(super) fn list(&self, raw: Raw<'a>, name: &str) -> Result<Vec<Self>, Fault> {
        let path: Rc<str> = self.path(name).into();
        let list: Vec<Object<'a>> =
            serde_json::from_str(raw.get()).map_err(|_| wrong_item(raw, &path))?;
        let node = |(index, members)| Self {
            place: Place { path: path.clone(), index: Some(index) },
            members,
        };
        Ok(list.into_iter().enumerate().map(node).collect())
    }

    /// What was not taken.
    pub(super) fn rest(&self) -> impl Iterator<Item = (&str, Raw<'a>)> {
        self.members.rest()
    }
}

/// Which item of a list is no object, or why it is no list.
fn wrong_item(raw: Raw<'_>, path: &str) -> Fault {
    let items: Vec<Raw<'_>> = match json::read(raw, path) {
        Ok(items) => items,
        Err(fault) => return fault,
    };
    let mut faults = items.iter().enumerate().filter_map(|(index, item)| {
        json::read::<Object<'_>>(item, &format!("{path}[{index}]")).err()
    });
    faults
        .next()
        .unwrap_or_else(|| Fault::invalid(path, format!("{path}: has to be a list of objects")))
}
