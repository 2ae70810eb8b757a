//! The caller's labels: `cf-aig-metadata` (spec: data-plane 12.2).

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Entries kept; the first ones win.
const MAX_ENTRIES: usize = 5;

/// The label that names the user, by the word of an issuer.
const USER: &str = "cf.user_id";

/// Flat labels, in the order in which the caller wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metadata(Map<String, Value>);

/// The header is not a flat JSON object; none of it is used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidMetadata;

impl Metadata {
    /// Reads the header's value.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, InvalidMetadata> {
        let Ok(Value::Object(all)) = serde_json::from_slice(text) else {
            return Err(InvalidMetadata);
        };
        let is_flat = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
        if !all.values().all(is_flat) {
            return Err(InvalidMetadata);
        }
        // Names beginning `cf.` are the gateway's to give.
        let own = all.into_iter().filter(|(name, _)| !name.starts_with("cf."));
        Ok(Self(own.take(MAX_ENTRIES).collect()))
    }

    /// Says which user calls. Not one of the caller's own labels, so it takes the place of none.
    pub(crate) fn set_user(&mut self, id: &str) {
        self.0.insert(USER.to_owned(), id.into());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All labels.
    pub(crate) const fn all(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A label by its name.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The value of a label as text, without quotes.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.0.get(name)? {
            Value::String(text) => Some(Cow::Borrowed(text)),
            other => Some(Cow::Owned(other.to_string())),
        }
    }

    /// The JSON text that is stored.
    pub(crate) fn to_text(&self) -> Box<str> {
        serde_json::to_string(&self.0).unwrap_or_default().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Option<String> {
        Metadata::parse(text.as_bytes()).ok().map(|metadata| metadata.to_text().into())
    }

    #[test]
    fn flat_objects_are_kept_in_order_up_to_five() {
        let text = r#"{"z":1,"a":"x","t":true,"n":1.5,"e":"","six":6}"#;
        assert_eq!(kept(text).unwrap(), r#"{"z":1,"a":"x","t":true,"n":1.5,"e":""}"#);
    }

    #[test]
    fn reserved_names_are_dropped_singly_and_do_not_count() {
        let text = r#"{"cf.user_id":"forged","a":1,"b":2,"c":3,"d":4,"e":5}"#;
        assert_eq!(kept(text).unwrap(), r#"{"a":1,"b":2,"c":3,"d":4,"e":5}"#);
    }

    #[test]
    fn the_user_is_a_sixth_label_that_nobody_else_can_set() {
        let own = br#"{"cf.user_id":"forged","a":1,"b":2,"c":3,"d":4,"e":5}"#;
        let mut metadata = Metadata::parse(own).unwrap();
        metadata.set_user("user-1");
        assert_eq!(
            &*metadata.to_text(),
            r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"cf.user_id":"user-1"}"#
        );
        assert_eq!(metadata.text("cf.user_id").unwrap(), "user-1");
    }

    #[test]
    fn a_label_is_read_as_text() {
        let metadata = Metadata::parse(br#"{"a":"x","n":7,"t":true}"#).unwrap();
        let text = |name| metadata.text(name).map(Cow::into_owned);
        let found = ["a", "n", "t"].map(|name| text(name).unwrap());
        assert_eq!(found, ["x", "7", "true"]);
        assert_eq!(text("b"), None);
    }

    #[test]
    fn anything_nested_or_null_loses_all() {
        for text in
            ["not json", "[1]", "3", r#"{"a":null,"b":1}"#, r#"{"a":{}}"#, r#"{"a":[1]}"#, ""]
        {
            assert_eq!(kept(text), None, "{text}");
        }
    }
}
