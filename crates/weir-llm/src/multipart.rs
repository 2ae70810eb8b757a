//! Forms with files (`multipart/form-data`), as audio transcriptions are sent: which model they name,
//! and the same form with another name.
//!
//! Reading is strict where two readers could see two different forms: a model that Weir sees and its
//! target does not would pass by every rule that looks at models.

mod disposition;
mod media_type;

#[cfg(test)]
mod tests;

use std::ops::Range;

use memchr::memmem::{self, Finder};

use crate::fault::Fault;
use media_type::Boundary;

/// Longest block of headers of one part, in bytes.
const MAX_HEADERS: usize = 16 * 1024;
/// Longest name of a model, in bytes.
const MAX_MODEL: usize = 512;
/// Most parts of a form.
const MAX_PARTS: usize = 256;

/// Why a boundary does not count.
const MISPLACED: &str = "its boundary stands elsewhere than at the beginning of a line";

/// A form that names a model.
#[derive(Clone, Debug)]
pub struct Form<'a> {
    body: &'a [u8],
    boundary: Boundary,
    model: &'a str,
    /// Where the name begins.
    at: usize,
}

/// A part of a form.
struct Part<'a> {
    headers: &'a [u8],
    value: Range<usize>,
}

impl<'a> Form<'a> {
    /// Reads a form; `content_type` is the header of the request.
    ///
    /// # Errors
    /// When it is no whole form with exactly one text named `model`.
    pub fn read(content_type: &str, body: &'a [u8]) -> Result<Self, Fault> {
        let boundary = media_type::boundary(content_type)?;
        let mut found = None;
        for (n, part) in Parts::new(body, &boundary)?.enumerate() {
            let part = part?;
            if n == MAX_PARTS {
                return Err(broken(&format!("it has more than {MAX_PARTS} parts")));
            }
            let disposition = disposition::read(part.headers)?;
            if *disposition.name != *b"model" {
                continue;
            }
            if found.is_some() {
                return Err(invalid("is there twice; send it once"));
            }
            if !disposition.is_plain_text {
                return Err(invalid("has to be a text, not a file"));
            }
            found = Some(part.value);
        }
        let found = found.ok_or_else(|| {
            Fault::missing("model", "model: the form has no part of this name; add one")
        })?;
        let at = found.start;
        let model = std::str::from_utf8(&body[found]).map_err(|_| invalid("is not UTF-8"))?;
        check(model)?;
        Ok(Self { body, boundary, model, at })
    }

    /// The model's name.
    pub const fn model(&self) -> &'a str {
        self.model
    }

    /// Where in the body the name stands, for those who can send three pieces instead of a copy.
    pub const fn place(&self) -> Range<usize> {
        self.at..self.at + self.model.len()
    }

    /// The same form with another model: every other byte stays.
    ///
    /// # Errors
    /// When the name is empty or too long, or has control characters or the boundary, which could
    /// end its part.
    pub fn with_model(&self, model: &str) -> Result<Vec<u8>, Fault> {
        check(model)?;
        if memmem::find(model.as_bytes(), self.boundary.dashes()).is_some() {
            return Err(invalid("holds the boundary of the form"));
        }
        let Range { start, end } = self.place();
        Ok([&self.body[..start], model.as_bytes(), &self.body[end..]].concat())
    }
}

/// What a name has to be, in the form and in its place.
fn check(model: &str) -> Result<(), Fault> {
    if model.is_empty() {
        return Err(invalid("is empty"));
    }
    if model.len() > MAX_MODEL {
        return Err(invalid("is too long to be a model's name"));
    }
    if model.chars().any(char::is_control) {
        return Err(invalid("has control characters"));
    }
    Ok(())
}

/// The parts of a form, until its closing boundary.
struct Parts<'a, 'b> {
    body: &'a [u8],
    /// Two dashes and the boundary.
    dashes: Finder<'b>,
    /// Behind the last boundary.
    at: usize,
    over: bool,
}

impl<'a, 'b> Parts<'a, 'b> {
    fn new(body: &'a [u8], boundary: &'b Boundary) -> Result<Self, Fault> {
        let dashes = Finder::new(boundary.dashes());
        let found = dashes.find(body).ok_or_else(|| broken("its boundary does not occur in it"))?;
        // What comes before the first boundary is no part.
        if found != 0 && !body[..found].ends_with(b"\r\n") {
            return Err(broken(MISPLACED));
        }
        Ok(Self { body, at: found + dashes.needle().len(), dashes, over: false })
    }

    fn part(&mut self) -> Result<Option<Part<'a>>, Fault> {
        let rest = &self.body[self.at..];
        if rest.starts_with(b"--") {
            return match self.dashes.find(rest) {
                None => Ok(None),
                Some(_) => Err(broken("it goes on behind its closing boundary")),
            };
        }
        // White space may stand behind a boundary.
        let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if !rest[padding..].starts_with(b"\r\n") {
            return Err(broken("a boundary is followed by something else than a line break"));
        }
        let start = self.at + padding + 2;
        let next = self.dashes.find(&self.body[start..]);
        let next = next.ok_or_else(|| broken("it is cut off: its closing boundary is missing"))?;
        self.at = start + next + self.dashes.needle().len();
        // Some readers take a boundary wherever it stands, some only on a line of its own.
        let whole = &self.body[start..start + next];
        let whole = whole.strip_suffix(b"\r\n").ok_or_else(|| broken(MISPLACED))?;
        // The line break of the empty line that ends the headers.
        let end = memmem::find(&whole[..whole.len().min(MAX_HEADERS)], b"\r\n\r\n")
            .ok_or_else(|| broken("the headers of a part do not end, or it has no value"))?;
        let value = start + end + 4..start + whole.len();
        Ok(Some(Part { headers: &whole[..end], value }))
    }
}

impl<'a> Iterator for Parts<'a, '_> {
    type Item = Result<Part<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let part = self.part().transpose();
        self.over = !matches!(part, Some(Ok(_)));
        part
    }
}

fn broken(what: &str) -> Fault {
    Fault::body(format!("the multipart form cannot be read: {what}"))
}

fn invalid(what: &str) -> Fault {
    Fault::invalid("model", format!("model: {what}"))
}
