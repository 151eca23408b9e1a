//! One line that gave up, and thousands of pollers that would have it back.

use super::{
    alone,
    support::{
        Owner, TestBed,
        client::{self, Call, Reply},
        fleet::{self, FleetLine, Rest},
    },
};
use chrono::TimeDelta;
use futures_util::{StreamExt as _, stream};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

const POLLS: usize = 5_000;

/// A line that failed, with its account, that nobody is due to start for an hour.
async fn failed_line(bed: &TestBed, line: &[FleetLine]) -> Owner {
    let owner = bed.signup().await;
    let retry_at = fleet::now(bed.sql()).await + TimeDelta::hours(1);
    fleet::enter(bed.sql(), &owner, line, &Rest::failed(retry_at)).await;
    owner
}

#[tokio::test]
async fn five_thousand_polls_at_once_on_a_failed_line_make_one_wakeup_and_one_start() {
    let _alone = alone().await;
    let line = fleet::plan(1);
    let bed = TestBed::options()
        .linked(&line)
        .env("EZW_HTTP_RATE_PER_SECOND", "100000")
        .env("EZW_HTTP_RATE_BURST", "100000")
        .start()
        .await;
    failed_line(&bed, &line).await;
    let (token, pollers) = (&line[0].token, client::of_many());
    let poll = || async {
        let asked = Instant::now();
        let reply =
            Call::new(pollers.get(format!("{}/api/v1/health", bed.base()))).bearer(token).try_send().await;
        (asked.elapsed(), reply)
    };
    let answers: Vec<(Duration, reqwest::Result<Reply>)> =
        stream::iter(0..POLLS).map(|_| poll()).buffer_unordered(POLLS).collect().await;
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for (_, reply) in &answers {
        let answer = match reply {
            Ok(reply) => match reply.body.pointer("/wakeup/outcome").and_then(|outcome| outcome.as_str()) {
                Some(outcome) => format!("{} {outcome}", reply.status),
                None => format!("{} {}", reply.status, reply.body["code"]),
            },
            Err(error) => format!("no answer: {error:?}"),
        };
        *said.entry(answer).or_default() += 1;
    }
    let slowest = answers.iter().map(|(took, _)| *took).max().unwrap();
    println!("{POLLS} polls: {said:?}, the slowest took {slowest:?}");
    let wanted = ["200 queued", "200 already_queued", "200 already_running"];
    assert!(said.keys().all(|answer| wanted.contains(&answer.as_str())), "{said:?}");
    assert_eq!(said.get("200 queued"), Some(&1), "{said:?}");
    one_start(&bed, &line[0]).await;
}

/// One command ever, and one start that came of it.
async fn one_start(bed: &TestBed, line: &FleetLine) {
    bed.eventually("sendable", || async {
        let health =
            bed.get("/api/v1/health?wakeup=false").bearer(&line.token).send().await.expect_status(200);
        (health.body["line"]["sendable"] == true).then_some(())
    })
    .await;
    let commands: Vec<(String, String)> =
        sqlx::query_as("select kind, state from line_commands where line_id = $1::uuid")
            .bind(&line.id)
            .fetch_all(bed.sql())
            .await
            .unwrap();
    assert_eq!(commands, [("wakeup".to_owned(), "succeeded".to_owned())]);
    let (epoch, generation): (i64, i64) =
        sqlx::query_as("select epoch, generation from lines where id = $1::uuid")
            .bind(&line.id)
            .fetch_one(bed.sql())
            .await
            .unwrap();
    assert_eq!((epoch, generation), (1, 1));
    let connects = bed.simulator().journal(&line.id).await;
    assert_eq!(connects.iter().filter(|entry| entry["kind"] == "connect").count(), 1, "{connects:?}");
}
