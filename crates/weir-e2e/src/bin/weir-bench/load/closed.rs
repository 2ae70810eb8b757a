//! Closed loop: each connection sends its next request as soon as it has the last answer.

use std::rc::Rc;
use std::time::Instant;

use tokio::task::JoinSet;

use super::Client;
use crate::tally::Tally;

pub(super) fn start(
    connections: usize,
    port: u16,
    request: &Rc<[u8]>,
    tally: &Rc<Tally>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        tasks.spawn_local(run(Client::new(port), request.clone(), tally.clone()));
    }
    tasks
}

async fn run(mut client: Client, request: Rc<[u8]>, tally: Rc<Tally>) {
    loop {
        let begun = Instant::now();
        match client.call(&request, |_| {}).await {
            Ok(200) => {
                tally.add_units(1);
                tally.add_time(begun.elapsed());
            }
            _ => tally.add_error(),
        }
    }
}
