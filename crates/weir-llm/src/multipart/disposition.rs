//! The headers of a part: its name, and whether it is a plain text (RFC 7578).

use std::borrow::Cow;

use super::broken;
use crate::fault::Fault;

/// What a part says of itself.
pub(super) struct Disposition<'a> {
    pub(super) name: Cow<'a, [u8]>,
    /// It is no file, and not encoded.
    pub(super) is_plain_text: bool,
}

/// Reads the headers of a part, without the empty line.
pub(super) fn read(headers: &[u8]) -> Result<Disposition<'_>, Fault> {
    let mut disposition = None;
    let mut encoded = false;
    for line in lines(headers) {
        let colon = line.iter().position(|byte| *byte == b':');
        let colon = colon.ok_or_else(|| broken("a header of a part has no colon"))?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-disposition") {
            if disposition.replace(value).is_some() {
                return Err(broken("a part has two content-disposition headers"));
            }
        } else if name.eq_ignore_ascii_case(b"content-transfer-encoding") {
            let plain = ["7bit", "8bit", "binary"];
            encoded = !plain.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
        }
    }
    let value = disposition.ok_or_else(|| broken("a part has no content-disposition header"))?;
    let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
    if !value[..end].trim_ascii().eq_ignore_ascii_case(b"form-data") {
        return Err(broken("the content-disposition of a part is not form-data"));
    }
    let mut found = None;
    let mut file = false;
    for parameter in Parameters::new(&value[end..]) {
        let (name, value) =
            parameter.ok_or_else(|| broken("the content-disposition of a part cannot be read"))?;
        // Forms may not write it so (RFC 7578, 4.2), but some readers would take it.
        if name.eq_ignore_ascii_case(b"name*") {
            return Err(broken("a part has its name in an extended form"));
        }
        if name.eq_ignore_ascii_case(b"name") && found.replace(value).is_some() {
            return Err(broken("a part has two names"));
        }
        // Also `filename*`.
        file |= name.len() >= 8 && name[..8].eq_ignore_ascii_case(b"filename");
    }
    let name = found.ok_or_else(|| broken("a part has no name"))?.text();
    Ok(Disposition { name, is_plain_text: !file && !encoded })
}

/// Lines end in CR LF. One that begins with white space would belong to the one before it, a form
/// that is long forbidden and read in two ways; it has no colon in the right place and fails.
fn lines(headers: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(headers);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr::memmem::find(text, b"\r\n");
        rest = end.map(|end| &text[end + 2..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// The value of a parameter.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Token(&'a [u8]),
    /// What stands between the quotes, its escapes as they are.
    Quoted(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The value without escapes.
    pub(super) fn text(self) -> Cow<'a, [u8]> {
        match self {
            Self::Quoted(text) if text.contains(&b'\\') => {
                let mut escaped = false;
                let keep = |byte: &&u8| {
                    escaped = **byte == b'\\' && !escaped;
                    !escaped
                };
                Cow::Owned(text.iter().filter(keep).copied().collect())
            }
            Self::Token(text) | Self::Quoted(text) => Cow::Borrowed(text),
        }
    }

    pub(super) fn unquoted(self) -> Vec<u8> {
        self.text().into_owned()
    }
}

/// A name and its value.
type Parameter<'a> = (&'a [u8], Value<'a>);

/// `; name=value; name="value"`, in order; `None` where it cannot be read, and then no more.
pub(super) struct Parameters<'a>(Option<&'a [u8]>);

impl<'a> Parameters<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self(Some(text))
    }

    /// The next parameter and what follows it.
    fn parse(text: &'a [u8]) -> Option<(Parameter<'a>, &'a [u8])> {
        let text = text.strip_prefix(b";")?.trim_ascii_start();
        let equals = text.iter().position(|byte| !is_token(*byte))?;
        let (name, text) = text.split_at(equals);
        let text = text.strip_prefix(b"=").filter(|_| !name.is_empty())?;
        let Some(quoted) = text.strip_prefix(b"\"") else {
            let end = text.iter().position(|byte| !is_token(*byte)).unwrap_or(text.len());
            let (value, rest) = text.split_at(end);
            return (end > 0).then_some(((name, Value::Token(value)), rest));
        };
        let mut escaped = false;
        let end = quoted.iter().position(|byte| {
            let closes = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            closes
        })?;
        Some(((name, Value::Quoted(&quoted[..end])), &quoted[end + 1..]))
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Option<Parameter<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0.take()?.trim_ascii();
        // A semicolon that nothing follows is common and means nothing.
        if text.is_empty() || text == b";" {
            return None;
        }
        let Some((parameter, rest)) = Self::parse(text) else {
            return Some(None);
        };
        self.0 = Some(rest);
        Some(Some(parameter))
    }
}

/// A byte of a token (RFC 9110, 5.6.2), and those that browsers and SDKs leave without quotes.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'/' | b':' | b'?' | b'^'..=b'`' | b'|' | b'~'
        )
}
