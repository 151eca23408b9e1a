//! The hub: one broadcast channel per organization that has clients on this process, one reader that fills them all.
//! Redis and the sequencer's own doorbell say when to look; a look each second finds everything without them.

use super::{
    event::{self, Access, EVENTS_PER_LOOK, Event},
    redis::Redis,
    sequencer::{self, Look, LookNow, Numbered, PRUNE_EVERY, Pace},
};
use crate::store::{Db, OrgScope, StoreError};
use dashmap::DashMap;
use ezw_actors::{clock::Clock, id::OrganizationId, task};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use thiserror::Error;
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Streams one person may have open on this process.
pub const STREAMS_PER_USER: usize = 10;
/// Hints a slow client may be behind before it is dropped.
const BUFFER: usize = 256;
/// Between looks when nobody rings.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between readings of who may see what.
const ACCESS_EVERY: Duration = Duration::from_secs(3);
/// Hints from Redis that may wait; more add nothing.
const REDIS_HINTS: usize = 64;
/// The Redis channel of hints.
const CHANNEL: &str = "ezw:live";

type Member = (OrganizationId, Uuid);

#[derive(Debug)]
struct Channel {
    sender: broadcast::Sender<Arc<Event>>,
    /// The last number handed out. Set before the event is, so that who subscribes in between does not miss it.
    last_seq: AtomicI64,
}

#[derive(Debug)]
struct Seat {
    streams: usize,
    access: watch::Sender<Arc<Access>>,
}

#[derive(Debug)]
struct Hub {
    db: Db,
    redis: Option<Redis>,
    /// Whether processes tell each other through Redis.
    hints: bool,
    clock: Arc<dyn Clock>,
    channels: DashMap<OrganizationId, Channel>,
    seats: DashMap<Member, Seat>,
    /// Something was committed here: number it.
    bell: Arc<Notify>,
    /// Something was numbered: read it.
    numbered: Notify,
    shutdown: CancellationToken,
}

/// Live updates of this process.
#[derive(Clone, Debug)]
pub struct Live {
    hub: Arc<Hub>,
}

/// Why a client gets no stream.
#[derive(Debug, Error)]
pub enum SubscribeError {
    /// The deployment has no Redis.
    #[error("live updates are not configured")]
    NotConfigured,
    /// Redis does not answer.
    #[error("live updates are not available")]
    Unavailable,
    /// Too many streams of one person.
    #[error("too many streams")]
    TooMany,
    /// The member is not active.
    #[error("membership inactive")]
    MembershipInactive,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A client's place in the hub. Dropping it leaves.
#[derive(Debug)]
pub struct Subscription {
    pub(super) events: broadcast::Receiver<Arc<Event>>,
    pub(super) access: watch::Receiver<Arc<Access>>,
    pub(super) replay: Replay,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shutdown: CancellationToken,
    _seat: SeatGuard,
}

/// Where a client starts.
#[derive(Debug)]
pub(super) struct Replay {
    /// What it missed, or nothing.
    pub(super) missed: Vec<Event>,
    /// It missed more than is kept, or is handed out at once.
    pub(super) gap: bool,
    /// The last number it has after that.
    pub(super) after: i64,
}

#[derive(Debug)]
struct SeatGuard {
    hub: Arc<Hub>,
    member: Member,
}

impl Drop for SeatGuard {
    fn drop(&mut self) {
        if let Some(mut seat) = self.hub.seats.get_mut(&self.member) {
            seat.streams = seat.streams.saturating_sub(1);
        }
        self.hub.seats.remove_if(&self.member, |_, seat| seat.streams == 0);
    }
}

impl Live {
    /// Live updates over `db`; with `hints`, processes tell each other through Redis when to look. Nothing runs before
    /// [`Live::start`].
    #[must_use]
    pub fn new(
        db: Db,
        redis: Option<Redis>,
        hints: bool,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
    ) -> Self {
        let hub = Hub {
            bell: db.hints(),
            db,
            redis,
            hints,
            clock,
            channels: DashMap::new(),
            seats: DashMap::new(),
            numbered: Notify::new(),
            shutdown,
        };
        Self { hub: Arc::new(hub) }
    }

    /// Starts the sequencer, the reader, the reading of accesses, the pruning and the Redis subscription on the
    /// current runtime. They end with the shutdown token.
    pub fn start(&self) {
        let hub = &self.hub;
        task::spawn("live sequencer", until_shutdown(Arc::clone(hub), sequence(Arc::clone(hub))));
        task::spawn("live reader", until_shutdown(Arc::clone(hub), read(Arc::clone(hub))));
        task::spawn("live accesses", until_shutdown(Arc::clone(hub), watch_accesses(Arc::clone(hub))));
        task::spawn("live pruning", until_shutdown(Arc::clone(hub), prune(Arc::clone(hub))));
        if let Some(redis) = hub.redis.clone().filter(|_| hub.hints) {
            task::spawn("live redis", until_shutdown(Arc::clone(hub), follow(Arc::clone(hub), redis)));
        }
    }

