//! Replies on their way: intents are fenced, facts are not. A status never goes backwards:
//! queued, sending < unknown < sent < failed, expired < delivered < read.

use super::{OrgScope, StoreError, archive, attachments};
use ezw_actors::{
    failpoint,
    id::{Fence, Generation, LineId},
    machine::Time,
    port::{Claim, Content, Dispatch, Fact, ReceiptKind},
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Attempts before a reply that is refused for now is given up.
const MOST_ATTEMPTS: i32 = 5;
/// Where the provider drops repeats, one of unknown fate is sent again until it is so old, or was under way so often: each
/// death of a process costs it one, and says nothing against it.
const MOST_RESENDS: i32 = 50;

/// A committed intent; empty when the line has nothing to send.
struct Begun {
    message_id: Option<Uuid>,
    conversation_id: Option<Uuid>,
    provider_message_id: Option<String>,
    recipient: Option<String>,
    attempts: Option<i32>,
    body_text: Option<String>,
    storage_key: Option<String>,
    content_type: Option<String>,
    size_bytes: Option<i64>,
    sha256: Option<Vec<u8>>,
}

impl Begun {
    fn dispatch(self) -> Option<Dispatch> {
        let image = attachments::kept(self.storage_key, self.content_type, self.size_bytes, self.sha256);
        let content = match image {
            Some(image) => Content::Image { image, caption: self.body_text },
            None => Content::Text(self.body_text.unwrap_or_default()),
        };
        Some(Dispatch {
            message: self.message_id?.into(),
            conversation: self.conversation_id?.into(),
            provider_message_id: self.provider_message_id?,
            recipient: self.recipient?,
            content,
            attempt: u32::try_from(self.attempts?).unwrap_or(1),
        })
    }
}

/// Commits intents for heads of conversations: for none of them when the line takes no replies now. Answers None when
/// another start owns the line.
///
/// # Errors
/// When the store does not answer.
pub async fn claim(
    conn: &mut PgConnection,
    fence: Fence,
    claim: Claim,
) -> Result<Option<Vec<Dispatch>>, StoreError> {
    let rows = begin(conn, fence, claim).await?;
    // The statement answers with a row for the line itself, or with none at all.
    Ok((!rows.is_empty()).then(|| rows.into_iter().filter_map(Begun::dispatch).collect()))
}

/// One statement: the fence, the heads, their intents and the hints.
async fn begin(conn: &mut PgConnection, fence: Fence, claim: Claim) -> Result<Vec<Begun>, StoreError> {
    let rows = sqlx::query_file_as!(
        Begun,
        "src/store/claim.sql",
        fence.organization.0,
        fence.line.0,
        fence.owner.0,
        fence.epoch.0,
        i64::from(claim.max),
        claim.reply_only,
        claim.drops_repeats,
        claim.deadline,
        MOST_RESENDS,
        claim.unknown_blocks.as_seconds_f64(),
        claim.settled,
        claim.resend_after.as_seconds_f64(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// What a claim of this start with this deadline took, and nobody settled since: ids at the provider.
///
/// # Errors
/// When the store does not answer.
pub async fn taken(conn: &mut PgConnection, fence: Fence, deadline: Time) -> Result<Vec<String>, StoreError> {
    let taken = sqlx::query_scalar!(
        r#"
        SELECT provider_message_id FROM outbound
        WHERE organization_id = $1 AND line_id = $2 AND epoch = $3 AND deadline_at = $4
            AND status IN ('sending', 'unknown')
        "#,
        fence.organization.0,
        fence.line.0,
        fence.epoch.0,
        deadline,
    )
    .fetch_all(conn)
    .await?;
    Ok(taken)
}

/// Records facts, each whatever start it comes from; what only speaks of an attempt must match the one that is
/// under way.
///
/// # Errors
/// When the store does not do it.
pub async fn record(
    conn: &mut PgConnection,
    fence: Fence,
    generation: Generation,
    facts: &[Fact],
) -> Result<(), StoreError> {
    let scope = OrgScope::of(fence.organization);
    // Before any message is locked, for the order of locks.
    let archived = facts.iter().any(requeues) && is_archived(conn, fence).await?;
    let session = (fence.line, generation);
    for fact in facts {
        let changed = match fact {
            Fact::Accepted { provider_message_id: id, at } => {
                append(conn, scope, session, id, "accepted", None, *at).await?;
                merge(conn, scope, fence.line, id, ACCEPTED).await?
            }
            Fact::Refused { provider_message_id: id, code, reason } => {
                let at = now(conn).await?;
                append(conn, scope, session, id, "rejected", Some(*code), at).await?;
                let over = &["queued", "sending", "unknown", "sent"];
                let refused = Merge { status: "failed", over, failure: Some((reason, *code)) };
                merge(conn, scope, fence.line, id, refused).await?
            }
            Fact::Receipt { provider_message_id: id, kind, at } => {
                let (word, merged) = receipt(*kind);
                append(conn, scope, session, id, word, None, *at).await?;
                failpoint::hit(failpoint::MERGING, fence.line);
                match merge(conn, scope, fence.line, id, merged).await? {
                    None => {
                        meet(conn, scope, fence.line, id).await?;
                        merge(conn, scope, fence.line, id, merged).await?
                    }
                    merged => merged,
                }
            }
            Fact::Retry { provider_message_id: id, deadline, code, next_attempt_at } => {
                retry(conn, fence, (id, *deadline), *code, *next_attempt_at).await?
            }
            Fact::NotWritten { provider_message_id: id, deadline, not_before } => {
                not_written(conn, fence, (id, *deadline), *not_before).await?
            }
            Fact::Unknown { provider_message_id: id, deadline } => {
                unknown(conn, fence, (id, *deadline)).await?
            }
        };
        if let Some(message) = changed {
            tell(conn, scope, fence.line, message).await?;
        }
    }
    if archived {
        // Nothing takes it from the queue of an archived line any more.
        archive::fail_queued(conn, scope, fence.line).await?;
    }
    Ok(())
}

/// Whether a fact may put a reply back into the queue.
fn requeues(fact: &Fact) -> bool {
    match fact {
        Fact::Retry { .. } | Fact::NotWritten { .. } => true,
        Fact::Accepted { .. } | Fact::Refused { .. } | Fact::Unknown { .. } | Fact::Receipt { .. } => false,
    }
}

/// Holds the row, so that an archive order comes before what follows, or sees it.
async fn is_archived(conn: &mut PgConnection, fence: Fence) -> Result<bool, StoreError> {
    let archived = sqlx::query_scalar!(
        r#"
        SELECT archived_at IS NOT NULL AS "archived!" FROM lines
        WHERE organization_id = $1 AND id = $2 FOR SHARE
        "#,
        fence.organization.0,
        fence.line.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(archived.unwrap_or_default())
}

/// Takes an echo of our own reply for what it proves: the provider has it. False when no reply of the line has this id.
/// One that is known to be taken is left as it is, however often it is shown.
///
/// # Errors
/// When the store does not do it.
pub(super) async fn echoed(
    conn: &mut PgConnection,
    scope: OrgScope,
    session: (LineId, Generation),
    provider_message_id: &str,
    at: Time,
) -> Result<bool, StoreError> {
    let line = session.0;
    let known = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (SELECT FROM outbound
                       WHERE organization_id = $1 AND line_id = $2 AND provider_message_id = $3) AS "known!"
        "#,
        scope.organization.0,
        line.0,
        provider_message_id,
    );
    if !known.fetch_one(&mut *conn).await? {
        return Ok(false);
    }
    if let Some(message) = merge(conn, scope, line, provider_message_id, ACCEPTED).await? {
        append(conn, scope, session, provider_message_id, "accepted", None, at).await?;
        tell(conn, scope, line, message).await?;
    }
    Ok(true)
}

/// A message that this service did not send is not known before its echo, and its receipts may come first. Of the two that
/// write at once, one waits here for the other: after it, a receipt looks for the message again, and an echo for its
/// receipts. A message that is known waits for nobody.
///
/// # Errors
/// When the store does not do it.
pub(super) async fn meet(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    provider_message_id: &str,
) -> Result<(), StoreError> {
    sqlx::query_scalar!(
        r#"
        SELECT pg_advisory_xact_lock(hashtextextended('echo ' || $2::uuid::text || ' ' || $3, 0)) AS "locked!: ()"
        WHERE NOT EXISTS (SELECT FROM outbound
                          WHERE organization_id = $1 AND line_id = $2 AND provider_message_id = $3)
        "#,
        scope.organization.0,
        line.0,
        provider_message_id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(())
}

/// Merges the receipts that came before the echo they are for. Call it after the row was written.
///
/// # Errors
/// When the store does not do it.
pub(super) async fn catch_up(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    provider_message_id: &str,
) -> Result<(), StoreError> {
    let kinds = sqlx::query_scalar!(
        "SELECT DISTINCT kind FROM receipts WHERE organization_id = $1 AND line_id = $2 AND provider_message_id = $3",
        scope.organization.0,
        line.0,
        provider_message_id,
    )
    .fetch_all(&mut *conn)
    .await?;
    // By rank, so that their order does not matter.
    for kind in [ReceiptKind::Failed, ReceiptKind::Delivered, ReceiptKind::Read] {
        let (word, merged) = receipt(kind);
        if kinds.iter().any(|kind| kind == word) {
            merge(conn, scope, line, provider_message_id, merged).await?;
        }
    }
    Ok(())
}

/// How a fact moves a status.
#[derive(Clone, Copy)]
struct Merge<'a> {
    status: &'a str,
    over: &'a [&'a str],
    failure: Option<(&'a str, i32)>,
}

/// The provider took it.
const ACCEPTED: Merge<'static> =
    Merge { status: "sent", over: &["queued", "sending", "unknown"], failure: None };

fn receipt(kind: ReceiptKind) -> (&'static str, Merge<'static>) {
    match kind {
        ReceiptKind::Delivered => {
            let over = &["queued", "sending", "unknown", "sent", "failed", "expired"];
            ("delivered", Merge { status: "delivered", over, failure: None })
        }
        ReceiptKind::Read => {
            let over = &["queued", "sending", "unknown", "sent", "failed", "expired", "delivered"];
            ("read", Merge { status: "read", over, failure: None })
        }
        ReceiptKind::Failed => {
            let over = &["queued", "sending", "unknown", "sent"];
            ("failed", Merge { status: "failed", over, failure: Some(("recipient_failed", 0)) })
        }
    }
}

async fn now(conn: &mut PgConnection) -> Result<Time, StoreError> {
    Ok(sqlx::query_scalar!(r#"SELECT now() AS "now!""#).fetch_one(conn).await?)
}

async fn append(
    conn: &mut PgConnection,
    scope: OrgScope,
    (line, generation): (LineId, Generation),
    provider_message_id: &str,
    kind: &str,
    code: Option<i32>,
    at: Time,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO receipts (organization_id, id, line_id, provider_message_id, kind, code, generation, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT DO NOTHING
        "#,
        scope.organization.0,
        Uuid::now_v7(),
        line.0,
        provider_message_id,
        kind,
        code,
        generation.0,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A message whose status changed.
struct Changed {
    message_id: Uuid,
    conversation_id: Uuid,
}

async fn merge(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    provider_message_id: &str,
    merge: Merge<'_>,
) -> Result<Option<Changed>, StoreError> {
    let over: Vec<String> = merge.over.iter().map(|&status| status.to_owned()).collect();
    let changed = sqlx::query_as!(
        Changed,
        r#"
        UPDATE outbound
        SET status = $4, failure_reason = $5, failure_code = $6, deadline_at = NULL, resend_ordered_at = NULL,
            settled_at = coalesce(settled_at, now()), updated_at = now()
        WHERE organization_id = $1 AND line_id = $2 AND provider_message_id = $3 AND status = ANY ($7)
        RETURNING message_id, conversation_id
        "#,
        scope.organization.0,
        line.0,
        provider_message_id,
        merge.status,
        merge.failure.map(|(reason, _)| reason),
        merge.failure.map(|(_, code)| code).filter(|code| *code != 0),
        &over,
    )
    .fetch_optional(conn)
    .await?;
    Ok(changed)
}

/// A definite refusal for now. A resent unknown stays unknown: that attempt was refused, the first one's fate is open; a
/// person's order to send it again stands for four attempts. What was to go to a contact that was
/// erased meanwhile goes nowhere.
async fn retry(
    conn: &mut PgConnection,
    fence: Fence,
    (provider_message_id, deadline): (&str, Time),
    code: i32,
    next_attempt_at: Time,
) -> Result<Option<Changed>, StoreError> {
    let changed = sqlx::query_as!(
        Changed,
        r#"
        UPDATE outbound
        SET status = CASE WHEN status = 'unknown' THEN 'unknown'
                          WHEN recipient IS NULL OR attempts >= $7 THEN 'failed' ELSE 'queued' END,
            failure_reason = CASE WHEN status = 'sending' AND recipient IS NULL THEN 'contact_erased'
                                  WHEN status = 'sending' AND attempts >= $7 THEN 'attempts_spent' END,
            settled_at = CASE WHEN status = 'sending' AND (recipient IS NULL OR attempts >= $7) THEN now() END,
            resend_ordered_at = CASE WHEN attempts < $7 THEN resend_ordered_at END,
            failure_code = $5, next_attempt_at = $6, deadline_at = NULL, updated_at = now()
        WHERE organization_id = $1 AND line_id = $2 AND provider_message_id = $3 AND epoch = $4
            AND deadline_at = $8 AND status IN ('sending', 'unknown')
        RETURNING message_id, conversation_id
        "#,
        fence.organization.0,
        fence.line.0,
        provider_message_id,
        fence.epoch.0,
        code,
        next_attempt_at,
        MOST_ATTEMPTS,
        deadline,
    )
    .fetch_optional(conn)
    .await?;
    Ok(changed)
}

/// Not a byte left: the attempt does not count, and a person's order stands.
async fn not_written(
    conn: &mut PgConnection,
    fence: Fence,
    (provider_message_id, deadline): (&str, Time),
    not_before: Option<Time>,
) -> Result<Option<Changed>, StoreError> {
    let changed = sqlx::query_as!(
        Changed,
        r#"
        UPDATE outbound
        SET status = CASE WHEN status = 'unknown' THEN status WHEN recipient IS NULL THEN 'failed' ELSE 'queued' END,
            failure_reason = CASE WHEN status = 'sending' AND recipient IS NULL THEN 'contact_erased' END,
            settled_at = CASE WHEN status = 'sending' AND recipient IS NULL THEN now() END,
            attempts = greatest(attempts - 1, CASE status WHEN 'unknown' THEN 1 ELSE 0 END),
            next_attempt_at = coalesce($6, next_attempt_at), deadline_at = NULL, updated_at = now()
        WHERE organization_id = $1 AND line_id = $2 AND provider_message_id = $3 AND epoch = $4
            AND deadline_at = $5 AND status IN ('sending', 'unknown')
        RETURNING message_id, conversation_id
        "#,
        fence.organization.0,
        fence.line.0,
        provider_message_id,
        fence.epoch.0,
        deadline,
        not_before,
    )
    .fetch_optional(conn)
    .await?;
    Ok(changed)
}

async fn unknown(
    conn: &mut PgConnection,
    fence: Fence,
    (provider_message_id, deadline): (&str, Time),
) -> Result<Option<Changed>, StoreError> {
    let changed = sqlx::query_as!(
        Changed,
        r#"
        UPDATE outbound
        SET status = 'unknown', unknown_since = coalesce(unknown_since, now()), deadline_at = NULL, resend_ordered_at = NULL,
            updated_at = now()
        WHERE organization_id = $1 AND line_id = $2 AND provider_message_id = $3 AND epoch = $4
            AND deadline_at = $5 AND status IN ('sending', 'unknown')
        RETURNING message_id, conversation_id
        "#,
        fence.organization.0,
        fence.line.0,
        provider_message_id,
        fence.epoch.0,
        deadline,
    )
    .fetch_optional(conn)
    .await?;
    Ok(changed)
}

async fn tell(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    changed: Changed,
) -> Result<(), StoreError> {
    use super::live_events::{Hint, add};
    let assignee_before = sqlx::query_scalar!(
        "SELECT assignee_user_id FROM conversations WHERE organization_id = $1 AND id = $2",
        scope.organization.0,
        changed.conversation_id,
    )
    .fetch_one(&mut *conn)
    .await?;
    let hint = Hint::Message {
        line,
        conversation: changed.conversation_id.into(),
        message: changed.message_id.into(),
        assignee_before,
    };
    add(conn, scope, hint).await
}
