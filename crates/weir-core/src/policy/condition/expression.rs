//! A condition as a tree, and its value for a caller.

use std::cmp::Ordering;

use super::Undecided;
use crate::policy::identity::{Fact, Field, Identity};

/// A part of a condition. No deeper than the parser permits.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    Literal(Literal),
    Field(Field),
    Has(Field),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
    Compare(Comparison, Box<Self>, Box<Self>),
    In(Box<Self>, Box<Self>),
    Method(Method, Box<Self>, Box<Self>),
}

#[derive(Clone, Debug)]
pub(super) enum Literal {
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// Questions about texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    EndsWith,
    StartsWith,
    Contains,
}

/// What a part will be for every caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    Bool,
    Number,
    Text,
    List,
}

impl Expression {
    /// Its kind, if that does not depend on the caller.
    pub(super) fn kind(&self) -> Option<ValueKind> {
        match self {
            Self::Literal(Literal::Bool(_)) => Some(ValueKind::Bool),
            Self::Literal(Literal::Number(_)) => Some(ValueKind::Number),
            Self::Literal(Literal::Text(_)) => Some(ValueKind::Text),
            Self::Literal(Literal::List(_)) => Some(ValueKind::List),
            Self::Field(Field::UserId | Field::UserEmail | Field::Country) => Some(ValueKind::Text),
            Self::Field(Field::UserGroups) => Some(ValueKind::List),
            Self::Field(Field::Custom(_) | Field::Metadata(_)) => None,
            _ => Some(ValueKind::Bool),
        }
    }

    pub(super) fn evaluate<'a>(&'a self, identity: &'a Identity) -> Result<Fact<'a>, Undecided> {
        match self {
            Self::Literal(literal) => Ok(literal.fact()),
            Self::Field(field) => {
                identity.get(field).ok_or_else(|| Undecided::Missing(field.clone()))
            }
            Self::Has(field) => Ok(Fact::Bool(identity.get(field).is_some())),
            Self::Not(inner) => Ok(Fact::Bool(!inner.truth(identity)?)),
            Self::All(parts) => decide(parts, identity, false),
            Self::Any(parts) => decide(parts, identity, true),
            Self::Compare(comparison, left, right) => {
                let (left, right) = (left.evaluate(identity)?, right.evaluate(identity)?);
                comparison.holds(&left, &right).map(Fact::Bool)
            }
            Self::In(item, list) => {
                let item = item.evaluate(identity)?;
                match list.evaluate(identity)? {
                    Fact::List(items) => Ok(Fact::Bool(items.contains(&item))),
                    _ => Err(Undecided::WrongKind),
                }
            }
            Self::Method(method, text, part) => {
                match (text.evaluate(identity)?, part.evaluate(identity)?) {
                    (Fact::Text(text), Fact::Text(part)) => Ok(Fact::Bool(match method {
                        Method::EndsWith => text.ends_with(part),
                        Method::StartsWith => text.starts_with(part),
                        Method::Contains => text.contains(part),
                    })),
                    _ => Err(Undecided::WrongKind),
                }
            }
        }
    }

    fn truth(&self, identity: &Identity) -> Result<bool, Undecided> {
        match self.evaluate(identity)? {
            Fact::Bool(truth) => Ok(truth),
            _ => Err(Undecided::WrongKind),
        }
    }
}

/// The first part that is `decisive` decides; only where there is none, an undecided one counts.
fn decide<'a>(
    parts: &[Expression],
    identity: &Identity,
    decisive: bool,
) -> Result<Fact<'a>, Undecided> {
    let mut undecided = None;
    for part in parts {
        match part.truth(identity) {
            Ok(truth) if truth == decisive => return Ok(Fact::Bool(decisive)),
            Ok(_) => {}
            Err(reason) => undecided = undecided.or(Some(reason)),
        }
    }
    undecided.map_or(Ok(Fact::Bool(!decisive)), Err)
}

impl Literal {
    fn fact(&self) -> Fact<'_> {
        match self {
            Self::Bool(flag) => Fact::Bool(*flag),
            Self::Number(number) => Fact::Number(*number),
            Self::Text(text) => Fact::Text(text),
            Self::List(items) => Fact::List(items.iter().map(Self::fact).collect()),
        }
    }
}

impl Comparison {
    /// Values of different kinds are unequal, and have no order.
    fn holds(self, left: &Fact<'_>, right: &Fact<'_>) -> Result<bool, Undecided> {
        match self {
            Self::Eq => return Ok(left == right),
            Self::Ne => return Ok(left != right),
            _ => {}
        }
        let order = match (left, right) {
            (Fact::Number(left), Fact::Number(right)) => left.partial_cmp(right),
            (Fact::Text(left), Fact::Text(right)) => Some(left.cmp(right)),
            _ => None,
        };
        let order = order.ok_or(Undecided::WrongKind)?;
        Ok(match self {
            Self::Lt => order == Ordering::Less,
            Self::Le => order != Ordering::Greater,
            Self::Gt => order == Ordering::Greater,
            _ => order != Ordering::Less,
        })
    }
}
