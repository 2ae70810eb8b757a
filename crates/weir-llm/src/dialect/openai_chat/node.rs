//! An object somewhere in the body, whose faults name its place.

use serde::Deserialize;

use crate::fault::Fault;
use crate::json::{self, Object, Raw};

/// The members of an object, and where it stands, e.g. `messages[2].content[0]`.
#[derive(Debug)]
pub(super) struct Node<'a> {
    place: String,
    members: Object<'a>,
}

impl<'a> Node<'a> {
    /// The whole body, whose place has no name.
    pub(super) fn body(body: &'a [u8]) -> Result<Self, Fault> {
        Ok(Self { place: String::new(), members: Object::read(body)? })
    }

    /// Where a member stands.
    pub(super) fn path(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
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

    /// The fault of a member that has to be there.
    pub(super) fn missing(&self, name: &str) -> Fault {
        let path = self.path(name);
        let message = format!("{path} is missing");
        Fault::missing(path, message)
    }

    /// The fault of a member that holds a wrong value. `why` says what it has to be.
    pub(super) fn invalid(&self, name: &str, why: &str) -> Fault {
        let path = self.path(name);
        let message = format!("{path}: {why}");
        Fault::invalid(path, message)
    }

    /// The fault of a member that no other provider could take.
    pub(super) fn unsupported(&self, name: &str, why: &str) -> Fault {
        let path = self.path(name);
        let message = format!("{path}: {why}");
        Fault::unsupported(path, message)
    }

    /// Takes out a member that is an object.
    pub(super) fn node(&mut self, name: &str) -> Result<Option<Self>, Fault> {
        self.raw(name).map(|raw| self.child(raw, name)).transpose()
    }

    /// Reads an object that was taken.
    pub(super) fn child(&self, raw: Raw<'a>, name: &str) -> Result<Self, Fault> {
        let place = self.path(name);
        Ok(Self { members: json::read(raw, &place)?, place })
    }

    /// Takes out a member that is a list of objects.
    pub(super) fn nodes(&mut self, name: &str) -> Result<Option<Vec<Self>>, Fault> {
        self.raw(name).map(|raw| self.list(raw, name)).transpose()
    }

    /// Reads a list of objects that was taken.
    pub(super) fn list(&self, raw: Raw<'a>, name: &str) -> Result<Vec<Self>, Fault> {
        let path = self.path(name);
        let list: Vec<Object<'a>> =
            serde_json::from_str(raw.get()).map_err(|_| wrong_item(raw, &path))?;
        let place = |(index, members)| Self { place: format!("{path}[{index}]"), members };
        Ok(list.into_iter().enumerate().map(place).collect())
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
