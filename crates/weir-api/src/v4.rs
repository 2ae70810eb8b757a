//! The resources of the API, one module each, named as in the official clients.

pub(crate) mod gateways;
pub(crate) mod logs;
