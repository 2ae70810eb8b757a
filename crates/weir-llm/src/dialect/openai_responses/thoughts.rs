//! Thoughts that travel through the client and back: the content of `encrypted_content`.
//!
//! Anthropic wants its thoughts back unchanged with their signature, Gemini the signature of a call.
//! The dialect has one field for a client to keep and send back unread, so they go there, as JSON in
//! base64. It is not encrypted: what is in it the client has in clear, or is sealed by the provider.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::json::push_string;

/// One of them, in order: a text, with its seal if it has one; or thoughts that only the provider can
/// read; or Gemini's seal of the call with this id.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub(super) struct Thought {
    pub(super) text: Option<String>,
    pub(super) redacted: Option<String>,
    pub(super) call: Option<String>,
    pub(super) signature: Option<String>,
}

#[derive(Deserialize)]
struct Sealed {
    weir: u8,
    thoughts: Vec<Thought>,
}

/// Opens what [`Sealer`] closed; `None` for anything else, e.g. OpenAI's own.
pub(super) fn open(sealed: &str) -> Option<Vec<Thought>> {
    let json = STANDARD.decode(sealed).ok()?;
    let sealed: Sealed = serde_json::from_slice(&json).ok()?;
    (sealed.weir == VERSION).then_some(sealed.thoughts)
}

const VERSION: u8 = 1;

/// Collects thoughts.
#[derive(Debug, Default)]
pub(super) struct Sealer {
    /// Members of the list, with commas between.
    list: Vec<u8>,
}

impl Sealer {
    /// A text, given as the inside of a JSON string.
    pub(super) fn text(&mut self, escaped: &[u8], signature: Option<&str>) {
        self.begin(b"{\"text\":\"");
        self.list.extend_from_slice(escaped);
        self.list.push(b'"');
        self.signature(signature);
    }

    pub(super) fn redacted(&mut self, data: &str) {
        self.begin(b"{\"redacted\":");
        push_string(&mut self.list, data);
        self.signature(None);
    }

    pub(super) fn call(&mut self, id: &str, signature: &str) {
        self.begin(b"{\"call\":");
        push_string(&mut self.list, id);
        self.signature(Some(signature));
    }

    /// The text for `encrypted_content`.
    pub(super) fn close(&self) -> String {
        let mut json = format!("{{\"weir\":{VERSION},\"thoughts\":[").into_bytes();
        json.extend_from_slice(&self.list);
        json.extend_from_slice(b"]}");
        STANDARD.encode(json)
    }

    fn begin(&mut self, start: &[u8]) {
        if !self.list.is_empty() {
            self.list.push(b',');
        }
        self.list.extend_from_slice(start);
    }

    fn signature(&mut self, signature: Option<&str>) {
        if let Some(signature) = signature {
            self.list.extend_from_slice(b",\"signature\":");
            push_string(&mut self.list, signature);
        }
        self.list.push(b'}');
    }
}
