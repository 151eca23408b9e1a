//! The breaker of the fleet: which client versions the provider refuses. One refusal speaks for all lines of the
//! version; whoever asked all the same would be one of thousands.

use super::StoreError;
use ezw_actors::{id::LineId, port::Probe};
use sqlx::PgConnection;

/// Between two probes of a refused version.
const PROBE_PAUSE_SECONDS: f64 = 60.0;

/// What this process tells the provider it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The provider's kind.
    pub provider: &'static str,
    /// The version it is told.
    pub version: String,
}

/// The provider refused the version to this line; one that is known to be refused stays so.
///
/// # Errors
/// When the store does not answer.
pub async fn trip(conn: &mut PgConnection, client: &Client, line: LineId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        INSERT INTO client_breakers (provider, client_version, line_id) VALUES ($1, $2, $3)
        ON CONFLICT (provider, client_version) DO NOTHING
        "#,
        client.provider,
        client.version,
        line.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether the version is known to be refused.
///
/// # Errors
/// When the store does not answer.
pub async fn is_tripped(conn: &mut PgConnection, client: &Client) -> Result<bool, StoreError> {
    let tripped = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM client_breakers WHERE provider = $1 AND client_version = $2) AS "tripped!""#,
        client.provider,
        client.version,
    )
    .fetch_one(conn)
    .await?;
    Ok(tripped)
}

/// Takes the one probe there is in a minute, for all nodes.
///
/// # Errors
/// When the store does not answer.
pub async fn take_probe(conn: &mut PgConnection, client: &Client) -> Result<Probe, StoreError> {
    let taken = sqlx::query!(
        r#"
        UPDATE client_breakers SET probed_at = now()
        WHERE provider = $1 AND client_version = $2
            AND (probed_at IS NULL OR probed_at < now() - make_interval(secs => $3))
        "#,
        client.provider,
        client.version,
        PROBE_PAUSE_SECONDS,
    )
    .execute(&mut *conn)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(Probe::Taken);
    }
    Ok(if is_tripped(conn, client).await? { Probe::Spent } else { Probe::NotNeeded })
}

/// The provider took the version after all.
///
/// # Errors
/// When the store does not answer.
pub async fn accept(conn: &mut PgConnection, client: &Client) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM client_breakers WHERE provider = $1 AND client_version = $2",
        client.provider,
        client.version,
    )
    .execute(conn)
    .await?;
    Ok(())
}
