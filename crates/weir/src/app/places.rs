//! Where keys lie that are not stored here, and who we are at providers.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use http::HeaderValue;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use weir_core::secrets::SecretReference;
use weir_llm::catalogue;
use weir_proxy::{Origin, ReferenceSettings, TlsIdentity, VaultSettings, VaultToken};

use crate::config::{Config, Environment, ProviderSection, VaultSection};
use crate::server::tls::certificates;

/// What may be referred to, and the variables among it. Variables that the operator's own settings
/// refer to must be there.
pub(super) fn references(config: &Config) -> anyhow::Result<ReferenceSettings> {
    let places = config.secrets.places();
    let lines = config.providers.iter().flat_map(|(slug, section)| {
        let place = move |name: &str| format!("providers.{slug}.{name}");
        section.keys().filter_map(move |line| Some((place(&line.name), line.key.reference()?)))
    });
    let own: Vec<(String, SecretReference)> = lines.collect();
    let is_own = |name: &str| {
        let named = |reference: &SecretReference| matches!(reference, SecretReference::Environment(it) if **it == *name);
        own.iter().any(|(_, reference)| named(reference))
    };
    let permitted = |name: &str| places.check(&SecretReference::Environment(name.into())).is_ok();
    let environment = Environment::secrets(|name| permitted(name) || is_own(name));
    for (place, reference) in &own {
        match reference {
            SecretReference::Environment(name) => {
                anyhow::ensure!(environment.contains_key(&**name), "{place}: {name} is not set");
            }
            SecretReference::File(_) => {}
            SecretReference::Vault { .. } => {
                places.check(reference).with_context(|| place.clone())?;
            }
        }
    }
    let vault = config.secrets.vault.as_ref().map(vault).transpose()?;
    Ok(ReferenceSettings { places, environment, vault })
}

fn vault(section: &VaultSection) -> anyhow::Result<VaultSettings> {
    let token = match (&section.token, &section.token_file) {
        (Some(token), _) => VaultToken::Value(token.0.clone()),
        (None, Some(file)) => VaultToken::File(file.display().to_string()),
        (None, None) => anyhow::bail!("secrets.vault.token is missing"),
    };
    let namespace = section.namespace.as_deref().map(HeaderValue::from_str).transpose();
    let mut identity = TlsIdentity::default();
    if let Some(file) = &section.tls_ca {
        identity.authorities = certificates("secrets.vault.tls_ca", file)?;
    }
    Ok(VaultSettings {
        address: Origin::parse(&section.address).context("secrets.vault.address")?,
        token,
        namespace: namespace.context("secrets.vault.namespace")?,
        identity,
        ttl: section.ttl.map(Duration::from_secs),
    })
}

/// Who we are at providers, by slug.
pub(super) fn identities(
    providers: &BTreeMap<String, ProviderSection>,
) -> anyhow::Result<HashMap<String, TlsIdentity>> {
    let mut identities = HashMap::new();
    for (name, section) in providers {
        let slug = catalogue::find(name).map_or(name.as_str(), |row| row.slug);
        let place = |key: &str| format!("providers.{slug}.{key}");
        let authorities = section.tls_ca.as_deref();
        let client = section.tls_client_cert.as_deref().zip(section.tls_client_key.as_deref());
        if authorities.is_none() && client.is_none() {
            continue;
        }
        let identity = TlsIdentity {
            authorities: authorities
                .map_or_else(|| Ok(Vec::new()), |file| certificates(&place("tls_ca"), file))?,
            client: client
                .map(|(chain, key)| -> anyhow::Result<_> {
                    let chain = certificates(&place("tls_client_cert"), chain)?;
                    Ok((chain, private_key(&place("tls_client_key"), key)?))
                })
                .transpose()?,
        };
        identities.insert(slug.to_owned(), identity);
    }
    Ok(identities)
}

fn private_key(place: &str, file: &Path) -> anyhow::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(file)
        .with_context(|| format!("{place}: cannot read {}", file.display()))
}