    /// Something with a hint was committed on this process: number it now.
    pub fn ring(&self) {
        self.hub.bell.notify_one();
    }

    /// A place for one client, after `last_event_id` if it had one. An id that cannot be read is one that nobody keeps.
    ///
    /// # Errors
    /// Why not.
    pub async fn subscribe(
        &self,
        scope: OrgScope,
        user: Uuid,
        last_event_id: Option<&str>,
    ) -> Result<Subscription, SubscribeError> {
        let redis = self.hub.redis.as_ref().ok_or(SubscribeError::NotConfigured)?;
        redis.ping().await.map_err(|_| SubscribeError::Unavailable)?;
        let member = (scope.organization, user);
        let (seat, access) = take_seat(&self.hub, member).await?;
        let events = join(&self.hub, scope).await?;
        let replay = replay(&self.hub, scope, last_event_id).await?;
        Ok(Subscription {
            events,
            access,
            replay,
            clock: Arc::clone(&self.hub.clock),
            shutdown: self.hub.shutdown.clone(),
            _seat: seat,
        })
    }
}

async fn take_seat(
    hub: &Arc<Hub>,
    member: Member,
) -> Result<(SeatGuard, watch::Receiver<Arc<Access>>), SubscribeError> {
    let accesses =
        hub.db.run(move |conn| Box::pin(async move { event::accesses_in_all(conn, &[member]).await }));
    let access = accesses.await?.pop().map(|(_, access)| access).unwrap_or_default();
    if !access.active {
        return Err(SubscribeError::MembershipInactive);
    }
    let mut seat = hub
        .seats
        .entry(member)
        .or_insert_with(|| Seat { streams: 0, access: watch::Sender::new(Arc::default()) });
    if seat.streams >= STREAMS_PER_USER {
        return Err(SubscribeError::TooMany);
    }
    seat.streams += 1;
    seat.access.send_replace(Arc::new(access));
    let receiver = seat.access.subscribe();
    drop(seat);
    Ok((SeatGuard { hub: Arc::clone(hub), member }, receiver))
}

/// Joined under the map's own lock: the reader forgets only channels without receivers.
async fn join(hub: &Arc<Hub>, scope: OrgScope) -> Result<broadcast::Receiver<Arc<Event>>, StoreError> {
    let numbers = hub.db.run(move |conn| Box::pin(event::numbers(conn, scope))).await?;
    let channel = hub.channels.entry(scope.organization).or_insert_with(|| Channel {
        sender: broadcast::Sender::new(BUFFER),
        last_seq: AtomicI64::new(numbers.last_seq),
    });
    Ok(channel.sender.subscribe())
}

/// What a client missed. It has joined before this, so nothing falls between.
async fn replay(hub: &Arc<Hub>, scope: OrgScope, last_event_id: Option<&str>) -> Result<Replay, StoreError> {
    let numbers = hub.db.run(move |conn| Box::pin(event::numbers(conn, scope))).await?;
    let Some(text) = last_event_id else {
        return Ok(Replay { missed: Vec::new(), gap: false, after: numbers.last_seq });
    };
    let asked = text.parse::<i64>().ok();
    let kept = |seq: i64| seq >= numbers.first_kept_seq - 1 && seq <= numbers.last_seq;
    let gap = Replay { missed: Vec::new(), gap: true, after: numbers.last_seq };
    let Some(asked) = asked.filter(|seq| kept(*seq) && numbers.last_seq - seq <= EVENTS_PER_LOOK) else {
        return Ok(gap);
    };
    let missed = hub
        .db
        .run(move |conn| {
            Box::pin(async move { event::since_in_all(conn, &[scope.organization.0], &[asked]).await })
        })
        .await?;
    let missed: Vec<Event> = missed.into_iter().map(|(_, event)| event).collect();
    let after = missed.last().map_or(asked, |event| event.seq);
    Ok(Replay { missed, gap: false, after })
}

async fn until_shutdown(hub: Arc<Hub>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = hub.shutdown.cancelled() => {}
        () = work => {}
    }
}

