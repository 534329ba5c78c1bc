//! An echo or broadcast server on fastwebsockets, to be measured beside wsecho.
//!
//! Choices: tokio's current-thread runtime, since the server has one core. hyper does the
//! handshake, as the library's documentation has it, and frames are collected into messages.
//! Echoes are written from the buffer that was read; the library writes each frame at once.
//! For broadcasts the connection is split: reading cannot be abandoned halfway for a message
//! that is to be written. They go through tokio's broadcast channel to a writing task for each
//! connection, whose half the reading task borrows for pongs.

mod options;

use std::sync::Arc;

use fastwebsockets::upgrade::{upgrade, UpgradeFut};
use fastwebsockets::{
    FragmentCollector, FragmentCollectorRead, Frame, OpCode, Payload, WebSocketError,
};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use options::Mode;
use tokio::net::{TcpSocket, TcpStream};
use tokio::signal::unix::{signal, SignalKind};
use tokio::sync::{broadcast, Mutex};

const BACKLOG: u32 = 4096;
/// Messages that a slow connection may be behind before it misses some.
const CHANNEL: usize = 4096;

type Message = (OpCode, Bytes);
type Channel = broadcast::Sender<Message>;

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

async fn serve(stream: TcpStream, mode: Mode, channel: Channel) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(request, mode, channel.clone()));
    // What ends a connection is its peer's business.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

async fn answer(
    mut request: Request<Incoming>,
    mode: Mode,
    channel: Channel,
) -> Result<Response<Empty<Bytes>>, WebSocketError> {
    let (response, upgraded) = upgrade(&mut request)?;
    tokio::spawn(async move {
        match mode {
            Mode::Echo => echo(upgraded).await,
            Mode::Broadcast => join(upgraded, channel).await,
        }
    });
    Ok(response)
}

async fn echo(upgraded: UpgradeFut) -> Result<(), WebSocketError> {
    let mut socket = FragmentCollector::new(upgraded.await?);
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Text | OpCode::Binary => socket.write_frame(frame).await?,
            OpCode::Close => return Ok(()),
            _ => {}
        }
    }
}

async fn join(upgraded: UpgradeFut, channel: Channel) -> Result<(), WebSocketError> {
    let (reader, writer) = upgraded.await?.split(tokio::io::split);
    let mut reader = FragmentCollectorRead::new(reader);
    let writer = Arc::new(Mutex::new(writer));

    let mut published = channel.subscribe();
    let publishing = Arc::clone(&writer);
    let writing = tokio::spawn(async move {
        while let Ok((opcode, bytes)) = published.recv().await {
            let frame = Frame::new(true, opcode, None, Payload::Borrowed(&bytes));
            if publishing.lock().await.write_frame(frame).await.is_err() {
                return;
            }
        }
    });

    let mut reply = |frame| {
        let writer = Arc::clone(&writer);
        async move { writer.lock().await.write_frame(frame).await }
    };
    while let Ok(frame) = reader.read_frame(&mut reply).await {
        match frame.opcode {
            OpCode::Text | OpCode::Binary => {
                let _ = channel.send((frame.opcode, Bytes::copy_from_slice(&frame.payload)));
            }
            OpCode::Close => break,
            _ => {}
        }
    }
    writing.abort();
    Ok(())
}
