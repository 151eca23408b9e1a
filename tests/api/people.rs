//! Colleagues of the owner, made in the database: inviting them is not what these tests are about.

use super::support::{Owner, PASSWORD, TestBed};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) struct Colleague {
    pub(crate) id: Uuid,
    pub(crate) token: String,
}

/// An agent of the owner's organization, logged in with the owner's password.
pub(crate) async fn agent(bed: &TestBed, owner: &Owner) -> Colleague {
    let id = Uuid::now_v7();
    let email = format!("agent-{}@example.test", id.simple());
    let statements = [
        "INSERT INTO users (id, email, display_name, email_verified_at) VALUES ($1, $2, 'Agent', now())",
        "INSERT INTO memberships (organization_id, user_id, role, status, joined_at)
         SELECT m.organization_id, $1, 'agent', 'active', now() FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE u.email = $3 AND $2::text IS NOT NULL",
        "INSERT INTO local_credentials (user_id, password_hash)
         SELECT $1, c.password_hash FROM local_credentials c JOIN users u ON u.id = c.user_id
         WHERE u.email = $3 AND $2::text IS NOT NULL",
    ];
    for (index, statement) in statements.into_iter().enumerate() {
        let query = sqlx::query(statement).bind(id).bind(&email);
        let query = if index == 0 { query } else { query.bind(&owner.email) };
        query.execute(bed.sql()).await.unwrap();
    }
    let login = bed.login(&email, PASSWORD).await.expect_status(200);
    Colleague { id, token: login.text("/idToken") }
}

pub(crate) async fn permit(bed: &TestBed, line: &str, user: Uuid, view: bool, send: bool) {
    sqlx::query(
        "INSERT INTO line_permissions (organization_id, line_id, user_id, can_view, can_send)
         SELECT organization_id, id, $2, $3, $4 FROM lines WHERE id = $1::uuid
         ON CONFLICT (organization_id, line_id, user_id) DO UPDATE SET can_view = $3, can_send = $4",
    )
    .bind(line)
    .bind(user)
    .bind(view)
    .bind(send)
    .execute(bed.sql())
    .await
    .unwrap();
}

/// A refusal without what names the request.
pub(crate) fn refusal(mut body: Value) -> Value {
    body["requestId"] = json!(null);
    body
}
