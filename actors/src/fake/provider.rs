//! A provider that does what the test says: it can refuse, fall silent or panic, and tells what the test tells it to.

use super::{lock, scripted_panic};
use crate::{
    clock::Clock,
    id::{Generation, LineId},
    port::{
        Capabilities, CloseClass, Heard, LineProvider, LineSession, NotUnlinked, OpenError, OpenSpec,
        Outbound, ProviderEvent, SubmitError,
    },
};
use async_trait::async_trait;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::{mpsc, watch};

/// How the next open goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It opens.
    Opens,
    /// Nobody there.
    Unreachable,
    /// It answers and closes.
    Refused(CloseClass),
    /// The adapter panics.
    Panics,
    /// No answer, ever.
    Hangs,
}

/// How the next hand-over of a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitting {
    /// Written.
    Written,
    /// It fails like this.
    Fails(SubmitError),
    /// The adapter panics.
    Panics,
    /// No answer, ever.
    Hangs,
}

/// A provider under a test's thumb.
#[derive(Debug)]
pub struct ScriptedProvider {
    openings: Mutex<VecDeque<Opening>>,
    logouts: Arc<Mutex<VecDeque<Result<(), NotUnlinked>>>>,
    sessions: watch::Sender<Vec<SessionHandle>>,
    drops_repeated_ids: bool,
    clock: Arc<dyn Clock>,
}

impl ScriptedProvider {
    /// One that opens every session, and drops repeated ids or not. `clock` dates what sessions tell.
    #[must_use]
    pub fn new(drops_repeated_ids: bool, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            openings: Mutex::default(),
            logouts: Arc::default(),
            sessions: watch::Sender::new(Vec::new()),
            drops_repeated_ids,
        })
    }

    /// The next opens go like this, in order; after them sessions open.
    pub fn script(&self, openings: impl IntoIterator<Item = Opening>) {
        lock(&self.openings).extend(openings);
    }

    /// The next logouts, of whatever session, come to this, in order; after them numbers are unlinked.
    pub fn script_logouts(&self, logouts: impl IntoIterator<Item = Result<(), NotUnlinked>>) {
        lock(&self.logouts).extend(logouts);
    }

    /// Every session of a line so far, oldest first.
    #[must_use]
    pub fn sessions(&self, line: LineId) -> Vec<SessionHandle> {
        self.sessions.borrow().iter().filter(|session| session.line == line).cloned().collect()
    }

    /// The `nth` session of a line, 1 for the first, once it is open. Waits as long as it takes.
    pub async fn session(&self, line: LineId, nth: usize) -> Option<SessionHandle> {
        let mut sessions = self.sessions.subscribe();
        let found = |all: &Vec<SessionHandle>| {
            all.iter().filter(|session| session.line == line).nth(nth.saturating_sub(1)).cloned()
        };
        let all = sessions.wait_for(|all| found(all).is_some()).await.ok()?;
        found(&all)
    }
}

#[async_trait]
impl LineProvider for ScriptedProvider {
    fn kind(&self) -> &'static str {
        "scripted"
    }

    fn client_version(&self) -> &str {
        "1"
    }

    async fn open(
        &self,
        spec: OpenSpec,
        events: mpsc::Sender<Heard>,
    ) -> Result<Arc<dyn LineSession>, OpenError> {
        let opening = lock(&self.openings).pop_front().unwrap_or(Opening::Opens);
        match opening {
            Opening::Opens => {}
            Opening::Unreachable => return Err(OpenError::Unreachable("scripted".into())),
            Opening::Refused(class) => return Err(OpenError::Refused(class)),
            Opening::Panics => scripted_panic("the adapter panics as it opens"),
            Opening::Hangs => return std::future::pending().await,
        }
        let handle = SessionHandle {
            line: spec.line,
            generation: spec.generation,
            fresh: spec.credentials.is_none(),
            inner: Arc::new(Inner {
                clock: Arc::clone(&self.clock),
                events: Mutex::new(Some(events)),
                submitted: watch::Sender::new(Vec::new()),
                calls: watch::Sender::new(Calls::default()),
                submitting: Mutex::default(),
            }),
        };
        self.sessions.send_modify(|sessions| sessions.push(handle.clone()));
        let logouts = Arc::clone(&self.logouts);
        Ok(Arc::new(FakeSession { handle, drops_repeated_ids: self.drops_repeated_ids, logouts }))
    }
}

/// What was asked of a session besides sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Calls {
    pings: usize,
    codes_for: Vec<String>,
    passkeys: Vec<String>,
    logged_out: bool,
    closed: bool,
}

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    events: Mutex<Option<mpsc::Sender<Heard>>>,
    submitted: watch::Sender<Vec<Outbound>>,
    calls: watch::Sender<Calls>,
    submitting: Mutex<VecDeque<Submitting>>,
}

/// The test's end of a session.
#[derive(Clone, Debug)]
pub struct SessionHandle {
    /// Whose session.
    pub line: LineId,
    /// Its number.
    pub generation: Generation,
    /// Opened without an account: to pair.
    pub fresh: bool,
    inner: Arc<Inner>,
}

