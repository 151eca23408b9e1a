//! The queue of replies in memory, by the rules of the rows: only heads of conversations are handed out, and facts
//! merge by rank, so a status never goes backwards.

use crate::{
    id::{ConversationId, Epoch, LineId, MessageId},
    machine::Time,
    port::{Claim, Content, Dispatch, Fact, ReceiptKind},
};
use chrono::TimeDelta;

/// Attempts that a definite refusal may cost.
const MOST_ATTEMPTS: u32 = 5;
/// Of one whose fate is unknown, where repeats are dropped.
const MOST_RESENDS: u32 = 50;

/// How a reply fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyStatus {
    /// Waits.
    Queued,
    /// An attempt is under way.
    Sending,
    /// Nobody knows.
    Unknown,
    /// The provider took it.
    Sent,
    /// Given up or refused.
    Failed,
    /// Its time passed.
    Expired,
    /// On the recipient's device.
    Delivered,
    /// Read there.
    Read,
}

/// One row.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The line it leaves by.
    pub line: LineId,
    /// The message.
    pub message: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its place there.
    pub seq: i64,
    /// To whom.
    pub recipient: String,
    /// What.
    pub text: String,
    /// The one id it has at the provider.
    pub provider_message_id: String,
    /// How it fares.
    pub status: ReplyStatus,
    /// Attempts so far.
    pub attempts: u32,
    /// The start whose attempt is the last one.
    pub epoch: Option<Epoch>,
    /// The attempt's deadline, while one is under way.
    pub deadline_at: Option<Time>,
    /// Not before.
    pub next_attempt_at: Time,
    /// Since when nobody knows.
    pub unknown_since: Option<Time>,
    /// When that was last said.
    pub unknown_told: Option<Time>,
    /// Never sent after this.
    pub expires_at: Time,
    /// Why it failed.
    pub failure_reason: Option<&'static str>,
}

/// Replies of all lines, in order of acceptance.
#[derive(Debug, Default)]
pub(super) struct Replies {
    rows: Vec<Reply>,
    last_inbound: Vec<(ConversationId, Time)>,
}

impl Replies {
    pub(super) fn accept(&mut self, mut reply: Reply) {
        let last = self.rows.iter().filter(|row| row.conversation == reply.conversation).map(|row| row.seq);
        reply.seq = last.max().unwrap_or(0) + 1;
        self.rows.push(reply);
    }

    pub(super) fn customer_wrote(&mut self, conversation: ConversationId, at: Time) {
        self.last_inbound.push((conversation, at));
    }

    pub(super) fn of(&self, provider_message_id: &str) -> Option<Reply> {
        self.rows.iter().find(|row| row.provider_message_id == provider_message_id).cloned()
    }

    pub(super) fn of_line(&self, line: LineId) -> Vec<Reply> {
        self.rows.iter().filter(|row| row.line == line).cloned().collect()
    }

    /// A new start: what the last one had under way has an unknown fate.
    pub(super) fn taken(&mut self, line: LineId, now: Time) {
        for row in &mut self.rows {
            if row.line == line && row.status == ReplyStatus::Sending {
                row.status = ReplyStatus::Unknown;
                row.unknown_since.get_or_insert(now);
                row.deadline_at = None;
            }
        }
    }

    /// Commits intents for heads.
    pub(super) fn claim(&mut self, line: LineId, epoch: Epoch, claim: Claim, now: Time) -> Vec<Dispatch> {
        let mut heads: Vec<usize> = (0..self.rows.len())
            .filter(|&index| self.rows[index].line == line && self.is_claimable(index, claim, now))
            .collect();
        heads.sort_by_key(|&index| {
            let row = &self.rows[index];
            (row.next_attempt_at, row.conversation, row.seq)
        });
        heads.truncate(usize::try_from(claim.max).unwrap_or(usize::MAX));
        heads.into_iter().map(|index| begin(&mut self.rows[index], epoch, claim.deadline)).collect()
    }

    /// What this start has under way with this very deadline.
    pub(super) fn taken_until(&self, line: LineId, epoch: Epoch, deadline: Time) -> Vec<String> {
        let taken = self
            .rows
            .iter()
            .filter(|row| row.line == line && row.epoch == Some(epoch) && row.deadline_at == Some(deadline));
        taken.map(|row| row.provider_message_id.clone()).collect()
    }

    fn is_claimable(&self, index: usize, claim: Claim, now: Time) -> bool {
        let row = &self.rows[index];
        let due = match row.status {
            ReplyStatus::Queued => row.next_attempt_at <= now,
            ReplyStatus::Unknown => {
                let waited = row.unknown_told.is_none_or(|told| told + claim.resend_after <= now);
                claim.drops_repeats
                    && claim.settled
                    && waited
                    && row.deadline_at.is_none()
                    && row.attempts < MOST_RESENDS
            }
            ReplyStatus::Sending
            | ReplyStatus::Sent
            | ReplyStatus::Failed
            | ReplyStatus::Expired
            | ReplyStatus::Delivered
            | ReplyStatus::Read => false,
        };
        let answers = !claim.reply_only
            || self.last_inbound.iter().any(|(conversation, at)| {
                *conversation == row.conversation && *at > now - TimeDelta::hours(24)
            });
        due && answers && row.expires_at > now && self.is_head(row, claim, now)
    }

