//! What health says.

use crate::{
    http::{
        api::shapes::{StatusBody, WakeupBody},
        shape::{words, words_or_null},
        stamp::Stamp,
    },
    store::lines::{LineFacts, Seen},
};
use ezw_actors::machine::{Lifecycle, NextAction, Reason, SendState, Time, UserAction};
use serde::Serialize;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use utoipa::ToSchema;
use uuid::Uuid;

/// Health of the token's line: the HTTP status says whether we could answer, this says how the line is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct HealthBody {
    health: ChannelBody,
    line: LineBody,
    wakeup: WakeupBody,
}

/// The channel, in the words of the channel model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Channel)]
struct ChannelBody {
    status: StatusBody,
    /// Start of the present session with the provider.
    started_at: Option<Stamp>,
    /// Seconds since then.
    uptime_seconds: Option<i64>,
    /// Of this service.
    version: &'static str,
    /// The line's id.
    channel_id: Uuid,
    /// Who carries the messages.
    provider: Option<&'static str>,
    /// The number linked.
    user: Option<ChannelUser>,
}

/// Whose WhatsApp this is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChannelUser {
    phone_number: String,
}

/// The line, on all three axes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HealthLine)]
struct LineBody {
    id: Uuid,
    #[schema(schema_with = words::<Lifecycle>)]
    lifecycle_state: Lifecycle,
    #[schema(schema_with = words::<SendState>)]
    effective_send_state: SendState,
    /// Any reply is accepted.
    sendable: bool,
    /// Replies to conversations with a recent inbound message are accepted.
    reply_sendable: bool,
    /// Why it is not simply sendable.
    #[schema(schema_with = words_or_null::<Reason>)]
    reason: Option<Reason>,
    /// When the provider's limit or cool-down ends.
    until: Option<Stamp>,
    /// Grows with every transition.
    state_version: i64,
    /// When the present state began.
    since: Stamp,
    /// When this was read.
    as_of: Stamp,
    /// Past this, believe nothing above.
    stale_after: Option<Stamp>,
    /// When the present state ends by itself.
    deadline: Option<Stamp>,
    /// What happens next by itself.
    #[schema(schema_with = words::<NextAction>)]
    next_action: NextAction,
    /// What a person can do.
    #[schema(schema_with = words::<UserAction>)]
    user_action: UserAction,
    evidence: EvidenceBody,
    queue: QueueBody,
}

/// Signs of life.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Evidence)]
struct EvidenceBody {
    last_frame_at: Option<Stamp>,
    last_ack_at: Option<Stamp>,
    /// A quiet line cannot be told from a deaf one: its age is shown, nothing is claimed.
    last_inbound_at: Option<Stamp>,
}

/// Replies that wait.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Queue)]
struct QueueBody {
    depth: i64,
    oldest_queued_at: Option<Stamp>,
}

impl HealthBody {
    pub(super) fn new(
        facts: LineFacts,
        seen: &Seen,
        wakeup: WakeupBody,
        provider: Option<&'static str>,
        now: Time,
    ) -> Self {
        // The row keeps when the last session began; it is shown only while there is one.
        let started_at = facts.session_started_at.filter(|_| facts.state.generation().is_some());
        let view = seen.view;
        Self {
            health: ChannelBody {
                status: view.status.into(),
                started_at: started_at.map(Stamp),
                uptime_seconds: started_at.map(|started| (now - started).num_seconds().max(0)),
                version: env!("CARGO_PKG_VERSION"),
                channel_id: facts.id,
                provider,
                user: facts.phone_number.clone().map(|phone_number| ChannelUser { phone_number }),
            },
            line: line_body(&facts, seen),
            wakeup,
        }
    }
}

fn line_body(facts: &LineFacts, seen: &Seen) -> LineBody {
    let view = seen.view;
    LineBody {
        id: facts.id,
        lifecycle_state: view.lifecycle,
        effective_send_state: view.send,
        sendable: view.sendable(),
        reply_sendable: view.reply_sendable(),
        reason: view.reason,
        until: view.until.map(Stamp),
        state_version: facts.version,
        since: facts.since.into(),
        as_of: facts.as_of.into(),
        stale_after: seen.stale_after.map(Stamp),
        deadline: view.deadline.map(Stamp),
        next_action: view.next,
        user_action: view.user,
        evidence: EvidenceBody {
            last_frame_at: seen.evidence.last_frame_at.map(Stamp),
            last_ack_at: seen.evidence.last_ack_at.map(Stamp),
            last_inbound_at: seen.evidence.last_inbound_at.map(Stamp),
        },
        queue: QueueBody {
            depth: facts.queue_depth.unwrap_or_default(),
            oldest_queued_at: facts.oldest_queued_at.map(Stamp),
        },
    }
}

/// A weak tag of everything a client acts on. What only ages (`asOf`, `staleAfter`, evidence, uptime) is not in it: a
/// 304 is itself the word, of now, that the rest holds.
pub(super) fn entity_tag(facts: &LineFacts, seen: &Seen) -> String {
    let view = seen.view;
    let mut hasher = DefaultHasher::new();
    (facts.id, facts.version, facts.since, &facts.phone_number, facts.session_started_at).hash(&mut hasher);
    (view.status, view.lifecycle, view.send, view.reason, view.next, view.user).hash(&mut hasher);
    (view.until, view.deadline, facts.queue_depth, facts.oldest_queued_at).hash(&mut hasher);
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}
