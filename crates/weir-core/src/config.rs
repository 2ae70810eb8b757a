//! Configuration as data: everything an operator made, in typed tables, and the changes that lead
//! from one state to the next.
//!
//! There is one truth. The store keeps objects as it is told by a [`Commit`]; the data plane and
//! the management API read a [`crate::Snapshot`] made from a [`Configuration`]; whoever wants a
//! change states it as [`Changes`] through [`crate::live::LiveConfiguration::change`].

mod changes;
mod object;
mod table;

pub use changes::{Change, Changes, Commit};
pub use object::{Configuration, Object, ObjectKey, ObjectKind, Resource};
pub use table::Table;
