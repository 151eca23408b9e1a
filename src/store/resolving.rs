//! A person settles a reply whose fate nobody knows, or takes one back that still waits. Ring the line after the commit.
//!
//! Locks: the line `FOR SHARE`, then the reply. What the order depends on is read under the first, and what it changes
//! under the second.

use super::{
    OrgScope, StoreError,
    audit::{self, Actor, Entry},
    lines::line_facts,
    live_events::{self, Hint},
    messages::{self, Message},
    policy::{Action, Denied, LineRights, Member},
};
use ezw_actors::{
    id::{ConversationId, LineId, MessageId},
    lines::Lines,
    machine::View,
};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

/// What a person wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Send one of unknown fate again, with its one id: the recipient may see it twice.
    Resend,
    /// Give up on one of unknown fate, or on one that waits.
    Discard,
}

/// An order of a person.
#[derive(Clone, Debug)]
pub struct Order {
    /// Who.
    pub user: Uuid,
    /// Which message.
    pub message: MessageId,
    /// What.
    pub resolution: Resolution,
    /// The lines this process owns: it knows better how alive they are.
    pub lines: Lines,
}

/// An order that holds.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The message as it is now.
    pub message: Message,
    /// Its line: ring it if something changed.
    pub line: LineId,
    /// It did not hold before.
    pub changed: bool,
}

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum Unresolved {
    /// There is no such message for the caller.
    #[error("not visible")]
    NotFound,
    /// The caller is not active any more.
    #[error("membership inactive")]
    MembershipInactive,
    /// The caller sees the message but may not send from its line.
    #[error("not allowed to send")]
    Forbidden,
    /// There is nothing left to settle, or nothing left to send.
    #[error("message final")]
    Final,
    /// The line takes no such reply now, so an order to send again would be an empty promise.
    #[error("line not sendable")]
    LineNotSendable(Box<View>),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for Unresolved {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Denied> for Unresolved {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::MembershipInactive => Self::MembershipInactive,
            Denied::NotFound => Self::NotFound,
            Denied::Forbidden => Self::Forbidden,
            Denied::NoRole(named) => StoreError::Broken(format!("no role {named:?}")).into(),
        }
    }
}

/// What decides who may, read after the lock of the line.
struct Facts {
    role: Option<String>,
    member_status: Option<String>,
    can_view: bool,
    can_send: bool,
    conversation_id: Uuid,
    assignee: Option<Uuid>,
    wrote_lately: bool,
    reply_expiry_seconds: i32,
}

/// A reply as it is found, locked.
#[derive(Clone, Debug)]
struct Found {
    status: String,
    failure_reason: Option<String>,
    /// An attempt is under way.
    under_way: bool,
    /// It is ordered that it is sent again, and that order has not run out.
    ordered: bool,
    /// Its contact is not erased.
    addressed: bool,
}

/// What an order comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It is to be done.
    Write,
    /// It was done, or is being done.
    Holds,
    /// It makes no sense any more.
    Final,
}

impl Found {
    fn step(&self, resolution: Resolution) -> Step {
        match (resolution, self.status.as_str()) {
            (Resolution::Resend, "unknown") if !self.addressed => Step::Final,
            (Resolution::Resend, "unknown") if self.ordered || self.under_way => Step::Holds,
            // It is leaving just now: what becomes of it is known in a moment.
            (Resolution::Discard, "unknown") if self.under_way => Step::Final,
            (Resolution::Resend, "unknown") | (Resolution::Discard, "unknown" | "queued") => Step::Write,
            (Resolution::Discard, "failed") if self.failure_reason.as_deref() == Some(DISCARDED) => {
                Step::Holds
            }
            (Resolution::Resend | Resolution::Discard, _) => Step::Final,
        }
    }
}

/// Why a discarded reply failed.
const DISCARDED: &str = "discarded";

