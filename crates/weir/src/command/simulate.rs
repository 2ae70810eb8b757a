//! `weir simulate`: the provider simulator on its own.

use std::net::SocketAddr;

use anyhow::Context;

use super::say;
use crate::{server, simulate};

/// Serves until the process is told to stop.
pub(crate) fn run(listen: SocketAddr) -> anyhow::Result<()> {
    super::block_on(async {
        let stop = server::stop_signal();
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen}"))?;
        say(&format!("provider simulator listening on http://{}", listener.local_addr()?));
        simulate::serve(listener, stop).await?;
        Ok(())
    })?
}
