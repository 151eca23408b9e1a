//! Accepting a reply: one transaction that ends in a durable row of the queue, or in nothing at all. Accepting is the
//! authorization point: what is taken away later does not stop an accepted reply.
//!
//! Locks: the line `FOR SHARE`, then the conversation. Twins of one key meet at the conversation's lock and the later
//! one finds the key; twins that differ in target meet at the key's unique index.

mod fingerprint;
mod write;

pub use fingerprint::{Fingerprint, MediaDigest, fingerprint};

use super::{
    OrgScope, StoreError,
    attachments::NewAttachment,
    contacts::{self, Address, ContactId},
    conversations::{self, Conversation},
    lines::line_facts,
    messages::{self, Message},
    policy::{Action, Denied, LineRights, Member},
};
use ezw_actors::{
    id::{ConversationId, LineId, MessageId},
    lines::Lines,
    machine::View,
};
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

/// To whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A conversation of the line.
    Conversation(ConversationId),
    /// A number, `+` and 8 to 15 digits.
    Phone(String),
}

/// Named limits of accepting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Replies of one line that may wait.
    pub queue_rows: i64,
    /// Sends per line and hour to numbers that never wrote to it.
    pub new_contacts_per_hour: i64,
}

/// A reply as it was asked for.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Who asks.
    pub user: Uuid,
    /// From this line.
    pub line: LineId,
    /// To whom.
    pub target: Target,
    /// What: the text, or the words under the image.
    pub body_text: Option<String>,
    /// The image, kept already.
    pub image: Option<NewAttachment>,
    /// The caller's key.
    pub key: String,
    /// What the key stands for.
    pub fingerprint: Fingerprint,
    /// The version of the conversation the caller saw.
    pub expected_version: Option<i64>,
    /// Minted once, never changed: what the provider deduplicates by.
    pub provider_message_id: String,
    /// The trace it belongs to.
    pub traceparent: Option<String>,
    /// Limits.
    pub limits: Limits,
    /// The lines this process owns: it knows better how alive they are.
    pub lines: Lines,
}

/// An accepted reply, now or before.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The message as it is now.
    pub message: Message,
    /// Its conversation's version.
    pub conversation_version: i64,
    /// The key was accepted before.
    pub replayed: bool,
}

/// Why a reply was not accepted. Nothing is kept of it.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The line, conversation or member is not there for the caller.
    #[error("not visible")]
    NotFound,
    /// The caller is not active any more.
    #[error("membership inactive")]
    MembershipInactive,
    /// The caller sees the line but may not send from it.
    #[error("not allowed to send")]
    Forbidden,
    /// The key stands for something else.
    #[error("key reused")]
    KeyReused,
    /// The line takes no such reply now.
    #[error("line not sendable")]
    LineNotSendable(Box<View>),
    /// The conversation moved on.
    #[error("version conflict")]
    VersionConflict {
        /// Its version.
        version: i64,
        /// Who has it.
        assignee: Option<Uuid>,
    },
    /// Too many first messages this hour.
    #[error("new contact limit")]
    NewContactLimit {
        /// When the oldest of them is an hour old.
        retry_after_seconds: u64,
    },
    /// The line's queue is full.
    #[error("queue full")]
    QueueFull,
    /// A twin with this key won the race: ask again, once, to find what it stands for.
    #[error("lost to a twin")]
    Twin,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::MembershipInactive => Self::MembershipInactive,
            Denied::NotFound => Self::NotFound,
            Denied::Forbidden => Self::Forbidden,
            Denied::NoRole(named) => StoreError::Broken(format!("no role {named:?}")).into(),
        }
    }
}

/// What decides, read in one statement after the locks.
struct Facts {
    role: Option<String>,
    member_status: Option<String>,
    can_view: bool,
    can_send: bool,
    key_fingerprint: Option<Vec<u8>>,
    key_message: Option<Uuid>,
    reply_expiry_seconds: i32,
    queued: i64,
    recipient: Option<String>,
    wrote_lately: bool,
}

