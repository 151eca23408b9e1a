//! Accounts that nobody wants, until they are unlinked at the provider. Serves lines and a job, so it sees all
//! organizations; every row it hands out names its own.

use super::{StoreError, sealed::Sealer};
use chrono::TimeDelta;
use ezw_actors::{
    Timings,
    id::{Fence, Generation, LineId, OrganizationId, UnlinkingId},
    port::{Credentials, Unwanted},
};
use sqlx::PgConnection;

/// An account whose time has come.
#[derive(Debug)]
pub struct Due {
    /// The tenant.
    pub organization: OrganizationId,
    /// Its row.
    pub id: UnlinkingId,
    /// The line it was of.
    pub line: LineId,
    /// The account; an error when it was sealed with another key.
    pub account: Result<Unwanted, StoreError>,
    /// It was tried for so long that this is the last try.
    pub last: bool,
}

/// Writes an account down, to be tried after `pause` (whoever writes it down has tried by then). Once is enough. False
/// when it is the account of its line, which is not archived: a commit that its actor did not live to see made it that.
/// Must run in a transaction.
///
/// # Errors
/// When the store does not do it.
pub async fn keep(
    conn: &mut PgConnection,
    sealer: &Sealer,
    account: &Unwanted,
    pause: TimeDelta,
) -> Result<bool, StoreError> {
    // The row first, in a statement of its own: what a commit under way makes of the account is seen only after it.
    let is_archived = sqlx::query_scalar!(
        r#"SELECT archived_at IS NOT NULL AS "archived!" FROM lines WHERE organization_id = $1 AND id = $2 FOR SHARE"#,
        account.organization.0,
        account.line.0,
    )
    .fetch_one(&mut *conn)
    .await?;
    let stored = sqlx::query_scalar!(
        r#"
        SELECT sealed FROM line_credentials
        WHERE organization_id = $1 AND line_id = $2 AND namespace = 'session' AND key = '' AND NOT $3
        "#,
        account.organization.0,
        account.line.0,
        is_archived,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let stored = stored.and_then(|sealed| sealer.open(account.line, &sealed).ok());
    if stored.as_ref() == Some(&account.credentials) {
        return Ok(false);
    }
    let sealed = sealer.seal(account.line, &account.credentials)?;
    sqlx::query!(
        r#"
        INSERT INTO unlinkings (organization_id, id, line_id, sealed, attempts, due_at)
        VALUES ($1, $2, $3, $4, 1, now() + make_interval(secs => $5))
        ON CONFLICT (organization_id, id) DO NOTHING
        "#,
        account.organization.0,
        account.id.0,
        account.line.0,
        sealed,
        pause.as_seconds_f64(),
    )
    .execute(conn)
    .await?;
    Ok(true)
}

/// Whether this account is written down to be unlinked. The caller holds the line's row.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn is_unwanted(
    conn: &mut PgConnection,
    sealer: &Sealer,
    fence: Fence,
    credentials: &Credentials,
) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query_scalar!(
        "SELECT sealed FROM unlinkings WHERE organization_id = $1 AND line_id = $2",
        fence.organization.0,
        fence.line.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(kept.iter().any(|sealed| sealer.open(fence.line, sealed).is_ok_and(|kept| kept == *credentials)))
}

/// Whether somebody links a number to the line just now. A phone network that has one session a line would close that
/// session for another.
///
/// # Errors
/// When the store does not answer.
pub async fn pairing_open(
    conn: &mut PgConnection,
    organization: OrganizationId,
    line: LineId,
) -> Result<bool, StoreError> {
    let open = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1 FROM line_commands
            WHERE organization_id = $1 AND line_id = $2 AND kind = 'pair' AND state IN ('queued', 'running')
        ) AS "open!"
        "#,
        organization.0,
        line.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(open)
}

/// It is unlinked, or given up.
///
/// # Errors
/// When the store does not do it.
pub async fn forget(
    conn: &mut PgConnection,
    organization: OrganizationId,
    id: UnlinkingId,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM unlinkings WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes up to `most` accounts whose time has come, and puts them off in the same statement: twice as long each time,
/// give or take a tenth. That is their next try, and keeps every other node away until then. The account of a line that
/// is being paired waits, see [`pairing_open`].
///
/// # Errors
/// When the store does not do it.
pub async fn take_due(
    conn: &mut PgConnection,
    sealer: &Sealer,
    timings: &Timings,
    most: i64,
) -> Result<Vec<Due>, StoreError> {
    let rows = sqlx::query!(
        r#"
        WITH due AS (
            SELECT d.organization_id, d.id FROM unlinkings d
            WHERE d.due_at <= now() AND NOT EXISTS (
                SELECT 1 FROM line_commands c
                WHERE c.organization_id = d.organization_id AND c.line_id = d.line_id AND c.kind = 'pair'
                    AND c.state IN ('queued', 'running'))
            ORDER BY d.due_at
            LIMIT $1
            FOR UPDATE OF d SKIP LOCKED
        )
        UPDATE unlinkings u
        SET attempts = u.attempts + 1,
            due_at = now() + make_interval(
                secs => least($2 * power(2, least(u.attempts, 30)), $3) * (0.9 + 0.2 * random()))
        FROM due, lines l
        WHERE u.organization_id = due.organization_id AND u.id = due.id
            AND l.organization_id = u.organization_id AND l.id = u.line_id
        RETURNING u.organization_id, u.id, u.line_id, u.sealed, l.generation,
            u.created_at <= now() - make_interval(secs => $4) AS "last!"
        "#,
        most,
        timings.unlink_first.as_seconds_f64(),
        timings.unlink_longest.as_seconds_f64(),
        timings.unlink_give_up.as_seconds_f64(),
    )
    .fetch_all(conn)
    .await?;
    let due = rows.into_iter().map(|row| {
        let (organization, line) = (OrganizationId(row.organization_id), LineId(row.line_id));
        let id = UnlinkingId(row.id);
        let account = sealer.open(line, &row.sealed).map(|credentials| Unwanted {
            id,
            organization,
            line,
            generation: Generation(row.generation).next(),
            credentials,
        });
        Due { organization, id, line, account, last: row.last }
    });
    Ok(due.collect())
}
