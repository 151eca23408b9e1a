//! The link: one WebSocket per line session. Reading and writing go on side by side in one task, so a service that
//! does not read cannot keep its own frames from being taken, and one that does not write still gets its own.

use std::{io::ErrorKind, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, ProtocolError, Session};
use futures_util::future::{Either, select};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use uuid::Uuid;

use crate::{
    breakable::Breakable,
    frames::{ClientFrame, ServerFrame},
    hub::Hub,
    task,
    world::{Ending, ImageFact, OpenSpec, Opened, Out, QUEUE},
};

const MAX_FRAME_BYTES: usize = 1024 * 1024;
const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// For a peer to take the last frames of a session that is closing.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

pub(crate) async fn link(
    request: HttpRequest,
    body: web::Payload,
    hub: web::Data<Hub>,
) -> actix_web::Result<HttpResponse> {
    let (response, session, stream) = actix_ws::handle(&request, body)?;
    let stream = stream.max_frame_size(MAX_FRAME_BYTES).aggregate_continuations();
    let stream = stream.max_continuation_size(MAX_FRAME_BYTES);
    let (parts, body) = response.into_parts();
    let (body, breaker) = Breakable::new(body);
    task::spawn(run(hub.get_ref().clone(), session, stream, breaker));
    Ok(parts.set_body(body).map_into_boxed_body())
}

/// What came from the peer.
enum Heard {
    Frame(ClientFrame),
    Nonsense(String),
    Gone,
}

struct Reader(AggregatedMessageStream, Session);

impl Reader {
    async fn next(&mut self, answers: impl Fn() -> bool) -> Heard {
        loop {
            match self.0.recv().await {
                Some(Ok(AggregatedMessage::Text(text))) => {
                    return match serde_json::from_str(&text) {
                        Ok(frame) => Heard::Frame(frame),
                        Err(error) => Heard::Nonsense(format!("bad frame: {error}")),
                    };
                }
                Some(Ok(AggregatedMessage::Binary(_))) => {
                    return Heard::Nonsense("bad frame: text frames only".to_owned());
                }
                Some(Ok(AggregatedMessage::Ping(bytes))) => {
                    if answers() && self.1.pong(&bytes).await.is_err() {
                        return Heard::Gone;
                    }
                }
                Some(Ok(AggregatedMessage::Pong(_))) => {}
                Some(Ok(AggregatedMessage::Close(_))) | None => return Heard::Gone,
                // The service was killed, or its network was. Text that isn't UTF-8 comes as an IO error as well.
                Some(Err(ProtocolError::Io(error))) if error.kind() != ErrorKind::InvalidData => {
                    return Heard::Gone;
                }
                Some(Err(error)) => return Heard::Nonsense(format!("bad frame: {error}")),
            }
        }
    }

    /// Until the peer gives up.
    async fn ignore(&mut self) {
        while let Some(Ok(message)) = self.0.recv().await {
            if matches!(message, AggregatedMessage::Close(_)) {
                return;
            }
        }
    }
}

async fn run(hub: Hub, session: Session, stream: AggregatedMessageStream, breaker: oneshot::Sender<()>) {
    let mut reader = Reader(stream, session.clone());
    let (queue, queued) = mpsc::channel(QUEUE);
    let (cut, cuts) = mpsc::channel(1);
    let (line, generation, credentials) = match timeout(OPEN_WITHIN, reader.next(|| true)).await {
        Ok(Heard::Frame(ClientFrame::Open { line_id, generation, credentials })) => {
            (line_id, generation, credentials)
        }
        Ok(Heard::Frame(_)) => {
            return close(session, Ending::close(400, "the first frame must be open")).await;
        }
        Ok(Heard::Nonsense(reason)) => return close(session, Ending::close(400, &reason)).await,
        Ok(Heard::Gone) => return,
        Err(_) => return close(session, Ending::close(408, "no open within 10 s")).await,
    };
    let spec = OpenSpec { line, generation, credentials, queue, cut };
    let key = match hub.with(|world| world.open(spec)) {
        Opened::Session(key) => key,
        Opened::Refused(ending) => return close(session, ending).await,
        Opened::Silence => return reader.ignore().await,
    };
    {
        let writing = std::pin::pin!(write(session, queued, cuts));
        let reading = std::pin::pin!(read(&hub, &mut reader, line, key));
        match select(writing, reading).await {
            // Half open at its end: the peer is told nothing, not even that the socket closes.
            Either::Left((Written::Silent, reading)) => reading.await,
            Either::Left((Written::Ended, _)) => {}
            Either::Left((Written::Dropped, _)) => {
                let _ = breaker.send(());
            }
            // The world may still have last words, such as why a frame made no sense.
            Either::Right(((), writing)) => {
                hub.with(|world| world.gone(line, key));
                drop(timeout(CLOSE_WITHIN, writing).await);
            }
        }
    }
    hub.with(|world| world.gone(line, key));
}