/// Accepts `reply`, or finds what its key was accepted as.
///
/// # Errors
/// Why not. The caller's unit of work must end in an error then, so that nothing is kept.
pub async fn accept(conn: &mut PgConnection, scope: OrgScope, reply: &Reply) -> Result<Accepted, Refusal> {
    if !hold_shared(conn, scope, reply.line).await? {
        return Err(Refusal::NotFound);
    }
    let known = find_target(conn, scope, reply).await?;
    let facts = read_facts(conn, scope, reply, known.as_ref()).await?;
    authorize(reply, known.as_ref(), &facts)?;
    if let Some(before) = replay(conn, scope, reply, &facts).await? {
        return Ok(before);
    }
    let (target, facts) = match known {
        Some(known) => (known, facts),
        None => {
            let opened = open_target(conn, scope, reply).await?;
            // A twin may have opened it while this one waited: look for the key again, under the lock.
            let facts = read_facts(conn, scope, reply, Some(&opened)).await?;
            authorize(reply, Some(&opened), &facts)?;
            if let Some(before) = replay(conn, scope, reply, &facts).await? {
                return Ok(before);
            }
            (opened, facts)
        }
    };
    admit(conn, scope, reply, &target, &facts).await?;
    write::write(conn, scope, reply, &target, &facts).await
}

