//! An echo or broadcast server on tokio-tungstenite, to be measured beside wsecho.
//!
//! Choices: tokio's current-thread runtime, since the server has one core and a second worker
//! would only pass tasks back and forth. The read buffer is 4 KiB, which the library's
//! documentation recommends for many connections; its default of 128 KiB is allocated for each.
//! Echoes are forwarded from the stream into the sink, which flushes when nothing more has come.
//! A broadcast goes through tokio's broadcast channel, each connection's task writing all that
//! waits for it before it flushes; payloads are shared, frames are not.

mod options;

use futures_util::{future, SinkExt, StreamExt, TryStreamExt};
use options::Mode;
use tokio::net::{TcpSocket, TcpStream};
use tokio::signal::unix::{signal, SignalKind};
use tokio::sync::broadcast::{self, error::TryRecvError};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{accept_async_with_config, WebSocketStream};

const READ_BUFFER: usize = 4096;
const BACKLOG: u32 = 4096;
/// Messages that a slow connection may be behind before it misses some.
const CHANNEL: usize = 4096;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let (port, mode) = options::from_command_line();
    rlimit::increase_nofile_limit(u64::MAX)?;
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(BACKLOG)?;
    let mut stop = signal(SignalKind::terminate())?;
    println!("listening on {}", listener.local_addr()?);

    let (channel, _) = broadcast::channel(CHANNEL);
    loop {
        tokio::select! {
            _ = stop.recv() => return Ok(()),
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    tokio::spawn(serve(stream, mode, channel.clone()));
                }
            }
        }
    }
}

/// Whatever ends a connection is its peer's business.
async fn serve(stream: TcpStream, mode: Mode, channel: broadcast::Sender<Message>) {
    let _ = stream.set_nodelay(true);
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    let Ok(socket) = accept_async_with_config(stream, Some(config)).await else {
        return;
    };
    let _ = match mode {
        Mode::Echo => echo(socket).await,
        Mode::Broadcast => join(socket, channel).await,
    };
}

fn is_data(message: &Message) -> bool {
    message.is_text() || message.is_binary()
}

async fn echo(socket: WebSocketStream<TcpStream>) -> Result<(), Error> {
    let (sink, stream) = socket.split();
    stream
        .try_filter(|message| future::ready(is_data(message)))
        .forward(sink)
        .await
}

async fn join(
    mut socket: WebSocketStream<TcpStream>,
    channel: broadcast::Sender<Message>,
) -> Result<(), Error> {
    let mut published = channel.subscribe();
    loop {
        tokio::select! {
            received = socket.next() => match received {
                Some(message) => {
                    let message = message?;
                    if is_data(&message) {
                        let _ = channel.send(message);
                    }
                }
                None => return Ok(()),
            },
            message = published.recv() => {
                let Ok(message) = message else { return Ok(()) };
                socket.feed(message).await?;
                loop {
                    match published.try_recv() {
                        Ok(message) => socket.feed(message).await?,
                        Err(TryRecvError::Empty) => break,
                        Err(_) => return Ok(()),
                    }
                }
                socket.flush().await?;
            }
        }
    }
}
