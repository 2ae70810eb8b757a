//! Configuration as code: everything operators own in an account, as one readable file.
//!
//! A [`Document`] names objects by where they stand (`gateways.support.routes.smart`) and says what
//! each is, in the words of the management API. `text` reads and writes it as TOML. Whatever can be
//! done with a document is done through that API, so that there is one set of rules:
//!
//! * `observe` reads a document out of any server that speaks it: of this installation for
//!   `weir export`, of another one for `weir import`.
//! * `rehearsal` is the API, in this process, over a copy of the configuration in memory.
//! * `enact` makes one object so, by calls to the rehearsal; refusals become problems at a place in
//!   the file. `realise` does that for all of them, and finds what has to change in the store.
//! * `plan` shows the difference between the document before and the one after.
//!
//! Only then is anything stored: all of it in one change of the configuration, or nothing.

pub(crate) mod api;
mod enact;
mod kind;
mod names;
mod normal;
mod observe;
mod plan;
mod realise;
mod rehearsal;
mod text;
mod vocabulary;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub(crate) use self::kind::{Kind, Place};
pub(crate) use self::observe::{Observed, observe};
pub(crate) use self::realise::{Realised, realise};
pub(crate) use self::rehearsal::Rehearsal;
pub(crate) use self::text::{read, write};
pub(crate) use self::vocabulary::Vocabulary;

/// What an object is: its fields by name. A field that is left out has its default.
pub(crate) type Fields = Map<String, Value>;

/// What operators own in an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Document {
    /// Whose it is, when the file says so.
    pub(crate) account: Option<String>,
    /// Every object, what is referred to before what refers to it.
    pub(crate) objects: BTreeMap<Place, Fields>,
    /// Remarks for people: what belongs to the account and is not in the file.
    pub(crate) remarks: Vec<String>,
}

#[cfg(test)]
mod tests;
