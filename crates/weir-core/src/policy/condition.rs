//! Conditions of policies: a strict subset of the Common Expression Language (spec: data-plane
//! 10.3).
//!
//! Comparison, `in`, `&&`, `||`, `!`, parentheses, literals of texts, numbers, truth values and
//! lists, field paths, `endsWith`, `startsWith`, `contains` and `has`. Whatever CEL knows beyond
//! that is refused when the condition is saved, and so is what could never be true or false.

mod expression;
mod lexer;
mod parser;

use std::fmt;

use self::expression::Expression;
use super::identity::{Fact, Field, Identity};

/// A checked condition.
#[derive(Clone, Debug)]
pub struct Condition(Expression);

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError {
    /// Number of the offending character, from 1.
    pub at: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at character {})", self.message, self.at)
    }
}

/// Why a condition is neither true nor false for a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// A fact that it needs is not known.
    Missing(Field),
    /// A fact is of a kind that it cannot use.
    WrongKind,
}

impl Condition {
    /// Bytes a condition may have.
    pub const MAX_BYTES: usize = 4096;
    /// Brackets inside brackets.
    pub const MAX_DEPTH: usize = 32;

    /// Reads a condition.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        parser::parse(text).map(Self)
    }

    /// Whether it holds for a caller. As in CEL, `false && x` is false and `true || x` is true
    /// even where `x` is undecided, on whichever side.
    pub fn holds(&self, identity: &Identity) -> Result<bool, Undecided> {
        match self.0.evaluate(identity)? {
            Fact::Bool(holds) => Ok(holds),
            _ => Err(Undecided::WrongKind),
        }
    }
}

#[cfg(test)]
mod tests;
