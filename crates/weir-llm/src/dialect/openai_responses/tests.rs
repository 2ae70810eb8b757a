//! What the door reads and writes.

mod read;
mod write;
