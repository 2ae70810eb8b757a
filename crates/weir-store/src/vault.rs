//! Sealing of what must not lie in clear, whatever the engine underneath.
//!
//! Three layers, each sealed by the one above, all with AES-256-GCM and a random nonce:
//!
//! * A **master key** ([`master`]) comes from the operator, or from a file beside the database
//!   ([`place`]). It seals data keys, and nothing else.
//! * A **data key** for each account ([`keyring`]), stored wrapped. It seals secrets.
//! * A **sealed value** ([`sealed`]) names its data key, and opens only for the account and the
//!   purpose it was sealed for.
//!
//! So the exchange of a master key rewraps a few short data keys and touches no secret.

mod cipher;
mod fault;
mod keyring;
mod master;
mod place;
mod sealed;

pub(crate) use fault::VaultFault;
pub(crate) use keyring::{DataKeyId, Keyring, WrappedKey};
pub(crate) use master::{MasterKey, MasterKeys};
pub use place::MasterKeySource;
pub(crate) use place::{GENERATED_FILE, KeyPlace, replace_file};
pub(crate) use sealed::{data_key_of, name, open, seal};