/// Carries out an order. The same again changes nothing as long as the first holds.
///
/// # Errors
/// Why not. The caller's unit of work must end in an error then, so that nothing is kept.
pub async fn resolve(
    conn: &mut PgConnection,
    scope: OrgScope,
    order: &Order,
) -> Result<Resolved, Unresolved> {
    let line = hold_line(conn, scope, order.message).await?.ok_or(Unresolved::NotFound)?;
    let facts = read_facts(conn, scope, line, order).await?.ok_or(Unresolved::NotFound)?;
    authorize(order.user, &facts)?;
    // What came in, and what the owner typed on the phone, is as it is.
    let found = lock(conn, scope, order.message).await?.ok_or(Unresolved::Final)?;
    let changed = match found.step(order.resolution) {
        Step::Final => return Err(Unresolved::Final),
        Step::Holds => false,
        Step::Write => {
            write(conn, scope, line, order, &facts).await?;
            note(conn, scope, line, order, (&facts, &found)).await?;
            true
        }
    };
    let message = messages::get(conn, scope, order.message).await?;
    let message =
        message.ok_or_else(|| StoreError::Broken("a message vanished under its lock".to_owned()))?;
    Ok(Resolved { message, line, changed })
}

/// Holds the line of the message, so that nobody changes what sending depends on.
async fn hold_line(
    conn: &mut PgConnection,
    scope: OrgScope,
    message: MessageId,
) -> Result<Option<LineId>, Unresolved> {
    let line = sqlx::query_scalar!(
        r#"
        SELECT l.id FROM lines l
        JOIN messages m ON m.organization_id = l.organization_id AND m.line_id = l.id
        WHERE m.organization_id = $1 AND m.id = $2
        FOR SHARE OF l
        "#,
        scope.organization.0,
        message.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(line.map(LineId))
}

async fn read_facts(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    order: &Order,
) -> Result<Option<Facts>, Unresolved> {
    let facts = sqlx::query_as!(
        Facts,
        r#"
        SELECT r.role AS "role?", r.status AS "member_status?",
               coalesce(p.can_view, true) AS "can_view!", coalesce(p.can_send, true) AS "can_send!",
               c.id AS conversation_id, c.assignee_user_id AS assignee,
               coalesce(c.last_inbound_at > clock_timestamp() - interval '24 hours', false) AS "wrote_lately!",
               g.reply_expiry_seconds
        FROM messages m
        JOIN conversations c ON c.organization_id = m.organization_id AND c.id = m.conversation_id
        JOIN organizations g ON g.id = m.organization_id
        LEFT JOIN memberships r ON r.organization_id = m.organization_id AND r.user_id = $4
        LEFT JOIN line_permissions p
            ON p.organization_id = m.organization_id AND p.line_id = m.line_id AND p.user_id = $4
        WHERE m.organization_id = $1 AND m.id = $2 AND m.line_id = $3
        "#,
        scope.organization.0,
        order.message.0,
        line.0,
        order.user,
    )
    .fetch_optional(conn)
    .await?;
    Ok(facts)
}

fn authorize(user: Uuid, facts: &Facts) -> Result<(), Unresolved> {
    let member = Member {
        user,
        role: facts.role.as_deref(),
        status: facts.member_status.as_deref(),
        rights: LineRights { view: facts.can_view, send: facts.can_send },
    };
    Ok(member.may(Action::Resolve, facts.assignee)?)
}

async fn lock(
    conn: &mut PgConnection,
    scope: OrgScope,
    message: MessageId,
) -> Result<Option<Found>, Unresolved> {
    let found = sqlx::query_as!(
        Found,
        r#"
        SELECT status, failure_reason, deadline_at IS NOT NULL AS "under_way!",
               coalesce(resend_ordered_at IS NOT NULL AND expires_at > clock_timestamp(), false) AS "ordered!",
               recipient IS NOT NULL AS "addressed!"
        FROM outbound
        WHERE organization_id = $1 AND message_id = $2
        FOR UPDATE
        "#,
        scope.organization.0,
        message.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

async fn write(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    order: &Order,
    facts: &Facts,
) -> Result<(), Unresolved> {
    let written = match order.resolution {
        Resolution::Discard => discard(conn, scope, order.message).await?,
        Resolution::Resend => {
            admit(conn, scope, line, order, facts).await?;
            resend(conn, scope, order.message, f64::from(facts.reply_expiry_seconds)).await?
        }
    };
    if written == 1 {
        Ok(())
    } else {
        Err(StoreError::Broken(format!("message {}: {written} rows under its lock", order.message.0)).into())
    }
}

/// Only what is likely to leave soon is promised to: as for a new reply.
async fn admit(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    order: &Order,
    facts: &Facts,
) -> Result<(), Unresolved> {
    let row = line_facts(conn, scope, line).await?.ok_or(Unresolved::NotFound)?;
    let view = row.seen(&order.lines).view;
    if view.accepts(facts.wrote_lately) { Ok(()) } else { Err(Unresolved::LineNotSendable(Box::new(view))) }
}

/// It begins anew: its time, its attempts, and how long it holds up what comes after it. Only its id stays.
async fn resend(
    conn: &mut PgConnection,
    scope: OrgScope,
    message: MessageId,
    expiry_seconds: f64,
) -> Result<u64, Unresolved> {
    let ordered = sqlx::query!(
        r#"
        UPDATE outbound
        SET resend_ordered_at = clock_timestamp(), unknown_since = clock_timestamp(), next_attempt_at = clock_timestamp(),
            expires_at = clock_timestamp() + make_interval(secs => $3), attempts = 1, settled_at = NULL, blocks_from = NULL,
            failure_reason = NULL, failure_code = NULL, updated_at = clock_timestamp()
        WHERE organization_id = $1 AND message_id = $2 AND status = 'unknown'
        "#,
        scope.organization.0,
        message.0,
        expiry_seconds,
    )
    .execute(conn)
    .await?;
    Ok(ordered.rows_affected())
}

async fn discard(conn: &mut PgConnection, scope: OrgScope, message: MessageId) -> Result<u64, Unresolved> {
    let discarded = sqlx::query!(
        r#"
        UPDATE outbound
        SET status = 'failed', failure_reason = $3, failure_code = NULL, deadline_at = NULL, resend_ordered_at = NULL,
            settled_at = clock_timestamp(), updated_at = clock_timestamp()
        WHERE organization_id = $1 AND message_id = $2 AND status IN ('queued', 'unknown')
        "#,
        scope.organization.0,
        message.0,
        DISCARDED,
    )
    .execute(conn)
    .await?;
    Ok(discarded.rows_affected())
}

/// Who ordered what, and the hint.
async fn note(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    order: &Order,
    (facts, found): (&Facts, &Found),
) -> Result<(), Unresolved> {
    let entry = Entry {
        event_type: match order.resolution {
            Resolution::Resend => "reply.resend_ordered",
            Resolution::Discard => "reply.discarded",
        },
        actor: Actor::User(order.user),
        target_type: "message",
        target_id: order.message.0,
        data: json!({ "lineId": line, "conversationId": facts.conversation_id, "was": found.status }),
    };
    audit::add(conn, scope, entry).await?;
    let hint = Hint::Message {
        line,
        conversation: ConversationId(facts.conversation_id),
        message: order.message,
        assignee_before: facts.assignee,
    };
    live_events::add(conn, scope, hint).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(status: &str) -> Found {
        Found {
            status: status.to_owned(),
            failure_reason: None,
            under_way: false,
            ordered: false,
            addressed: true,
        }
    }

    #[test]
    fn what_can_be_settled_is_settled_and_the_rest_is_final() {
        for status in ["sending", "sent", "delivered", "read", "failed", "expired"] {
            assert_eq!(found(status).step(Resolution::Resend), Step::Final, "{status}");
            assert_eq!(found(status).step(Resolution::Discard), Step::Final, "{status}");
        }
        assert_eq!(found("queued").step(Resolution::Resend), Step::Final, "it will be sent anyway");
        assert_eq!(found("queued").step(Resolution::Discard), Step::Write);
        assert_eq!(found("unknown").step(Resolution::Resend), Step::Write);
        assert_eq!(found("unknown").step(Resolution::Discard), Step::Write);
    }

    #[test]
    fn an_order_that_holds_is_not_given_twice() {
        let ordered = Found { ordered: true, ..found("unknown") };
        assert_eq!(ordered.step(Resolution::Resend), Step::Holds);
        assert_eq!(ordered.step(Resolution::Discard), Step::Write, "it is taken back");
        let under_way = Found { under_way: true, ..found("unknown") };
        assert_eq!(under_way.step(Resolution::Resend), Step::Holds);
        assert_eq!(under_way.step(Resolution::Discard), Step::Final, "it is leaving just now");
        let discarded = Found { failure_reason: Some(DISCARDED.to_owned()), ..found("failed") };
        assert_eq!(discarded.step(Resolution::Discard), Step::Holds);
        assert_eq!(discarded.step(Resolution::Resend), Step::Final);
    }

    #[test]
    fn nothing_is_sent_to_an_erased_contact() {
        let erased = Found { addressed: false, ..found("unknown") };
        assert_eq!(erased.step(Resolution::Resend), Step::Final);
        assert_eq!(erased.step(Resolution::Discard), Step::Write);
    }
}
