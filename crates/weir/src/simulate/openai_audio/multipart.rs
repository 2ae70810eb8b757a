//! Just enough of `multipart/form-data` to see what a client sent.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::simulate::fault::Fault;

/// The parts of a form.
pub(super) struct Form<'a>(Vec<Part<'a>>);

struct Part<'a> {
    name: String,
    is_file: bool,
    content: &'a [u8],
}

impl<'a> Form<'a> {
    /// Takes a body apart.
    ///
    /// # Errors
    /// 400 when it is no such form, or is not closed.
    pub(super) fn read(headers: &HeaderMap, body: &'a [u8]) -> Result<Self, Fault> {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = kind
            .filter(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"))
            .and_then(|kind| kind.split_once("boundary="))
            .map(|(_, rest)| rest.split(';').next().unwrap_or(rest).trim().trim_matches('"'))
            .filter(|boundary| !boundary.is_empty())
            .ok_or_else(|| {
                Fault::bad_request("The body must be multipart/form-data with a boundary.")
            })?;
        let delimiter = format!("--{boundary}").into_bytes();
        let broken = || Fault::bad_request("The multipart form is not complete.");
        let mut rest = body.get(find(body, &delimiter).ok_or_else(broken)?..).ok_or_else(broken)?;
        let mut parts = Vec::new();
        loop {
            rest = rest.get(delimiter.len()..).ok_or_else(broken)?;
            if rest.starts_with(b"--") {
                return Ok(Self(parts));
            }
            let next = find(rest, &delimiter).ok_or_else(broken)?;
            let (part, tail) = rest.split_at(next);
            parts.push(Part::read(part).ok_or_else(broken)?);
            rest = tail;
        }
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        let part = self.0.iter().find(|part| part.name == name && !part.is_file)?;
        std::str::from_utf8(part.content).ok().filter(|text| !text.is_empty())
    }

    /// The bytes of a file.
    pub(super) fn file(&self, name: &str) -> Option<&'a [u8]> {
        self.0.iter().find(|part| part.name == name && part.is_file).map(|part| part.content)
    }
}

impl<'a> Part<'a> {
    /// Reads what stands between two delimiters: a line end, headers, a blank line, content and a
    /// line end.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"\r\n")?.strip_suffix(b"\r\n")?;
        let blank = find(bytes, b"\r\n\r\n")?;
        let head = std::str::from_utf8(bytes.get(..blank)?).ok()?;
        let disposition = head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
        Some(Self {
            name: parameter(disposition, "name")?,
            is_file: parameter(disposition, "filename").is_some(),
            content: bytes.get(blank + 4..)?,
        })
    }
}

fn parameter(line: &str, name: &str) -> Option<String> {
    let pairs = line.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    values.next().map(|value| value.trim_matches('"').to_owned())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
