//! The adapter of the simulator's link at its edges, with a peer that says just what a test wants it to say.

use super::{bed::Bed, support::eventually};
use ezw::{media::Media, provider::Simulated, store::inbound::PgInbound};
use ezw_actors::{
    clock::{Clock, SystemClock},
    fake::ManualClock,
    id::Generation,
    port::{
        CloseClass, Content, Heard, KeptImage, LineProvider as _, LineSession, MediaStore, NoMedia, OpenSpec,
        Outbound, ProviderEvent, SubmitError,
    },
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

struct Link {
    peer: WebSocketStream<TcpStream>,
    /// Where bytes of images are asked for and handed over. Dropped, nobody is there.
    host: Option<TcpListener>,
    session: Arc<dyn LineSession>,
    events: mpsc::Receiver<Heard>,
}

impl Link {
    /// A session whose line may be `ahead` events behind.
    async fn open(bed: &Bed, ahead: usize) -> Self {
        Self::with(bed, ahead, Arc::new(NoMedia), Arc::new(SystemClock)).await
    }

    async fn with(bed: &Bed, ahead: usize, media: Arc<dyn MediaStore>, clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let runtime = tokio::runtime::Handle::current();
        let provider = Simulated::new(&address, "1".into(), clock, runtime).unwrap();
        let spec = OpenSpec {
            organization: bed.scope.organization,
            line: bed.line,
            generation: Generation(1),
            credentials: None,
            inbound: Arc::new(PgInbound::new(bed.db.clone())),
            media,
        };
        let (told, events) = mpsc::channel(ahead);
        let accept = async {
            let (socket, _) = listener.accept().await.unwrap();
            let mut peer = accept_async(socket).await.unwrap();
            let open = peer.next().await.unwrap().unwrap();
            assert!(open.to_text().unwrap().contains("open"));
            let capabilities = json!({"dropsRepeatedIds": true, "maxImageBytes": 1_000});
            say(&mut peer, &json!({"type": "hello", "capabilities": capabilities})).await;
            peer
        };
        let (session, peer) = tokio::join!(provider.open(spec, told), accept);
        Self { peer, host: Some(listener), session: session.unwrap(), events }
    }

    async fn say(&mut self, frame: &Value) {
        say(&mut self.peer, frame).await;
    }

    /// What the session is heard to say next.
    async fn hear(&mut self) -> Value {
        let frame = self.peer.next().await.unwrap().unwrap();
        serde_json::from_str(frame.to_text().unwrap()).unwrap()
    }

    async fn told(&mut self) -> ProviderEvent {
        self.events.recv().await.unwrap().event
    }
}

async fn say(peer: &mut WebSocketStream<TcpStream>, frame: &Value) {
    peer.send(Message::text(frame.to_string())).await.unwrap();
}

fn inbound(id: &str) -> Value {
    json!({"type": "inbound", "providerMessageId": id, "from": "+4915112345678", "lid": null,
        "chat": "+4915112345678", "pushName": null, "fromMe": false, "isGroup": false, "kind": "text",
        "text": "Hello", "mediaId": null, "mediaContentType": null, "targetMessageId": null,
        "at": "2026-01-01T12:00:00.123Z"})
}

fn ack(id: &str) -> Value {
    json!({"type": "inboundAck", "providerMessageIds": [id]})
}

#[tokio::test]
async fn a_message_is_not_acknowledged_while_the_store_is_broken_however_often_it_comes() {
    let bed = Bed::new().await;
    let mut link = Link::open(&bed, 64).await;
    bed.fail_writes("messages", "XX000").await;
    for _ in 0..10 {
        link.say(&inbound("A")).await;
        assert_eq!(link.told().await, ProviderEvent::Frame);
    }
    bed.execute("DROP TRIGGER fail ON messages").await;
    link.say(&inbound("B")).await;
    assert_eq!(link.hear().await, ack("B"), "the first that was kept is the first to be acknowledged");
    link.say(&inbound("A")).await;
    assert_eq!(link.hear().await, ack("A"));
    assert_eq!(bed.count("messages").await, 2);
}

#[tokio::test]
async fn what_the_rows_refuse_is_passed_over_at_its_third_delivery_however_many_there_are() {
    let bed = Bed::new().await;
    let mut link = Link::open(&bed, 64).await;
    bed.fail_writes("messages", "23514").await;
    let many: Vec<String> = (0..1_000).map(|n| format!("M{n}")).collect();
    for id in &many {
        link.say(&inbound(id)).await;
        assert_eq!(link.told().await, ProviderEvent::Frame);
    }
    // More than a session remembers: it waits for its turn and is not lost at its first failure.
    link.say(&inbound("A")).await;
    assert_eq!(link.told().await, ProviderEvent::Frame);
    for _ in 0..2 {
        link.say(&inbound(&many[0])).await;
        assert_eq!(link.told().await, ProviderEvent::Frame);
    }
    assert_eq!(link.hear().await, ack(&many[0]), "nothing before it was acknowledged");
    for _ in 0..3 {
        link.say(&inbound("A")).await;
        assert_eq!(link.told().await, ProviderEvent::Frame);
    }
    assert_eq!(link.hear().await, ack("A"));
}

#[tokio::test]
async fn a_message_whose_id_no_row_can_hold_is_acknowledged_as_it_came() {
    let bed = Bed::new().await;
    let mut link = Link::open(&bed, 64).await;
    for id in ["a\0b".to_owned(), "x".repeat(300), String::new()] {
        link.say(&inbound(&id)).await;
        assert_eq!(link.hear().await, ack(&id));
    }
    let mut stranger = inbound("C");
    stranger["from"] = Value::Null;
    stranger["lid"] = json!(format!("{}@lid", "1".repeat(300)));
    link.say(&stranger).await;
    assert_eq!(link.hear().await, ack("C"), "a name cut short could be somebody else's");
    assert_eq!(bed.count("messages").await, 0);
    assert_eq!(bed.count("contacts").await, 0);
    link.say(&json!({"type": "receipt", "kind": "read", "providerMessageIds": ["a\0b"], "at": "2026-01-01T12:00:00Z"}))
        .await;
    link.say(&inbound("D")).await;
    assert_eq!(link.hear().await, ack("D"));
}

fn reply() -> Outbound {
    Outbound {
        provider_message_id: "3EB0".into(),
        recipient: "+4915112345678".into(),
        content: Content::Text("Hello".into()),
    }
}

#[tokio::test]
async fn a_session_whose_socket_breaks_says_that_it_was_lost_however_far_behind_its_line_is() {
    let bed = Bed::new().await;
    let mut link = Link::open(&bed, 1).await;
    for nonce in 0..8 {
        link.say(&json!({"type": "pong", "nonce": nonce})).await;
    }
    // The line hears nothing yet. What the peer never read makes its end abrupt.
    link.session.submit(reply()).await.unwrap();
    let Link { peer, session, mut events, host: _ } = link;
    drop(peer);
    eventually("the session is over", || async {
        (session.submit(reply()).await == Err(SubmitError::NotWritten)).then_some(())
    })
    .await;
    let mut last = None;
    while let Some(Heard { event, .. }) = events.recv().await {
        last = Some(event);
    }
    assert_eq!(last, Some(ProviderEvent::Closed(CloseClass::Lost)));
}

#[tokio::test]
async fn a_line_that_closes_a_session_does_not_wait_for_itself() {
    let bed = Bed::new().await;
    let mut link = Link::open(&bed, 1).await;
    for nonce in 0..8 {
        link.say(&json!({"type": "pong", "nonce": nonce})).await;
    }
    // With a full channel that nobody reads.
    link.session.close().await;
    assert_eq!(link.session.submit(reply()).await, Err(SubmitError::NotWritten));
}

/// A store of images in a folder of its own.
struct Folder {
    media: Media,
    root: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let root = std::env::temp_dir().join(format!("ezw-link-{}", uuid::Uuid::now_v7().simple()));
        let media = Media::in_folder(&root, tokio::runtime::Handle::current()).unwrap();
        Self { media, root }
    }

    fn store(&self) -> Arc<dyn MediaStore> {
        Arc::new(self.media.clone())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

fn inbound_image(id: &str) -> Value {
    let mut frame = inbound(id);
    frame["kind"] = json!("image");
    frame["text"] = json!("A caption");
    frame["mediaId"] = json!(format!("m{id}"));
    frame
}

#[tokio::test]
async fn what_changes_a_message_that_waits_for_its_image_waits_behind_it() {
    let (bed, folder) = (Bed::new().await, Folder::new());
    let mut link = Link::with(&bed, 256, folder.store(), Arc::new(SystemClock)).await;
    link.host = None;
    let mut edit = inbound("E");
    edit["kind"] = json!("edit");
    edit["text"] = json!("Edited");
    edit["targetMessageId"] = json!("A");
    for _ in 1..10 {
        link.say(&inbound_image("A")).await;
        link.say(&edit).await;
        link.say(&inbound("B")).await;
        assert_eq!(link.hear().await, ack("B"), "neither the message nor what changes it");
    }
    // Its tenth time: it is kept without its image.
    link.say(&inbound_image("A")).await;
    link.say(&edit).await;
    assert_eq!((link.hear().await, link.hear().await), (ack("A"), ack("E")));
    assert_eq!(bed.count("messages WHERE unsupported_kind = 'image' AND body_text = 'Edited'").await, 1);
}

#[tokio::test]
async fn a_host_that_gives_no_image_for_a_minute_is_asked_for_none_for_a_minute() {
    let (bed, folder, clock) = (Bed::new().await, Folder::new(), ManualClock::standing());
    let mut link = Link::with(&bed, 256, folder.store(), clock.clone()).await;
    link.host = None;
    link.say(&inbound_image("A")).await;
    link.say(&inbound("B")).await;
    assert_eq!(link.hear().await, ack("B"));
    clock.advance(Duration::from_secs(60));
    link.say(&inbound_image("A")).await;
    link.say(&inbound_image("C")).await;
    assert_eq!((link.hear().await, link.hear().await), (ack("A"), ack("C")), "one of them new");
    assert_eq!(bed.count("messages WHERE unsupported_kind = 'image'").await, 2);
    clock.advance(Duration::from_secs(60));
    link.say(&inbound_image("D")).await;
    link.say(&inbound("B")).await;
    assert_eq!(link.hear().await, ack("B"), "it is asked anew, and D waits");
}

/// Takes what is handed over, and answers it with this status.
async fn answer(host: &TcpListener, status: u16, body_bytes: usize) {
    let (mut socket, _) = host.accept().await.unwrap();
    let (mut heard, mut chunk) = (Vec::new(), [0; 4096]);
    let is_all = |heard: &[u8]| {
        let head = heard.windows(4).position(|four| four == b"\r\n\r\n");
        head.is_some_and(|head| heard.len() >= head + 4 + body_bytes)
    };
    while !is_all(&heard) {
        let count = socket.read(&mut chunk).await.unwrap();
        heard.extend_from_slice(&chunk[..count]);
    }
    let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    socket.write_all(answer.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn a_reply_whose_image_cannot_be_handed_over_now_was_not_written() {
    let (bed, folder) = (Bed::new().await, Folder::new());
    let key = format!("{}/{}", uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    let image = KeptImage {
        storage_key: key.clone(),
        content_type: "image/png".into(),
        size_bytes: 40,
        sha256: [7; 32],
    };
    let reply = || Outbound { content: Content::Image { image: image.clone(), caption: None }, ..reply() };
    let mut link = Link::with(&bed, 64, folder.store(), Arc::new(SystemClock)).await;
    assert_eq!(link.session.submit(reply()).await, Err(SubmitError::Impossible("media_missing")));
    let file = folder.root.join(key);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, [7; 40]).unwrap();
    let refused = |code| Err(SubmitError::Refused { code });
    let waits = Err(SubmitError::ImageWaits);
    for (status, expected) in [
        (503, waits),
        (500, waits),
        (429, waits),
        (408, waits),
        (200, waits),
        (400, refused(400)),
        (413, refused(413)),
    ] {
        let host = link.host.as_ref().unwrap();
        let (submitted, ()) = tokio::join!(link.session.submit(reply()), answer(host, status, 40));
        assert_eq!(submitted, expected, "{status}");
    }
    link.host = None;
    assert_eq!(link.session.submit(reply()).await, waits, "nobody is there");
    let bare = Link::open(&bed, 64).await;
    assert_eq!(bare.session.submit(reply()).await, Err(SubmitError::NotWritten), "another node has the key");
}
