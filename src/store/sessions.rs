//! Refresh tokens and one-time codes, found by the hash of a secret that only its bearer knows.

use super::StoreError;
use ezw_actors::machine::Time;
use sqlx::PgConnection;
use std::fmt;
use strum::{Display, IntoStaticStr};
use uuid::Uuid;

/// A refresh token as the row has it.
#[derive(Clone, Debug)]
pub struct RefreshRow {
    /// The row.
    pub id: Uuid,
    /// All tokens that descend from one sign-in.
    pub family_id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// Then it is worth nothing.
    pub expires_at: Time,
    /// When it was exchanged, or taken back unused.
    pub used_at: Option<Time>,
    /// What it was exchanged for.
    pub successor_id: Option<Uuid>,
    /// When its family ended.
    pub revoked_at: Option<Time>,
}

/// A refresh token to keep.
#[derive(Clone, Debug)]
pub struct NewRefresh {
    /// The row.
    pub id: Uuid,
    /// Its family.
    pub family_id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Now.
    pub now: Time,
    /// Its end.
    pub expires_at: Time,
}

/// Finds the token and holds its family, so that two exchanges at once come one after the other.
///
/// # Errors
/// When the store does not answer.
pub async fn lock_refresh(conn: &mut PgConnection, hash: &[u8]) -> Result<Option<RefreshRow>, StoreError> {
    // The family and not the row: what happens to one token may change another, and rows held in different orders
    // would be a deadlock.
    sqlx::query!(
        r#"
        SELECT pg_advisory_xact_lock(hashtextextended('refresh_family ' || family_id::text, 0)) AS "locked!: ()"
          FROM refresh_tokens WHERE token_hash = $1
        "#,
        hash,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let row = sqlx::query_as!(
        RefreshRow,
        r#"
        SELECT id, family_id, user_id, expires_at, used_at, successor_id, revoked_at
          FROM refresh_tokens WHERE token_hash = $1 FOR UPDATE
        "#,
        hash,
    );
    Ok(row.fetch_optional(conn).await?)
}

/// Keeps a new token.
///
/// # Errors
/// When the store does not do it.
pub async fn add_refresh(conn: &mut PgConnection, new: &NewRefresh) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        "#,
        new.id,
        new.family_id,
        new.user_id,
        &new.hash[..],
        new.now,
        new.expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The token was exchanged for `successor`. The time of its first exchange stays.
///
/// # Errors
/// When the store does not do it.
pub async fn mark_used(
    conn: &mut PgConnection,
    id: Uuid,
    successor: Uuid,
    now: Time,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE refresh_tokens SET used_at = coalesce(used_at, $3), successor_id = $2 WHERE id = $1",
        id,
        successor,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a token back that nobody has used: it counts as used from now on, and was exchanged for nothing. False when
/// somebody has used it.
///
/// # Errors
/// When the store does not do it.
pub async fn take_back(conn: &mut PgConnection, id: Uuid, now: Time) -> Result<bool, StoreError> {
    let taken = sqlx::query!(
        "UPDATE refresh_tokens SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL",
        id,
        now,
    );
    Ok(taken.execute(conn).await?.rows_affected() == 1)
}

/// Ends a family: none of its tokens is worth anything from now on.
///
/// # Errors
/// When the store does not do it.
pub async fn revoke_family(conn: &mut PgConnection, family: Uuid, now: Time) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE refresh_tokens SET revoked_at = $2 WHERE family_id = $1 AND revoked_at IS NULL",
        family,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What a one-time code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, Display)]
#[strum(serialize_all = "snake_case")]
pub enum Purpose {
    /// Proof that an address is its person's.
    VerifyEmail,
    /// The session of a NEW_PASSWORD_REQUIRED challenge.
    NewPassword,
}

/// A code to keep; it replaces the open one of the same person and purpose.
#[derive(Clone)]
pub struct NewCode {
    /// The row.
    pub id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// What for.
    pub purpose: Purpose,
    /// SHA-256 of the code.
    pub hash: [u8; 32],
    /// Now.
    pub now: Time,
    /// Its end.
    pub expires_at: Time,
}

impl fmt::Debug for NewCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCode")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// Keeps a code, unless one younger than `not_since` is open: false then.
///
/// # Errors
/// When the store does not do it.
pub async fn replace_code(
    conn: &mut PgConnection,
    new: &NewCode,
    not_since: Option<Time>,
) -> Result<bool, StoreError> {
    let kept = sqlx::query!(
        r#"
        INSERT INTO one_time_codes (id, user_id, purpose, code_hash, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (user_id, purpose) WHERE consumed_at IS NULL DO UPDATE
           SET id = $1, code_hash = $4, attempts = 0, created_at = $5, expires_at = $6
         WHERE one_time_codes.created_at <= COALESCE($7, 'infinity'::timestamptz)
        "#,
        new.id,
        new.user_id,
        new.purpose.to_string(),
        &new.hash[..],
        new.now,
        new.expires_at,
        not_since,
    );
    Ok(kept.execute(conn).await?.rows_affected() > 0)
}

/// Uses up the person's open code if it is this one. A wrong try is counted; after `most_attempts` of them no code fits.
///
/// # Errors
/// When the store does not answer.
pub async fn consume_code_of(
    conn: &mut PgConnection,
    user: Uuid,
    purpose: Purpose,
    hash: &[u8],
    now: Time,
    most_attempts: i32,
) -> Result<bool, StoreError> {
    let consumed = sqlx::query_scalar!(
        r#"
        UPDATE one_time_codes
           SET attempts = attempts + 1,
               consumed_at = CASE WHEN code_hash = $3 THEN $4 END
         WHERE user_id = $1 AND purpose = $2 AND consumed_at IS NULL AND expires_at > $4 AND attempts < $5
        RETURNING consumed_at IS NOT NULL AS "consumed!"
        "#,
        user,
        purpose.to_string(),
        hash,
        now,
        most_attempts,
    );
    Ok(consumed.fetch_optional(conn).await?.unwrap_or(false))
}
