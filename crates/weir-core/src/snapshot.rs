//! All configuration as of one moment.

use std::collections::HashMap;
use std::sync::Arc;

use crate::access::{CustomDomain, DomainStatus, Issuer};
use crate::config::Configuration;
use crate::controls::Controls;
use crate::gateway::Gateway;
use crate::id::{AccountId, GatewayId};
use crate::provider::CustomProvider;
use crate::route::DeployedRoute;
use crate::secrets::ProviderConfig;
use crate::stop::{Stop, Stopped};
use crate::token::{ApiToken, TokenHash};

type RoutesByName = HashMap<Box<str>, Arc<DeployedRoute>>;

/// An immutable view of all configuration, swapped whole. A call keeps the one it began with.
#[derive(Debug)]
pub struct Snapshot {
    configuration: Configuration,
    gateways: HashMap<AccountId, HashMap<GatewayId, Arc<Gateway>>>,
    /// What limits the calls of gateways, where anything does.
    controls: HashMap<AccountId, HashMap<GatewayId, Arc<Controls>>>,
    /// Active custom domains by host.
    domains: HashMap<Box<str>, Arc<CustomDomain>>,
    custom_providers: HashMap<AccountId, HashMap<Box<str>, Arc<CustomProvider>>>,
    /// Stored keys by gateway.
    keys: HashMap<(AccountId, GatewayId), Vec<Arc<ProviderConfig>>>,
    /// Deployed routes by name.
    routes: HashMap<AccountId, HashMap<GatewayId, RoutesByName>>,
    tokens: HashMap<TokenHash, Arc<ApiToken>>,
    /// Bit `n % 64` of word `n / 64` is set when some token has `n` bytes; longer ones use the last bit.
    token_lengths: [u64; 4],
}

impl Snapshot {
    /// Arranges a configuration for reading.
    pub fn new(configuration: Configuration) -> Self {
        Self::arrange(configuration, None)
    }

    /// The same for a configuration that follows another. Routes that are deployed as before are
    /// not read again.
    pub(crate) fn after(before: &Self, configuration: Configuration) -> Self {
        Self::arrange(configuration, Some(before))
    }

    fn arrange(configuration: Configuration, before: Option<&Self>) -> Self {
        let mut gateways = HashMap::<AccountId, HashMap<GatewayId, Arc<Gateway>>>::new();
        for gateway in configuration.gateways.iter() {
            let of_account = gateways.entry(gateway.account_id.clone()).or_default();
            of_account.insert(gateway.id.clone(), Arc::clone(gateway));
        }
        let mut controls = HashMap::<AccountId, HashMap<GatewayId, Arc<Controls>>>::new();
        for gateway in configuration.gateways.iter() {
            let found = Controls::of(gateway, &configuration);
            if !found.is_empty() {
                let of_account = controls.entry(gateway.account_id.clone()).or_default();
                of_account.insert(gateway.id.clone(), Arc::new(found));
            }
        }
        let active = configuration.custom_domains.iter();
        let domains = active
            .filter(|domain| domain.status == DomainStatus::Active)
            .map(|domain| (domain.hostname.as_str().into(), Arc::clone(domain)))
            .collect();
        let mut custom_providers = HashMap::<_, HashMap<Box<str>, _>>::new();
        for provider in configuration.custom_providers.iter() {
            let of_account: &mut HashMap<_, _> =
                custom_providers.entry(provider.account_id.clone()).or_default();
            of_account.insert(provider.slug.as_str().into(), Arc::clone(provider));
        }
        let mut keys = HashMap::<_, Vec<_>>::new();
        for key in configuration.provider_configs.iter() {
            let gateway = (key.account_id.clone(), key.gateway_id.clone());
            keys.entry(gateway).or_default().push(Arc::clone(key));
        }
        let mut routes = HashMap::<AccountId, HashMap<GatewayId, RoutesByName>>::new();
        for route in configuration.routes.iter() {
            let (account, gateway) = (&route.account_id, &route.gateway_id);
            let known = before
                .and_then(|before| before.route(account.as_str(), gateway.as_str(), &route.name))
                .filter(|known| known.is_of(route))
                .map(Arc::clone);
            if let Some(deployed) = known.or_else(|| DeployedRoute::of(route).map(Arc::new)) {
                let of_account = routes.entry(account.clone()).or_default();
                let of_gateway = of_account.entry(gateway.clone()).or_default();
                of_gateway.insert(deployed.name.clone(), deployed);
            }
        }
        let mut tokens = HashMap::new();
        let mut token_lengths = [0; 4];
        for token in configuration.tokens.iter() {
            let (word, bit) = length_slot(usize::from(token.length));
            token_lengths[word] |= bit;
            tokens.insert(token.hash, Arc::clone(token));
        }
        Self {
            configuration,
            gateways,
            controls,
            domains,
            custom_providers,
            keys,
            routes,
            tokens,
            token_lengths,
        }
    }

