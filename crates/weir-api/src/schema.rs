//! What inputs and answers look like, as constants. One declaration serves three times: requests
//! are checked against it, the OpenAPI document is printed from it, and tests hold every answer
//! against it. So a bound that the document states is a bound that is kept.

mod check;
mod document;
mod settle;

pub(crate) use check::Refusal;

/// The form of a JSON value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Schema {
    /// Anything.
    Any,
    /// True or false.
    Bool,
    /// Text of so many characters.
    Text { min: usize, max: usize, form: Form },
    /// A whole number.
    Integer { min: i64, max: i64 },
    /// A number.
    Number { min: f64, max: f64 },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list.
    Array { items: &'static Self, max: usize },
    /// Named fields. Further ones are passed over in inputs, and noted.
    Object(&'static [Field]),
    /// Any names, values of one form.
    Map(&'static Self),
    /// The first of these that fits. The error, if none does, is the one of the last.
    OneOf(&'static [Self]),
    /// The form, or null.
    Nullable(&'static Self),
}

/// What a text must be beyond its length.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// Nothing.
    Free,
    /// An absolute URI.
    Uri,
    /// RFC 3339.
    DateTime,
    /// As the function says, which gives the reason when it is not. The pattern is for the document.
    Checked { pattern: &'static str, check: fn(&str) -> Result<(), &'static str> },
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its form.
    pub(crate) schema: Schema,
    /// When it must be there.
    pub(crate) presence: Presence,
    /// What it means, for the document; empty when the name says it.
    pub(crate) about: &'static str,
}

/// When a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Always.
    Required,
    /// It may be missing.
    Optional,
    /// In answers only. Passed over in inputs without a note, so that an object can be written back
    /// as it was read.
    ReadOnly,
    /// In inputs only.
    WriteOnly,
}

impl Field {
    /// A field that must be there.
    pub(crate) const fn required(name: &'static str, schema: Schema, about: &'static str) -> Self {
        Self { name, schema, presence: Presence::Required, about }
    }

    /// A field that may be missing.
    pub(crate) const fn optional(name: &'static str, schema: Schema, about: &'static str) -> Self {
        Self { name, schema, presence: Presence::Optional, about }
    }

    /// A field of answers.
    pub(crate) const fn read_only(name: &'static str, schema: Schema, about: &'static str) -> Self {
        Self { name, schema, presence: Presence::ReadOnly, about }
    }

    /// A field of inputs that no answer shows.
    pub(crate) const fn write_only(
        name: &'static str,
        schema: Schema,
        about: &'static str,
    ) -> Self {
        Self { name, schema, presence: Presence::WriteOnly, about }
    }
}

impl Schema {
    /// Any text.
    pub(crate) const TEXT: Self = Self::text(0, usize::MAX);
    /// A moment.
    pub(crate) const TIME: Self = Self::Text { min: 1, max: 64, form: Form::DateTime };
    /// A count.
    pub(crate) const COUNT: Self = Self::Integer { min: 0, max: i64::MAX };
    /// Any number.
    pub(crate) const NUMBER: Self = Self::Number { min: f64::NEG_INFINITY, max: f64::INFINITY };

    /// Text of `min` to `max` characters.
    pub(crate) const fn text(min: usize, max: usize) -> Self {
        Self::Text { min, max, form: Form::Free }
    }

    /// A whole number from `min` to `max`.
    pub(crate) const fn integer(min: i64, max: i64) -> Self {
        Self::Integer { min, max }
    }

    /// A list of any length.
    pub(crate) const fn list(items: &'static Self) -> Self {
        Self::Array { items, max: usize::MAX }
    }
}

#[cfg(test)]
mod tests;
