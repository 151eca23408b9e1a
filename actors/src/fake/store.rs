//! The rows of lines in memory: fence, version, checks and the unique number are kept as Postgres keeps them.

use super::{
    lock,
    replies::{Replies, Reply, ReplyStatus},
    scripted_panic,
    store_commit::{self, json, owns},
};
use crate::{
    clock::Clock,
    id::{
        CommandId, ConversationId, Epoch, Fence, Generation, Incarnation, LineId, MessageId, OrganizationId,
    },
    machine::{History, LineState, StateName, Time},
    port::{
        Claim, Claimed, CommitError, Credentials, Desired, Dispatch, Fact, LineStore, Orders, PasskeyAnswer,
        Probe, Settle, Standing, StoreTrouble, Transition, Unwanted,
    },
};
use async_trait::async_trait;
use chrono::TimeDelta;
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::watch;
use uuid::Uuid;

/// A call of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A transition.
    Commit,
    /// Orders and commands.
    Standing,
    /// A restart.
    Retake,
    /// Intents.
    Claim,
    /// What a claim took.
    Taken,
    /// Facts.
    Record,
    /// Accounts to unlink.
    Unlink,
}

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done, and it says so.
    Trouble,
    /// It is done, but the answer is lost.
    AnswerLost,
    /// The adapter panics, nothing is done.
    Panic,
    /// The thread is blocked for so long, then it is done.
    Block(std::time::Duration),
}

/// A line to begin with.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// The tenant.
    pub organization: OrganizationId,
    /// Its state.
    pub state: LineState,
    /// Its number.
    pub phone_number: Option<String>,
    /// Its account.
    pub credentials: Option<Credentials>,
}

/// A row of `line_transitions`.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The version it made.
    pub version: i64,
    /// From where.
    pub from: StateName,
    /// To where.
    pub to: StateName,
    /// By what.
    pub event: &'static str,
    /// Under which start.
    pub epoch: Epoch,
    /// The whole state after it, as the row keeps it.
    pub detail: serde_json::Value,
}

/// A row of `lines`, with its commands and transitions.
#[derive(Clone, Debug)]
pub struct LineSnapshot {
    /// The tenant.
    pub organization: OrganizationId,
    /// The state, as the row keeps it.
    pub detail: serde_json::Value,
    /// Its name.
    pub state: StateName,
    /// How often it changed.
    pub version: i64,
    /// The last start.
    pub epoch: Epoch,
    /// The last session.
    pub generation: Generation,
    /// The owner.
    pub owner: Option<Incarnation>,
    /// The wish.
    pub desired: Desired,
    /// Due again then; none is infinity.
    pub next_start_at: Option<Time>,
    /// What a restart must not forget.
    pub history: History,
    /// The number.
    pub phone_number: Option<String>,
    /// The account.
    pub credentials: Option<Credentials>,
    /// Orders.
    pub orders: Orders,
    /// The open pair command.
    pub pair: Option<(CommandId, Option<String>)>,
    /// The last answer to a passkey challenge, with that command.
    pub passkey: Option<PasskeyAnswer>,
    /// A wakeup is open, and whether it resets the budget.
    pub wakeup: Option<bool>,
    /// Commands that ended.
    pub settled: Vec<Settle>,
    /// Everything that happened.
    pub transitions: Vec<Recorded>,
}

#[derive(Debug, Default)]
struct Rows {
    lines: HashMap<LineId, LineSnapshot>,
    replies: Replies,
    faults: HashMap<Operation, VecDeque<Fault>>,
    facts: Vec<(Generation, Fact)>,
    unlinkings: Vec<Unwanted>,
    breaker_tripped: bool,
    probe_taken: bool,
}

impl Rows {
    fn take(&mut self, line: LineId, owner: Incarnation, now: Time, died: bool) -> Option<Claimed> {
        self.replies.taken(line, now);
        store_commit::take(&mut self.lines, line, owner, now, died)
    }
}

/// Lines in memory.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    rows: Mutex<Rows>,
    changed: watch::Sender<u64>,
    held: watch::Sender<bool>,
    claims_held: watch::Sender<bool>,
    most_facts: AtomicUsize,
    asked: watch::Sender<usize>,
    looks: AtomicUsize,
}

