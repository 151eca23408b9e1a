//! People: who they are, how they sign in, and the organizations they make. Sign-in happens before there is a scope,
//! so these look-ups go by address, by user, or by the hash of a secret.

use super::{OrgScope, StoreError, billing::BillingState};
use ezw_actors::machine::Time;
use sqlx::PgConnection;
use uuid::Uuid;

/// A person with their one membership, as requests are judged by.
#[derive(Clone, Debug)]
pub struct MemberRow {
    /// The person.
    pub user_id: Uuid,
    /// Lower case.
    pub email: String,
    /// What colleagues see.
    pub display_name: String,
    /// When they proved the address theirs.
    pub email_verified_at: Option<Time>,
    /// Their organization.
    pub organization_id: Uuid,
    /// Its name.
    pub organization_name: String,
    /// owner, admin, agent.
    pub role: String,
    /// invited, active, disabled.
    pub status: String,
}

/// The person behind a token; none when there is no such person, or they belong to no organization.
///
/// # Errors
/// When the store does not answer.
pub async fn member_by_user(conn: &mut PgConnection, user: Uuid) -> Result<Option<MemberRow>, StoreError> {
    let row = sqlx::query_as!(
        MemberRow,
        r#"
        SELECT u.id AS user_id, u.email, u.display_name, u.email_verified_at,
               m.organization_id, o.name AS organization_name, m.role, m.status
          FROM users u
          JOIN memberships m ON m.user_id = u.id
          JOIN organizations o ON o.id = m.organization_id
         WHERE u.id = $1
        "#,
        user,
    );
    Ok(row.fetch_optional(conn).await?)
}

/// What a password is checked against.
#[derive(Clone)]
pub struct CredentialRow {
    /// The person.
    pub user_id: Uuid,
    /// Argon2id, in the PHC format.
    pub password_hash: String,
    /// A new password must be chosen first.
    pub must_change: bool,
}

impl std::fmt::Debug for CredentialRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialRow").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// The credential of the account with this address.
///
/// # Errors
/// When the store does not answer.
pub async fn credential_by_email(
    conn: &mut PgConnection,
    email: &str,
) -> Result<Option<CredentialRow>, StoreError> {
    let row = sqlx::query_as!(
        CredentialRow,
        r#"
        SELECT c.user_id, c.password_hash, c.must_change
          FROM local_credentials c JOIN users u ON u.id = c.user_id
         WHERE u.email = $1
        "#,
        email,
    );
    Ok(row.fetch_optional(conn).await?)
}

/// The password a person chose themselves: their invitation, if there is one, is accepted with it, and their address
/// is theirs, because the challenge was reached with what that address received.
///
/// # Errors
/// When the store does not answer.
pub async fn choose_password(
    conn: &mut PgConnection,
    user: Uuid,
    password_hash: &str,
    now: Time,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE local_credentials
           SET password_hash = $2, must_change = false, updated_at = $3
         WHERE user_id = $1
        "#,
        user,
        password_hash,
        now,
    )
    .execute(&mut *conn)
    .await?;
    let joined = sqlx::query!(
        "UPDATE memberships SET status = 'active', joined_at = $2 WHERE user_id = $1 AND status = 'invited'",
        user,
        now,
    );
    if joined.execute(&mut *conn).await?.rows_affected() > 0 {
        verify_email(conn, user, now).await?;
    }
    Ok(())
}

/// The address is theirs.
///
/// # Errors
/// When the store does not answer.
pub async fn verify_email(conn: &mut PgConnection, user: Uuid, now: Time) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE users SET email_verified_at = $2 WHERE id = $1 AND email_verified_at IS NULL",
        user,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A person whose address may need proof.
#[derive(Clone, Debug)]
pub struct AddressRow {
    /// The person.
    pub user_id: Uuid,
    /// When they proved it.
    pub email_verified_at: Option<Time>,
}

