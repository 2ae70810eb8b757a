//! The one rule about where Weir may connect: public addresses over TLS, unless listed.
//!
//! Addresses are judged after name resolution and the connection is made to the judged address,
//! so a name cannot point elsewhere between the two (DNS rebinding).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::upstream::origin::Origin;

/// Destinations an operator permits beyond public addresses over TLS.
#[derive(Clone, Debug, Default)]
pub struct EgressPolicy {
    allow: Vec<Allowed>,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Host(String),
    Network { address: IpAddr, prefix: u8 },
}

#[derive(Clone, Debug, PartialEq)]
struct Allowed {
    what: What,
    port: Option<u16>,
}

/// Why a destination was refused; safe to show to operators, and to clients as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// Plain HTTP to a destination that is not listed.
    #[error("plain http to {0} is not permitted; list it in egress.allow if that is intended")]
    PlainHttp(String),
    /// Every address of the host is private, loopback, link-local or otherwise not public.
    #[error("{0} is not a public address; list it in egress.allow if that is intended")]
    NotPublic(String),
}

impl EgressPolicy {
    /// Reads the entries of `egress.allow`: a host name, an address or a network (`10.0.0.0/8`),
    /// each with an optional `:port`.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, String> {
        let allow = entries.iter().map(|entry| Allowed::parse(entry.as_ref()));
        Ok(Self { allow: allow.collect::<Result<_, _>>()? })
    }

    /// Adds one address with its port; for the built-in simulator.
    pub fn permit(&mut self, address: IpAddr, port: u16) {
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        self.allow.push(Allowed { what: What::Network { address, prefix }, port: Some(port) });
    }

    /// Permits one place whatever its addresses are, and beyond it what every policy permits.
    pub fn of_origin(origin: &Origin) -> Self {
        let (host, port) = (origin.host().to_owned(), Some(origin.port()));
        Self { allow: vec![Allowed { what: What::Host(host), port }] }
    }

    /// Of the addresses a host resolved to, those that may be connected to.
    pub fn judge(&self, origin: &Origin, addresses: &[IpAddr]) -> Result<Vec<IpAddr>, EgressError> {
        let listed =
            |address: &IpAddr| self.allow.iter().any(|allowed| allowed.covers(origin, *address));
        if !origin.is_https() && !addresses.iter().any(listed) {
            return Err(EgressError::PlainHttp(origin.to_string()));
        }
        let permitted: Vec<IpAddr> = addresses
            .iter()
            .copied()
            .filter(|address| listed(address) || (origin.is_https() && is_public(*address)))
            .collect();
        if permitted.is_empty() {
            return Err(EgressError::NotPublic(origin.to_string()));
        }
        Ok(permitted)
    }
}

impl Allowed {
    fn parse(entry: &str) -> Result<Self, String> {
        let text = entry.trim();
        let wrong = || format!("`{entry}` is neither a host, an address nor a network");
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self { what: network(address, None).ok_or_else(wrong)?, port: None });
        }
        let (rest, port) = match text.rsplit_once(':') {
            Some((rest, port)) => (rest, Some(port.parse::<u16>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let rest = rest.trim_start_matches('[').trim_end_matches(']');
        let what = if let Some((address, prefix)) = rest.split_once('/') {
            let address = address.parse().map_err(|_| wrong())?;
            network(address, Some(prefix.parse().map_err(|_| wrong())?)).ok_or_else(wrong)?
        } else if let Ok(address) = rest.parse::<IpAddr>() {
            network(address, None).ok_or_else(wrong)?
        } else if !rest.is_empty()
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        {
            What::Host(rest.to_ascii_lowercase())
        } else {
            return Err(wrong());
        };
        Ok(Self { what, port })
    }

    fn covers(&self, origin: &Origin, address: IpAddr) -> bool {
        self.port.is_none_or(|port| port == origin.port())
            && match &self.what {
                What::Host(host) => host == origin.host(),
                What::Network { address: network, prefix } => within(address, *network, *prefix),
            }
    }
}

fn network(address: IpAddr, prefix: Option<u8>) -> Option<What> {
    let widest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.unwrap_or(widest);
    (prefix <= widest).then_some(What::Network { address, prefix })
}

fn within(address: IpAddr, network: IpAddr, prefix: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

/// Whether an address is reachable on the public Internet and nothing special.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || address == Ipv4Addr::new(168, 63, 129, 16) // a cloud's own services, for its machines
        || (a == 100 && (64..128).contains(&b)) // carrier-grade NAT
        || (a == 192 && b == 0 && c == 0) // protocol assignments
        || (a == 192 && b == 88 && c == 99) // 6to4 relays
        || (a == 198 && (b == 18 || b == 19))) // benchmarking
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = embedded_v4(address) {
        return is_public_v4(v4);
    }
    let first = address.segments()[0];
    // Global unicast is 2000::/3; everything outside (loopback, unique local, link-local,
    // multicast, unspecified) is not public. Inside it, documentation and Teredo are not either.
    (first & 0xe000) == 0x2000
        && !(first == 0x2001 && address.segments()[1] < 0x0200)
        && !(first == 0x2001 && address.segments()[1] == 0x0db8)
        && first != 0x3fff
}

/// The IPv4 address that an IPv6 form carries: mapped, compatible, NAT64 and 6to4 forms all reach
/// that address in the end.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => Some(v4(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0x64, 0xff9b, 1, _, _, _, high, low] => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
