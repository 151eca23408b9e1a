//! The schema of this version, under the rows and the queries of the release before it.

use super::{
    kept::Kept,
    previous,
    support::{database::TestDatabase, process::service_binary},
};
use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, PgConnection};

/// The previous release's database and what is in it, migrated by this version's program.
pub(crate) async fn migrated() -> (Kept, TestDatabase) {
    let database = previous::database().await;
    let kept = Kept::read(&database).await;
    database.migrate(&service_binary());
    (kept, database)
}

#[tokio::test]
async fn the_previous_release_finds_its_rows_and_its_queries_in_this_schema() {
    let (kept, database) = migrated().await;
    assert!(kept.count() > 500, "the rows were not read");
    let complaints = kept.complaints(&database, "").await;
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
    // Once more changes nothing.
    assert_eq!(database.migrate(&service_binary()).trim(), "the schema is up to date");
}

/// The start commands of the program before, when an upgrade is taken back.
#[tokio::test]
async fn an_older_program_finds_nothing_to_migrate_in_a_newer_schema() {
    let (_, database) = migrated().await;
    let mut conn = PgConnection::connect(database.url.expose_secret()).await.unwrap();
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (9999, 'of a later release', true, '', 1)";
    sqlx::query(newer).execute(&mut conn).await.unwrap();
    assert_eq!(database.migrate(&service_binary()).trim(), "the schema is up to date");
}

#[tokio::test]
async fn the_kept_rows_are_those_of_a_release_at_work() {
    let database = previous::database().await;
    let mut conn = PgConnection::connect(database.url.expose_secret()).await.unwrap();
    let folded: Vec<String> = sqlx::query_scalar(
        "select format('line %s: %s transitions up to %s, its version is %s', l.id, count(*), max(t.version), l.version)
         from lines l left join line_transitions t on t.organization_id = l.organization_id and t.line_id = l.id
         group by l.organization_id, l.id
         having count(t.*) <> l.version
             or not bool_and(t.version < l.version or (t.to_state = l.state and t.state_detail = l.state_detail))",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert!(folded.is_empty(), "{folded:?}");
    let states: Vec<String> =
        sqlx::query_scalar("select distinct state from lines").fetch_all(&mut conn).await.unwrap();
    assert!(states.len() >= 10, "only {states:?}");
}
