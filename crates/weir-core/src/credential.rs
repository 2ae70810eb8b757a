//! Secrets, and the rule that one goes only where it belongs.

use std::fmt;

/// A value that must not be shown: no `Display`, no `Serialize`, and `Debug` hides it.
///
/// The clear value is reachable only through [`Secret::expose`], so that a search for that word
/// finds every place where a secret is used.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The clear value. Every call is a place to justify.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// A value that may be released to one destination only.
///
/// `D` is the type that names destinations (for the data plane: an upstream origin). Whoever holds
/// the value cannot read it without naming where it is about to be sent.
#[derive(Clone)]
pub struct BoundTo<D, T> {
    destination: D,
    value: T,
}

impl<D: PartialEq, T> BoundTo<D, T> {
    /// Binds `value` to `destination`.
    pub const fn new(destination: D, value: T) -> Self {
        Self { destination, value }
    }

    /// Gives the value up for sending to `destination`, or refuses when that is not its own.
    pub fn release_to(self, destination: &D) -> Option<T> {
        (self.destination == *destination).then_some(self.value)
    }
}

impl<D: fmt::Debug, T> fmt::Debug for BoundTo<D, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[hidden, for {:?} only]", self.destination)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        assert_eq!(format!("{:?}", Secret::new("sk-live")), "[hidden]");
        assert_eq!(format!("{:?}", BoundTo::new("openai", "sk")), "[hidden, for \"openai\" only]");
    }

    #[test]
    fn a_bound_value_leaves_for_its_own_destination_only() {
        let bound = BoundTo::new("https://api.openai.com", "sk-live");
        assert_eq!(bound.clone().release_to(&"https://evil.example"), None);
        assert_eq!(bound.release_to(&"https://api.openai.com"), Some("sk-live"));
    }
}
