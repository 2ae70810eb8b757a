//! Ids of tool calls in the form that a provider takes.

use std::borrow::Cow;

use super::quirks::Ids;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Gives foreign ids a new form: the same one everywhere in a request, and the same again in the
/// next request of the conversation, so that the provider's prompt cache holds.
#[derive(Debug)]
pub(super) struct ToolIds {
    form: Ids,
    /// Ids that were changed, with what they became.
    changed: Vec<(String, String)>,
}

impl ToolIds {
    pub(super) fn new(form: Ids) -> Self {
        Self { form, changed: Vec::new() }
    }

    /// The form of an id.
    pub(super) fn form<'a>(&mut self, id: &'a str) -> Cow<'a, str> {
        let fits = match self.form {
            Ids::Any => true,
            Ids::AtMost(most) => id.len() <= most,
            Ids::Nine => id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        };
        if fits {
            return Cow::Borrowed(id);
        }
        if let Some((_, short)) = self.changed.iter().find(|(long, _)| long == id) {
            return Cow::Owned(short.clone());
        }
        let mut hash = hash(id.as_bytes());
        let mut short = digits(hash);
        while self.changed.iter().any(|(_, taken)| *taken == short) {
            hash = hash.wrapping_add(1);
            short = digits(hash);
        }
        self.changed.push((id.to_owned(), short.clone()));
        Cow::Owned(short)
    }
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Nine digits of base 62.
fn digits(mut number: u64) -> String {
    let digit = |_| {
        let digit = DIGITS[usize::try_from(number % 62).unwrap_or_default()];
        number /= 62;
        char::from(digit)
    };
    (0..9).map(digit).collect()
}
