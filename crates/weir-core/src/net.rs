//! Lists of addresses and networks that may call.

use std::net::IpAddr;

use crate::fault::Faults;

/// An address, or a network such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads an entry of a list.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse().ok()?, Some(prefix.parse().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let address = canonical(address);
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(widest);
        (prefix <= widest).then_some(Self { address, prefix })
    }

    /// Whether an address is in it. IPv4 addresses in IPv6 form count as what they are.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, canonical(address)) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

/// Whether a list lets an address in. An empty one lets everybody in; an entry that cannot be read
/// lets nobody in by itself.
pub fn allows<S: AsRef<str>>(list: &[S], address: IpAddr) -> bool {
    let holds = |entry: &S| Network::parse(entry.as_ref()).is_some_and(|it| it.holds(address));
    list.is_empty() || list.iter().any(holds)
}

/// Notes entries that are neither address nor network.
pub(crate) fn check(list: &[String], faults: &mut Faults) {
    const MOST: usize = 500;
    if list.len() > MOST {
        faults.refuse(format_args!("may hold {MOST} entries"));
    }
    for (place, entry) in list.iter().enumerate() {
        if Network::parse(entry).is_none() {
            faults.refuse_at(place, "must be an address, or a network such as 10.0.0.0/8");
        }
    }
}

fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        for (list, address, inside) in [
            (&[][..], "1.2.3.4", true),
            (&["10.0.0.0/8"], "10.255.0.1", true),
            (&["10.0.0.0/8"], "11.0.0.1", false),
            (&["10.0.0.0/8", "192.0.2.7"], "192.0.2.7", true),
            (&["10.0.0.0/8"], "::ffff:10.1.2.3", true),
            (&["2001:db8::/32"], "2001:db8:1::1", true),
            (&["2001:db8::/32"], "10.1.2.3", false),
            (&["0.0.0.0/0"], "8.8.8.8", true),
            (&["nonsense"], "8.8.8.8", false),
        ] {
            assert_eq!(allows(list, address.parse().unwrap()), inside, "{list:?} {address}");
        }
    }
}
