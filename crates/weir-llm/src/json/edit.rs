//! Changing members of an object while every other byte stays as it is.

use std::borrow::Cow;

use super::Object;
use crate::fault::Fault;

/// Changes to the members of one object, applied in one pass.
#[derive(Debug, Default)]
pub struct Edits {
    /// New values by name; `None` removes.
    changes: Vec<(Cow<'static, str>, Option<Vec<u8>>)>,
}

impl Edits {
    /// Gives a member a new value, given as JSON text. A member that is not there is added.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, json: impl Into<Vec<u8>>) {
        self.changes.push((name.into(), Some(json.into())));
    }

    /// Gives a member a new text.
    pub fn set_text(&mut self, name: impl Into<Cow<'static, str>>, text: &str) {
        let mut json = Vec::with_capacity(text.len() + 2);
        super::push_string(&mut json, text);
        self.set(name, json);
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: impl Into<Cow<'static, str>>) {
        self.changes.push((name.into(), None));
    }

    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The document with the changes made.
    ///
    /// # Errors
    /// When it is not an object.
    pub fn apply(&self, body: &[u8]) -> Result<Vec<u8>, Fault> {
        let object = Object::read(body)?;
        let mut out = Vec::with_capacity(body.len() + 64);
        let removes = self.changes.iter().any(|(_, value)| value.is_none());
        if removes {
            self.rebuild(&object, &mut out);
        } else {
            self.splice(body, &object, &mut out);
        }
        Ok(out)
    }

    /// Replaces values where they stand: not even white space moves.
    fn splice(&self, body: &[u8], object: &Object<'_>, out: &mut Vec<u8>) {
        let mut copied = 0;
        for (name, raw) in &object.members {
            let Some(value) = self.value(name) else { continue };
            let at = raw.get().as_ptr() as usize - body.as_ptr() as usize;
            out.extend_from_slice(&body[copied..at]);
            out.extend_from_slice(value);
            copied = at + raw.get().len();
        }
        // The object was read, so its last byte that is not white space is its brace.
        let brace = body.trim_ascii_end().len() - 1;
        out.extend_from_slice(&body[copied..brace]);
        let mut first = object.members.is_empty();
        for (name, value) in &self.changes {
            let Some(value) = value else { continue };
            if object.members.iter().any(|(key, _)| key == name) {
                continue;
            }
            member(out, &mut first, name, value);
        }
        out.extend_from_slice(&body[brace..]);
    }

    fn rebuild(&self, object: &Object<'_>, out: &mut Vec<u8>) {
        let mut first = true;
        out.push(b'{');
        for (name, raw) in &object.members {
            match self.changes.iter().rev().find(|(key, _)| key == name) {
                None => member(out, &mut first, name, raw.get().as_bytes()),
                Some((_, Some(value))) => member(out, &mut first, name, value),
                Some((_, None)) => {}
            }
        }
        for (name, value) in &self.changes {
            let Some(value) = value else { continue };
            if !object.members.iter().any(|(key, _)| key == name) {
                member(out, &mut first, name, value);
            }
        }
        out.push(b'}');
    }

    fn value(&self, name: &str) -> Option<&[u8]> {
        let change = self.changes.iter().rev().find(|(key, _)| key == name)?;
        change.1.as_deref()
    }
}

fn member(out: &mut Vec<u8>, first: &mut bool, name: &str, value: &[u8]) {
    if !std::mem::replace(first, false) {
        out.push(b',');
    }
    super::push_string(out, name);
    out.push(b':');
    out.extend_from_slice(value);
}