/// Holds the row so that nobody changes what replies depend on. False when the organization has no such line.
/// What it says must be read in the next statement: a joined row read together with the lock may be an older one.
async fn hold_shared(conn: &mut PgConnection, scope: OrgScope, line: LineId) -> Result<bool, Refusal> {
    let held = sqlx::query_scalar!(
        r#"SELECT 1 AS "one!" FROM lines WHERE organization_id = $1 AND id = $2 FOR SHARE"#,
        scope.organization.0,
        line.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(held.is_some())
}

async fn find_target(
    conn: &mut PgConnection,
    scope: OrgScope,
    reply: &Reply,
) -> Result<Option<Conversation>, Refusal> {
    match &reply.target {
        Target::Conversation(id) => {
            let found = conversations::lock(conn, scope, *id).await?;
            let found = found.filter(|found| found.line == reply.line).ok_or(Refusal::NotFound)?;
            Ok(Some(found))
        }
        Target::Phone(phone) => match contacts::by_phone(conn, scope, phone).await? {
            Some(contact) => Ok(conversations::lock_of_contact(conn, scope, reply.line, contact).await?),
            None => Ok(None),
        },
    }
}

async fn open_target(
    conn: &mut PgConnection,
    scope: OrgScope,
    reply: &Reply,
) -> Result<Conversation, Refusal> {
    let contact: ContactId = match &reply.target {
        Target::Phone(phone) => contacts::resolve(conn, scope, &Address::of_phone(phone)).await?,
        Target::Conversation(_) => return Err(Refusal::NotFound),
    };
    Ok(conversations::open(conn, scope, reply.line, contact).await?)
}

async fn read_facts(
    conn: &mut PgConnection,
    scope: OrgScope,
    reply: &Reply,
    target: Option<&Conversation>,
) -> Result<Facts, Refusal> {
    let facts = sqlx::query_as!(
        Facts,
        r#"
        SELECT m.role AS "role?", m.status AS "member_status?",
               coalesce(p.can_view, true) AS "can_view!", coalesce(p.can_send, true) AS "can_send!",
               i.fingerprint AS "key_fingerprint?", i.message_id AS "key_message?", g.reply_expiry_seconds,
               (SELECT count(*) FROM (
                   SELECT 1 FROM outbound o WHERE o.line_id = $3 AND o.status = 'queued' LIMIT $5) q) AS "queued!",
               coalesce(c.phone_number, c.lid) AS recipient,
               coalesce(v.last_inbound_at > clock_timestamp() - interval '24 hours', false) AS "wrote_lately!"
        FROM organizations g
        LEFT JOIN memberships m ON m.organization_id = g.id AND m.user_id = $2
        LEFT JOIN line_permissions p ON p.organization_id = g.id AND p.line_id = $3 AND p.user_id = $2
        LEFT JOIN idempotency i
            ON i.organization_id = g.id AND i.user_id = $2 AND i.endpoint = 'send' AND i.line_id = $3 AND i.key = $4
        LEFT JOIN conversations v ON v.organization_id = g.id AND v.id = $6
        LEFT JOIN contacts c ON c.organization_id = g.id AND c.id = v.contact_id
        WHERE g.id = $1
        "#,
        scope.organization.0,
        reply.user,
        reply.line.0,
        reply.key,
        reply.limits.queue_rows,
        target.map(|target| target.id.0),
    )
    .fetch_one(conn)
    .await?;
    Ok(facts)
}

fn authorize(reply: &Reply, target: Option<&Conversation>, facts: &Facts) -> Result<(), Refusal> {
    let member = Member {
        user: reply.user,
        role: facts.role.as_deref(),
        status: facts.member_status.as_deref(),
        rights: LineRights { view: facts.can_view, send: facts.can_send },
    };
    // What is not there yet will be nobody's, or its assignee is looked at again once it is opened.
    Ok(member.may(Action::Send, target.and_then(|target| target.assignee))?)
}

/// A replay comes before what may have changed since: an accepted key stays accepted even on a dead line.
async fn replay(
    conn: &mut PgConnection,
    scope: OrgScope,
    reply: &Reply,
    facts: &Facts,
) -> Result<Option<Accepted>, Refusal> {
    let (Some(fingerprint), Some(message)) = (&facts.key_fingerprint, facts.key_message) else {
        return Ok(None);
    };
    if fingerprint.as_slice() != reply.fingerprint.0 {
        return Err(Refusal::KeyReused);
    }
    let message = messages::get(conn, scope, MessageId(message)).await?;
    let message = message.ok_or_else(|| StoreError::Broken("a kept key names no message".to_owned()))?;
    let version = sqlx::query_scalar!(
        "SELECT version FROM conversations WHERE organization_id = $1 AND id = $2",
        scope.organization.0,
        message.conversation_id,
    )
    .fetch_one(conn)
    .await?;
    Ok(Some(Accepted { message, conversation_version: version, replayed: true }))
}

async fn admit(
    conn: &mut PgConnection,
    scope: OrgScope,
    reply: &Reply,
    target: &Conversation,
    facts: &Facts,
) -> Result<(), Refusal> {
    let line = line_facts(conn, scope, reply.line).await?.ok_or(Refusal::NotFound)?;
    let view = line.seen(&reply.lines).view;
    if !view.accepts(facts.wrote_lately) {
        return Err(Refusal::LineNotSendable(Box::new(view)));
    }
    if reply.expected_version.is_some_and(|expected| expected != target.version) {
        return Err(Refusal::VersionConflict { version: target.version, assignee: target.assignee });
    }
    if facts.queued >= reply.limits.queue_rows {
        return Err(Refusal::QueueFull);
    }
    if target.last_inbound_at.is_none() {
        count_new_contact(conn, scope, reply, target).await?;
    }
    Ok(())
}

/// One at a time per line, so that twenty at once are not all the twentieth.
async fn count_new_contact(
    conn: &mut PgConnection,
    scope: OrgScope,
    reply: &Reply,
    target: &Conversation,
) -> Result<(), Refusal> {
    sqlx::query!(
        r#"SELECT pg_advisory_xact_lock(hashtextextended('new_contact_sends ' || $1::text, 0)) AS "locked!: ()""#,
        reply.line.to_string(),
    )
    .fetch_one(&mut *conn)
    .await?;
    let recent = sqlx::query!(
        r#"
        SELECT count(*) AS "sends!",
               extract(epoch FROM min(at) + interval '1 hour' - clock_timestamp())::bigint AS wait_seconds
        FROM new_contact_sends
        WHERE organization_id = $1 AND line_id = $2 AND at > clock_timestamp() - interval '1 hour'
        "#,
        scope.organization.0,
        reply.line.0,
    )
    .fetch_one(&mut *conn)
    .await?;
    if recent.sends >= reply.limits.new_contacts_per_hour {
        let wait = recent.wait_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        return Err(Refusal::NewContactLimit { retry_after_seconds: wait.unwrap_or(3_600).max(1) });
    }
    sqlx::query!(
        r#"
        INSERT INTO new_contact_sends (organization_id, line_id, contact_id, at)
        VALUES ($1, $2, $3, clock_timestamp())
        "#,
        scope.organization.0,
        reply.line.0,
        target.contact.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}
