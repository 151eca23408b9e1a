//! The simulator as a provider: one WebSocket a session. A reader decodes and commits, a writer writes; the session
//! ends when either does, and always says so.

use super::{
    simulated_frame::{Frame, Meaning, Request, credentials_text},
    simulated_inbound::{Inlet, Parts, intake},
    simulated_media::MediaHost,
};
use async_trait::async_trait;
use ezw_actors::{
    clock::Clock,
    id::LineId,
    port::{
        Capabilities, CloseClass, Content, Heard, LineProvider, LineSession, MediaStore, NotUnlinked,
        OpenError, OpenSpec, Outbound, ProviderEvent, SubmitError,
    },
};
use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::TcpStream,
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

/// Writes that may wait in a session.
const WRITES_WAITING: usize = 64;
/// The largest frame that is read.
const FRAME_BYTES: usize = 1 << 20;
/// A closing session has so long to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
/// For what arrived before a write found the connection broken to be read.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// For the simulator to unlink a number.
const LOGOUT: Duration = Duration::from_secs(5);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The simulator, at its address.
#[derive(Debug)]
pub struct Simulated {
    link: Url,
    media: MediaHost,
    client_version: String,
    clock: Arc<dyn Clock>,
    runtime: Handle,
}

impl Simulated {
    /// The simulator at `address` (http), told that we are `client_version`.
    ///
    /// # Errors
    /// When the address cannot carry a link.
    pub fn new(
        address: &Url,
        client_version: String,
        clock: Arc<dyn Clock>,
        runtime: Handle,
    ) -> anyhow::Result<Self> {
        let mut link = address.join("/v1/link")?;
        let scheme = if address.scheme() == "https" { "wss" } else { "ws" };
        link.set_scheme(scheme)
            .map_err(|()| anyhow::anyhow!("the simulator's address {address} is no http address"))?;
        Ok(Self { link, media: MediaHost::new(address)?, client_version, clock, runtime })
    }
}

#[async_trait]
impl LineProvider for Simulated {
    fn kind(&self) -> &'static str {
        "simulated"
    }

    fn client_version(&self) -> &str {
        &self.client_version
    }

    async fn open(
        &self,
        spec: OpenSpec,
        events: mpsc::Sender<Heard>,
    ) -> Result<Arc<dyn LineSession>, OpenError> {
        let link = self.link.clone();
        let clock = Arc::clone(&self.clock);
        let version = self.client_version.clone();
        // On the service's runtime: sockets must not hang on a line's own thread.
        let host = self.media.clone();
        let opening = self.runtime.spawn(async move { open(link, host, version, clock, spec, events).await });
        // Dropped while opening, the session is not wanted any more.
        let opening = tokio_util::task::AbortOnDropHandle::new(opening);
        match opening.await {
            Ok(opened) => opened.map(|session| Arc::new(session) as Arc<dyn LineSession>),
            Err(_panicked) => Err(OpenError::Refused(CloseClass::AdapterDied)),
        }
    }
}

async fn open(
    link: Url,
    host: MediaHost,
    client_version: String,
    clock: Arc<dyn Clock>,
    spec: OpenSpec,
    events: mpsc::Sender<Heard>,
) -> Result<Session, OpenError> {
    let unreachable = |error: &dyn std::fmt::Display| OpenError::Unreachable(error.to_string());
    let config =
        WebSocketConfig::default().max_message_size(Some(FRAME_BYTES)).max_frame_size(Some(FRAME_BYTES));
    let (mut socket, _) = connect_async_with_config(link.as_str(), Some(config), true)
        .await
        .map_err(|error| unreachable(&error))?;
    let credentials = spec.credentials.as_ref().map(credentials_text);
    let pairs = credentials.is_none();
    let open =
        Request::Open { line_id: spec.line.0, generation: spec.generation.0, credentials, client_version };
    socket.send(text(&open)).await.map_err(|error| unreachable(&error))?;
    let capabilities = hello(&mut socket, clock.as_ref()).await?;
    let (sink, stream) = socket.split();
    let (writes, waiting) = mpsc::channel(WRITES_WAITING);
    let closing = CancellationToken::new();
    let over = closing.child_token();
    let ended = Arc::new(OnceLock::new());
    let tasks = TaskTracker::new();
    let hushed = CancellationToken::new();
    tasks.spawn(write(sink, waiting, hushed.clone(), over.clone()));
    let parts = Parts {
        organization: spec.organization,
        line: spec.line,
        generation: spec.generation,
        inbound: spec.inbound,
        media: Arc::clone(&spec.media),
        host: host.clone(),
        clock: Arc::clone(&clock),
        events: events.clone(),
        writes: writes.clone(),
    };
    let (inlet, intake) = intake(parts);
    let until = over.clone();
    let taken_in = tasks.spawn(async move {
        until.run_until_cancelled(intake.run()).await;
    });
    let reader = Reader { line: spec.line, pairs, clock, events, inlet, taken_in, ended: Arc::clone(&ended) };
    tasks.spawn(reader.run(stream, over.clone(), closing.clone()));
    tasks.close();
    let media = (spec.media, host);
    Ok(Session { capabilities, writes, media, hushed, closing, over, ended, tasks, nonce: AtomicU64::new(0) })
}

