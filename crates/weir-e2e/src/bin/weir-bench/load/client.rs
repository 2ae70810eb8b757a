//! One keep-alive connection of a client.

use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::http::Reader;

/// Pause after a failure, so that a target that is down is not drowned in connections.
const PAUSE: Duration = Duration::from_millis(20);

/// A client that connects when it must.
pub(crate) struct Client {
    port: u16,
    connection: Option<(TcpStream, Reader)>,
}

impl Client {
    pub(crate) fn new(port: u16) -> Self {
        Self { port, connection: None }
    }

    /// Sends `request`, gives the body's pieces to `out` as they come, and returns the status.
    ///
    /// # Errors
    /// When the connection fails; the next call opens a new one, after a pause.
    pub(crate) async fn call(&mut self, request: &[u8], out: impl FnMut(&[u8])) -> io::Result<u16> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let (stream, reader) = &mut connection;
        stream.write_all(request).await?;
        let head = reader.head(stream).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        reader.body(stream, head, out).await?;
        self.connection = Some(connection);
        Ok(head.status)
    }

    async fn connect(&self) -> io::Result<(TcpStream, Reader)> {
        match TcpStream::connect(("127.0.0.1", self.port)).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                Ok((stream, Reader::new()))
            }
            Err(error) => {
                tokio::time::sleep(PAUSE).await;
                Err(error)
            }
        }
    }
}
