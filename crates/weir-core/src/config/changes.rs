//! What is to become different.

use std::sync::Arc;

use super::object::{Configuration, Object, ObjectKey, ObjectKind, Resource};
use crate::audit::{Action, Actor, AuditRecord};
use crate::budget::Budget;
use crate::clock::Timestamp;
use crate::gateway::Gateway;
use crate::id::{AccountId, LogId};
use crate::secrets::{ProviderConfig, StoredSecret};

/// One difference.
#[derive(Clone, Debug)]
pub enum Change {
    /// The object is there as given.
    Put(Object),
    /// The object is not there.
    Delete(ObjectKey),
}

/// Differences that take effect together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// Adds an object, or puts it in the place of the one of its id.
    pub fn put(&mut self, object: impl Resource) {
        self.0.push(Change::Put(object.into_object()));
    }

    /// Removes an object, if it is there.
    pub fn delete<T: Resource>(&mut self, object: &T) {
        let (account, id) = (object.account().clone(), Arc::from(object.id()));
        self.0.push(Change::Delete(ObjectKey { kind: T::KIND, account, id }));
    }

    /// Adds a difference that was found by comparing two configurations.
    pub fn push(&mut self, change: Change) {
        self.0.push(change);
    }

    /// Removes provider configurations, and the secrets that were made for them and that no other
    /// configuration uses.
    pub fn delete_provider_configs(&mut self, now: &Configuration, gone: &[Arc<ProviderConfig>]) {
        for config in gone {
            let others = now.of::<ProviderConfig>(&config.account_id);
            let is_used = others
                .filter(|other| !gone.iter().any(|gone| gone.id == other.id))
                .any(|other| other.secret_id == config.secret_id);
            let secret = now.get::<StoredSecret>(&config.account_id, &config.secret_id);
            if let Some(secret) = secret
                && config.owns_secret
                && !is_used
            {
                self.delete(&**secret);
            }
            self.delete(&**config);
        }
    }

    /// Removes a gateway and everything that belongs to it (spec: management-api 2).
    pub fn delete_gateway(&mut self, configuration: &Configuration, gateway: &Gateway) {
        let configs: Vec<_> = configuration.of_gateway(gateway).cloned().collect();
        self.delete_provider_configs(configuration, &configs);
        for object in configuration.objects() {
            let key = object.key();
            let is_inside =
                key.account == gateway.account_id && object.gateway() == Some(&gateway.id);
            if is_inside && key.kind != ObjectKind::ProviderConfig {
                self.0.push(Change::Delete(key));
            }
        }
        // A budget need not be of a gateway; one that is limits nothing any more.
        for budget in configuration.of::<Budget>(&gateway.account_id) {
            if budget.gateway_id.as_ref() == Some(&gateway.id) {
                self.delete(&**budget);
            }
        }
        self.delete(gateway);
    }

    /// Whether nothing is to change.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The differences in their order.
    pub fn as_slice(&self) -> &[Change] {
        &self.0
    }
}

/// Changes ready for a store: what they start from, and the record of who made them.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The generation the changes were made against. A store that holds another one refuses.
    pub base: u64,
    /// The differences.
    pub changes: Vec<Change>,
    /// One record for each difference.
    pub audit: Vec<AuditRecord>,
}

impl Commit {
    /// Prepares changes made by `actor` against `base`. A deletion of what is not there is left
    /// out.
    pub fn new(base: &Configuration, changes: Changes, actor: &Actor, now: Timestamp) -> Self {
        let mut commit = Self { base: base.generation, changes: Vec::new(), audit: Vec::new() };
        for change in changes.0 {
            let (key, after) = match &change {
                Change::Put(object) => (object.key(), Some(object)),
                Change::Delete(key) => (key.clone(), None),
            };
            let before = base.find(&key);
            let action = match (&before, after) {
                (None, None) => continue,
                (None, Some(_)) => Action::Create,
                (Some(_), Some(_)) => Action::Update,
                (Some(_), None) => Action::Delete,
            };
            commit.audit.push(AuditRecord {
                id: LogId::generate(),
                at: now,
                account: key.account.clone(),
                gateway: before
                    .as_ref()
                    .or(after)
                    .and_then(|object| gateway_of(&key, object))
                    .map(Into::into),
                actor: actor.clone(),
                action,
                resource_type: key.kind.name().into(),
                resource_id: key.id.as_ref().into(),
                before: before.as_ref().map(Object::masked),
                after: after.map(Object::masked),
            });
            commit.changes.push(change);
        }
        commit
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// The gateway a record is filed under: a gateway's own changes are filed under itself.
fn gateway_of<'a>(key: &'a ObjectKey, object: &'a Object) -> Option<&'a str> {
    if key.kind == ObjectKind::Gateway {
        return Some(&key.id);
    }
    object.gateway().map(|gateway| gateway.as_str())
}

/// Lets a change be named without its object at hand.
impl ObjectKey {
    /// The name of the object of that kind, account and id.
    pub fn new<T: Resource>(account: &AccountId, id: &str) -> Self {
        Self { kind: T::KIND, account: account.clone(), id: Arc::from(id) }
    }
}