async fn hello(socket: &mut Socket, clock: &dyn Clock) -> Result<Capabilities, OpenError> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(words))) => {
                let frame: Frame = serde_json::from_str(&words)
                    .map_err(|_| OpenError::Refused(CloseClass::Unknown { code: 0 }))?;
                return match frame.meaning(clock.now()) {
                    Meaning::Hello(capabilities) => Ok(capabilities),
                    Meaning::Event(ProviderEvent::Closed(class)) => Err(OpenError::Refused(class)),
                    Meaning::Event(_) | Meaning::Inbound(_) => {
                        Err(OpenError::Refused(CloseClass::Unknown { code: 0 }))
                    }
                };
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_) | Message::Frame(_))) => {
                return Err(OpenError::Refused(CloseClass::Unknown { code: 0 }));
            }
            Some(Ok(Message::Close(_))) | None => {
                return Err(OpenError::Unreachable("closed before hello".into()));
            }
            Some(Err(error)) => return Err(OpenError::Unreachable(error.to_string())),
        }
    }
}

pub(super) fn text(request: &Request) -> Message {
    // Only strings and numbers inside: this cannot fail.
    Message::text(serde_json::to_string(request).unwrap_or_default())
}

/// A frame to write, and whom to tell.
pub(super) struct Write {
    pub(super) frame: Message,
    pub(super) written: oneshot::Sender<bool>,
}

async fn write(
    mut sink: SplitSink<Socket, Message>,
    mut waiting: mpsc::Receiver<Write>,
    hushed: CancellationToken,
    over: CancellationToken,
) {
    let mut broken = false;
    loop {
        let next = tokio::select! {
            biased;
            () = over.cancelled() => None,
            () = hushed.cancelled() => None,
            next = waiting.recv() => next,
        };
        let Some(Write { frame, written }) = next else { break };
        let sent = sink.send(frame).await.is_ok();
        // Whoever asked may have gone.
        let _ = written.send(sent);
        if !sent {
            broken = true;
            break;
        }
    }
    // What still waits was never written: dropping it says so.
    drop(waiting);
    if hushed.is_cancelled() {
        over.cancelled().await;
    } else if broken {
        // What the other side said before it went away has arrived: the reader comes to its end by itself.
        let _ = tokio::time::timeout(LAST_WORDS, over.cancelled()).await;
    }
    over.cancel();
    let _ = tokio::time::timeout(GOODBYE, sink.close()).await;
}

/// Reads a session to its end.
struct Reader {
    line: LineId,
    /// Opened to link a number.
    pairs: bool,
    clock: Arc<dyn Clock>,
    events: mpsc::Sender<Heard>,
    /// Where inbound messages go.
    inlet: Inlet,
    /// What takes them in.
    taken_in: JoinHandle<()>,
    /// What it ended with.
    ended: Arc<OnceLock<CloseClass>>,
}

impl Reader {
    async fn run(
        mut self,
        mut stream: SplitStream<Socket>,
        over: CancellationToken,
        closing: CancellationToken,
    ) {
        let patience = if self.pairs { GOODBYE } else { Duration::ZERO };
        let called_off = async {
            over.cancelled().await;
            // A phone may have accepted just then: its account must not be left behind, linked and known to nobody.
            tokio::time::sleep(patience).await;
        };
        let class = tokio::select! {
            () = called_off => CloseClass::Lost,
            class = self.read(&mut stream) => class,
        };
        // Before the end is known: whoever waits for it looks here. Nobody else sets it.
        let _ = self.ended.set(class);
        over.cancel();
        // Its end is the last that the line hears. A panic of the intake ends no session that is over.
        let _ = (&mut self.taken_in).await;
        // However full the channel is, the line is told: an end without a word would look like a death of this adapter.
        // Only a line that closes the session itself may not be listening, and must not wait for this.
        tokio::select! {
            biased;
            // The line may be gone.
            _ = self.events.send(self.heard(ProviderEvent::Closed(class))) => {}
            () = closing.cancelled() => {}
        }
    }

    fn heard(&self, event: ProviderEvent) -> Heard {
        Heard { at: self.clock.now(), event }
    }

