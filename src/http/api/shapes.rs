//! Lines, commands and messages as clients read them.

use crate::{
    http::{
        Stamp,
        shape::{words, words_or_null},
    },
    store::{
        commands::{Command, Wakeup},
        lines::LineFacts,
        messages::Message,
    },
};
use ezw_actors::{
    command::WakeupOutcome,
    lines::Lines,
    machine::{Lifecycle, Reason, SendState, Status},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An order without content.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Axis one.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = LineStatus)]
pub struct StatusBody {
    /// 4 is AUTH.
    pub code: u8,
    /// STOP, INIT, LAUNCH, QR, AUTH or ERROR.
    #[schema(schema_with = words::<Status>)]
    pub text: Status,
}

impl From<Status> for StatusBody {
    fn from(status: Status) -> Self {
        Self { code: status.code(), text: status }
    }
}

/// Who runs the line.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Worker)]
pub struct WorkerBody {
    /// The node's name.
    pub node: String,
    /// The assignment.
    pub epoch: i64,
}

/// A line.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Line)]
pub struct LineBody {
    /// Which.
    pub id: Uuid,
    /// What colleagues call it.
    pub display_name: String,
    /// The number, once paired.
    pub phone_number: Option<String>,
    /// Axis one.
    pub status: StatusBody,
    /// Axis two.
    #[schema(schema_with = words::<Lifecycle>)]
    pub lifecycle_state: Lifecycle,
    /// Axis three.
    #[schema(schema_with = words::<SendState>)]
    pub effective_send_state: SendState,
    /// Any reply is accepted.
    pub sendable: bool,
    /// Replies to customers who wrote within 24 hours are accepted.
    pub reply_sendable: bool,
    /// Why it is not simply sendable.
    #[schema(schema_with = words_or_null::<Reason>)]
    pub reason: Option<Reason>,
    /// When the provider's limit or cool-down ends.
    pub until: Option<Stamp>,
    /// Grows with every transition.
    pub state_version: i64,
    /// When the present state began.
    pub since: Stamp,
    /// Who gets new conversations.
    pub assignee_user_id: Option<Uuid>,
    /// The node at work; none when nobody is.
    pub worker: Option<WorkerBody>,
    /// When it was created.
    pub created_at: Stamp,
    /// When it was archived.
    pub archived_at: Option<Stamp>,
}

impl LineBody {
    /// The line as its facts and the lines of this process tell.
    #[must_use]
    pub fn of(facts: LineFacts, lines: &Lines) -> Self {
        let view = facts.seen(lines).view;
        let worker = facts.owner_node.filter(|_| facts.owner_alive);
        Self {
            id: facts.id,
            display_name: facts.display_name,
            phone_number: facts.phone_number,
            status: view.status.into(),
            lifecycle_state: view.lifecycle,
            effective_send_state: view.send,
            sendable: view.sendable(),
            reply_sendable: view.reply_sendable(),
            reason: view.reason,
            until: view.until.map(Stamp),
            state_version: facts.version,
            since: Stamp(facts.since),
            assignee_user_id: facts.assignee_user_id,
            worker: worker.map(|node| WorkerBody { node, epoch: facts.epoch }),
            created_at: Stamp(facts.created_at),
            archived_at: facts.archived_at.map(Stamp),
        }
    }
}

/// A command.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Command)]
pub struct CommandBody {
    /// Ours.
    pub id: Uuid,
    /// pair, wakeup or stop.
    #[schema(pattern = "^(pair|wakeup|stop)$")]
    pub kind: String,
    /// queued, running, succeeded, failed or expired.
    #[schema(pattern = "^(queued|running|succeeded|failed|expired)$")]
    pub state: String,
    /// Why it failed or expired.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Stamp,
    /// When it ended.
    pub settled_at: Option<Stamp>,
}

impl From<Command> for CommandBody {
    fn from(command: Command) -> Self {
        Self {
            id: command.id,
            kind: command.kind,
            state: command.state,
            reason: command.reason,
            created_at: Stamp(command.created_at),
            settled_at: command.settled_at.map(Stamp),
        }
    }
}

/// What became of a wakeup, asked for through health or by a person: one shape for both.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Wakeup)]
pub struct WakeupBody {
    /// Whether it was asked for.
    pub requested: bool,
    /// What became of it.
    #[schema(schema_with = words::<WakeupOutcome>)]
    pub outcome: WakeupOutcome,
    /// With `not_wakeable`: why.
    #[schema(schema_with = words_or_null::<Reason>)]
    pub reason: Option<Reason>,
    /// The command that stands for it.
    pub command: Option<CommandBody>,
}

impl WakeupBody {
    /// Nobody asked.
    #[must_use]
    pub fn not_requested() -> Self {
        Self { requested: false, outcome: WakeupOutcome::NotRequested, reason: None, command: None }
    }
}

impl From<Wakeup> for WakeupBody {
    fn from(wakeup: Wakeup) -> Self {
        Self {
            requested: true,
            outcome: wakeup.outcome,
            reason: wakeup.reason,
            command: wakeup.command.map(CommandBody::from),
        }
    }
}

/// An image of a message.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attachment)]
pub struct AttachmentBody {
    /// Ask for its address by this.
    pub id: Uuid,
    /// Its type.
    pub content_type: String,
    /// Its size.
    pub size_bytes: i64,
}

/// A message.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Message)]
pub struct MessageBody {
    /// Which.
    pub id: Uuid,
    /// Of this conversation.
    pub conversation_id: Uuid,
    /// inbound or outbound.
    #[schema(pattern = "^(inbound|outbound)$")]
    pub direction: String,
    /// text, image or unsupported.
    #[serde(rename = "type")]
    pub kind: String,
    /// What an unsupported one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub unsupported_kind: Option<String>,
    /// Its words.
    pub body_text: Option<String>,
    /// Its image.
    pub attachment: Option<AttachmentBody>,
    /// received, queued, sending, sent, delivered, read, failed, unknown or expired.
    pub status: String,
    /// Why it failed or expired.
    pub failure_reason: Option<String>,
    /// The provider's name for it.
    pub provider_message_id: String,
    /// Who replied; none for what was typed on the phone, and for inbound.
    pub sent_by: Option<Uuid>,
    /// When we took it.
    pub created_at: Stamp,
    /// When anything about it last changed.
    pub updated_at: Stamp,
    /// When it is given up if it has not been sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<Stamp>,
    /// When the customer changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub edited_at: Option<Stamp>,
    /// When it was taken back, or its contact erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub deleted_at: Option<Stamp>,
}

impl From<Message> for MessageBody {
    fn from(message: Message) -> Self {
        let attachment = match (message.attachment_id, message.content_type, message.size_bytes) {
            (Some(id), Some(content_type), Some(size_bytes)) => {
                Some(AttachmentBody { id, content_type, size_bytes })
            }
            _ => None,
        };
        Self {
            id: message.id,
            conversation_id: message.conversation_id,
            direction: message.direction,
            kind: message.kind,
            unsupported_kind: message.unsupported_kind,
            body_text: message.body_text,
            attachment,
            status: message.status,
            failure_reason: message.failure_reason,
            provider_message_id: message.provider_message_id,
            sent_by: message.sent_by,
            created_at: Stamp(message.created_at),
            updated_at: Stamp(message.updated_at),
            expires_at: message.expires_at.map(Stamp),
            edited_at: message.edited_at.map(Stamp),
            deleted_at: message.deleted_at.map(Stamp),
        }
    }
}
