//! Whether the schema is the one this program was built for.

use super::StoreError;
use sqlx::PgConnection;

/// The migrations that were applied. A database without the table of them has none: `Broken`.
///
/// # Errors
/// When the store does not answer, or was never migrated.
pub async fn applied_migrations(conn: &mut PgConnection) -> Result<Vec<i64>, StoreError> {
    // Not a checked query: the table belongs to sqlx's migrator and is not in the schema these are checked against.
    Ok(sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(conn).await?)
}

/// Whether nothing that this program needs is missing. More than it knows is fine: a newer release migrates first.
#[must_use]
pub fn is_current(applied: &[i64]) -> bool {
    crate::migrations::versions().all(|version| applied.contains(&version))
}
