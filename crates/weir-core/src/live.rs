//! The present configuration, and the one way to change it.

use std::sync::Arc;

use arc_swap::ArcSwap;
use futures_util::lock::Mutex;

use crate::audit::Actor;
use crate::clock::Timestamp;
use crate::config::{Changes, Commit, Configuration};
use crate::error::{Error, Kind};
use crate::gateway::Gateway;
use crate::id::{AccountId, DEFAULT_GATEWAY};
use crate::snapshot::Snapshot;
use crate::store::{ConfigStore, StoreError, StoreResult};

/// The present snapshot, shared by everything that reads configuration.
pub type LiveSnapshot = ArcSwap<Snapshot>;

/// Tries of one change. Each failed try means that another process changed something meanwhile.
const TRIES: usize = 20;

/// The store of configuration together with the snapshot made from it.
pub struct LiveConfiguration {
    store: Arc<dyn ConfigStore>,
    snapshot: Arc<LiveSnapshot>,
    /// Changes of this process take turns, so that they do not make each other try again. It
    /// guards no data, and nothing that serves a client's call waits for it.
    turn: Mutex<()>,
}

/// Why a change was not made.
#[derive(Debug)]
pub enum ChangeError<E> {
    /// The change itself said no.
    Refused(E),
    /// The store did.
    Store(StoreError),
}

impl LiveConfiguration {
    /// Reads the store for the first time.
    pub async fn open(store: Arc<dyn ConfigStore>) -> StoreResult<Self> {
        let snapshot = Arc::new(ArcSwap::from_pointee(Snapshot::new(store.load().await?)));
        Ok(Self { store, snapshot, turn: Mutex::new(()) })
    }

    /// The configuration as of now. Keep it for the length of a call.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The place where the present snapshot is found, for parts that only read.
    pub fn live(&self) -> &Arc<LiveSnapshot> {
        &self.snapshot
    }

    /// The store, for reading the audit trail and adding to it. Objects are changed by
    /// [`Self::change`] alone.
    pub fn store(&self) -> &Arc<dyn ConfigStore> {
        &self.store
    }

    /// Changes the configuration: `edit` sees the present state and says what is to be different,
    /// or refuses. It may be asked again, with a newer state, so it must do nothing else.
    ///
    /// When this returns, the changes are stored, on record and in force.
    pub async fn change<T, E>(
        &self,
        actor: &Actor,
        mut edit: impl FnMut(&Configuration, &mut Changes) -> Result<T, E>,
    ) -> Result<T, ChangeError<E>> {
        let _turn = self.turn.lock().await;
        for _ in 0..TRIES {
            let base = self.snapshot();
            let mut changes = Changes::default();
            let output = edit(base.configuration(), &mut changes).map_err(ChangeError::Refused)?;
            let commit = Commit::new(base.configuration(), changes, actor, Timestamp::now());
            if commit.is_empty() {
                return Ok(output);
            }
            match self.store.commit(&commit).await {
                Ok(generation) => {
                    self.install(base.configuration().with(&commit.changes, generation));
                    return Ok(output);
                }
                Err(StoreError::Conflict) => self.refresh().await.map_err(ChangeError::Store)?,
                Err(error) => return Err(ChangeError::Store(error)),
            }
        }
        Err(ChangeError::Store(StoreError::Conflict))
    }

    /// Puts what the store holds now in force.
    pub async fn refresh(&self) -> StoreResult<()> {
        self.install(self.store.load().await?);
        Ok(())
    }

    /// Refreshes when another process has changed the store. Returns whether it had.
    pub async fn follow(&self) -> StoreResult<bool> {
        if self.store.generation().await? <= self.snapshot.load().generation() {
            return Ok(false);
        }
        self.refresh().await.map(|()| true)
    }

    /// Swaps the snapshot. Two may overtake each other; the newer one stays.
    fn install(&self, configuration: Configuration) {
        let fresh = Arc::new(Snapshot::after(&self.snapshot.load(), configuration));
        self.snapshot.rcu(|present| {
            let newer = fresh.generation() >= present.generation();
            if newer { Arc::clone(&fresh) } else { Arc::clone(present) }
        });
    }

    /// The account's default gateway, made if it is not there (spec: data-plane 1.10).
    pub async fn ensure_default_gateway(&self, account: &AccountId) -> Result<Arc<Gateway>, Error> {
        let made = self
            .change(&Actor::system("default gateway"), |now, changes| {
                if now.get::<Gateway>(account, DEFAULT_GATEWAY).is_none() {
                    let id = DEFAULT_GATEWAY.into();
                    changes.put(Gateway::with_defaults(account.clone(), id, Timestamp::now()));
                }
                Ok::<_, std::convert::Infallible>(())
            })
            .await;
        match made {
            Ok(()) => {}
            Err(ChangeError::Refused(never)) => match never {},
            Err(ChangeError::Store(error)) => {
                return Err(Error::new(Kind::Unavailable, "Configuration store").because(error));
            }
        }
        let snapshot = self.snapshot.load();
        let found = snapshot.gateway(account.as_str(), DEFAULT_GATEWAY).map(Arc::clone);
        found.ok_or_else(|| Error::new(Kind::Internal, "The default gateway was not stored"))
    }
}
