//! What is told of a client by whoever stands between it and us: its address, its country.
//!
//! Anybody can write any header. So nothing of this is believed unless the connection itself comes
//! from an address that the operator listed as a proxy of theirs.

use std::net::{IpAddr, SocketAddr};

use http::header::InvalidHeaderName;
use http::{HeaderMap, HeaderName};
use weir_core::net::Network;

/// The proxies in front, and the headers that they set.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    proxies: Vec<Network>,
    address_header: Option<HeaderName>,
    country_header: Option<HeaderName>,
}

/// What is known of a client before any credential was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Where it is. `None` when a proxy vouches for it but does not say so in a form that can be
    /// read: then no list of addresses lets it in.
    pub address: Option<IpAddr>,
    /// Two letters, as the edge says.
    pub country: Option<Box<str>>,
}

impl Edge {
    /// An edge of these proxies.
    #[must_use]
    pub fn new(proxies: Vec<Network>) -> Self {
        Self { proxies, ..Self::default() }
    }

    /// Names the header in which they send the client's address, in place of `x-forwarded-for`.
    ///
    /// # Errors
    /// When that is no name of a header.
    pub fn with_address_header(mut self, name: &str) -> Result<Self, InvalidHeaderName> {
        self.address_header = Some(name.parse()?);
        Ok(self)
    }

    /// Names the header in which they send the client's country.
    ///
    /// # Errors
    /// When that is no name of a header.
    pub fn with_country_header(mut self, name: &str) -> Result<Self, InvalidHeaderName> {
        self.country_header = Some(name.parse()?);
        Ok(self)
    }

    /// What is known of the client behind a connection from `peer`.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let peer = peer.to_canonical();
        if !self.is_proxy(peer) {
            return Client { address: Some(peer), country: None };
        }
        let address = match &self.address_header {
            Some(name) => match only(headers, name) {
                Some(value) => address(value),
                None => Some(peer).filter(|_| !headers.contains_key(name)),
            },
            None => self.forwarded_for(peer, headers),
        };
        let country = self.country_header.as_ref().and_then(|name| only(headers, name));
        Client { address, country: country.and_then(country_code) }
    }

    /// Takes out the headers that were for us.
    pub(crate) fn strip(&self, headers: &mut HeaderMap) {
        for name in [&self.address_header, &self.country_header].into_iter().flatten() {
            headers.remove(name);
        }
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|proxy| proxy.holds(address))
    }

    /// Each proxy adds the address that it saw at the end of the list. So the list is read from its
    /// end, and the first entry that is no proxy of ours is the client: what stands before it is the
    /// client's own word.
    fn forwarded_for(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let mut last = peer;
        let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
        for line in lines.into_iter().rev() {
            for entry in line.to_str().ok()?.rsplit(',') {
                last = address(entry)?;
                if !self.is_proxy(last) {
                    return Some(last);
                }
            }
        }
        Some(last)
    }
}

/// The value of a header that stands once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// An address, as proxies write them: some add a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().map(|socket| socket.ip());
    bare.parse().or_else(|_| with_port()).ok().map(|address: IpAddr| address.to_canonical())
}

/// A country's code in capitals. `XX` is how an edge says that it does not know.
fn country_code(text: &str) -> Option<Box<str>> {
    let text = text.trim().to_ascii_uppercase();
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_code && text != "XX").then(|| text.into())
}

#[cfg(test)]
mod tests;
