//! The types that queries are held against, made from the tables of datasets, dimensions and
//! figures.

mod build;

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Where queries begin.
pub(super) const ROOT: &str = "Query";

/// A named type.
#[derive(Debug)]
pub(super) struct TypeDef {
    /// Its name.
    pub(super) name: String,
    /// What it is.
    pub(super) about: &'static str,
    /// What it is made of.
    pub(super) body: Body,
}

/// What a type is made of.
#[derive(Debug)]
pub(super) enum Body {
    /// One value.
    Scalar,
    /// Fields to ask for.
    Object(Vec<FieldDef>),
    /// Fields to send.
    Input(Vec<InputDef>),
    /// One of these words.
    Enum(Vec<String>),
}

/// A field to ask for.
#[derive(Debug)]
pub(super) struct FieldDef {
    /// Its name.
    pub(super) name: String,
    /// What it holds.
    pub(super) about: &'static str,
    /// What can be sent with it.
    pub(super) arguments: Vec<InputDef>,
    /// Its type.
    pub(super) kind: TypeRef,
}

/// An argument, or a field of an input.
#[derive(Debug)]
pub(super) struct InputDef {
    /// Its name.
    pub(super) name: String,
    /// Its type.
    pub(super) kind: TypeRef,
}

/// A type as it is referred to.
#[derive(Clone, Debug)]
pub(super) enum TypeRef {
    /// By its name.
    Named(String),
    /// A list of it.
    List(Box<Self>),
    /// Never null.
    NonNull(Box<Self>),
}

impl TypeRef {
    /// Reads the notation of the query language, e.g. `[Time!]`.
    fn of(notation: &str) -> Self {
        if let Some(inner) = notation.strip_suffix('!') {
            return Self::NonNull(Box::new(Self::of(inner)));
        }
        match notation.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(inner) => Self::List(Box::new(Self::of(inner))),
            None => Self::Named(notation.to_owned()),
        }
    }

    /// The name inside of it.
    pub(super) fn named(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.named(),
        }
    }

    /// Whether null is no value of it.
    pub(super) const fn is_required(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
}

impl TypeDef {
    /// The fields to ask for, if it has any.
    pub(super) fn fields(&self) -> Option<&[FieldDef]> {
        match &self.body {
            Body::Object(fields) => Some(fields),
            _ => None,
        }
    }
}

static TYPES: LazyLock<BTreeMap<String, TypeDef>> = LazyLock::new(|| {
    build::types().into_iter().map(|definition| (definition.name.clone(), definition)).collect()
});
static META_FIELDS: LazyLock<Vec<FieldDef>> = LazyLock::new(build::meta_fields);

/// The type of that name.
pub(super) fn find(name: &str) -> Option<&'static TypeDef> {
    TYPES.get(name)
}

/// Every type, by name.
pub(super) fn all() -> impl Iterator<Item = &'static TypeDef> {
    TYPES.values()
}

/// Fields of the root that are not among its fields.
pub(super) fn meta_fields() -> &'static [FieldDef] {
    &META_FIELDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_is_named_is_there() {
        for definition in all() {
            let named: Vec<&str> = match &definition.body {
                Body::Object(fields) => {
                    let inputs = fields.iter().flat_map(|field| &field.arguments);
                    let outputs = fields.iter().map(|field| &field.kind);
                    outputs.chain(inputs.map(|input| &input.kind)).map(TypeRef::named).collect()
                }
                Body::Input(fields) => fields.iter().map(|field| field.kind.named()).collect(),
                Body::Scalar | Body::Enum(_) => Vec::new(),
            };
            for name in named {
                assert!(find(name).is_some(), "{name} in {}", definition.name);
            }
        }
    }
}