    fn is_head(&self, row: &Reply, claim: Claim, now: Time) -> bool {
        !self.rows.iter().any(|earlier| {
            earlier.conversation == row.conversation
                && earlier.seq < row.seq
                && match earlier.status {
                    ReplyStatus::Queued | ReplyStatus::Sending => true,
                    ReplyStatus::Unknown => {
                        earlier.deadline_at.is_some()
                            || earlier.unknown_since.is_some_and(|since| since > now - claim.unknown_blocks)
                    }
                    ReplyStatus::Sent
                    | ReplyStatus::Failed
                    | ReplyStatus::Expired
                    | ReplyStatus::Delivered
                    | ReplyStatus::Read => false,
                }
        })
    }

    pub(super) fn record(&mut self, line: LineId, epoch: Epoch, fact: &Fact, now: Time) {
        let id = fact.provider_message_id();
        let row = self.rows.iter_mut().find(|row| row.line == line && row.provider_message_id == id);
        if let Some(row) = row {
            apply(row, epoch, fact, now);
        }
    }
}

fn begin(row: &mut Reply, epoch: Epoch, deadline: Time) -> Dispatch {
    if row.status == ReplyStatus::Queued {
        row.status = ReplyStatus::Sending;
    }
    row.attempts += 1;
    row.epoch = Some(epoch);
    row.deadline_at = Some(deadline);
    Dispatch {
        message: row.message,
        conversation: row.conversation,
        provider_message_id: row.provider_message_id.clone(),
        recipient: row.recipient.clone(),
        content: Content::Text(row.text.clone()),
        attempt: row.attempts,
    }
}

/// Facts about the message go by rank; what a start says of its own attempt must be about its own attempt.
fn apply(row: &mut Reply, epoch: Epoch, fact: &Fact, now: Time) {
    use ReplyStatus as S;
    let (of_epoch, open) = (row.epoch == Some(epoch), matches!(row.status, S::Sending | S::Unknown));
    let claimed_until = row.deadline_at;
    let own_attempt = |deadline: &Time| of_epoch && open && claimed_until == Some(*deadline);
    match fact {
        Fact::Accepted { .. } => raise(row, S::Sent, None),
        Fact::Refused { reason, .. } => raise(row, S::Failed, Some(reason)),
        Fact::Receipt { kind: ReceiptKind::Delivered, .. } => raise(row, S::Delivered, None),
        Fact::Receipt { kind: ReceiptKind::Read, .. } => raise(row, S::Read, None),
        Fact::Receipt { kind: ReceiptKind::Failed, .. } => raise(row, S::Failed, Some("recipient_failed")),
        Fact::Retry { deadline, next_attempt_at, .. } if own_attempt(deadline) => {
            if row.status == S::Sending && row.attempts >= MOST_ATTEMPTS {
                row.status = S::Failed;
                row.failure_reason = Some("attempts_spent");
            } else if row.status == S::Sending {
                row.status = S::Queued;
            }
            row.next_attempt_at = *next_attempt_at;
            row.deadline_at = None;
        }
        Fact::NotWritten { deadline, not_before, .. } if own_attempt(deadline) => {
            if row.status == S::Sending {
                row.status = S::Queued;
                row.attempts -= 1;
            }
            row.next_attempt_at = not_before.unwrap_or(row.next_attempt_at);
            row.deadline_at = None;
        }
        Fact::Unknown { deadline, .. } if own_attempt(deadline) => {
            row.status = S::Unknown;
            row.unknown_told = Some(now);
            row.unknown_since.get_or_insert(now);
            row.deadline_at = None;
        }
        Fact::Retry { .. } | Fact::NotWritten { .. } | Fact::Unknown { .. } => {}
    }
}

/// queued, sending < unknown < sent < failed, expired < delivered < read.
fn rank(status: ReplyStatus) -> u8 {
    match status {
        ReplyStatus::Queued | ReplyStatus::Sending => 0,
        ReplyStatus::Unknown => 1,
        ReplyStatus::Sent => 2,
        ReplyStatus::Failed | ReplyStatus::Expired => 3,
        ReplyStatus::Delivered => 4,
        ReplyStatus::Read => 5,
    }
}

fn raise(row: &mut Reply, to: ReplyStatus, failure: Option<&'static str>) {
    if rank(row.status) < rank(to) {
        row.status = to;
        row.failure_reason = failure;
        row.deadline_at = None;
    }
}
