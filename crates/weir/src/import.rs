//! Moving an account here from another server of the same API, Cloudflare's for one.
//!
//! `remote` calls that server; `declared::observe` reads the account into a document, as it does
//! for an export; `clean` takes out what would not work here and says what that is. The rest is an
//! ordinary `weir apply`.

mod clean;
mod remote;
mod retry;

pub(crate) use self::clean::{clean, leave_out};
pub(crate) use self::remote::Remote;
