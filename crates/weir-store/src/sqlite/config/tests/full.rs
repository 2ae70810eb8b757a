//! All or nothing, wherever in a commit the disk gives out.

use super::*;

async fn state(opened: &Opened) -> (u64, usize, u64) {
    let found = opened.store.load().await.unwrap();
    (found.generation, found.objects().len(), opened.audit_total("account").await)
}

/// A commit that needs much room.
async fn large_change(opened: &Opened) -> StoreResult<u64> {
    opened
        .change(|_, changes| {
            changes.delete(&gateway("account", "kept"));
            for number in 0..50 {
                let credential = "x".repeat(20_000);
                changes.put(provider("account", &number.to_string(), &credential));
            }
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_leaves_everything_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let opened = open(dir.path());
    opened.put(gateway("account", "kept")).await;
    let before = state(&opened).await;

    opened.execute("PRAGMA max_page_count = 30");
    let error = large_change(&opened).await.unwrap_err().to_string();
    assert!(error.contains("config.db: the disk is full: free some space"), "{error}");
    assert_eq!(state(&opened).await, before);

    opened.execute("PRAGMA max_page_count = 100000");
    large_change(&opened).await.unwrap();
    assert_eq!(state(&opened).await, (before.0 + 1, 50, before.2 + 51));
}

/// After the objects, within the audit records, and at the very end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_fails_midway_leaves_everything_as_it_was() {
    for event in [
        "INSERT ON objects WHEN new.id = '25'",
        "DELETE ON objects",
        "INSERT ON audit WHEN new.resource_id = '25'",
        "UPDATE ON meta",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let opened = open(dir.path());
        opened.put(gateway("account", "kept")).await;
        let before = state(&opened).await;
        opened.execute(&format!(
            "CREATE TRIGGER fault BEFORE {event} BEGIN SELECT RAISE(FAIL, 'midway'); END"
        ));
        let error = large_change(&opened).await.unwrap_err().to_string();
        assert!(error.contains("config.db") && error.contains("midway"), "{error}");
        assert_eq!(state(&opened).await, before, "{event}");

        // Another process sees no more of it.
        let other = open(dir.path());
        assert_eq!(state(&other).await, before, "{event}");
        opened.execute("DROP TRIGGER fault");
        large_change(&opened).await.unwrap();
    }
}
