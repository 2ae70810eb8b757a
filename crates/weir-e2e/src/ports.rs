//! Ports for the binary under test.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};

/// First port handed out, and how many. All lie below the range from which the kernel takes the
/// ports of outgoing connections, so a port cannot be lost to one between choosing and binding.
const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

/// A loopback address on which nothing listens. Tests run in several processes at once, so each
/// process begins to search at its own place.
///
/// # Errors
/// When every port is taken.
pub fn free() -> Result<SocketAddr> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(97);
    let candidates = (0..COUNT).map(|_| {
        let offset = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        u16::try_from(FIRST + offset).unwrap_or(u16::MAX)
    });
    let mut addresses = candidates.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    addresses.find(|address| TcpListener::bind(address).is_ok()).context("no free port")
}
