//! End-to-end tests: start the built binary and talk to it as a stranger would.
//!
//! Nothing of Weir's code is linked in here. What the tests know is what a client, a provider and
//! an operator know: the command line, the configuration file, HTTP on both sides, and the
//! management API. The parts:
//!
//! * [`weir`] starts, stops, kills and restarts the binary with a written configuration;
//! * [`upstream`] plays every provider on one listener, by script, and keeps what it saw;
//! * [`http`] is a client that sends exactly the bytes it is told to and reports exactly the bytes
//!   it got, with the time of each piece;
//! * [`issuer`] plays an issuer of JSON web tokens on the same listener;
//! * [`simulator`] starts the provider simulator;
//! * [`vectors`] runs the conformance vectors (`vectors/data-plane.json`) with the first three.
//!
//! The tests themselves are in `tests/e2e`, one file for each feature.

pub mod catalogue;
pub mod environment;
pub mod http;
pub mod issuer;
pub mod ports;
pub mod simulator;
pub mod upstream;
pub mod vectors;
pub mod weir;
