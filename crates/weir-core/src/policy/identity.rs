//! Who makes a call, as policies see it (spec: data-plane 10.3).

use std::fmt;

use serde_json::{Map, Value};

/// A fact that conditions and actors may name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// `cf.user.id`
    UserId,
    /// `cf.user.email`
    UserEmail,
    /// `cf.user.groups`
    UserGroups,
    /// `cf.custom.{claim}`
    Custom(String),
    /// `cf.country`
    Country,
    /// `metadata.{key}`; the key may hold dots.
    Metadata(String),
}

impl Field {
    /// The names, with a sample for those that are open.
    pub(super) const NAMES: [&str; 6] = [
        "cf.user.id",
        "cf.user.email",
        "cf.user.groups",
        "cf.custom.claim",
        "cf.country",
        "metadata.key",
    ];

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        let rest = |prefix| name.strip_prefix(prefix).filter(|rest: &&str| !rest.is_empty());
        match name {
            "cf.user.id" => Some(Self::UserId),
            "cf.user.email" => Some(Self::UserEmail),
            "cf.user.groups" => Some(Self::UserGroups),
            "cf.country" => Some(Self::Country),
            _ => rest("cf.custom.")
                .map(|claim| Self::Custom(claim.to_owned()))
                .or_else(|| rest("metadata.").map(|key| Self::Metadata(key.to_owned()))),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserId => f.write_str("cf.user.id"),
            Self::UserEmail => f.write_str("cf.user.email"),
            Self::UserGroups => f.write_str("cf.user.groups"),
            Self::Custom(claim) => write!(f, "cf.custom.{claim}"),
            Self::Country => f.write_str("cf.country"),
            Self::Metadata(key) => write!(f, "metadata.{key}"),
        }
    }
}

/// What a caller's credential and connection say. Everything may be missing.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// Subject of the caller's credential.
    pub user_id: Option<String>,
    /// Mail address.
    pub user_email: Option<String>,
    /// Names of groups.
    pub user_groups: Option<Vec<String>>,
    /// Further claims of the credential.
    pub custom: Map<String, Value>,
    /// Two letters.
    pub country: Option<String>,
}

/// What is known of a caller.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    claims: Claims,
    metadata: Map<String, Value>,
}

impl Identity {
    /// A caller with the metadata of the call. Metadata in which anything is nested counts as none
    /// at all.
    pub fn new(claims: Claims, metadata: Map<String, Value>) -> Self {
        let nested = metadata.values().any(|value| value.is_object() || value.is_array());
        Self { claims, metadata: if nested { Map::new() } else { metadata } }
    }

    /// A fact, if it is known.
    pub fn get(&self, field: &Field) -> Option<Fact<'_>> {
        match field {
            Field::UserId => self.claims.user_id.as_deref().map(Fact::Text),
            Field::UserEmail => self.claims.user_email.as_deref().map(Fact::Text),
            Field::Country => self.claims.country.as_deref().map(Fact::Text),
            Field::UserGroups => {
                let groups = self.claims.user_groups.as_ref()?;
                Some(Fact::List(groups.iter().map(|group| Fact::Text(group)).collect()))
            }
            Field::Custom(claim) => Fact::of(self.claims.custom.get(claim)?),
            Field::Metadata(key) => Fact::of(self.metadata.get(key)?),
        }
    }
}

/// A value in a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact<'a> {
    /// True or false.
    Bool(bool),
    /// A number. Whole ones are exact up to 2^53.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// A list.
    List(Vec<Self>),
}

impl<'a> Fact<'a> {
    /// Null, objects, and lists that hold one, are no facts.
    fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::Null | Value::Object(_) => None,
            Value::Bool(flag) => Some(Self::Bool(*flag)),
            Value::Number(number) => number.as_f64().map(Self::Number),
            Value::String(text) => Some(Self::Text(text)),
            Value::Array(items) => {
                items.iter().map(Self::of).collect::<Option<_>>().map(Self::List)
            }
        }
    }
}
