//! Every call leaves the row it should, and no other.

mod collected;
mod metadata;
mod outcomes;
