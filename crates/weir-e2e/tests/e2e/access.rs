//! Who may call, from where, and under which host.

mod addresses;
mod domains;
mod keys;
mod rig;
mod rules;
mod surfaces;
mod users;