async fn sequence(hub: Arc<Hub>) {
    let mut pace = Pace::default();
    loop {
        match sequencer::look(&hub.db).await {
            Ok(Look::Nothing) => {}
            Ok(Look::Elsewhere) => pace.worked(hub.clock.monotonic()),
            Ok(Look::Numbered { organizations, more }) => {
                pace.worked(hub.clock.monotonic());
                hub.numbered.notify_one();
                publish(&hub, organizations);
                if more {
                    continue;
                }
            }
            Err(error) => tracing::warn!(%error, "hints could not be numbered; trying again"),
        }
        tokio::select! {
            () = hub.bell.notified() => {}
            () = tokio::time::sleep(pace.pause(hub.clock.monotonic())) => {}
        }
    }
}

/// Other processes are told beside the numbering: a slow Redis must not hold it up.
fn publish(hub: &Arc<Hub>, organizations: Vec<Numbered>) {
    let Some(redis) = hub.redis.clone().filter(|_| hub.hints) else { return };
    task::spawn("live publish", async move {
        let mut batch = Vec::with_capacity(organizations.len());
        for numbered in organizations {
            let hint = LookNow { organization_id: numbered.organization_id, seq: numbered.last_seq };
            batch.extend(serde_json::to_string(&hint));
        }
        for hint in batch {
            let mut command = ::redis::cmd("PUBLISH");
            command.arg(CHANNEL).arg(hint);
            if redis.run::<i64>(command).await.is_err() {
                return;
            }
        }
    });
}

async fn follow(hub: Arc<Hub>, redis: Redis) {
    let (sink, mut hints) = mpsc::channel::<String>(REDIS_HINTS);
    let listening = redis.listen(CHANNEL, sink);
    let hearing = async {
        while let Some(hint) = hints.recv().await {
            let hint = serde_json::from_str::<LookNow>(&hint).ok();
            if hint.is_some_and(|hint| concerns(&hub, &hint)) {
                hub.numbered.notify_one();
            }
        }
    };
    tokio::join!(listening, hearing);
}

fn concerns(hub: &Hub, hint: &LookNow) -> bool {
    let channel = hub.channels.get(&OrganizationId(hint.organization_id));
    channel.is_some_and(|channel| channel.last_seq.load(Ordering::Acquire) < hint.seq)
}

async fn read(hub: Arc<Hub>) {
    loop {
        match look(&hub).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "hints could not be read; trying again"),
        }
        tokio::select! {
            () = hub.numbered.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Hands out what is new to all organizations with clients here. True when an organization has still more.
async fn look(hub: &Arc<Hub>) -> Result<bool, StoreError> {
    hub.channels.retain(|_, channel| channel.sender.receiver_count() > 0);
    let (organizations, after): (Vec<Uuid>, Vec<i64>) = hub
        .channels
        .iter()
        .map(|channel| (channel.key().0, channel.last_seq.load(Ordering::Acquire)))
        .unzip();
    if organizations.is_empty() {
        return Ok(false);
    }
    let events = hub
        .db
        .run(move |conn| Box::pin(async move { event::since_in_all(conn, &organizations, &after).await }))
        .await?;
    if events.iter().any(|(_, event)| event.changes_access()) {
        refresh_accesses(hub).await?;
    }
    let more = i64::try_from(events.len()).is_ok_and(|count| count >= EVENTS_PER_LOOK);
    for (organization, event) in events {
        if let Some(channel) = hub.channels.get(&OrganizationId(organization)) {
            channel.last_seq.store(event.seq, Ordering::Release);
            // Nobody listening any more is no error: the channel goes with the next look.
            let _ = channel.sender.send(Arc::new(event));
        }
    }
    Ok(more)
}

async fn watch_accesses(hub: Arc<Hub>) {
    loop {
        tokio::time::sleep(ACCESS_EVERY).await;
        if let Err(error) = refresh_accesses(&hub).await {
            tracing::warn!(%error, "who may see hints could not be read; trying again");
        }
    }
}

async fn refresh_accesses(hub: &Arc<Hub>) -> Result<(), StoreError> {
    let members: Vec<Member> = hub.seats.iter().map(|seat| *seat.key()).collect();
    if members.is_empty() {
        return Ok(());
    }
    let accesses =
        hub.db.run(move |conn| Box::pin(async move { event::accesses_in_all(conn, &members).await })).await?;
    for (organization, access) in accesses {
        if let Some(seat) = hub.seats.get(&(organization, access.user)) {
            seat.access.send_if_modified(|known| {
                let changed = **known != access;
                if changed {
                    *known = Arc::new(access);
                }
                changed
            });
        }
    }
    Ok(())
}

async fn prune(hub: Arc<Hub>) {
    loop {
        tokio::time::sleep(PRUNE_EVERY).await;
        loop {
            match sequencer::prune(&hub.db).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "old hints could not be removed; trying again");
                    break;
                }
            }
        }
    }
}
