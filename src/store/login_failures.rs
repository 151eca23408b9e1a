//! Wrong passwords, counted by the hash of the address they were given for. Whether anybody has that address makes no
//! difference here: the same rows, the same statements, the same time. Tries to verify an address are counted here too,
//! many addresses in a row, for that sameness alone.

use super::StoreError;
use ezw_actors::machine::Time;
use sqlx::PgConnection;

/// Counts one try that was not right yet and answers how many there were in a row; none while the address is locked,
/// and then the try does not count.
///
/// # Errors
/// When the store does not do it.
pub async fn count(
    conn: &mut PgConnection,
    address_hash: &[u8],
    now: Time,
) -> Result<Option<i32>, StoreError> {
    let count = sqlx::query_scalar!(
        r#"
        INSERT INTO login_failures AS f (address_hash, failures, updated_at) VALUES ($1, 1, $2)
        ON CONFLICT (address_hash) DO UPDATE SET failures = least(f.failures + 1, 1000000), updated_at = $2
         WHERE f.locked_until IS NULL OR f.locked_until <= $2
        RETURNING failures
        "#,
        address_hash,
        now,
    );
    Ok(count.fetch_optional(conn).await?)
}

/// Until when the address is locked, if it ever was.
///
/// # Errors
/// When the store does not answer.
pub async fn locked_until(conn: &mut PgConnection, address_hash: &[u8]) -> Result<Option<Time>, StoreError> {
    let until =
        sqlx::query_scalar!("SELECT locked_until FROM login_failures WHERE address_hash = $1", address_hash);
    Ok(until.fetch_optional(conn).await?.flatten())
}

/// Looks at no password for this address before `until`.
///
/// # Errors
/// When the store does not do it.
pub async fn lock(conn: &mut PgConnection, address_hash: &[u8], until: Time) -> Result<(), StoreError> {
    sqlx::query!("UPDATE login_failures SET locked_until = $2 WHERE address_hash = $1", address_hash, until)
        .execute(conn)
        .await?;
    Ok(())
}

/// The password was right: what was counted before is forgotten.
///
/// # Errors
/// When the store does not do it.
pub async fn forget(conn: &mut PgConnection, address_hash: &[u8]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM login_failures WHERE address_hash = $1", address_hash).execute(conn).await?;
    Ok(())
}
