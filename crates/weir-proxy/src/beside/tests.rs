use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// Counts when it is dropped, as a call leaves its row.
struct Row(Arc<AtomicU32>);

impl Drop for Row {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn all_rows_are_there_when_it_has_settled() {
    let (beside, rows) = (Beside::default(), Arc::new(AtomicU32::new(0)));
    for seconds in [1, 3600] {
        let row = Row(Arc::clone(&rows));
        beside.spawn(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            drop(row);
        });
    }
    beside.settle(Duration::from_secs(5)).await;
    assert_eq!(rows.load(Ordering::SeqCst), 2);
    beside.settle(Duration::from_secs(5)).await;
}
