//! Counts over all organizations, for metrics.

use super::{StoreError, billing::BillingState};
use ezw_actors::machine::{LineState, Overlay, Owner, View, view};
use sqlx::{PgConnection, types::Json};
use std::collections::HashMap;

/// How many lines look how. The owner's own doubts (stale evidence) are not in the rows, so a line that goes degraded
/// counts from its committed transition on.
///
/// # Errors
/// When the store does not answer.
pub async fn lines(conn: &mut PgConnection) -> Result<Vec<(View, i64)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT (array_agg(l.state_detail))[1] AS "state!: Json<LineState>", l.stopped_at IS NOT NULL AS "stopped!",
            b.state AS "billing?",
            (n.incarnation IS NOT NULL AND n.dead_at IS NULL AND n.heartbeat_until > now()) AS "alive!",
            count(*) AS "lines!"
        FROM lines l
        LEFT JOIN billing b ON b.organization_id = l.organization_id
        LEFT JOIN nodes n ON n.incarnation = l.owner_incarnation
        WHERE l.archived_at IS NULL
        GROUP BY l.state, 2, 3, 4
        "#
    )
    .fetch_all(conn)
    .await?;
    let seen = rows.into_iter().map(|row| {
        let overlay = Overlay {
            archived: false,
            stopped: row.stopped,
            billing_restricted: !BillingState::read(row.billing.as_deref()).policy().can_send,
            owner: if row.alive { Owner::Alive } else { Owner::Gone },
        };
        (view(&row.state.0, overlay), row.lines)
    });
    Ok(seen.collect())
}

/// How many replies are not final, by status.
///
/// # Errors
/// When the store does not answer.
pub async fn open_replies(conn: &mut PgConnection) -> Result<HashMap<String, i64>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT status, count(*) AS "replies!" FROM outbound
        WHERE status IN ('queued', 'sending', 'unknown') AND settled_at IS NULL GROUP BY status
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.status, row.replies)).collect())
}
