//! Streams: a fixed number at a time, each followed by the next.

use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::Client;
use crate::tally::Tally;

/// Time over which streams start: those that start together beat together.
const SPREAD: Duration = Duration::from_millis(500);

/// Counts events, which end with an empty line, over pieces cut anywhere.
#[derive(Default)]
struct Events {
    last_was_newline: bool,
}

pub(super) fn start(count: usize, port: u16, request: &Rc<[u8]>, tally: &Rc<Tally>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for index in 0..count {
        let delay = SPREAD.mul_f64(index as f64 / count as f64);
        tasks.spawn_local(run(delay, Client::new(port), request.clone(), tally.clone()));
    }
    tasks
}

async fn run(delay: Duration, mut client: Client, request: Rc<[u8]>, tally: Rc<Tally>) {
    tokio::time::sleep(delay).await;
    loop {
        let begun = Instant::now();
        let mut first = true;
        let mut events = Events::default();
        let outcome = client
            .call(&request, |data| {
                if first && !data.is_empty() {
                    tally.add_time(begun.elapsed());
                    first = false;
                }
                tally.add_units(events.count(data));
            })
            .await;
        if !matches!(outcome, Ok(200)) {
            tally.add_error();
        }
    }
}

impl Events {
    fn count(&mut self, data: &[u8]) -> u64 {
        let mut count = 0;
        for byte in data {
            let newline = *byte == b'\n';
            let ends = newline && self.last_was_newline;
            count += u64::from(ends);
            self.last_was_newline = newline && !ends;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_over_any_cut() {
        let mut events = Events::default();
        let counts = ["data: 1\n", "\ndata: 2\n\n", "data: 3", "\n\n"]
            .map(|cut| events.count(cut.as_bytes()));
        assert_eq!(counts, [0, 2, 0, 1]);
    }
}
