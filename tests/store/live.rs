//! Numbering and streaming, with and without Redis.

use super::{
    bed::Bed,
    support::{Folder, eventually},
};
use ezw::{
    config,
    dev::redis::PrivateRedis,
    live::{Live, QrStore, Redis, STREAMS_PER_USER, SubscribeError, Subscription, frames},
    store::{
        live_events::{self, Hint},
        replies::Target,
    },
};
use ezw_actors::{
    clock::{Clock as _, SystemClock},
    id::{Epoch, Generation},
    machine::Time,
    port::{Showing, ShownPasskey, ShownQr},
};
use futures_util::{Stream, StreamExt as _};
use std::{pin::Pin, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

type Frames = Pin<Box<dyn Stream<Item = String>>>;

struct LiveBed {
    bed: Bed,
    live: Live,
    redis: PrivateRedis,
    handle: Redis,
    shutdown: CancellationToken,
    _folder: Folder,
}

impl Drop for LiveBed {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl LiveBed {
    async fn new() -> Self {
        let bed = Bed::new().await;
        let folder = Folder::make();
        let redis = PrivateRedis::start(&folder.0).await.expect("a private Redis");
        let settings = config::Redis { url: redis.url(), timeout: Duration::from_millis(500) };
        let handle = Redis::new(&settings, tokio::runtime::Handle::current()).unwrap();
        let shutdown = CancellationToken::new();
        let live =
            Live::new(bed.db.clone(), Some(handle.clone()), true, Arc::new(SystemClock), shutdown.clone());
        live.start();
        Self { bed, live, redis, handle, shutdown, _folder: folder }
    }

    async fn subscribe(&self, user: Uuid, after: Option<&str>) -> Result<Subscription, SubscribeError> {
        self.live.subscribe(self.bed.scope, user, after).await
    }

    async fn stream(&self, user: Uuid, after: Option<&str>) -> Frames {
        let far: Time = "2999-01-01T00:00:00Z".parse().unwrap();
        let frames = frames(self.subscribe(user, after).await.unwrap(), far, CancellationToken::new());
        let text = |frame: Result<actix_web::web::Bytes, std::convert::Infallible>| {
            String::from_utf8(frame.unwrap().to_vec()).unwrap()
        };
        let mut frames: Frames = Box::pin(frames.map(text));
        assert_eq!(frames.next().await.unwrap(), "retry: 2000\n\n");
        frames
    }

    async fn hint(&self, hint: Hint) {
        let scope = self.bed.scope;
        self.bed
            .db
            .unit(move |conn| Box::pin(async move { live_events::add(conn, scope, hint).await }))
            .await
            .unwrap();
        self.live.ring();
    }

    fn line_hint(&self) -> Hint {
        Hint::Line { line: self.bed.line, user: None }
    }
}

async fn next(frames: &mut Frames) -> String {
    tokio::time::timeout(Duration::from_secs(5), frames.next())
        .await
        .expect("an event in time")
        .expect("an open stream")
}

fn id(frame: &str) -> i64 {
    frame.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_are_numbered_without_gaps_and_reach_clients_in_order() {
    let bed = LiveBed::new().await;
    let mut owner = bed.stream(bed.bed.owner, None).await;
    let conversation = bed.bed.conversation("+4915100000001").await;
    for n in 0..20 {
        let reply = bed.bed.reply(&format!("k{n}"), Target::Conversation(conversation), "x");
        bed.bed.accept(reply).await.unwrap();
        bed.live.ring();
    }
    for expected in 1..=42 {
        assert_eq!(id(&next(&mut owner).await), expected);
    }
    assert_eq!(bed.bed.count("live_events WHERE seq IS NULL").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_back_gets_what_it_missed_or_a_gap() {
    let bed = LiveBed::new().await;
    for _ in 0..5 {
        bed.hint(bed.line_hint()).await;
    }
    eventually("all are numbered", || async {
        (bed.bed.count("live_events WHERE seq IS NOT NULL").await == 5).then_some(())
    })
    .await;
    let mut back = bed.stream(bed.bed.owner, Some("3")).await;
    assert_eq!([id(&next(&mut back).await), id(&next(&mut back).await)], [4, 5]);
    for strange in ["99", "-7", "x", ""] {
        let mut lost = bed.stream(bed.bed.owner, Some(strange)).await;
        let frame = next(&mut lost).await;
        assert!(frame.contains("event: gap\n"), "{strange}: {frame}");
        assert_eq!(id(&frame), 5);
    }
    bed.bed.execute("UPDATE live_sequences SET first_kept_seq = 5").await;
    let mut late = bed.stream(bed.bed.owner, Some("3")).await;
    assert!(next(&mut late).await.contains("event: gap\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_only_of_what_they_may_see_and_leaves_when_disabled() {
    let bed = LiveBed::new().await;
    let mut agent = bed.stream(bed.bed.agent, None).await;
    bed.hint(Hint::Billing).await;
    bed.hint(bed.line_hint()).await;
    assert!(next(&mut agent).await.contains("line.updated"));
    sqlx::query("UPDATE memberships SET status = 'disabled', disabled_at = now() WHERE user_id = $1")
        .bind(bed.bed.agent)
        .execute(&bed.bed.sql)
        .await
        .unwrap();
    let closed = tokio::time::timeout(Duration::from_secs(5), agent.next()).await.expect("closed within 5 s");
    assert_eq!(closed, None);
    assert!(matches!(bed.subscribe(bed.bed.agent, None).await, Err(SubscribeError::MembershipInactive)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_has_a_limited_number_of_streams() {
    let bed = LiveBed::new().await;
    let mut held = Vec::new();
    for _ in 0..STREAMS_PER_USER {
        held.push(bed.subscribe(bed.bed.owner, None).await.unwrap());
    }
    assert!(matches!(bed.subscribe(bed.bed.owner, None).await, Err(SubscribeError::TooMany)));
    assert!(bed.subscribe(bed.bed.agent, None).await.is_ok());
    held.pop();
    assert!(bed.subscribe(bed.bed.owner, None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_go_on_without_redis_and_new_ones_wait_for_it() {
    let mut bed = LiveBed::new().await;
    let mut owner = bed.stream(bed.bed.owner, None).await;
    bed.redis.stop().await;
    assert!(matches!(bed.subscribe(bed.bed.owner, None).await, Err(SubscribeError::Unavailable)));
    bed.hint(bed.line_hint()).await;
    assert_eq!(id(&next(&mut owner).await), 1);
    bed.redis.restart().await.unwrap();
    let back = || async { bed.subscribe(bed.bed.owner, None).await.ok() };
    eventually("Redis answers again", back).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_hears_by_redis() {
    let bed = LiveBed::new().await;
    let other = Live::new(
        bed.bed.db.clone(),
        Some(bed.handle.clone()),
        true,
        Arc::new(SystemClock),
        bed.shutdown.clone(),
    );
    other.start();
    let far: Time = "2999-01-01T00:00:00Z".parse().unwrap();
    let subscription = other.subscribe(bed.bed.scope, bed.bed.owner, None).await.unwrap();
    let mut frames = Box::pin(frames(subscription, far, CancellationToken::new()));
    frames.next().await.unwrap().unwrap();
    bed.hint(bed.line_hint()).await;
    let frame = tokio::time::timeout(Duration::from_secs(5), frames.next()).await.unwrap().unwrap().unwrap();
    assert!(frame.starts_with(b"id: 1\nevent: line.updated\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_image_lives_as_long_as_its_code_and_belongs_to_one_session() {
    let mut bed = LiveBed::new().await;
    let store = QrStore::new(bed.handle.clone(), Arc::new(SystemClock));
    let whose = Showing { line: bed.bed.line, epoch: Epoch(1), generation: Generation(2) };
    let code = |life: i64| ShownQr {
        payload: "2@secret,payload".into(),
        wave: 2,
        waves: 6,
        expires_at: SystemClock.now() + chrono::TimeDelta::milliseconds(life),
    };
    store.put(whose, &code(60_000)).await.unwrap();
    let image = store.get(whose).await.unwrap().expect("an image");
    assert!(image.image_data_url.starts_with("data:image/png;base64,"));
    assert_eq!((image.wave, image.waves), (2, 6));
    let later = Showing { generation: Generation(3), ..whose };
    assert_eq!(store.get(later).await.unwrap(), None);
    store.put(later, &code(-1)).await.unwrap();
    assert_eq!(store.get(later).await.unwrap(), None);
    store.clear(whose).await.unwrap();
    assert_eq!(store.get(whose).await.unwrap(), None);
    bed.redis.stop().await;
    assert!(store.get(whose).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_challenge_takes_the_place_of_codes_and_lives_no_longer_than_it_can_be_answered() {
    let mut bed = LiveBed::new().await;
    let store = QrStore::new(bed.handle.clone(), Arc::new(SystemClock));
    let whose = Showing { line: bed.bed.line, epoch: Epoch(1), generation: Generation(2) };
    let until = |life: i64| SystemClock.now() + chrono::TimeDelta::milliseconds(life);
    let code = ShownQr { payload: "2@secret".into(), wave: 1, waves: 6, expires_at: until(60_000) };
    let passkey = |life: i64| ShownPasskey { challenge: "sign this".into(), expires_at: until(life) };
    store.put(whose, &code).await.unwrap();
    store.put_passkey(whose, passkey(60_000)).await.unwrap();
    assert_eq!(store.get(whose).await.unwrap(), None);
    assert_eq!(store.passkey(whose).await.unwrap().expect("a challenge").challenge, "sign this");
    let mut ttl = redis::cmd("PTTL");
    ttl.arg(format!("ezw:passkey:{}:1:2", bed.bed.line));
    let ttl: i64 = bed.handle.run(ttl).await.unwrap();
    assert!((1..=60_000).contains(&ttl), "{ttl}");
    let later = Showing { generation: Generation(3), ..whose };
    assert_eq!(store.passkey(later).await.unwrap(), None);
    store.put_passkey(later, passkey(-1)).await.unwrap();
    assert_eq!(store.passkey(later).await.unwrap(), None);
    store.clear(whose).await.unwrap();
    assert_eq!(store.passkey(whose).await.unwrap(), None);
    bed.redis.stop().await;
    assert!(store.passkey(whose).await.is_err());
}
