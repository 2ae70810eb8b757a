//! The built binary, tested as a stranger would: one file for each feature.
//!
//! Run it with `make e2e`. It needs the binary (`cargo build -p weir`, or `WEIR_BIN`), and for the
//! suites with real clients node, python3 and their registries (or `WEIR_SKIP_CLIENTS=1`).

mod access;
mod bad_input;
mod canary;
mod clients;
mod declared;
mod disconnect;
mod egress;
mod hints;
mod import;
mod keeping;
mod keys;
mod lifecycle;
mod logs;
mod management;
mod money;
mod passthrough;
mod pooling;
mod prices;
mod rig;
mod ssrf;
mod stream_usage;
mod tls;
mod tokens;
mod traffic;
mod unified;
mod vectors;
