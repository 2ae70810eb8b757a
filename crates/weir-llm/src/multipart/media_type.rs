//! The boundary of a form, out of its content type (RFC 2046, 5.1.1).

use super::disposition::{Parameters, Value};
use crate::fault::Fault;

/// What stands between the parts.
#[derive(Clone, Debug)]
pub(super) struct Boundary(Vec<u8>);

impl Boundary {
    /// Two dashes, and itself: how it stands in the form.
    pub(super) fn dashes(&self) -> &[u8] {
        &self.0
    }
}

pub(super) fn boundary(content_type: &str) -> Result<Boundary, Fault> {
    let (kind, rest) = content_type.split_at(content_type.find(';').unwrap_or(content_type.len()));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        let message = "this endpoint takes a form with a file: send it as multipart/form-data";
        return Err(Fault::body(message));
    }
    let mut found = None;
    for parameter in Parameters::new(rest.as_bytes()) {
        let Some((name, value)) = parameter else {
            return Err(fault("cannot be read"));
        };
        if name.eq_ignore_ascii_case(b"boundary") && found.replace(value).is_some() {
            return Err(fault("has two boundaries"));
        }
    }
    let boundary = found.map(Value::unquoted).ok_or_else(|| fault("has no boundary"))?;
    let fits = (1..=70).contains(&boundary.len())
        && boundary.iter().all(|b| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(b))
        && !boundary.ends_with(b" ");
    if !fits {
        return Err(fault("has a boundary that is none: 1 to 70 letters, digits or '()+_,-./:=?"));
    }
    Ok(Boundary([b"--", boundary.as_slice()].concat()))
}

fn fault(what: &str) -> Fault {
    Fault::body(format!("the content-type of the multipart form {what}"))
}