    async fn read(&mut self, stream: &mut SplitStream<Socket>) -> CloseClass {
        while let Some(Ok(message)) = stream.next().await {
            let words = match message {
                Message::Text(words) => words,
                Message::Ping(_) | Message::Pong(_) => continue,
                Message::Close(_) => return CloseClass::Lost,
                Message::Binary(_) | Message::Frame(_) => return CloseClass::Unknown { code: 0 },
            };
            let Ok(frame) = serde_json::from_str::<Frame>(&words) else {
                tracing::warn!(line = %self.line, bytes = words.len(), "a frame that cannot be read");
                return CloseClass::Unknown { code: 0 };
            };
            let event = match frame.meaning(self.clock.now()) {
                Meaning::Event(ProviderEvent::Closed(class)) => return class,
                Meaning::Event(event) => Some(event),
                Meaning::Inbound(arrived) => {
                    if !self.inlet.put(arrived).await {
                        return CloseClass::AdapterDied;
                    }
                    // What takes it in tells the line, once it knows what came of it.
                    None
                }
                Meaning::Hello(_) => None,
            };
            if let Some(event) = event
                && self.events.send(self.heard(event)).await.is_err()
            {
                return CloseClass::Lost;
            }
        }
        CloseClass::Lost
    }
}

/// One link.
#[derive(Debug)]
struct Session {
    capabilities: Capabilities,
    writes: mpsc::Sender<Write>,
    /// Where images are, and where they go.
    media: (Arc<dyn MediaStore>, MediaHost),
    /// Nothing is written any more.
    hushed: CancellationToken,
    /// The line closes it.
    closing: CancellationToken,
    /// It is over, by that or by itself.
    over: CancellationToken,
    /// What it ended with, once its reader knows.
    ended: Arc<OnceLock<CloseClass>>,
    tasks: TaskTracker,
    nonce: AtomicU64,
}

impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Write")
    }
}

impl Session {
    async fn request(&self, request: &Request) -> Result<(), SubmitError> {
        if self.over.is_cancelled() {
            return Err(SubmitError::NotWritten);
        }
        let (written, outcome) = oneshot::channel();
        let write = Write { frame: text(request), written };
        self.writes.send(write).await.map_err(|_| SubmitError::NotWritten)?;
        match outcome.await {
            Ok(true) => Ok(()),
            // The socket broke in the middle.
            Ok(false) => Err(SubmitError::Unknown),
            // Still waiting when the session ended.
            Err(_) => Err(SubmitError::NotWritten),
        }
    }
}

#[async_trait]
impl LineSession for Session {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    async fn submit(&self, message: Outbound) -> Result<(), SubmitError> {
        let (kind, text, media_id) = match message.content {
            Content::Text(text) => ("text", Some(text), None),
            Content::Image { image, .. } if image.size_bytes > self.capabilities.max_image_bytes => {
                return Err(SubmitError::Impossible("image_too_large"));
            }
            Content::Image { image, caption } => {
                let (store, host) = &self.media;
                ("image", caption, Some(host.hand_over(&**store, &image).await?))
            }
        };
        let request = Request::Send {
            provider_message_id: message.provider_message_id,
            to: message.recipient,
            kind,
            text,
            media_id,
        };
        self.request(&request).await
    }

    async fn ping(&self) {
        let nonce = self.nonce.fetch_add(1, Ordering::Relaxed);
        // An answer that never comes is what the line looks for.
        let _ = self.request(&Request::Ping { nonce }).await;
    }

    async fn request_pairing_code(&self, phone_number: &str) {
        // No code then, and the attempt runs out.
        let _ = self.request(&Request::PairingCode { phone_number: phone_number.to_owned() }).await;
    }

    async fn submit_passkey(&self, response: &str) {
        // Not handed over, it is as if nobody had answered, and the challenge runs out.
        let _ = self.request(&Request::PasskeyResponse { response: response.to_owned() }).await;
    }

    async fn logout(&self) -> Result<(), NotUnlinked> {
        if self.request(&Request::Logout).await.is_ok() {
            let _ = tokio::time::timeout(LOGOUT, self.over.cancelled()).await;
        }
        self.close().await;
        // The simulator says so when it has unlinked; any other end, and none, says nothing.
        let unlinked = self.ended.get().is_some_and(|class| class.is_unlinked());
        if unlinked { Ok(()) } else { Err(NotUnlinked) }
    }

    async fn close(&self) {
        self.closing.cancel();
        self.tasks.wait().await;
    }

    async fn close_listening(&self, patience: Duration) {
        self.hushed.cancel();
        // Whoever closed it from afar said all that there was to say.
        let _ = tokio::time::timeout(patience, self.over.cancelled()).await;
        self.close().await;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}