async fn read(hub: &Hub, reader: &mut Reader, line: Uuid, key: u64) {
    loop {
        let frame = match reader.next(|| hub.look(|world| world.answers(line))).await {
            Heard::Frame(frame) => frame,
            Heard::Gone => return,
            Heard::Nonsense(reason) => {
                hub.with(|world| {
                    world.stats.bad_frames += 1;
                    world.end_session(line, key, Ending::close(400, &reason));
                });
                return;
            }
        };
        handle(hub, line, key, frame);
    }
}

fn handle(hub: &Hub, line: Uuid, key: u64, frame: ClientFrame) {
    match frame {
        ClientFrame::Open { .. } => {
            hub.with(|world| world.end_session(line, key, Ending::close(400, "open comes once")));
        }
        ClientFrame::Ping { nonce } => hub.with(|world| world.ping(line, key, nonce)),
        ClientFrame::Send(send) => {
            let image = send
                .media_id
                .as_deref()
                .and_then(|id| hub.media().get(id).map(|media| ImageFact { sha256: media.sha256.clone() }));
            hub.with(|world| world.send(line, key, &send, image.as_ref()));
        }
        ClientFrame::RequestPairingCode { phone_number } => {
            hub.with(|world| world.request_pairing_code(line, key, phone_number));
        }
        ClientFrame::PasskeyResponse { response } => {
            hub.with(|world| world.passkey_response(line, key, &response))
        }
        ClientFrame::InboundAck { provider_message_ids } => {
            hub.with(|world| world.acknowledge_inbound(line, key, &provider_message_ids));
        }
        ClientFrame::Logout => hub.with(|world| world.logout(line, key)),
    }
}

enum Written {
    /// Said what there was to say, and closed.
    Ended,
    /// The connection is to be broken off.
    Dropped,
    /// The session is over and its peer is not to know.
    Silent,
}

async fn write(
    mut session: Session,
    mut queued: mpsc::Receiver<Out>,
    mut cuts: mpsc::Receiver<Ending>,
) -> Written {
    loop {
        let out = tokio::select! {
            biased;
            Some(ending) = cuts.recv() => Out::End(ending),
            out = queued.recv() => match out {
                Some(out) => out,
                None => return Written::Silent,
            },
        };
        let sent = match out {
            Out::End(ending) => return end(session, ending).await,
            Out::Text(text) => cut_short(session.text(text), &mut cuts).await,
            Out::Binary(bytes) => cut_short(session.binary(bytes), &mut cuts).await,
        };
        match sent {
            Ok(true) => {}
            Ok(false) => return Written::Ended,
            Err(ending) => return end(session, ending).await,
        }
    }
}

/// A peer that does not read holds the write up; a cut ends that. False when the socket has gone.
async fn cut_short(
    writing: impl Future<Output = Result<(), actix_ws::Closed>>,
    cuts: &mut mpsc::Receiver<Ending>,
) -> Result<bool, Ending> {
    tokio::select! {
        sent = writing => Ok(sent.is_ok()),
        Some(ending) = cuts.recv() => Err(ending),
    }
}

async fn end(session: Session, ending: Ending) -> Written {
    if let Ending::Drop { .. } = ending {
        return Written::Dropped;
    }
    close(session, ending).await;
    Written::Ended
}

/// Last frame and WebSocket close.
async fn close(mut session: Session, ending: Ending) {
    let Ending::Close { code, until, reason } = ending else { return };
    let frame = ServerFrame::Closed { code, until, reason: reason.as_deref() }.text();
    let last_words = async {
        if session.text(frame).await.is_ok() {
            let why = CloseReason { code: CloseCode::Other(4_000 + code), description: reason.clone() };
            drop(session.close(Some(why)).await);
        }
    };
    drop(timeout(CLOSE_WITHIN, last_words).await);
}