/// The person with this address.
///
/// # Errors
/// When the store does not answer.
pub async fn person_by_email(conn: &mut PgConnection, email: &str) -> Result<Option<AddressRow>, StoreError> {
    let row = sqlx::query_as!(
        AddressRow,
        "SELECT id AS user_id, email_verified_at FROM users WHERE email = $1",
        email
    );
    Ok(row.fetch_optional(conn).await?)
}

/// Everything a new organization starts with.
#[derive(Clone)]
pub struct NewOrganization {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The owner's id.
    pub owner: Uuid,
    /// The owner's address, lower case.
    pub email: String,
    /// What colleagues will see.
    pub display_name: String,
    /// Already proved, in development.
    pub email_verified: bool,
    /// What the owner signs in with; none with an outside identity provider.
    pub password_hash: Option<String>,
    /// Pending, or active in development.
    pub billing: BillingState,
    /// How many lines it may have.
    pub line_slots: i32,
    /// How many members it may have.
    pub seats: i32,
    /// Now.
    pub now: Time,
}

impl std::fmt::Debug for NewOrganization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewOrganization")
            .field("id", &self.id)
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

/// Makes organization, owner and billing; false when the address is taken, and nothing was made.
///
/// # Errors
/// When the store does not do it.
pub async fn add_organization(
    conn: &mut PgConnection,
    scope: OrgScope,
    new: &NewOrganization,
) -> Result<bool, StoreError> {
    let verified_at = new.email_verified.then_some(new.now);
    // The address decides: who inserts it first owns it, without a look before.
    let added = sqlx::query!(
        r#"
        INSERT INTO users (id, email, display_name, email_verified_at, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (email) DO NOTHING
        "#,
        new.owner,
        new.email,
        new.display_name,
        verified_at,
        new.now,
    );
    if added.execute(&mut *conn).await?.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        r#"
        WITH organization AS (
            INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, $3)
        ), membership AS (
            INSERT INTO memberships (organization_id, user_id, role, status, joined_at)
            VALUES ($1, $4, 'owner', 'active', $3)
        )
        INSERT INTO billing (organization_id, state, line_slots, seats, updated_at) VALUES ($1, $5, $6, $7, $3)
        "#,
        scope.organization.0,
        new.name,
        new.now,
        new.owner,
        new.billing.to_string(),
        new.line_slots,
        new.seats,
    )
    .execute(&mut *conn)
    .await?;
    if let Some(hash) = &new.password_hash {
        sqlx::query!(
            "INSERT INTO local_credentials (user_id, password_hash, updated_at) VALUES ($1, $2, $3)",
            new.owner,
            hash,
            new.now,
        )
        .execute(conn)
        .await?;
    }
    Ok(true)
}

/// A member who can sign in at once.
#[derive(Clone)]
pub struct NewMember {
    /// Who.
    pub user: Uuid,
    /// Where they sign in.
    pub email: String,
    /// What colleagues call them.
    pub display_name: String,
    /// What they are.
    pub role: String,
    /// The hash of their password.
    pub password_hash: String,
}

impl std::fmt::Debug for NewMember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMember")
            .field("user", &self.user)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// Adds an active member with a verified address; false when the address is taken, and nothing was added.
///
/// # Errors
/// When the store does not do it.
pub async fn add_member(
    conn: &mut PgConnection,
    scope: OrgScope,
    new: &NewMember,
) -> Result<bool, StoreError> {
    let added = sqlx::query!(
        r#"
        WITH person AS (
            INSERT INTO users (id, email, display_name, email_verified_at) VALUES ($1, $2, $3, now())
            ON CONFLICT (email) DO NOTHING
            RETURNING id
        ), credential AS (
            INSERT INTO local_credentials (user_id, password_hash) SELECT id, $4 FROM person
        )
        INSERT INTO memberships (organization_id, user_id, role, status, joined_at)
        SELECT $5, id, $6, 'active', now() FROM person
        "#,
        new.user,
        new.email,
        new.display_name,
        new.password_hash,
        scope.organization.0,
        new.role,
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected() == 1)
}
