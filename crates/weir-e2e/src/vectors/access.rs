//! The custom domain of a vector, and the users who may call there (`given.access`).

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::issuer::{Issuer, SigningKey, domain};
use crate::upstream::Upstream;
use crate::weir::Weir;

/// Tokens by their names.
#[derive(Debug, Default)]
pub(super) struct Access(HashMap<String, String>);

impl Access {
    /// Enters an issuer and a domain for its users, and signs the tokens that are named.
    pub(super) async fn build(given: &Value, weir: &Weir, upstream: &Upstream) -> Result<Self> {
        let issuer = Issuer::at(upstream, SigningKey::rs256("access")?);
        let id = issuer.enter(weir, &json!({})).await?;
        let mut tokens = HashMap::new();
        for (key, value) in given.as_object().context("given.access")? {
            match key.as_str() {
                "custom_domain" => {
                    let host = value.as_str().context("custom_domain")?;
                    domain(weir, host, Some(&id)).await?;
                }
                // Every vector is about this gateway, and requests say the header themselves.
                "gateway" if value == "gw1" => {}
                "jwt_header" => {}
                name if name.ends_with("_jwt") => {
                    // Good whatever time it is in the vector.
                    let mut claims = issuer.claims(&json!({"nbf": null, "exp": 4_000_000_000_u64}));
                    for (claim, value) in value.as_object().context("claims")? {
                        claims[claim] = value.clone();
                    }
                    tokens.insert(key.clone(), issuer.key.sign(&claims)?);
                }
                _ => bail!("given.access.{key} cannot be set up: the runner does not know how"),
            }
        }
        Ok(Self(tokens))
    }

    /// A token by its name.
    pub(super) fn token(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}
