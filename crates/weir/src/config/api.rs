//! `[api]`: the management API.

use serde::{Deserialize, Serialize};

use super::{BillingSection, Problem};

/// What an operator chooses for the management API.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ApiSection {
    pub(crate) public_url: Option<String>,
    pub(crate) max_gateways: Option<usize>,
}

impl ApiSection {
    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        let Some(url) = &self.public_url else { return };
        let readable = url.parse::<http::Uri>().ok().filter(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
        });
        let message = match readable {
            None => "must be an address such as https://weir.example",
            Some(uri) if uri.query().is_some() => "may not have a query",
            Some(_) => return,
        };
        problems.push(Problem::new("api.public_url", format!("`{url}` {message}")));
    }

    /// What the management API asks for. `plain_http`: some addresses may be called over plain
    /// HTTP, so custom providers may lie there.
    pub(crate) fn options(&self, plain_http: bool, billing: BillingSection) -> weir_api::Options {
        weir_api::Options {
            public_url: self.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned()),
            allow_http_providers: plain_http,
            max_gateways: self.max_gateways,
            fee_percent: billing.fee_percent,
            markup_percent: billing.markup_percent,
            ..weir_api::Options::default()
        }
    }
}
