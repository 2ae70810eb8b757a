//! From a file to a configuration and back, with the real API and no store.

mod access;
mod differences;
mod elsewhere;
mod policies;
mod prices;
mod refusals;
mod round_trip;
mod routes;
mod stored_keys;

use weir_core::config::Configuration;
use weir_core::{AccountId, Gateway, Timestamp};

use super::*;

const ACCOUNT: &str = "acc1";

/// An installation in memory.
struct Installation {
    configuration: Configuration,
    options: weir_api::Options,
}

/// What a command would say and do.
struct Outcome {
    plan: String,
    empty: bool,
}

impl Installation {
    fn empty() -> Self {
        Self { configuration: Configuration::default(), options: weir_api::Options::default() }
    }

    async fn rehearse(&self) -> (Rehearsal, Vocabulary) {
        let account = AccountId::from(ACCOUNT);
        let rehearsal =
            Rehearsal::of(&self.configuration, &account, self.options.clone()).await.unwrap();
        let vocabulary = Vocabulary::read(&rehearsal.openapi().await.unwrap());
        (rehearsal, vocabulary)
    }

    /// `weir export`.
    async fn export(&self) -> String {
        let (rehearsal, vocabulary) = self.rehearse().await;
        let found = observe(&rehearsal, ACCOUNT, &vocabulary, false).await.unwrap();
        write(&found.document)
    }

    /// `weir apply`, with the account of the tests whatever the file says.
    async fn apply(&mut self, text: &str, prune: bool) -> Result<Outcome, Vec<String>> {
        let told = |problems: Vec<crate::config::Problem>| -> Vec<String> {
            problems.iter().map(ToString::to_string).collect()
        };
        let document = read(text).map_err(told)?;
        let (rehearsal, vocabulary) = self.rehearse().await;
        let realised =
            realise(&rehearsal, ACCOUNT, &vocabulary, &document, prune).await.map_err(told)?;
        assert_eq!(realised.generation, self.configuration.generation);
        assert_eq!(realised.changes.is_empty(), realised.plan.is_empty(), "{:?}", realised.plan);
        if !realised.changes.is_empty() {
            let next = self.configuration.generation + 1;
            self.configuration = self.configuration.with(&realised.changes, next);
        }
        Ok(Outcome { plan: realised.plan.render(), empty: realised.plan.is_empty() })
    }

    async fn applied(text: &str) -> Self {
        let mut made = Self::empty();
        made.apply(text, false).await.unwrap();
        made
    }

    fn gateway(&self, id: &str) -> &Gateway {
        self.configuration.get::<Gateway>(&ACCOUNT.into(), id).unwrap()
    }
}

#[tokio::test]
async fn a_rehearsal_leaves_no_token_behind() {
    let made = Installation::applied("[gateways.g]").await;
    assert_eq!(made.configuration.tokens.iter().count(), 0);
    assert!(made.gateway("g").created_at > Timestamp::from_millis(0));
}
