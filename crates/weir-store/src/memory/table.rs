//! What the tables in memory have in common.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;

/// Takes a lock whose holders leave nothing half done: each change of what it guards is a single
/// assignment, so what a panic left is whole.
pub(crate) fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives memory back after a rush.
pub(crate) fn shrink<K: Eq + Hash, V>(map: &mut HashMap<K, V, RandomState>) {
    if map.capacity() > 64 && map.len() < map.capacity() / 4 {
        map.shrink_to(map.len() * 2);
    }
}
