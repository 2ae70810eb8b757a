//! What the connections of the listener share.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::answer::Answer;
use super::call::Call;

/// Scripts and calls.
#[derive(Debug, Default)]
pub(super) struct State {
    inner: Mutex<Inner>,
    close_idle: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    scripts: HashMap<String, VecDeque<Answer>>,
    calls: Vec<Call>,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn script(&self, provider: &str, answers: Vec<Answer>) {
        self.lock().scripts.insert(provider.to_owned(), answers.into());
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// Keeps a call; returns its number.
    pub(super) fn begin(&self, call: Call) -> usize {
        let mut inner = self.lock();
        inner.calls.push(call);
        inner.calls.len() - 1
    }

    /// Changes a call.
    pub(super) fn update(&self, index: usize, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.lock().calls.get_mut(index) {
            change(call);
        }
    }

    /// The next answer for a call: from the script, or what such a provider would say.
    pub(super) fn answer(&self, index: usize) -> Answer {
        let mut inner = self.lock();
        let Inner { scripts, calls } = &mut *inner;
        let Some(call) = calls.get(index) else { return Answer::new(500) };
        let scripted = scripts.get_mut(&call.provider).and_then(|script| match script.len() {
            0 | 1 => script.front().cloned(),
            _ => script.pop_front(),
        });
        scripted.unwrap_or_else(|| Answer::new(200)).completed_for(call)
    }

    pub(super) fn close_idle(&self) {
        self.close_idle.send_modify(|round| *round += 1);
    }

    /// Changes when idle connections must close.
    pub(super) fn closing(&self) -> watch::Receiver<u64> {
        self.close_idle.subscribe()
    }
}
