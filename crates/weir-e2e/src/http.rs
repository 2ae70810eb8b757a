//! A small HTTP/1.1 client for tests.
//!
//! A real client library would repair what we want to send broken, hide what we want to see, and
//! join what we want to time. This one sends the bytes of a [`Request`] as they are and reports a
//! [`Response`] with each piece of the body and when it arrived.

mod client;
mod head;
mod request;
mod response;
pub(crate) mod wire;

pub use client::{Client, exchange};
pub use head::{Head, Headers};
pub use request::Request;
pub use response::{Piece, Response};
