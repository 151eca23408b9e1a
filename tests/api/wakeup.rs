//! The row "wakeup by owner/admin" of the command table, through the outer door. Phones and the phone network bring the
//! lines where they are; rows are written only for what would take them hours.

use super::{
    people::agent,
    scenes::{closed, order, resting, until, until_sendable},
    support::{Owner, TestBed, client::Reply},
};
use serde_json::{Value, json};

async fn wake(bed: &TestBed, owner: &Owner, line: &str) -> Reply {
    bed.post(&format!("/api/lines/{line}/wakeup")).bearer(&owner.token).send().await
}

#[tokio::test]
async fn a_line_that_a_wakeup_cannot_help_is_left_alone_and_the_answer_says_why() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let created = bed.line(&owner).await;
    order(&bed, &owner, &created, "stop").await;
    until(&bed, &owner, &created, "created").await;
    let unlinked = closed(&bed, &owner, json!({"kind": "close", "code": 401}), "logged_out").await;
    let locked = closed(&bed, &owner, json!({"kind": "close", "code": 403}), "locked").await;
    let ban = json!({"kind": "close", "code": 402, "until": "2099-01-01T00:00:00Z"});
    let banned_for_now = closed(&bed, &owner, ban, "banned").await;
    let banned = closed(&bed, &owner, json!({"kind": "close", "code": 406}), "banned").await;
    for (line, reason) in [
        (&created, "not_paired"),
        (&unlinked, "logged_out"),
        (&locked, "locked"),
        (&banned_for_now, "temporarily_banned"),
        (&banned, "banned"),
    ] {
        let woken = wake(&bed, &owner, line).await.expect_status(200);
        let told = json!({"requested": true, "outcome": "not_wakeable", "reason": reason, "command": null});
        assert_eq!(woken.body["wakeup"], told);
    }
    // A stop order does not shorten a cool-down either.
    order(&bed, &owner, &locked, "stop").await;
    let woken = wake(&bed, &owner, &locked).await.expect_status(200);
    assert_eq!(
        (woken.text("/wakeup/outcome"), woken.text("/wakeup/reason")),
        ("not_wakeable".into(), "stopped".into())
    );
    assert_eq!(bed.shown_line(&owner, &locked).await["lifecycleState"], "stopped");
    let made: i64 = sqlx::query_scalar("select count(*) from line_commands where kind = 'wakeup'")
        .fetch_one(bed.sql())
        .await
        .unwrap();
    assert_eq!(made, 0);
}

#[tokio::test]
async fn a_line_at_work_needs_no_wakeup_and_health_answers_in_the_same_words() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let pairing = bed.line(&owner).await;
    until(&bed, &owner, &pairing, "pairing").await;
    let connected = bed.line(&owner).await;
    bed.pair(&owner, &connected).await;
    for line in [&pairing, &connected] {
        let token = bed.line_token(&owner, line).await;
        let woken = wake(&bed, &owner, line).await.expect_status(200);
        let told = json!({"requested": true, "outcome": "already_running", "reason": null, "command": null});
        assert_eq!(woken.body["wakeup"], told);
        let health = bed.get("/api/v1/health").bearer(&token).send().await.expect_status(200);
        assert_eq!(health.body["wakeup"], told);
    }
    let colleague = agent(&bed, &owner).await;
    let refused = bed.post(&format!("/api/lines/{connected}/wakeup")).bearer(&colleague.token).send().await;
    refused.expect_problem(403, "forbidden");
    sqlx::query("update billing set state = 'restricted'").execute(bed.sql()).await.unwrap();
    let woken = wake(&bed, &owner, &connected).await.expect_status(200);
    let told = json!({"requested": true, "outcome": "not_wakeable", "reason": "billing_restricted", "command": null});
    assert_eq!(woken.body["wakeup"], told);
}

