//! Counters of which only the level may be asked: the API takes nothing.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use weir_core::Timestamp;
use weir_core::counters::{CounterKey, Counters, Draw, Drawn, Level, Window};

/// Levels that a test puts in; all others are zero.
#[derive(Default)]
pub(crate) struct FakeCounters(Mutex<HashMap<CounterKey, u64>>);

impl FakeCounters {
    pub(crate) fn set(&self, key: CounterKey, used: u64) {
        self.0.lock().unwrap().insert(key, used);
    }
}

#[async_trait]
impl Counters for FakeCounters {
    async fn draw(&self, _: &Draw, _: Timestamp) -> Drawn {
        unreachable!("the API draws nothing")
    }

    async fn correct(&self, _: &Draw, _: i64, _: Timestamp, _: Timestamp) {
        unreachable!("the API draws nothing")
    }

    async fn level(&self, key: &CounterKey, window: Window, now: Timestamp) -> Level {
        let used = self.0.lock().unwrap().get(key).copied().unwrap_or_default();
        let length = i64::try_from(window.seconds).unwrap() * 1000;
        Level { used, resets_at: Timestamp::from_millis(now.as_millis() + length) }
    }

    async fn enter(&self, _: &CounterKey, _: u64) -> Option<u64> {
        unreachable!("the API draws nothing")
    }

    fn leave(&self, _: &CounterKey) {
        unreachable!("the API draws nothing")
    }

    async fn inside(&self, _: &CounterKey) -> u64 {
        0
    }
}
