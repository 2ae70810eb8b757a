//! What is wrong with a document that an operator wrote, and where.

use std::fmt::Display;

/// Something wrong at one place of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Names and places on the way there, e.g. `["3", "outputs", "next", "elementId"]`. Empty for
    /// the document itself.
    pub path: Vec<String>,
    /// What is wrong, and what would be right. Begins with the name of the place.
    pub message: String,
}

impl Fault {
    /// The same fault, of a document that is a part of another.
    #[must_use]
    pub fn below(mut self, name: &str) -> Self {
        self.path.insert(0, name.to_owned());
        self
    }
}

/// Faults kept of one document; who mends these sees the rest next time.
const MOST: usize = 20;

/// Collects faults on a walk through a document.
#[derive(Debug)]
pub(crate) struct Faults {
    root: &'static str,
    path: Vec<String>,
    found: Vec<Fault>,
}

impl Faults {
    /// `root` names the document in messages about itself.
    pub(crate) const fn new(root: &'static str) -> Self {
        Self { root, path: Vec::new(), found: Vec::new() }
    }

    /// Walks one step down.
    pub(crate) fn within<T>(&mut self, name: impl Display, step: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(name.to_string());
        let output = step(self);
        self.path.pop();
        output
    }

    /// Notes that what stands here is not as expected.
    pub(crate) fn refuse(&mut self, expected: impl Display) {
        if self.found.len() < MOST {
            let name = self.path.last().map_or(self.root, String::as_str);
            let message = format!("{name} {expected}");
            self.found.push(Fault { path: self.path.clone(), message });
        }
    }

    /// Notes a fault of something one step down.
    pub(crate) fn refuse_at(&mut self, name: impl Display, expected: impl Display) {
        self.within(name, |faults| faults.refuse(expected));
    }

    /// Everything that was noted.
    pub(crate) fn into_found(self) -> Vec<Fault> {
        self.found
    }

    /// The output, if nothing was wrong.
    pub(crate) fn into_result<T>(self, output: Option<T>) -> Result<T, Vec<Fault>> {
        match output {
            Some(output) if self.found.is_empty() => Ok(output),
            _ => Err(self.found),
        }
    }
}
