//! Open loop: requests are due at fixed times, whether or not earlier ones were answered.
//!
//! Latency counts from the time a request was due. A gateway that stalls thus pays for every
//! request that would have come meanwhile, as it does with real clients.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::Client;
use crate::tally::Tally;

/// Connections that take requests when due.
const CONNECTIONS: usize = 128;
/// Requests that may be overdue; one more is an error, or a stalled target would take all memory.
const MAX_OVERDUE: usize = 50_000;

/// Requests that are due and not yet sent.
#[derive(Default)]
struct Due {
    times: RefCell<VecDeque<Instant>>,
    added: Notify,
}

pub(super) fn start(rate: u32, port: u16, request: &Rc<[u8]>, tally: &Rc<Tally>) -> JoinSet<()> {
    let due = Rc::new(Due::default());
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let client = Client::new(port);
        tasks.spawn_local(run(client, request.clone(), due.clone(), tally.clone()));
    }
    tasks.spawn_local(pace(Duration::from_secs(1) / rate, due, tally.clone()));
    tasks
}

/// Makes requests due. Asks the clock again and again, since the runtime's timer is exact to a
/// millisecond only; each turn lets all other tasks of the thread run.
async fn pace(period: Duration, due: Rc<Due>, tally: Rc<Tally>) {
    let mut next = Instant::now();
    loop {
        while next <= Instant::now() {
            if due.times.borrow().len() < MAX_OVERDUE {
                due.times.borrow_mut().push_back(next);
                due.added.notify_one();
            } else {
                tally.add_error();
            }
            next += period;
        }
        tokio::task::yield_now().await;
    }
}

async fn run(mut client: Client, request: Rc<[u8]>, due: Rc<Due>, tally: Rc<Tally>) {
    loop {
        // Taken in a statement of its own: the borrow must end before the wait.
        let next = due.times.borrow_mut().pop_front();
        let Some(time) = next else {
            due.added.notified().await;
            continue;
        };
        match client.call(&request, |_| {}).await {
            Ok(200) => {
                tally.add_units(1);
                tally.add_time(time.elapsed());
            }
            _ => tally.add_error(),
        }
    }
}