impl SessionHandle {
    /// Tells the line something. False when nobody listens any more.
    pub async fn tell(&self, event: ProviderEvent) -> bool {
        let Some(events) = lock(&self.inner.events).clone() else { return false };
        events.send(Heard { at: self.inner.clock.now(), event }).await.is_ok()
    }

    /// What the session still says once its line has closed it: words that were on their way.
    #[must_use]
    pub fn last_words(&self) -> Option<LastWords> {
        let events = lock(&self.inner.events).clone()?;
        Some(LastWords { events, clock: Arc::clone(&self.inner.clock) })
    }

    /// Vanishes without a word, as an adapter does whose task died.
    pub fn vanish(&self) {
        lock(&self.inner.events).take();
    }

    /// The next hand-overs go like this, in order; after them messages are written.
    pub fn script(&self, submitting: impl IntoIterator<Item = Submitting>) {
        lock(&self.inner.submitting).extend(submitting);
    }

    /// Messages handed over so far.
    #[must_use]
    pub fn submitted(&self) -> Vec<Outbound> {
        self.inner.submitted.borrow().clone()
    }

    /// Waits until so many messages were handed over; answers all of them.
    pub async fn submitted_at_least(&self, count: usize) -> Vec<Outbound> {
        let mut submitted = self.inner.submitted.subscribe();
        match submitted.wait_for(|all| all.len() >= count).await {
            Ok(all) => all.clone(),
            Err(_) => Vec::new(),
        }
    }

    /// Waits until the session is closed by its line, or dropped.
    pub async fn closed(&self) {
        // The sender lives in this handle, so the wait cannot fail.
        let _ = self.inner.calls.subscribe().wait_for(|calls| calls.closed).await;
    }

    /// Waits until it was asked for a sign of life so often.
    pub async fn pinged(&self, times: usize) {
        let _ = self.inner.calls.subscribe().wait_for(|calls| calls.pings >= times).await;
    }

    /// Waits until a code to type was asked for; answers the number it was asked with.
    pub async fn code_asked(&self) -> String {
        let mut calls = self.inner.calls.subscribe();
        match calls.wait_for(|calls| !calls.codes_for.is_empty()).await {
            Ok(calls) => calls.codes_for.first().cloned().unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until so many answers to a passkey challenge were handed over; answers all of them.
    pub async fn passkeys_at_least(&self, count: usize) -> Vec<String> {
        let mut calls = self.inner.calls.subscribe();
        match calls.wait_for(|calls| calls.passkeys.len() >= count).await {
            Ok(calls) => calls.passkeys.clone(),
            Err(_) => Vec::new(),
        }
    }

    /// Closed by its line, or dropped.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.inner.calls.borrow().closed
    }

    /// The number was unlinked.
    #[must_use]
    pub fn is_logged_out(&self) -> bool {
        self.inner.calls.borrow().logged_out
    }
}

/// Words of a session that outlive it.
#[derive(Debug)]
pub struct LastWords {
    events: mpsc::Sender<Heard>,
    clock: Arc<dyn Clock>,
}

impl LastWords {
    /// Tells the line something. False when nobody listens any more.
    pub async fn tell(&self, event: ProviderEvent) -> bool {
        self.events.send(Heard { at: self.clock.now(), event }).await.is_ok()
    }
}

/// The line's end of a session.
#[derive(Debug)]
struct FakeSession {
    handle: SessionHandle,
    drops_repeated_ids: bool,
    logouts: Arc<Mutex<VecDeque<Result<(), NotUnlinked>>>>,
}

impl FakeSession {
    fn end(&self) {
        self.handle.vanish();
        self.handle.inner.calls.send_modify(|calls| calls.closed = true);
    }
}

impl Drop for FakeSession {
    fn drop(&mut self) {
        self.end();
    }
}

#[async_trait]
impl LineSession for FakeSession {
    fn capabilities(&self) -> Capabilities {
        Capabilities { drops_repeated_ids: self.drops_repeated_ids, max_image_bytes: 1 << 20 }
    }

    async fn submit(&self, message: Outbound) -> Result<(), SubmitError> {
        let how = lock(&self.handle.inner.submitting).pop_front().unwrap_or(Submitting::Written);
        self.handle.inner.submitted.send_modify(|all| all.push(message));
        match how {
            Submitting::Written => Ok(()),
            Submitting::Fails(error) => Err(error),
            Submitting::Panics => scripted_panic("the adapter panics as it sends"),
            Submitting::Hangs => std::future::pending().await,
        }
    }

    async fn ping(&self) {
        self.handle.inner.calls.send_modify(|calls| calls.pings += 1);
    }

    async fn request_pairing_code(&self, phone_number: &str) {
        self.handle.inner.calls.send_modify(|calls| calls.codes_for.push(phone_number.to_owned()));
    }

    async fn submit_passkey(&self, response: &str) {
        self.handle.inner.calls.send_modify(|calls| calls.passkeys.push(response.to_owned()));
    }

    async fn logout(&self) -> Result<(), NotUnlinked> {
        let outcome = lock(&self.logouts).pop_front().unwrap_or(Ok(()));
        self.handle.inner.calls.send_modify(|calls| calls.logged_out = outcome.is_ok());
        self.end();
        outcome
    }

    async fn close(&self) {
        self.end();
    }

    async fn close_listening(&self, _: Duration) {
        self.end();
    }
}
