//! An organization with an owner, an agent and a line in a database of its own.

use super::support::database::{TestDatabase, pool};
use ezw::{
    config,
    store::{
        Db, OrgScope,
        replies::{self, Accepted, Limits, Refusal, Reply, Target},
    },
};
use ezw_actors::{
    Trust,
    clock::{Clock as _, SystemClock},
    id::{ConversationId, LineId, OrganizationId},
    lines::Lines,
};
use secrecy::SecretString;
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

pub(crate) struct Bed {
    pub(crate) db: Db,
    pub(crate) sql: PgPool,
    pub(crate) scope: OrgScope,
    pub(crate) owner: Uuid,
    pub(crate) agent: Uuid,
    pub(crate) line: LineId,
    pub(crate) lines: Lines,
    database: TestDatabase,
}

/// A person of the bed's organization.
/// What the processes of these tests would tell the provider they are.
pub(crate) fn client() -> ezw::store::breaker::Client {
    ezw::store::breaker::Client { provider: "simulated", version: "1".into() }
}

pub(crate) async fn member(sql: &PgPool, organization: Uuid, role: &str) -> Uuid {
    let user = Uuid::now_v7();
    sqlx::query("INSERT INTO users (id, email, display_name, email_verified_at) VALUES ($1, $2, $3, now())")
        .bind(user)
        .bind(format!("{user}@example.test"))
        .bind(role)
        .execute(sql)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO memberships (organization_id, user_id, role, status, joined_at) VALUES ($1, $2, $3, 'active', now())",
    )
    .bind(organization)
    .bind(user)
    .bind(role)
    .execute(sql)
    .await
    .unwrap();
    user
}

impl Bed {
    /// The line is connected, and owned by a live node.
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::create().await;
        ezw::migrations::apply(&database.url).await.expect("the migrations apply");
        let sql = pool(&database.url).await;
        let settings = config::Database {
            url: database.url.clone(),
            max_connections: 40,
            acquire_timeout: Duration::from_secs(60),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(30),
            idle_in_transaction_timeout: Duration::from_secs(5),
        };
        let db = Db::new(&settings, "ezw-test", tokio::runtime::Handle::current()).unwrap();
        let organization = Uuid::now_v7();
        sqlx::query("INSERT INTO organizations (id, name) VALUES ($1, 'Test')")
            .bind(organization)
            .execute(&sql)
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO billing (organization_id, state, line_slots, seats) VALUES ($1, 'active', 3, 5)",
        )
        .bind(organization)
        .execute(&sql)
        .await
        .unwrap();
        let owner = member(&sql, organization, "owner").await;
        let agent = member(&sql, organization, "agent").await;
        let scope = OrgScope::of(OrganizationId(organization));
        let clock = Arc::new(SystemClock);
        let lines = Lines::new(clock.clone(), Arc::new(Trust::none(clock.monotonic())));
        let line = connected_line(&sql, organization).await;
        Self { db, sql, scope, owner, agent, line, lines, database }
    }

    /// Where its database is.
    pub(crate) fn url(&self) -> &SecretString {
        &self.database.url
    }

    pub(crate) fn reply(&self, key: &str, target: Target, text: &str) -> Reply {
        Reply {
            user: self.owner,
            line: self.line,
            fingerprint: replies::fingerprint(&target, Some(text), None),
            target,
            body_text: Some(text.into()),
            image: None,
            key: key.into(),
            expected_version: None,
            provider_message_id: format!("3EB0{}", Uuid::new_v4().simple()),
            traceparent: None,
            limits: Limits { queue_rows: 10_000, new_contacts_per_hour: 1_000 },
            lines: self.lines.clone(),
        }
    }

    pub(crate) async fn accept(&self, reply: Reply) -> Result<Accepted, Refusal> {
        let scope = self.scope;
        self.db.unit(move |conn| Box::pin(async move { replies::accept(conn, scope, &reply).await })).await
    }

    /// A conversation with a number, opened by a reply.
    pub(crate) async fn conversation(&self, phone: &str) -> ConversationId {
        let first = self.reply(&Uuid::new_v4().to_string(), Target::Phone(phone.into()), "first");
        ConversationId(self.accept(first).await.unwrap().message.conversation_id)
    }

    pub(crate) async fn count(&self, table_and_filter: &str) -> i64 {
        let statement = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table_and_filter}"));
        sqlx::query_scalar(statement).fetch_one(&self.sql).await.unwrap()
    }

    pub(crate) async fn execute(&self, statement: &str) {
        sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&self.sql).await.unwrap();
    }

    /// From now on writing to this table fails like this.
    pub(crate) async fn fail_writes(&self, table: &str, code: &str) {
        self.execute(&format!(
            r#"
            CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'as the test wants it' USING ERRCODE = '{code}'; END $$
            "#
        ))
        .await;
        let trigger = "CREATE OR REPLACE TRIGGER fail BEFORE INSERT";
        self.execute(&format!("{trigger} ON {table} FOR EACH ROW EXECUTE FUNCTION fail()")).await;
    }

    pub(crate) async fn set_state(&self, detail: &str) {
        let state: serde_json::Value = serde_json::from_str(detail).unwrap();
        sqlx::query("UPDATE lines SET state = $2, state_detail = $3 WHERE id = $1")
            .bind(self.line.0)
            .bind(state["state"].as_str().unwrap())
            .bind(&state)
            .execute(&self.sql)
            .await
            .unwrap();
    }
}

async fn connected_line(sql: &PgPool, organization: Uuid) -> LineId {
    let (line, node) = (Uuid::now_v7(), Uuid::now_v7());
    sqlx::query(
        "INSERT INTO nodes (incarnation, name, version, heartbeat_until, takes_lines)
         VALUES ($1, 'one', '0', now() + interval '1 hour', false)",
    )
    .bind(node)
    .execute(sql)
    .await
    .unwrap();
    sqlx::query(
        r#"
        INSERT INTO lines (organization_id, id, display_name, phone_number, state, state_detail, epoch, desired,
                           owner_incarnation)
        VALUES ($1, $2, 'Support', '+4930123456', 'connected', '{"state":"connected","generation":1}', 1, 'running', $3)
        "#,
    )
    .bind(organization)
    .bind(line)
    .bind(node)
    .execute(sql)
    .await
    .unwrap();
    LineId(line)
}
