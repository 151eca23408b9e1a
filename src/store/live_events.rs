//! Hints for the live stream, written in the transaction of the change they tell of. They get their number after the
//! commit (`live::sequencer`).

use super::{OrgScope, StoreError};
use ezw_actors::id::{ConversationId, LineId, MessageId};
use sqlx::PgConnection;
use uuid::Uuid;

/// What changed. Never how: a client fetches again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A line: its state, name, orders or permissions.
    Line {
        /// Which.
        line: LineId,
        /// Whose permissions on it changed, if that is what changed: told to that person even when it hides the line.
        user: Option<Uuid>,
    },
    /// A conversation: assignment, contact, notes, what was said last.
    Conversation {
        /// Of this line.
        line: LineId,
        /// Which.
        conversation: ConversationId,
        /// Who had it before the change (the same person as after it, when assignment did not change).
        assignee_before: Option<Uuid>,
    },
    /// A message: a new one, or what became of it.
    Message {
        /// Of this line.
        line: LineId,
        /// Of this conversation.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Who had the conversation then.
        assignee_before: Option<Uuid>,
    },
    /// A member: role, status, invitation.
    Membership {
        /// Whose.
        user: Uuid,
    },
    /// Billing state, slots or seats.
    Billing,
}

impl Hint {
    /// The event's name, as the row and the stream say it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Line { .. } => "line.updated",
            Self::Conversation { .. } => "conversation.updated",
            Self::Message { .. } => "message.updated",
            Self::Membership { .. } => "membership.updated",
            Self::Billing => "billing.updated",
        }
    }

    fn line(&self) -> Option<Uuid> {
        match self {
            Self::Line { line, .. } | Self::Conversation { line, .. } | Self::Message { line, .. } => {
                Some(line.0)
            }
            Self::Membership { .. } | Self::Billing => None,
        }
    }

    fn conversation(&self) -> Option<Uuid> {
        match self {
            Self::Conversation { conversation, .. } | Self::Message { conversation, .. } => {
                Some(conversation.0)
            }
            Self::Line { .. } | Self::Membership { .. } | Self::Billing => None,
        }
    }

    fn message(&self) -> Option<Uuid> {
        match self {
            Self::Message { message, .. } => Some(message.0),
            _ => None,
        }
    }

    fn user(&self) -> Option<Uuid> {
        match self {
            Self::Line { user, .. } => *user,
            Self::Membership { user } => Some(*user),
            _ => None,
        }
    }

    fn assignee_before(&self) -> Option<Uuid> {
        match self {
            Self::Conversation { assignee_before, .. } | Self::Message { assignee_before, .. } => {
                *assignee_before
            }
            _ => None,
        }
    }
}

/// Writes the hint. Nobody sees it before the transaction commits; ring the sequencer after that.
///
/// # Errors
/// When the store does not do it.
pub async fn add(conn: &mut PgConnection, scope: OrgScope, hint: Hint) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO live_events
            (organization_id, id, type, line_id, conversation_id, message_id, user_id, previous_assignee_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        "#,
        scope.organization.0,
        Uuid::now_v7(),
        hint.name(),
        hint.line(),
        hint.conversation(),
        hint.message(),
        hint.user(),
        hint.assignee_before(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
