//! Tokens that were found good, so that each is checked once and not with every call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use weir_core::AccountId;
use weir_core::access::Issuer;
use weir_core::policy::Claims;
use weir_llm::auth::jwt::{KeySet, Life};

/// Tokens kept of one age. There are two ages, so at most twice as many are held.
const MOST: usize = 10_000;

/// A token that was found good, and what by.
pub(super) struct Verified {
    pub(super) issuer: Arc<Issuer>,
    pub(super) keys: Arc<KeySet>,
    pub(super) life: Life,
    pub(super) claims: Arc<Claims>,
}

type Hash = [u8; 32];

/// The tokens, by their hash; never the tokens themselves. When the young ones are many they become
/// the old ones, and the old ones that nobody used since are forgotten.
#[derive(Default)]
pub(super) struct VerifiedTokens(Mutex<Ages>);

#[derive(Default)]
struct Ages {
    young: HashMap<Hash, Arc<Verified>>,
    old: HashMap<Hash, Arc<Verified>>,
}

impl VerifiedTokens {
    /// What is known of a token in an account.
    pub(super) fn get(&self, account: &AccountId, token: &str) -> Option<Arc<Verified>> {
        let hash = hash(account, token);
        let mut ages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = ages.young.get(&hash) {
            return Some(Arc::clone(found));
        }
        let found = ages.old.remove(&hash)?;
        ages.put(hash, Arc::clone(&found));
        Some(found)
    }

    /// Keeps a token.
    pub(super) fn put(&self, account: &AccountId, token: &str, verified: Verified) {
        let mut ages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ages.put(hash(account, token), Arc::new(verified));
    }
}

impl Ages {
    fn put(&mut self, hash: Hash, verified: Arc<Verified>) {
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, verified);
    }
}

/// Accounts have issuers of their own, so a token that one account takes says nothing to another.
fn hash(account: &AccountId, token: &str) -> Hash {
    let account = account.as_str();
    let length = (account.len() as u64).to_le_bytes();
    Sha256::new().chain_update(length).chain_update(account).chain_update(token).finalize().into()
}

#[cfg(test)]
mod tests;
