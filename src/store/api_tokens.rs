//! Line tokens: one active per line, only hashes kept.

use super::{OrgScope, StoreError};
use ezw_actors::{id::LineId, machine::Time};
use sqlx::PgConnection;
use uuid::Uuid;

/// A token, as its owner may see it.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// The row.
    pub id: Uuid,
    /// Enough to tell it from others.
    pub preview: String,
    /// When it was made.
    pub created_at: Time,
    /// Who made it.
    pub created_by: Uuid,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Time>,
}

/// A token to keep.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The row.
    pub id: Uuid,
    /// SHA-256 of it.
    pub hash: [u8; 32],
    /// Enough to tell it from others.
    pub preview: String,
    /// Who makes it.
    pub created_by: Uuid,
    /// Now.
    pub now: Time,
}

/// The active token of a line.
///
/// # Errors
/// When the store does not answer.
pub async fn active_token(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
) -> Result<Option<TokenRow>, StoreError> {
    let row = sqlx::query_as!(
        TokenRow,
        r#"
        SELECT id, preview, created_at, created_by, last_used_at
          FROM api_tokens WHERE organization_id = $1 AND line_id = $2 AND revoked_at IS NULL
        "#,
        scope.organization.0,
        line.0,
    );
    Ok(row.fetch_optional(conn).await?)
}

/// What became of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The new token is active, and no other.
    Done,
    /// There is no such line here.
    NoLine,
    /// The line is archived.
    Archived,
}

/// Revokes the active token of a line and keeps `new` instead. The line's row is locked first: two rotations at once
/// are one after the other, and none slips in behind an archive.
///
/// # Errors
/// When the store does not do it.
pub async fn rotate_token(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    new: &NewToken,
) -> Result<Rotation, StoreError> {
    let found = sqlx::query!(
        "SELECT archived_at FROM lines WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE",
        scope.organization.0,
        line.0,
    );
    match found.fetch_optional(&mut *conn).await? {
        None => return Ok(Rotation::NoLine),
        Some(found) if found.archived_at.is_some() => return Ok(Rotation::Archived),
        Some(_) => {}
    }
    sqlx::query!(
        r#"
        UPDATE api_tokens SET revoked_at = $3
         WHERE organization_id = $1 AND line_id = $2 AND revoked_at IS NULL
        "#,
        scope.organization.0,
        line.0,
        new.now,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO api_tokens (organization_id, id, line_id, token_hash, preview, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        "#,
        scope.organization.0,
        new.id,
        line.0,
        &new.hash[..],
        new.preview,
        new.created_by,
        new.now,
    )
    .execute(conn)
    .await?;
    Ok(Rotation::Done)
}

/// One use of a token, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUse {
    /// The tenant of the token.
    pub organization: Uuid,
    /// The token.
    pub token: Uuid,
    /// When.
    pub at: Time,
    /// web or mobile.
    pub channel_type: &'static str,
    /// What the client calls itself, cut at 128 characters.
    pub platform: Option<String>,
}

/// Writes many uses at once. Batched over organizations, each row with its own.
///
/// # Errors
/// When the store does not do it.
pub async fn record_uses(conn: &mut PgConnection, uses: &[TokenUse]) -> Result<(), StoreError> {
    let organizations: Vec<Uuid> = uses.iter().map(|one| one.organization).collect();
    let tokens: Vec<Uuid> = uses.iter().map(|one| one.token).collect();
    let times: Vec<Time> = uses.iter().map(|one| one.at).collect();
    let channels: Vec<String> = uses.iter().map(|one| one.channel_type.to_owned()).collect();
    let platforms: Vec<Option<String>> = uses.iter().map(|one| one.platform.clone()).collect();
    sqlx::query!(
        r#"
        UPDATE api_tokens t
           SET last_used_at = used.at, last_channel_type = used.channel, last_platform = used.platform
          FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[])
               AS used (organization, token, at, channel, platform)
         WHERE t.organization_id = used.organization AND t.id = used.token
           AND (t.last_used_at IS NULL OR t.last_used_at < used.at - interval '1 minute')
        "#,
        &organizations,
        &tokens,
        &times,
        &channels,
        &platforms as &[Option<String>],
    )
    .execute(conn)
    .await?;
    Ok(())
}