impl MemoryStore {
    /// Empty; times of its own come from `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            rows: Mutex::default(),
            changed: watch::Sender::new(0),
            held: watch::Sender::new(false),
            claims_held: watch::Sender::new(false),
            most_facts: AtomicUsize::new(usize::MAX),
            asked: watch::Sender::new(0),
            looks: AtomicUsize::new(0),
        })
    }

    /// A new line.
    pub fn add(&self, new: NewLine) -> LineId {
        let line = LineId(Uuid::now_v7());
        let has_account = new.credentials.is_some() && new.phone_number.is_some();
        let row = LineSnapshot {
            organization: new.organization,
            detail: json(&new.state),
            state: new.state.name(),
            version: 0,
            epoch: Epoch(0),
            generation: Generation(0),
            owner: None,
            desired: if has_account { Desired::Running } else { Desired::Stopped },
            next_start_at: Some(self.clock.now()),
            history: History::default(),
            phone_number: new.phone_number,
            credentials: new.credentials,
            orders: Orders::default(),
            pair: None,
            passkey: None,
            wakeup: None,
            settled: Vec::new(),
            transitions: Vec::new(),
        };
        self.change(|rows| rows.lines.insert(line, row));
        line
    }

    /// Edits a row as another party's transaction would.
    pub fn edit(&self, line: LineId, edit: impl FnOnce(&mut LineSnapshot)) {
        self.change(|rows| rows.lines.get_mut(&line).map(edit));
    }

    /// Opens a pair command.
    pub fn open_pair(&self, line: LineId, code_for: Option<&str>) -> CommandId {
        let command = CommandId(Uuid::now_v7());
        self.edit(line, |row| row.pair = Some((command, code_for.map(str::to_owned))));
        command
    }

    /// What the claiming job does: the line passes to `starting` under a new epoch. None without such a line.
    pub fn take(&self, line: LineId, owner: Incarnation) -> Option<Claimed> {
        let now = self.clock.now();
        self.change(|rows| rows.take(line, owner, now, false))
    }

    /// Accepts a reply; answers its id at the provider.
    pub fn accept(&self, line: LineId, conversation: ConversationId, text: &str) -> String {
        let now = self.clock.now();
        let message = MessageId(Uuid::now_v7());
        // Its last digits are the random ones.
        let provider_message_id = format!("3EB0{}", &message.0.simple().to_string()[14..]);
        let reply = Reply {
            line,
            message,
            conversation,
            seq: 0,
            recipient: "+4915112345678".into(),
            text: text.into(),
            provider_message_id: provider_message_id.clone(),
            status: ReplyStatus::Queued,
            attempts: 0,
            epoch: None,
            deadline_at: None,
            next_attempt_at: now,
            unknown_since: None,
            unknown_told: None,
            expires_at: now + TimeDelta::minutes(60),
            failure_reason: None,
        };
        self.change(|rows| rows.replies.accept(reply));
        provider_message_id
    }

    /// The customer of a conversation wrote just now.
    pub fn customer_wrote(&self, conversation: ConversationId) {
        let now = self.clock.now();
        self.change(|rows| rows.replies.customer_wrote(conversation, now));
    }

    /// The next calls of `operation` go wrong like this, in order.
    pub fn inject(&self, operation: Operation, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.rows).faults.entry(operation).or_default().extend(faults);
    }

    /// Holds every commit back from now on, or lets them go.
    pub fn hold_commits(&self, hold: bool) {
        self.held.send_replace(hold);
    }

    /// It is too slow for more facts than that at once.
    pub fn take_facts_at_once(&self, most: usize) {
        self.most_facts.store(most, Ordering::Relaxed);
    }

    /// Holds the answer to every claim back from now on, or lets them go: what is claimed is claimed.
    pub fn hold_answers_to_claims(&self, hold: bool) {
        self.claims_held.send_replace(hold);
    }

    /// Waits until so many commits were asked for in all.
    pub async fn commits_asked(&self, count: usize) {
        // The sender lives as long as this borrow, so the wait cannot fail.
        let _ = self.asked.subscribe().wait_for(|asked| *asked >= count).await;
    }

    /// How many commits were asked for so far.
    #[must_use]
    pub fn commits(&self) -> usize {
        *self.asked.borrow()
    }

    /// How often orders and commands were read so far.
    #[must_use]
    pub fn looks(&self) -> usize {
        self.looks.load(Ordering::SeqCst)
    }

    /// A line's row now.
    #[must_use]
    pub fn line(&self, line: LineId) -> Option<LineSnapshot> {
        lock(&self.rows).lines.get(&line).cloned()
    }

    /// A reply's row now.
    #[must_use]
    pub fn reply(&self, provider_message_id: &str) -> Option<Reply> {
        lock(&self.rows).replies.of(provider_message_id)
    }

    /// All replies of a line, in order of acceptance.
    #[must_use]
    pub fn replies(&self, line: LineId) -> Vec<Reply> {
        lock(&self.rows).replies.of_line(line)
    }

    /// Whether the provider is known to refuse this client version.
    #[must_use]
    pub fn breaker_tripped(&self) -> bool {
        lock(&self.rows).breaker_tripped
    }

    /// Every fact recorded so far.
    #[must_use]
    pub fn facts(&self) -> Vec<(Generation, Fact)> {
        lock(&self.rows).facts.clone()
    }

    /// Accounts that are written down to be unlinked.
    #[must_use]
    pub fn unlinkings(&self) -> Vec<Unwanted> {
        lock(&self.rows).unlinkings.clone()
    }

    /// Waits until so many accounts are written down to be unlinked; answers them.
    pub async fn unlinkings_when(&self, count: usize) -> Vec<Unwanted> {
        let mut changed = self.changed.subscribe();
        loop {
            let found = self.unlinkings();
            if found.len() == count || changed.changed().await.is_err() {
                return found;
            }
        }
    }

    /// Waits until the row is as `wanted`; answers it.
    pub async fn line_when(
        &self,
        line: LineId,
        wanted: impl Fn(&LineSnapshot) -> bool,
    ) -> Option<LineSnapshot> {
        let mut changed = self.changed.subscribe();
        loop {
            let found = self.line(line).filter(&wanted);
            if found.is_some() {
                return found;
            }
            changed.changed().await.ok()?;
        }
    }

    /// Waits until the reply is as `wanted`; answers it.
    pub async fn reply_when(&self, id: &str, wanted: impl Fn(&Reply) -> bool) -> Option<Reply> {
        let mut changed = self.changed.subscribe();
        loop {
            let found = self.reply(id).filter(&wanted);
            if found.is_some() {
                return found;
            }
            changed.changed().await.ok()?;
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Rows) -> T) -> T {
        let done = change(&mut lock(&self.rows));
        self.changed.send_modify(|count| *count += 1);
        done
    }

    /// Runs a call under the fault that is due for it.
    fn call<T, E: From<StoreTrouble>>(
        &self,
        operation: Operation,
        call: impl FnOnce(&mut Rows) -> Result<T, E>,
    ) -> Result<T, E> {
        let fault = lock(&self.rows).faults.get_mut(&operation).and_then(VecDeque::pop_front);
        match fault {
            None => self.change(call),
            Some(Fault::Trouble) => Err(StoreTrouble("scripted".into()).into()),
            Some(Fault::AnswerLost) => {
                self.change(call)?;
                Err(StoreTrouble("scripted: the answer is lost".into()).into())
            }
            Some(Fault::Panic) => scripted_panic("the store panics"),
            Some(Fault::Block(time)) => {
                std::thread::sleep(time);
                self.change(call)
            }
        }
    }
}