    /// Rises with every change of configuration.
    pub const fn generation(&self) -> u64 {
        self.configuration.generation
    }

    /// All of it, by kind.
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// A gateway by the path's two segments.
    pub fn gateway(&self, account: &str, gateway: &str) -> Option<&Arc<Gateway>> {
        self.gateways.get(account)?.get(gateway)
    }

    /// What limits the calls of a gateway; none when nothing does.
    pub fn controls(&self, gateway: &Gateway) -> Option<&Arc<Controls>> {
        self.controls.get(&gateway.account_id)?.get(&gateway.id)
    }

    /// The active custom domain of a host, given in small letters and without a port.
    pub fn domain(&self, host: &str) -> Option<&Arc<CustomDomain>> {
        self.domains.get(host)
    }

    /// Whether any host is a custom domain: asked first, since most installations have none.
    pub fn has_domains(&self) -> bool {
        !self.domains.is_empty()
    }

    /// All issuers of an account whose users may call, disabled ones too.
    pub fn issuers<'a>(&'a self, account: &'a AccountId) -> impl Iterator<Item = &'a Arc<Issuer>> {
        self.configuration.of::<Issuer>(account)
    }

    /// The stop of a token, a session or a user, whether it still holds or not.
    pub fn stop(&self, account: &AccountId, what: Stopped, value: &str) -> Option<&Arc<Stop>> {
        self.configuration.get(account, &Stop::id_of(what, value))
    }

    /// Whether anything of an account may be stopped: asked first, since hardly ever anything is.
    pub fn has_stops(&self, account: &AccountId) -> bool {
        self.configuration.of::<Stop>(account).next().is_some()
    }

    /// All gateways of an account, in no order.
    pub fn gateways(&self, account: &str) -> impl Iterator<Item = &Arc<Gateway>> {
        self.gateways.get(account).into_iter().flat_map(HashMap::values)
    }

    /// A custom provider by the part of its slug after `custom-`, disabled ones too.
    pub fn custom_provider(&self, account: &str, slug: &str) -> Option<&Arc<CustomProvider>> {
        self.custom_providers.get(account)?.get(slug)
    }

    /// All custom providers of an account, in no order.
    pub fn custom_providers(&self, account: &str) -> impl Iterator<Item = &Arc<CustomProvider>> {
        self.custom_providers.get(account).into_iter().flat_map(HashMap::values)
    }

    /// The stored keys of a gateway for a provider, in no order.
    pub fn stored_keys<'a>(
        &'a self,
        gateway: &Gateway,
        provider: &'a str,
    ) -> impl Iterator<Item = &'a Arc<ProviderConfig>> {
        // Gateways without stored keys are the rule: asked for by reference, they cost no copy.
        let keys = if self.keys.is_empty() {
            None
        } else {
            self.keys.get(&(gateway.account_id.clone(), gateway.id.clone()))
        };
        keys.into_iter().flatten().filter(move |key| key.provider_slug == provider)
    }

    /// The route that is called `dynamic/{name}` at a gateway, as it is deployed. None when there is
    /// no such route, nothing of it is deployed, or what was stored can no longer be read.
    pub fn route(&self, account: &str, gateway: &str, name: &str) -> Option<&Arc<DeployedRoute>> {
        self.routes.get(account)?.get(gateway)?.get(name)
    }

    /// The token a presented value is, dead or alive, of whatever account. Values that cannot be a
    /// token, going by length, cost no hash.
    pub fn token(&self, presented: &[u8]) -> Option<&Arc<ApiToken>> {
        let (word, bit) = length_slot(presented.len());
        if self.token_lengths[word] & bit == 0 {
            return None;
        }
        self.tokens.get(&TokenHash::of(presented))
    }

    /// All tokens of an account, in no order.
    pub fn tokens(&self, account: &str) -> impl Iterator<Item = &Arc<ApiToken>> {
        self.tokens.values().filter(move |token| token.account_id.as_str() == account)
    }
}

const fn length_slot(length: usize) -> (usize, u64) {
    let length = if length < 255 { length } else { 255 };
    (length / 64, 1 << (length % 64))
}

#[cfg(test)]
mod tests;
