//! What a route may ask of a call.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::Value;
use weir_core::route::{CallFacts, value_at};

use crate::exchange::Facts;
use crate::front::headers::Sifted;
use crate::options::metadata::Metadata;

/// The facts of a call; its body is read at the first question about it.
pub(super) struct Said<'a> {
    metadata: Option<&'a Metadata>,
    sifted: &'a Sifted,
    body: &'a [u8],
    read: OnceCell<Value>,
}

impl<'a> Said<'a> {
    pub(super) const fn new(facts: &'a Facts, sifted: &'a Sifted, body: &'a [u8]) -> Self {
        Self { metadata: facts.options.metadata.as_ref(), sifted, body, read: OnceCell::new() }
    }
}

impl CallFacts for Said<'_> {
    fn metadata(&self, key: &str) -> Option<Cow<'_, Value>> {
        self.metadata?.get(key).map(Cow::Borrowed)
    }

    fn body(&self, path: &[String]) -> Option<Cow<'_, Value>> {
        let body = self.read.get_or_init(|| serde_json::from_slice(self.body).unwrap_or_default());
        value_at(body, path).map(Cow::Borrowed)
    }

    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        // Credentials are kept apart and are no facts.
        self.sifted.forward.get(name)?.to_str().ok().map(Cow::Borrowed)
    }
}
