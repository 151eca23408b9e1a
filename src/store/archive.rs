//! The end of a line: one transaction takes away all that could still make it do something. What is linked at the
//! provider is unlinked by its actor, at once or later; ring it after the commit.

use super::{
    OrgScope, StoreError,
    audit::{self, Actor, Entry},
    lines::lock_line_facts,
    live_events::{self, Hint},
};
use ezw_actors::id::LineId;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// What became of an archive order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// The line is archived; `changed` says whether it was not before.
    Done {
        /// Archived now: ring the line.
        changed: bool,
    },
    /// The organization has no such line.
    NoLine,
}

/// Archives a line: no command, no token and no reply of it is open after this.
///
/// # Errors
/// When the store does not do it.
pub async fn archive(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    line: LineId,
) -> Result<Archive, StoreError> {
    let Some(row) = lock_line_facts(conn, scope, line).await? else { return Ok(Archive::NoLine) };
    if row.archived_at.is_some() {
        return Ok(Archive::Done { changed: false });
    }
    mark(conn, scope, line).await?;
    end_commands(conn, scope, line).await?;
    revoke_token(conn, scope, line).await?;
    let failed = fail_queued(conn, scope, line).await?;
    let entry = Entry {
        event_type: "line.archived",
        actor: Actor::User(by),
        target_type: "line",
        target_id: line.0,
        data: json!({ "failedReplies": failed }),
    };
    audit::add(conn, scope, entry).await?;
    live_events::add(conn, scope, Hint::Line { line, user: None }).await?;
    Ok(Archive::Done { changed: true })
}

/// A line with an account that nobody owns is due at once, for whoever unlinks it.
async fn mark(conn: &mut PgConnection, scope: OrgScope, line: LineId) -> Result<(), StoreError> {
    let marked = sqlx::query!(
        r#"
        UPDATE lines l
        SET archived_at = now(), desired = 'stopped',
            next_start_at = CASE
                WHEN EXISTS (SELECT 1 FROM line_credentials s
                             WHERE s.organization_id = l.organization_id AND s.line_id = l.id)
                THEN now() ELSE 'infinity' END
        WHERE l.organization_id = $1 AND l.id = $2 AND l.archived_at IS NULL
        "#,
        scope.organization.0,
        line.0,
    )
    .execute(conn)
    .await?;
    if marked.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::Broken(format!("line {line} vanished under its lock")))
    }
}

async fn end_commands(conn: &mut PgConnection, scope: OrgScope, line: LineId) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE line_commands
        SET state = 'failed', reason = 'archived', settled_at = now(), data = data - 'passkeyResponse'
        WHERE organization_id = $1 AND line_id = $2 AND state IN ('queued', 'running')
        "#,
        scope.organization.0,
        line.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn revoke_token(conn: &mut PgConnection, scope: OrgScope, line: LineId) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE api_tokens SET revoked_at = now()
        WHERE organization_id = $1 AND line_id = $2 AND revoked_at IS NULL
        "#,
        scope.organization.0,
        line.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What is on its way is not touched: its outcome is a fact, and still to come.
pub(super) async fn fail_queued(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
) -> Result<i64, StoreError> {
    let failed = sqlx::query_scalar!(
        r#"
        WITH failed AS (
            UPDATE outbound
            SET status = 'failed', failure_reason = 'line_archived', settled_at = now(), updated_at = now()
            WHERE organization_id = $1 AND line_id = $2 AND status = 'queued'
            RETURNING organization_id, line_id, conversation_id, message_id
        ), told AS (
            INSERT INTO live_events
                (organization_id, id, type, line_id, conversation_id, message_id, previous_assignee_id)
            SELECT f.organization_id, gen_random_uuid(), 'message.updated', f.line_id, f.conversation_id, f.message_id,
                c.assignee_user_id
            FROM failed f
            JOIN conversations c ON c.organization_id = f.organization_id AND c.id = f.conversation_id
        )
        SELECT count(*) AS "failed!" FROM failed
        "#,
        scope.organization.0,
        line.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(failed)
}
