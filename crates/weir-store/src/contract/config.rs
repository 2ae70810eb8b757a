//! The story of a [`ConfigStore`].

mod audit;
mod objects;

use std::sync::Arc;

use weir_core::audit::Actor;
use weir_core::config::{Changes, Commit, Configuration, Object, ObjectKind, Resource};
use weir_core::store::{ConfigStore, StoreError};
use weir_core::{Gateway, Timestamp};

pub use objects::every_object;

/// Holds a configuration store to its contract; see the [module](super) for `open`.
///
/// # Panics
///
/// When the store differs from what it must do.
pub async fn config_store(open: impl AsyncFn(&str) -> Arc<dyn ConfigStore>) {
    an_empty_store_loads(&*open("empty").await).await;
    every_kind_comes_back_as_it_was(&*open("kinds").await).await;
    later_changes_take_the_place_of_earlier_ones(&*open("changes").await).await;
    ids_belong_to_their_kind_and_account(&*open("ids").await).await;
    a_stale_commit_changes_nothing(&*open("stale").await).await;
    what_cannot_be_kept_keeps_nothing(&*open("refused").await).await;
    handles_see_each_other(&*open("shared").await, &*open("shared").await).await;
    each_generation_has_one_winner(&open("race").await, &open("race").await).await;
    audit::records_are_found(&*open("audit").await).await;
    audit::a_page_is_a_part(&*open("pages").await).await;

    let store = open("reopened").await;
    put(&*store, every_object("kept")).await;
    let before = store.load().await.expect("load");
    drop(store);
    let store = open("reopened").await;
    let after = store.load().await.expect("load");
    assert_eq!(after.generation, before.generation, "after reopening");
    assert_eq!(stored(&after), stored(&before), "after reopening");
    assert_eq!(audit::all(&*store, "kept").await.total, ObjectKind::EVERY.len() as u64);
}

/// Puts objects into the present state; returns the commit.
async fn put(store: &dyn ConfigStore, objects: Vec<Object>) -> Commit {
    let base = store.load().await.expect("load");
    let mut changes = Changes::default();
    for object in &objects {
        objects::put(&mut changes, object);
    }
    let commit = commit_of(&base, changes);
    let generation = store.commit(&commit).await.expect("commit");
    assert_eq!(generation, base.generation + 1);
    commit
}

fn commit_of(base: &Configuration, changes: Changes) -> Commit {
    Commit::new(base, changes, &Actor::command_line("test"), Timestamp::now())
}

/// The stored forms of everything, in a fixed order.
fn stored(configuration: &Configuration) -> Vec<(ObjectKind, String)> {
    let stored = |object: &Object| (object.kind(), object.to_stored().expect("JSON"));
    configuration.objects().iter().map(stored).collect()
}

async fn an_empty_store_loads(store: &dyn ConfigStore) {
    let found = store.load().await.expect("load");
    assert!(found.objects().is_empty());
    assert_eq!(found.generation, store.generation().await.expect("generation"));
}

async fn every_kind_comes_back_as_it_was(store: &dyn ConfigStore) {
    let objects = every_object("account");
    let kinds: Vec<_> = objects.iter().map(Object::kind).collect();
    assert_eq!(kinds, ObjectKind::EVERY, "a sample of every kind");
    let commit = put(store, objects).await;
    let expected = Configuration::default().with(&commit.changes, 1);
    let found = store.load().await.expect("load");
    assert_eq!(stored(&found), stored(&expected));
    assert_eq!(found.generation, commit.base + 1);
    assert_eq!(store.generation().await.expect("generation"), commit.base + 1);
}

async fn later_changes_take_the_place_of_earlier_ones(store: &dyn ConfigStore) {
    put(store, every_object("account")).await;
    let base = store.load().await.expect("load");
    let gateway = base.gateways.iter().next().expect("a gateway");
    let mut changed = Gateway::clone(gateway);
    changed.settings.cache_ttl = None;
    let mut changes = Changes::default();
    changes.put(Gateway { id: "gone".into(), ..changed.clone() });
    changes.put(changed.clone());
    for policy in base.policies.iter() {
        changes.delete(&**policy);
    }
    changes.delete(&Gateway { id: "gone".into(), ..changed.clone() });
    changes.delete(&Gateway { id: "never there".into(), ..changed });
    // Unlike `Commit::new`, which leaves out what changes nothing, a store takes what it is told.
    let changes = changes.as_slice().to_vec();
    let commit = Commit { changes, ..commit_of(&base, Changes::default()) };
    store.commit(&commit).await.expect("commit");
    let found = store.load().await.expect("load");
    assert_eq!(stored(&found), stored(&base.with(&commit.changes, 0)));
    assert_eq!(found.gateways.iter().count(), 1);
    assert_eq!(found.policies.iter().count(), 0);
}

