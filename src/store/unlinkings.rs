//! Accounts that nobody wants, until they are unlinked at the provider. Serves lines and a job, so it sees all
//! organizations; every row it hands out names its own.

use super::{StoreError, sealed::Sealer};
use chrono::TimeDelta;
use ezw_actors::{
    Timings,
    id::{Generation, LineId, OrganizationId, UnlinkingId},
    port::Unwanted,
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

/// Writes an account down, to be tried after `pause` (whoever writes it down has tried by then). Once is enough.
///
/// # Errors
/// When the store does not do it.
pub async fn keep(
    conn: &mut PgConnection,
    sealer: &Sealer,
    account: &Unwanted,
    pause: TimeDelta,
) -> Result<(), StoreError> {
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
    Ok(())
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
/// is being paired waits: a phone network that has one session a line would close the other.
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
