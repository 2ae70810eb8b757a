//! Credentials on the wire, for providers that want more than a key in a header. Nothing here sends
//! or reads a clock: the time is an argument.

pub mod aws_sigv4;
mod fault;
pub mod google_jwt;
pub mod jwt;
mod members;
pub mod stored;

pub use fault::CredentialFault;