#[tokio::test]
async fn a_line_that_waits_long_for_its_next_try_is_tried_at_once_when_a_person_wakes_it() {
    let mut bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    // As after an outage of an hour: the next pause is one of minutes.
    bed.stop_service().await;
    sqlx::query(r#"update lines set history = '{"backoff_step": 12}'"#).execute(bed.sql()).await.unwrap();
    bed.start_service().await;
    until_sendable(&bed, &owner, &line).await;
    bed.simulator().fault(&line, &json!({"kind": "drop"})).await;
    until(&bed, &owner, &line, "reconnecting").await;
    let token = bed.line_token(&owner, &line).await;
    let polled = bed.get("/api/v1/health").bearer(&token).send().await.expect_status(200);
    assert_eq!(polled.body["wakeup"]["outcome"], "already_running", "a poller does not hurry it");
    let woken = wake(&bed, &owner, &line).await.expect_status(200);
    assert_eq!(woken.text("/wakeup/outcome"), "queued");
    until_sendable(&bed, &owner, &line).await;
    let (made, succeeded): (i64, i64) = sqlx::query_as(
        "select count(*), count(*) filter (where state = 'succeeded') from line_commands where kind = 'wakeup'",
    )
    .fetch_one(bed.sql())
    .await
    .unwrap();
    assert_eq!((made, succeeded), (1, 1));
    // The pauses start anew: the next one is short, and needs no help.
    bed.simulator().fault(&line, &json!({"kind": "drop"})).await;
    until(&bed, &owner, &line, "reconnecting").await;
    let woken = wake(&bed, &owner, &line).await.expect_status(200);
    assert_eq!(woken.text("/wakeup/outcome"), "already_running");
    until_sendable(&bed, &owner, &line).await;
}

#[tokio::test]
async fn a_line_that_was_given_up_taken_over_or_orphaned_is_woken_with_a_fresh_budget() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let failed =
        json!({"state": "failed", "reason": "restart_budget_spent", "retry_at": "2099-01-01T00:00:00Z"});
    let lines = [
        (resting(&bed, &owner, failed).await, "failed"),
        (resting(&bed, &owner, json!({"state": "locked", "until": null})).await, "locked"),
        (resting(&bed, &owner, json!({"state": "connected", "generation": 1})).await, "orphaned"),
        (closed(&bed, &owner, json!({"kind": "close", "code": 440}), "replaced").await, "replaced"),
    ];
    for (line, lifecycle) in &lines {
        assert_eq!(bed.shown_line(&owner, line).await["lifecycleState"], *lifecycle);
        let woken = wake(&bed, &owner, line).await.expect_status(200);
        assert_eq!(woken.text("/wakeup/outcome"), "queued", "{lifecycle}");
        assert_eq!(woken.body["wakeup"]["reason"], Value::Null);
        assert_eq!(woken.text("/wakeup/command/kind"), "wakeup");
        until_sendable(&bed, &owner, line).await;
        let settled: (String, Option<i64>) = sqlx::query_as(
            "select c.state, (l.history ->> 'deaths')::bigint from line_commands c join lines l on l.id = c.line_id
             where c.line_id = $1::uuid and c.kind = 'wakeup'",
        )
        .bind(line)
        .fetch_one(bed.sql())
        .await
        .unwrap();
        // An orphan failed nobody: its budget is as it was.
        let deaths = if *lifecycle == "orphaned" { 5 } else { 0 };
        assert_eq!(settled, ("succeeded".to_owned(), Some(deaths)), "{lifecycle}");
    }
}

#[tokio::test]
async fn a_line_whose_client_was_refused_is_woken_as_a_probe() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = closed(&bed, &owner, json!({"kind": "close", "code": 405}), "failed").await;
    assert_eq!(bed.shown_line(&owner, &line).await["reason"], "client_outdated");
    let woken = wake(&bed, &owner, &line).await.expect_status(200);
    assert_eq!(woken.text("/wakeup/outcome"), "queued");
    until_sendable(&bed, &owner, &line).await;
}