async fn ids_belong_to_their_kind_and_account(store: &dyn ConfigStore) {
    put(store, every_object("one")).await;
    put(store, every_object("two")).await;
    let found = store.load().await.expect("load");
    assert_eq!(found.objects().len(), 2 * ObjectKind::EVERY.len());
    let base = found.clone();
    let mut changes = Changes::default();
    changes.delete(&**base.routes.of("one").next().expect("a route"));
    store.commit(&commit_of(&base, changes)).await.expect("commit");
    let found = store.load().await.expect("load");
    assert_eq!((found.routes.of("one").count(), found.routes.of("two").count()), (0, 1));
    assert_eq!(found.objects().len(), 2 * ObjectKind::EVERY.len() - 1);
}

async fn a_stale_commit_changes_nothing(store: &dyn ConfigStore) {
    put(store, every_object("account")).await;
    let before = store.load().await.expect("load");
    for base in [0, before.generation - 1, before.generation + 1, u64::MAX] {
        let stale = Configuration { generation: base, ..before.clone() };
        let mut changes = Changes::default();
        changes.put(objects::gateway("account", "stale"));
        changes.delete(&**before.tokens.iter().next().expect("a token"));
        let result = store.commit(&commit_of(&stale, changes)).await;
        assert!(matches!(result, Err(StoreError::Conflict)), "{base}: {result:?}");
    }
    let after = store.load().await.expect("load");
    assert_eq!((stored(&after), after.generation), (stored(&before), before.generation));
    assert_eq!(audit::all(store, "account").await.total, ObjectKind::EVERY.len() as u64);
}

/// A moment no text can hold: what would not read back must not be written.
async fn what_cannot_be_kept_keeps_nothing(store: &dyn ConfigStore) {
    let base = store.load().await.expect("load");
    let mut changes = Changes::default();
    changes.put(objects::gateway("account", "first"));
    let endless = Gateway {
        modified_at: Timestamp::from_millis(i64::MAX),
        ..objects::gateway("account", "endless")
    };
    changes.put(endless);
    let error = store.commit(&commit_of(&base, changes)).await.expect_err("refused");
    assert!(error.to_string().contains("gateway endless of account account"), "{error}");
    let after = store.load().await.expect("load");
    assert_eq!((after.objects().len(), after.generation), (0, base.generation));
    assert_eq!(audit::all(store, "account").await.total, 0);
}

async fn handles_see_each_other(here: &dyn ConfigStore, there: &dyn ConfigStore) {
    let before = there.generation().await.expect("generation");
    put(here, vec![objects::gateway("account", "one").into_object()]).await;
    assert_eq!(there.generation().await.expect("generation"), before + 1);
    assert_eq!(there.load().await.expect("load").gateways.iter().count(), 1);
    put(there, every_object("other")).await;
    let found = here.load().await.expect("load");
    assert_eq!(found.generation, before + 2);
    assert_eq!(found.gateways.iter().count(), 2);
}

async fn each_generation_has_one_winner(here: &Arc<dyn ConfigStore>, there: &Arc<dyn ConfigStore>) {
    const WRITERS: u64 = 12;
    let tasks: Vec<_> = (0..WRITERS)
        .map(|number| {
            let store = Arc::clone(if number % 2 == 0 { here } else { there });
            tokio::spawn(async move {
                let mut conflicts = 0_u64;
                loop {
                    let base = store.load().await.expect("load");
                    let mut changes = Changes::default();
                    changes.put(objects::gateway("account", &format!("g{number}")));
                    match store.commit(&commit_of(&base, changes)).await {
                        Ok(generation) => break (generation, conflicts),
                        Err(StoreError::Conflict) => conflicts += 1,
                        Err(error) => panic!("{error}"),
                    }
                }
            })
        })
        .collect();
    let mut won = Vec::new();
    for task in tasks {
        won.push(task.await.expect("a writer").0);
    }
    won.sort_unstable();
    assert_eq!(won, (1..=WRITERS).collect::<Vec<_>>(), "each generation is somebody's alone");
    let found = there.load().await.expect("load");
    assert_eq!((found.generation, found.gateways.iter().count() as u64), (WRITERS, WRITERS));

    // Of commits made against the same state, exactly one holds.
    let tasks: Vec<_> = (0..WRITERS)
        .map(|number| {
            let store = Arc::clone(if number % 2 == 0 { here } else { there });
            let mut changes = Changes::default();
            changes.put(objects::gateway("account", &format!("h{number}")));
            let commit = commit_of(&found, changes);
            tokio::spawn(async move { store.commit(&commit).await })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        match task.await.expect("a writer") {
            Ok(generation) => {
                assert_eq!(generation, WRITERS + 1);
                winners += 1;
            }
            Err(error) => assert!(matches!(error, StoreError::Conflict), "{error}"),
        }
    }
    assert_eq!(winners, 1);
    assert_eq!(here.load().await.expect("load").gateways.iter().count() as u64, WRITERS + 1);
}
