//! The clients: closed loop, open loop, and streams.

mod client;
mod closed;
mod open;
mod streams;

use std::rc::Rc;

use tokio::task::JoinSet;

use super::scenario::Load;
use super::tally::Tally;

pub(crate) use self::client::Client;

/// Starts the clients of a load against `port`. They run until the set is dropped.
pub(crate) fn start(load: Load, port: u16, request: Vec<u8>, tally: &Rc<Tally>) -> JoinSet<()> {
    let request: Rc<[u8]> = request.into();
    match load {
        Load::Closed { connections } => closed::start(connections, port, &request, tally),
        Load::Open { rate } => open::start(rate, port, &request, tally),
        Load::Streams { count } => streams::start(count, port, &request, tally),
    }
}
