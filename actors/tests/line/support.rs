//! A process with its supervisor, and what a test sees of it. Nothing here sleeps to decide: tests wait for rows.

use ezw_actors::{
    Limits, Ports, Supervisor, Timings, Trust,
    clock::Clock as _,
    fake::{
        LineSnapshot, ManualClock, MemoryStore, NewLine, RecordingFeed, RecordingInbound, Reply, ReplyStatus,
        ScriptedProvider, SessionHandle,
    },
    id::{CommandId, ConversationId, Incarnation, LineId, OrganizationId},
    lines::{Doorbell, Lines},
    machine::{LineState, StateName},
    outbound::Pacing,
    port::{Credentials, NoMedia, ProviderEvent, ShownQr},
};
use std::{future::Future, sync::Arc, time::Duration};
use uuid::Uuid;

pub(crate) const PHONE: &str = "+4915100000001";
/// What a test waits for comes, or the test fails.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) struct Node {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) provider: Arc<ScriptedProvider>,
    pub(crate) feed: Arc<RecordingFeed>,
    pub(crate) trust: Arc<Trust>,
    pub(crate) lines: Lines,
    pub(crate) supervisor: Arc<Supervisor>,
    pub(crate) owner: Incarnation,
    pub(crate) organization: OrganizationId,
}

impl Node {
    pub(crate) fn new() -> Self {
        Self::with(64)
    }

    pub(crate) fn with(mailbox: usize) -> Self {
        Self::made(mailbox, Timings::REAL)
    }

    /// Pauses of the supervisor are real ones, so they are short here.
    pub(crate) fn hurried() -> Self {
        Self::made(64, Timings::faster(100))
    }

    fn made(mailbox: usize, timings: Timings) -> Self {
        let clock = ManualClock::standing();
        let store = MemoryStore::new(Arc::clone(&clock) as _);
        let provider = ScriptedProvider::new(true, Arc::clone(&clock) as _);
        let feed = Arc::new(RecordingFeed::default());
        let trust = Arc::new(Trust::none(clock.origin()));
        trust.renewed(clock.monotonic(), Duration::from_secs(3_600));
        let lines = Lines::new(Arc::clone(&clock) as _, Arc::clone(&trust));
        let ports = Ports {
            store: Arc::clone(&store) as _,
            provider: Arc::clone(&provider) as _,
            feed: Arc::clone(&feed) as _,
            inbound: Arc::new(RecordingInbound::default()),
            media: Arc::new(NoMedia),
            clock: Arc::clone(&clock) as _,
        };
        let limits = Limits {
            mailbox,
            pacing: Pacing { per_second: 0, burst: 1 },
            connects_per_second: 1_000,
            arbiters: 2,
        };
        let supervisor = Supervisor::new(ports, limits, timings, &lines);
        ezw_actors::task::spawn("watch", Arc::clone(&supervisor).watch());
        let (owner, organization) = (Incarnation(Uuid::now_v7()), OrganizationId(Uuid::now_v7()));
        Self { clock, store, provider, feed, trust, lines, supervisor, owner, organization }
    }

    /// A line that was never paired.
    pub(crate) fn fresh_line(&self) -> LineId {
        self.add(LineState::Created, None)
    }

    /// A line with an account.
    pub(crate) fn paired_line(&self, phone: &str) -> LineId {
        self.add(LineState::PairingExpired, Some(phone))
    }

    fn add(&self, state: LineState, phone: Option<&str>) -> LineId {
        self.store.add(NewLine {
            organization: self.organization,
            state,
            phone_number: phone.map(str::to_owned),
            credentials: phone.map(|_| Credentials(vec![1])),
        })
    }

    /// What the claiming job does.
    pub(crate) fn start(&self, line: LineId) {
        self.supervisor.start(self.store.take(line, self.owner).expect("a line to take"));
    }

    /// A fresh line that shows a code to scan, its open command, and its session.
    pub(crate) async fn pairing(&self) -> (LineId, CommandId, SessionHandle) {
        let line = self.fresh_line();
        let command = self.store.open_pair(line, None);
        self.start(line);
        let session = self.session(line, 1).await;
        session.tell(self.code()).await;
        self.until(line, StateName::Pairing).await;
        (line, command, session)
    }

    /// The first code to scan.
    pub(crate) fn code(&self) -> ProviderEvent {
        let expires_at = self.clock.now() + chrono::TimeDelta::seconds(60);
        ProviderEvent::PairingQr(ShownQr { payload: "2@code".into(), wave: 1, waves: 6, expires_at })
    }

    /// Starts a line and brings it to work.
    pub(crate) async fn connect(&self, line: LineId) -> SessionHandle {
        let nth = self.provider.sessions(line).len() + 1;
        self.start(line);
        self.greet(line, nth).await
    }

    /// Brings the `nth` session of a line to work.
    pub(crate) async fn greet(&self, line: LineId, nth: usize) -> SessionHandle {
        let session = self.session(line, nth).await;
        assert!(session.tell(ProviderEvent::LoggedIn).await);
        assert!(session.tell(ProviderEvent::Ready).await);
        self.until(line, StateName::Connected).await;
        session
    }

    pub(crate) async fn session(&self, line: LineId, nth: usize) -> SessionHandle {
        within("a session", self.provider.session(line, nth)).await.expect("a session")
    }

    /// Waits until the row is in `state`.
    pub(crate) async fn until(&self, line: LineId, state: StateName) -> LineSnapshot {
        self.when(line, move |row| row.state == state).await
    }

    pub(crate) async fn when(&self, line: LineId, wanted: impl Fn(&LineSnapshot) -> bool) -> LineSnapshot {
        let what = format!("the row, now {:?}", self.store.line(line).map(|row| row.state));
        within(&what, self.store.line_when(line, wanted)).await.expect("a row")
    }

    /// Accepts a reply and rings.
    pub(crate) fn reply(&self, line: LineId, conversation: u128, text: &str) -> String {
        let id = self.store.accept(line, ConversationId(Uuid::from_u128(conversation)), text);
        self.ring(line);
        id
    }

    /// What the poll does every second: the actor looks at its rows, and at the clock.
    pub(crate) fn ring(&self, line: LineId) {
        self.lines.ring(line, Doorbell::Outbound);
    }

    pub(crate) async fn fares(&self, id: &str, status: ReplyStatus) -> Reply {
        let what = format!("a reply to be {status:?}, now {:?}", self.store.reply(id).map(|row| row.status));
        within(&what, self.store.reply_when(id, |row| row.status == status)).await.expect("a reply")
    }

    /// Turns the clock and has the line look at it.
    pub(crate) fn advance(&self, line: LineId, by: Duration) {
        self.clock.advance(by);
        self.ring(line);
    }

    pub(crate) async fn accepted(&self, session: &SessionHandle, id: &str) {
        let event = ProviderEvent::Accepted { provider_message_id: id.into(), at: self.clock.now() };
        assert!(session.tell(event).await);
        self.fares(id, ReplyStatus::Sent).await;
    }
}

/// Waits with an end.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited in vain for {what}"),
    }
}
