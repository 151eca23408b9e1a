//! More callers than connections.

use super::support::{
    database::{TestDatabase, pool},
    eventually,
};
use ezw::{
    config,
    store::{Db, StoreError},
};
use futures_util::{StreamExt as _, future::join_all, stream};
use std::{collections::BTreeSet, time::Duration};

fn db(database: &TestDatabase, max_connections: u32, patience: Duration) -> Db {
    let settings = config::Database {
        url: database.url.clone(),
        max_connections,
        acquire_timeout: patience,
        statement_timeout: Duration::from_secs(60),
        lock_timeout: Duration::from_secs(60),
        idle_in_transaction_timeout: Duration::from_secs(60),
    };
    Db::new(&settings, "ezw-test", tokio::runtime::Handle::current()).unwrap()
}

/// The number of the connection that did it.
async fn work(db: &Db) -> Result<i32, StoreError> {
    let work = "select pg_backend_pid() from pg_sleep(0.02)";
    db.run(move |conn| Box::pin(async move { Ok(sqlx::query_scalar(work).fetch_one(conn).await?) })).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_waiters_loses_no_connection() {
    let database = TestDatabase::create().await;
    // Most of them cannot be served within their patience: they ask again, as lines do.
    let db = &db(&database, 2, Duration::from_millis(400));
    let until_done = |_| async move {
        loop {
            match work(db).await {
                Ok(connection) => return connection,
                Err(StoreError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(broken) => panic!("{broken}"),
            }
        }
    };
    let connections: BTreeSet<i32> =
        stream::iter(0..300).map(until_done).buffer_unordered(300).collect().await;
    assert!(connections.len() <= 2, "connections were lost and opened anew: {connections:?}");
}

#[tokio::test]
async fn lines_leave_half_of_the_connections_to_everybody_else() {
    let database = TestDatabase::create().await;
    let (sql, db) = (pool(&database.url).await, db(&database, 4, Duration::from_secs(30)));
    let mut gate = sql.acquire().await.unwrap();
    sqlx::query("select pg_advisory_lock(7)").execute(&mut *gate).await.unwrap();
    let lines = db.for_lines();
    let stuck = (0..20).map(|_| {
        lines.unit(|conn| {
            Box::pin(async move {
                sqlx::query("select pg_advisory_xact_lock_shared(7)").execute(conn).await?;
                Ok::<_, StoreError>(())
            })
        })
    });
    let others = async {
        let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted";
        eventually("both connections of the lines are stuck", || async {
            let count: i64 = sqlx::query_scalar(waiting).fetch_one(&sql).await.unwrap();
            (count == 2).then_some(())
        })
        .await;
        work(&db).await.unwrap();
        let count: i64 = sqlx::query_scalar(waiting).fetch_one(&sql).await.unwrap();
        assert_eq!(count, 2, "a third connection went to lines");
        sqlx::query("select pg_advisory_unlock(7)").execute(&mut *gate).await.unwrap();
    };
    let (stuck, ()) = tokio::join!(join_all(stuck), others);
    assert!(stuck.iter().all(Result::is_ok), "every line had its turn: {stuck:?}");
}
