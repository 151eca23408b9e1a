//! Images of messages: where they are kept, and who may see them.

use super::{OrgScope, StoreError, visibility::Viewer};
use ezw_actors::{id::OrganizationId, port::KeptImage};
use sqlx::PgConnection;
use uuid::Uuid;

/// An image that is kept, and gets its row with its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttachment {
    /// The row's.
    pub id: Uuid,
    /// The bytes.
    pub kept: KeptImage,
}

impl NewAttachment {
    /// As the row holds it.
    #[must_use]
    pub fn size_bytes(&self) -> i64 {
        i64::try_from(self.kept.size_bytes).unwrap_or(i64::MAX)
    }
}

/// A new image as the columns of its row; nulls for none.
#[derive(Debug, Default)]
pub(super) struct Columns<'a> {
    pub(super) id: Option<Uuid>,
    pub(super) content_type: Option<&'a str>,
    pub(super) size_bytes: Option<i64>,
    pub(super) sha256: Option<&'a [u8]>,
    pub(super) storage_key: Option<&'a str>,
}

pub(super) fn columns(image: Option<&NewAttachment>) -> Columns<'_> {
    let Some(image) = image else { return Columns::default() };
    Columns {
        id: Some(image.id),
        content_type: Some(&image.kept.content_type),
        size_bytes: Some(image.size_bytes()),
        sha256: Some(&image.kept.sha256),
        storage_key: Some(&image.kept.storage_key),
    }
}

/// The image of a row of an outer join, if there is one.
pub(super) fn kept(
    storage_key: Option<String>,
    content_type: Option<String>,
    size_bytes: Option<i64>,
    sha256: Option<Vec<u8>>,
) -> Option<KeptImage> {
    Some(KeptImage {
        storage_key: storage_key?,
        content_type: content_type?,
        size_bytes: u64::try_from(size_bytes?).ok()?,
        sha256: sha256?.try_into().ok()?,
    })
}

/// An image, to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Of this message.
    pub message_id: Uuid,
    /// Whether they may see its conversation.
    pub visible: bool,
}

/// The image of a message of the organization, as the viewer may see it.
///
/// # Errors
/// When the store does not answer.
pub async fn seen(
    conn: &mut PgConnection,
    scope: OrgScope,
    viewer: Viewer,
    attachment: Uuid,
) -> Result<Option<Seen>, StoreError> {
    let seen = sqlx::query_as!(
        Seen,
        r#"
        SELECT m.id AS message_id,
               $3::boolean OR (
                   (c.assignee_user_id IS NULL OR c.assignee_user_id = $4)
                   AND NOT EXISTS (
                       SELECT 1 FROM line_permissions lp
                       WHERE lp.organization_id = $1 AND lp.line_id = c.line_id AND lp.user_id = $4
                         AND NOT lp.can_view)) AS "visible!"
        FROM messages m
        JOIN conversations c ON c.organization_id = m.organization_id AND c.id = m.conversation_id
        WHERE m.organization_id = $1 AND m.attachment_id = $2
        "#,
        scope.organization.0,
        attachment,
        viewer.sees_all,
        viewer.user,
    )
    .fetch_optional(conn)
    .await?;
    Ok(seen)
}

/// Where the bytes of an image are.
///
/// # Errors
/// When the store does not answer.
pub async fn find(
    conn: &mut PgConnection,
    scope: OrgScope,
    attachment: Uuid,
) -> Result<Option<KeptImage>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT storage_key, content_type, size_bytes, sha256 FROM attachments
        WHERE organization_id = $1 AND id = $2
        "#,
        scope.organization.0,
        attachment,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|row| {
        kept(Some(row.storage_key), Some(row.content_type), Some(row.size_bytes), Some(row.sha256))
    }))
}

/// Forgets an image, if no message shows it any more; the sweep of the media store takes its bytes.
///
/// # Errors
/// When the store does not do it.
pub async fn drop_unshown(
    conn: &mut PgConnection,
    scope: OrgScope,
    attachment: Uuid,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        DELETE FROM attachments a
        WHERE a.organization_id = $1 AND a.id = $2
            AND NOT EXISTS (SELECT FROM messages m WHERE m.organization_id = a.organization_id AND m.attachment_id = a.id)
        "#,
        scope.organization.0,
        attachment,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Those of `storage_keys` that no row names. Serves the sweep, so it is told the organization. None at all when this
/// database does not know the organization: then the files are another's, and none of our business.
///
/// # Errors
/// When the store does not answer.
pub async fn unnamed(
    conn: &mut PgConnection,
    organization: OrganizationId,
    storage_keys: &[String],
) -> Result<Vec<String>, StoreError> {
    let unnamed = sqlx::query_scalar!(
        r#"
        SELECT k.key AS "key!" FROM unnest($2::text[]) AS k(key)
        WHERE EXISTS (SELECT FROM organizations WHERE id = $1)
          AND NOT EXISTS (SELECT FROM attachments WHERE organization_id = $1 AND storage_key = k.key)
        "#,
        organization.0,
        storage_keys,
    )
    .fetch_all(conn)
    .await?;
    Ok(unnamed)
}
