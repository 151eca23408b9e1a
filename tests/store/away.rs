//! A network that swallows answers: no error, no end, just silence.

use super::{bed::Bed, support::way::Way};
use ezw::{
    config,
    store::{Db, StoreError},
};
use std::time::Duration;

async fn db(way: &Way) -> Db {
    let settings = config::Database {
        url: way.url.clone(),
        max_connections: 1,
        acquire_timeout: Duration::from_secs(10),
        statement_timeout: Duration::from_secs(2),
        lock_timeout: Duration::from_secs(1),
        idle_in_transaction_timeout: Duration::from_secs(5),
    };
    Db::new(&settings, "ezw-test", tokio::runtime::Handle::current()).unwrap()
}

async fn one(db: &Db) -> Result<i32, StoreError> {
    db.run(|conn| {
        Box::pin(async move { Ok(sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(conn).await?) })
    })
    .await
}

#[tokio::test]
async fn silence_in_the_middle_of_a_unit_ends_it_and_its_connection() {
    let bed = Bed::new().await;
    let way = Way::to(bed.url()).await;
    let db = db(&way).await;
    assert_eq!(one(&db).await.unwrap(), 1);
    let hush = way.hush();
    let read: Result<i32, StoreError> = db
        .run(move |conn| {
            Box::pin(async move {
                hush.silent(true);
                Ok(sqlx::query_scalar("SELECT 2").fetch_one(conn).await?)
            })
        })
        .await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(!db.answers());
    // The pool has room for one connection: nobody sits on it, and the next borrower gets another one.
    way.hush().silent(false);
    assert_eq!(one(&db).await.unwrap(), 1);
    assert!(db.answers());
}

#[tokio::test]
async fn a_commit_whose_answer_is_swallowed_is_an_error_and_may_have_been_done() {
    let bed = Bed::new().await;
    let way = Way::to(bed.url()).await;
    let db = db(&way).await;
    let hush = way.hush();
    let written: Result<(), StoreError> = db
        .unit(move |conn| {
            Box::pin(async move {
                sqlx::query("UPDATE organizations SET name = 'Renamed'").execute(conn).await?;
                hush.silent(true);
                Ok(())
            })
        })
        .await;
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
    assert_eq!(bed.count("organizations WHERE name = 'Renamed'").await, 1);
    way.hush().silent(false);
    assert_eq!(one(&db).await.unwrap(), 1);
}
