//! The people who write to a line: known by a phone number, by the provider's alias (lid), or by both.

use super::{OrgScope, StoreError, violates};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

/// A person an organization talks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContactId(pub Uuid);

/// What is known of the other side of a message. At least one of phone and lid must be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// `+` and 8 to 15 digits.
    pub phone: Option<String>,
    /// The provider's alias for the account.
    pub lid: Option<String>,
    /// What the person calls themselves.
    pub push_name: Option<String>,
}

impl Address {
    /// A person known by number alone.
    #[must_use]
    pub fn of_phone(phone: &str) -> Self {
        Self { phone: Some(phone.to_owned()), ..Self::default() }
    }
}

struct Known {
    id: Uuid,
    phone_number: Option<String>,
    lid: Option<String>,
    push_name: Option<String>,
}

/// The contact with this phone number, if the organization knows it.
///
/// # Errors
/// When the store does not answer.
pub async fn by_phone(
    conn: &mut PgConnection,
    scope: OrgScope,
    phone: &str,
) -> Result<Option<ContactId>, StoreError> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM contacts WHERE organization_id = $1 AND phone_number = $2",
        scope.organization.0,
        phone,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(ContactId))
}

/// Finds or creates the contact. When a number and an alias prove to be one person, the row with the number takes the
/// alias (and the other way round) unless another row holds it: conversations are never merged.
///
/// # Errors
/// When the store does not do it, or the address is empty.
pub async fn resolve(
    conn: &mut PgConnection,
    scope: OrgScope,
    address: &Address,
) -> Result<ContactId, StoreError> {
    if address.phone.is_none() && address.lid.is_none() {
        return Err(StoreError::Unfit("a contact needs a phone number or a lid".to_owned()));
    }
    // Again: the row that beat our insert is committed by the time ON CONFLICT lets us go on, and one that was found may
    // be erased by the time it is held.
    for _ in 0..3 {
        if let Some(known) = find(conn, scope, address).await? {
            complete(conn, scope, &known, address).await?;
            if hold(conn, scope, known.id).await? {
                return Ok(ContactId(known.id));
            }
            continue;
        }
        if let Some(id) = create(conn, scope, address).await? {
            return Ok(ContactId(id));
        }
    }
    Err(StoreError::Unavailable("the contact was being changed by others".to_owned()))
}

/// The contact, held as [`resolve`] holds it, if the organization knows one; none is created, and none completed.
///
/// # Errors
/// When the store does not answer.
pub async fn known(
    conn: &mut PgConnection,
    scope: OrgScope,
    address: &Address,
) -> Result<Option<ContactId>, StoreError> {
    let Some(known) = find(conn, scope, address).await? else { return Ok(None) };
    Ok(hold(conn, scope, known.id).await?.then_some(ContactId(known.id)))
}

/// Nobody erases the contact before what is written to its conversation in this transaction is there to be erased with
/// it. False when it was erased already. Not before [`complete`]: two that hold it so could not both change it.
async fn hold(conn: &mut PgConnection, scope: OrgScope, contact: Uuid) -> Result<bool, StoreError> {
    let held = sqlx::query_scalar!(
        r#"
        SELECT 1 AS "one!" FROM contacts WHERE organization_id = $1 AND id = $2 AND erased_at IS NULL FOR KEY SHARE
        "#,
        scope.organization.0,
        contact,
    )
    .fetch_optional(conn)
    .await?;
    Ok(held.is_some())
}

/// The row with the number comes first: it is the one that people recognize.
async fn find(
    conn: &mut PgConnection,
    scope: OrgScope,
    address: &Address,
) -> Result<Option<Known>, StoreError> {
    let known = sqlx::query_as!(
        Known,
        r#"
        SELECT id, phone_number, lid, push_name
        FROM contacts
        WHERE organization_id = $1 AND (phone_number = $2 OR lid = $3)
        ORDER BY (phone_number IS NOT DISTINCT FROM $2) DESC
        LIMIT 1
        "#,
        scope.organization.0,
        address.phone,
        address.lid,
    )
    .fetch_optional(conn)
    .await?;
    Ok(known)
}

async fn create(
    conn: &mut PgConnection,
    scope: OrgScope,
    address: &Address,
) -> Result<Option<Uuid>, StoreError> {
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO contacts (organization_id, id, phone_number, lid, push_name)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        RETURNING id
        "#,
        scope.organization.0,
        Uuid::now_v7(),
        address.phone,
        address.lid,
        address.push_name,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

async fn complete(
    conn: &mut PgConnection,
    scope: OrgScope,
    known: &Known,
    address: &Address,
) -> Result<(), StoreError> {
    // A row's own number or alias is never replaced: a different one is another person, or another account.
    let phone = address.phone.as_deref().filter(|_| known.phone_number.is_none());
    let lid = address.lid.as_deref().filter(|_| known.lid.is_none());
    let name = address.push_name.as_deref().filter(|name| known.push_name.as_deref() != Some(*name));
    if phone.is_some() || lid.is_some() {
        take_alias(conn, scope, known.id, phone, lid).await?;
    }
    if let Some(name) = name {
        sqlx::query!(
            "UPDATE contacts SET push_name = $3 WHERE organization_id = $1 AND id = $2 AND erased_at IS NULL",
            scope.organization.0,
            known.id,
            name,
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// In a savepoint: that another row holds the alias must not cost the caller's transaction.
async fn take_alias(
    conn: &mut PgConnection,
    scope: OrgScope,
    contact: Uuid,
    phone: Option<&str>,
    lid: Option<&str>,
) -> Result<(), StoreError> {
    let mut savepoint = conn.begin().await?;
    let taken = sqlx::query!(
        r#"
        UPDATE contacts
        SET phone_number = coalesce(phone_number, $3), lid = coalesce(lid, $4)
        WHERE organization_id = $1 AND id = $2 AND erased_at IS NULL
        "#,
        scope.organization.0,
        contact,
        phone,
        lid,
    )
    .execute(&mut *savepoint)
    .await;
    match taken {
        Ok(_) => savepoint.commit().await?,
        Err(error) if held_elsewhere(&error) => savepoint.rollback().await?,
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn held_elsewhere(error: &sqlx::Error) -> bool {
    violates(error, "contacts_organization_id_phone_number_key")
        || violates(error, "contacts_organization_id_lid_key")
}
