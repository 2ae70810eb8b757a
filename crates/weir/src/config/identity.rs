//! `[identity]`: what is believed about where callers are.

use serde::{Deserialize, Serialize};
use weir_core::net::Network;
use weir_proxy::Edge;

use super::Problem;

/// The proxies in front, and the headers in which they tell of clients.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Identity {
    pub(crate) trusted_proxies: Vec<String>,
    pub(crate) client_ip_header: Option<String>,
    pub(crate) country_header: Option<String>,
}

impl Identity {
    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        for entry in self.trusted_proxies.iter().filter(|entry| Network::parse(entry).is_none()) {
            let message = format!("`{entry}` is neither an address nor a network like 10.0.0.0/8");
            problems.push(Problem::new("identity.trusted_proxies", message));
        }
        for (key, name) in
            [("client_ip_header", &self.client_ip_header), ("country_header", &self.country_header)]
        {
            let Some(name) = name else { continue };
            let place = format!("identity.{key}");
            if name.parse::<http::HeaderName>().is_err() {
                problems.push(Problem::new(&place, format!("`{name}` is no name of a header")));
            }
            // Without it the header would be ignored, and its owner would believe otherwise.
            if self.trusted_proxies.is_empty() {
                let message = "is believed of trusted proxies only: list them in \
                               identity.trusted_proxies";
                problems.push(Problem::new(&place, message));
            }
        }
    }

    /// The edge, as the data plane asks for it.
    pub(crate) fn edge(&self) -> anyhow::Result<Edge> {
        let proxies = self.trusted_proxies.iter().filter_map(|entry| Network::parse(entry));
        let mut edge = Edge::new(proxies.collect());
        if let Some(name) = &self.client_ip_header {
            edge = edge.with_address_header(name)?;
        }
        if let Some(name) = &self.country_header {
            edge = edge.with_country_header(name)?;
        }
        Ok(edge)
    }
}
