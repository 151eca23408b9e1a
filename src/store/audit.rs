//! Who did what, written in the transaction of the change. Never a token, a body or a full phone number in `data`.
//! Numbers and hashes are filled after the commit.

use super::{OrgScope, StoreError};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person of the workspace.
    User(Uuid),
    /// The service itself, or a program with a line token.
    System,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What happened: `line.created`, `reply.accepted`.
    pub event_type: &'static str,
    /// Who did it.
    pub actor: Actor,
    /// To what kind of thing: `line`, `message`.
    pub target_type: &'static str,
    /// To which one.
    pub target_id: Uuid,
    /// What else an auditor needs to know.
    pub data: Value,
}

/// Writes the entry.
///
/// # Errors
/// When the store does not do it.
pub async fn add(conn: &mut PgConnection, scope: OrgScope, entry: Entry) -> Result<(), StoreError> {
    let actor = match entry.actor {
        Actor::User(id) => Some(id),
        Actor::System => None,
    };
    sqlx::query!(
        r#"
        INSERT INTO audit_log (organization_id, id, event_type, actor_user_id, target_type, target_id, data)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        "#,
        scope.organization.0,
        Uuid::now_v7(),
        entry.event_type,
        actor,
        entry.target_type,
        entry.target_id.to_string(),
        entry.data,
    )
    .execute(conn)
    .await?;
    Ok(())
}
