//! JSON web tokens of users: whom an issuer vouches for, and what it says of them (spec: data-plane
//! 2.7).
//!
//! A token is taken apart ([`Token::parse`]), held against what an operator expects of its issuer
//! ([`check_claims`]), and against the issuer's keys ([`KeySet::verify`]). Nothing that a token says
//! about how it is to be checked is believed: its header only chooses among the keys and methods that
//! are permitted anyway.

mod algorithm;
mod claims;
mod discovery;
mod fault;
mod judge;
mod keys;
mod token;
mod unique;

pub use algorithm::Algorithm;
pub use claims::caller_claims;
pub use discovery::{discovery_url, read_discovery};
pub use fault::{JwtFault, KeySetFault};
pub use judge::{Life, check_claims, check_required};
pub use keys::KeySet;
pub use token::{Token, claimed_issuer, is_shaped};

#[cfg(test)]
mod tests;
