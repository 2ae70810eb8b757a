//! All configuration as of one moment.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::clock::Timestamp;
use crate::error::{Error, Kind};
use crate::gateway::Gateway;
use crate::id::{AccountId, DEFAULT_GATEWAY, GatewayId};
use crate::provider::CustomProvider;
use crate::store::{ConfigStore, StoreError, StoreResult};
use crate::token::{ApiToken, TokenHash};

/// What a configuration store holds, unordered. The input of [`Snapshot::new`].
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// Rises with every change.
    pub generation: u64,
    /// Every gateway.
    pub gateways: Vec<Gateway>,
    /// Every custom provider.
    pub custom_providers: Vec<CustomProvider>,
    /// Every token, expired and revoked ones too: they must still be recognised, so that they
    /// never travel to a provider.
    pub tokens: Vec<ApiToken>,
}

/// An immutable view of all configuration, swapped whole. A call keeps the one it began with.
#[derive(Debug)]
pub struct Snapshot {
    generation: u64,
    gateways: HashMap<AccountId, HashMap<GatewayId, Arc<Gateway>>>,
    custom_providers: HashMap<AccountId, HashMap<Box<str>, Arc<CustomProvider>>>,
    tokens: HashMap<TokenHash, Arc<ApiToken>>,
    /// Bit `n % 64` of word `n / 64` is set when some token has `n` bytes; longer ones use the last bit.
    token_lengths: [u64; 4],
}

/// The present snapshot, shared by everything that reads configuration.
pub type LiveSnapshot = ArcSwap<Snapshot>;

/// The store of configuration together with the snapshot made from it: who writes the former
/// refreshes the latter before answering.
pub struct LiveConfiguration {
    store: Arc<dyn ConfigStore>,
    snapshot: Arc<LiveSnapshot>,
}

impl LiveConfiguration {
    /// Reads the store for the first time.
    pub async fn open(store: Arc<dyn ConfigStore>) -> StoreResult<Self> {
        let snapshot = Arc::new(ArcSwap::from_pointee(Snapshot::new(store.load().await?)));
        Ok(Self { store, snapshot })
    }

    /// The configuration as of now. Keep it for the length of a call.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The place where the present snapshot is found, for parts that only read.
    pub fn live(&self) -> &Arc<LiveSnapshot> {
        &self.snapshot
    }

    /// The store, for parts that write. Call [`Self::refresh`] after a write.
    pub fn store(&self) -> &Arc<dyn ConfigStore> {
        &self.store
    }

    /// Puts what the store holds now in effect.
    pub async fn refresh(&self) -> StoreResult<()> {
        let fresh = Arc::new(Snapshot::new(self.store.load().await?));
        // Two refreshes may overtake each other; the newer one stays.
        self.snapshot.rcu(|present| {
            let newer = fresh.generation >= present.generation;
            if newer { Arc::clone(&fresh) } else { Arc::clone(present) }
        });
        Ok(())
    }

    /// Refreshes when another process has changed the store. Returns whether it had.
    pub async fn follow(&self) -> StoreResult<bool> {
        if self.store.generation().await? == self.snapshot.load().generation {
            return Ok(false);
        }
        self.refresh().await.map(|()| true)
    }

    /// The account's default gateway, made if it is not there (spec: data-plane 1.10).
    pub async fn ensure_default_gateway(&self, account: &AccountId) -> Result<Arc<Gateway>, Error> {
        let unavailable =
            |error: StoreError| Error::new(Kind::Unavailable, "Configuration store").because(error);
        let gateway =
            Gateway::with_defaults(account.clone(), DEFAULT_GATEWAY.into(), Timestamp::now());
        match self.store.create_gateway(&gateway).await {
            // Another call was faster.
            Ok(()) | Err(StoreError::AlreadyExists(_)) => {}
            Err(error) => return Err(unavailable(error)),
        }
        self.refresh().await.map_err(unavailable)?;
        let snapshot = self.snapshot.load();
        let found = snapshot.gateway(account.as_str(), DEFAULT_GATEWAY).map(Arc::clone);
        found.ok_or_else(|| Error::new(Kind::Internal, "The default gateway was not stored"))
    }
}

impl Snapshot {
    /// Arranges a configuration for reading.
    pub fn new(configuration: Configuration) -> Self {
        let mut snapshot = Self {
            generation: configuration.generation,
            gateways: HashMap::new(),
            custom_providers: HashMap::new(),
            tokens: HashMap::new(),
            token_lengths: [0; 4],
        };
        for gateway in configuration.gateways {
            let of_account = snapshot.gateways.entry(gateway.account_id.clone()).or_default();
            of_account.insert(gateway.id.clone(), Arc::new(gateway));
        }
        for provider in configuration.custom_providers {
            let of_account =
                snapshot.custom_providers.entry(provider.account_id.clone()).or_default();
            of_account.insert(provider.slug.as_str().into(), Arc::new(provider));
        }
        for token in configuration.tokens {
            let (word, bit) = length_slot(usize::from(token.length));
            snapshot.token_lengths[word] |= bit;
            snapshot.tokens.insert(token.hash, Arc::new(token));
        }
        snapshot
    }

    /// Rises with every change of configuration.
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// A gateway by the path's two segments.
    pub fn gateway(&self, account: &str, gateway: &str) -> Option<&Arc<Gateway>> {
        self.gateways.get(account)?.get(gateway)
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
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn token(secret: &str) -> ApiToken {
        ApiToken {
            id: secret.into(),
            account_id: "acc1".into(),
            name: secret.to_owned(),
            hash: TokenHash::of(secret.as_bytes()),
            length: u16::try_from(secret.len()).unwrap(),
            permissions: Vec::new(),
            created_at: Timestamp::from_millis(0),
            expires_at: None,
            revoked_at: None,
        }
    }

    #[test]
    fn tokens_are_found_by_value_whatever_their_length() {
        let long = "x".repeat(700);
        let tokens = vec![token("tok-run"), token(&long)];
        let snapshot = Snapshot::new(Configuration { tokens, ..Default::default() });
        assert_eq!(snapshot.token(b"tok-run").unwrap().name, "tok-run");
        assert_eq!(snapshot.token(long.as_bytes()).unwrap().name, long);
        assert!(snapshot.token(b"tok-rum").is_none());
        assert!(snapshot.token(b"").is_none());
        assert!(snapshot.token("y".repeat(900).as_bytes()).is_none());
    }
}
