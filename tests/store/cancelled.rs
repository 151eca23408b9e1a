//! Callers that stop waiting for a unit of work: what they began ends by itself, and the next borrower of its connection
//! finds it clean.

use super::{
    bed::Bed,
    support::{eventually, way::Way},
};
use ezw::{
    config,
    store::{Db, StoreError},
};
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use std::time::Duration;

const ROUNDS: i32 = 150;

fn db(way: &Way) -> Db {
    let settings = config::Database {
        url: way.url.clone(),
        max_connections: 2,
        acquire_timeout: Duration::from_secs(30),
        statement_timeout: Duration::from_secs(30),
        lock_timeout: Duration::from_secs(10),
        // What is left open stays open, for all to see.
        idle_in_transaction_timeout: Duration::from_secs(60),
    };
    Db::new(&settings, "ezw-cancelled", tokio::runtime::Handle::current()).unwrap()
}

async fn unit(db: &Db, number: i32) -> Result<(), StoreError> {
    db.unit(move |conn| {
        Box::pin(async move {
            for half in ["first", "second"] {
                let write = "INSERT INTO written (number, half) VALUES ($1, $2)";
                sqlx::query(write).bind(number).bind(half).execute(&mut *conn).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn statement(db: &Db, number: i32) -> Result<(), StoreError> {
    db.run(move |conn| {
        Box::pin(async move {
            let write = "INSERT INTO written (number, half) VALUES ($1, 'alone')";
            sqlx::query(write).bind(number).execute(conn).await?;
            Ok(())
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_nobody_waits_for_any_more_takes_no_acknowledged_write_along() {
    let bed = Bed::new().await;
    bed.execute("CREATE TABLE written (number int NOT NULL, half text NOT NULL)").await;
    let way = Way::to(bed.url()).await;
    let db = db(&way);
    way.slow_down(Duration::from_millis(8));
    let mut rng = SmallRng::seed_from_u64(1);
    for number in 0..ROUNDS {
        let patience = Duration::from_micros(rng.random_range(0..30_000));
        let cut_off = tokio::time::timeout(patience, unit(&db, number));
        let beside = tokio::time::timeout(patience, unit(&db, ROUNDS + number));
        let _ = tokio::join!(cut_off, beside);
        statement(&db, number).await.unwrap();
        let kept = bed.count(&format!("written WHERE number = {number} AND half = 'alone'")).await;
        assert_eq!(kept, 1, "what round {number} was told is written is not there");
    }
    eventually("no connection is left inside a transaction", || async {
        let inside =
            "pg_stat_activity WHERE application_name = 'ezw-cancelled' AND datname = current_database()
            AND state <> 'idle'";
        (bed.count(inside).await == 0).then_some(())
    })
    .await;
    let halves = "(SELECT number FROM written WHERE half <> 'alone' GROUP BY number HAVING count(*) <> 2) h";
    assert_eq!(bed.count(halves).await, 0, "a unit is done as a whole or not at all");
}