#[async_trait]
impl LineStore for MemoryStore {
    async fn commit(&self, fence: Fence, transition: Transition) -> Result<(), CommitError> {
        self.asked.send_modify(|asked| *asked += 1);
        // The sender lives as long as this borrow, so the wait cannot fail.
        let _ = self.held.subscribe().wait_for(|held| !held).await;
        self.call(Operation::Commit, |rows| {
            store_commit::commit(&mut rows.lines, fence, &transition)?;
            if transition.client_refused {
                rows.breaker_tripped = true;
            }
            Ok(())
        })
    }

    async fn take_probe(&self, _fence: Fence) -> Result<Probe, StoreTrouble> {
        self.call(Operation::Standing, |rows| {
            let spent = rows.breaker_tripped && std::mem::replace(&mut rows.probe_taken, true);
            Ok(match (rows.breaker_tripped, spent) {
                (false, _) => Probe::NotNeeded,
                (true, true) => Probe::Spent,
                (true, false) => Probe::Taken,
            })
        })
    }

    async fn accept_client(&self) -> Result<(), StoreTrouble> {
        self.call(Operation::Standing, |rows| {
            (rows.breaker_tripped, rows.probe_taken) = (false, false);
            Ok(())
        })
    }

    async fn standing(&self, fence: Fence) -> Result<Standing, StoreTrouble> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.call(Operation::Standing, |rows| {
            let row = rows.lines.get(&fence.line).ok_or_else(|| StoreTrouble("no such line".into()))?;
            Ok(Standing {
                orders: row.orders,
                pair: row.pair.clone(),
                passkey: row.passkey.clone(),
                reset_budget: row.wakeup == Some(true),
            })
        })
    }

    async fn retake(
        &self,
        fence: Fence,
        counted: Option<TimeDelta>,
    ) -> Result<Option<Claimed>, StoreTrouble> {
        let now = self.clock.now();
        self.call(Operation::Retake, |rows| {
            let held = rows.lines.get(&fence.line).is_some_and(|row| owns(row, fence));
            if !held {
                return Ok(None);
            }
            if let (Some(healthy), Some(row)) = (counted, rows.lines.get_mut(&fence.line)) {
                row.history = row.history.died(healthy, now);
            }
            Ok(rows.take(fence.line, fence.owner, now, true))
        })
    }

    async fn claim(&self, fence: Fence, claim: Claim) -> Result<Vec<Dispatch>, CommitError> {
        let now = self.clock.now();
        let claimed = self.call(Operation::Claim, |rows| {
            if !rows.lines.get(&fence.line).is_some_and(|row| owns(row, fence)) {
                return Err(CommitError::Fenced);
            }
            Ok(rows.replies.claim(fence.line, fence.epoch, claim, now))
        });
        // The sender lives as long as this borrow, so the wait cannot fail.
        let _ = self.claims_held.subscribe().wait_for(|held| !held).await;
        claimed
    }

    async fn taken(&self, fence: Fence, deadline: Time) -> Result<Vec<String>, StoreTrouble> {
        self.call(Operation::Taken, |rows| Ok(rows.replies.taken_until(fence.line, fence.epoch, deadline)))
    }

    async fn record(
        &self,
        fence: Fence,
        generation: Generation,
        facts: Vec<Fact>,
    ) -> Result<(), CommitError> {
        if facts.len() > self.most_facts.load(Ordering::Relaxed) {
            return Err(StoreTrouble("scripted: too many at once".into()).into());
        }
        let now = self.clock.now();
        self.call(Operation::Record, |rows| {
            if facts.iter().any(|fact| fact.provider_message_id().contains('\0')) {
                return Err(CommitError::Broken("no text of ours".into()));
            }
            for fact in facts {
                rows.replies.record(fence.line, fence.epoch, &fact, now);
                rows.facts.push((generation, fact));
            }
            Ok(())
        })
    }

    async fn unlink_later(&self, account: Unwanted, _pause: TimeDelta) -> Result<bool, StoreTrouble> {
        self.call(Operation::Unlink, |rows| {
            let of_line = rows.lines.get(&account.line).filter(|row| !row.orders.archived);
            if of_line.is_some_and(|row| row.credentials.as_ref() == Some(&account.credentials)) {
                return Ok(false);
            }
            if rows.unlinkings.iter().all(|kept| kept.id != account.id) {
                rows.unlinkings.push(account);
            }
            Ok(true)
        })
    }

    async fn pairing_open(&self, account: &Unwanted) -> Result<bool, StoreTrouble> {
        self.call(Operation::Unlink, |rows| {
            Ok(rows.lines.get(&account.line).is_some_and(|row| row.pair.is_some()))
        })
    }

    async fn unlinked(&self, account: &Unwanted) -> Result<(), StoreTrouble> {
        self.call(Operation::Unlink, |rows| {
            rows.unlinkings.retain(|kept| kept.id != account.id);
            Ok(())
        })
    }
}
