//! Google service accounts: a signed assertion, exchanged for an access token (RFC 7523).

mod account;
mod exchange;

#[cfg(test)]
mod tests;

pub use account::{ServiceAccount, TokenUri};
pub use exchange::{AccessToken, form, read_token};
