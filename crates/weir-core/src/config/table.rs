//! All objects of one kind, by account and id.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::id::AccountId;

/// Objects of one kind. Cloning it copies handles, not objects.
#[derive(Clone, Debug)]
pub struct Table<T>(BTreeMap<AccountId, BTreeMap<Arc<str>, Arc<T>>>);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Table<T> {
    /// One object.
    pub fn get(&self, account: &str, id: &str) -> Option<&Arc<T>> {
        self.0.get(account)?.get(id)
    }

    /// The objects of an account, by id.
    pub fn of(&self, account: &str) -> impl Iterator<Item = &Arc<T>> {
        self.0.get(account).into_iter().flat_map(BTreeMap::values)
    }

    /// Every object of every account.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.0.values().flat_map(BTreeMap::values)
    }

    /// Adds an object, or puts it in the place of the one of that id.
    pub(super) fn put(&mut self, account: &AccountId, id: &str, object: Arc<T>) {
        self.0.entry(account.clone()).or_default().insert(Arc::from(id), object);
    }

    /// Takes an object out, if it is there.
    pub(super) fn remove(&mut self, account: &AccountId, id: &str) {
        if let Some(of_account) = self.0.get_mut(account) {
            of_account.remove(id);
            if of_account.is_empty() {
                self.0.remove(account);
            }
        }
    }
}
