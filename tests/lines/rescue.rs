//! What is left behind when something ends at the wrong moment, and how it is found.

use super::{
    scenes::{Scene, assert_axes},
    support::TestBed,
};
use serde_json::{Value, json};

const CUSTOMER: &str = "+4915550002002";

async fn sql(bed: &TestBed, statement: &'static str, line: &str) {
    sqlx::query(statement).bind(line).execute(bed.sql()).await.unwrap();
}

#[tokio::test]
async fn a_line_of_ours_without_an_actor_is_not_sendable_and_is_taken_again() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    scene.order(&bed, "stop").await;
    let free = "select 1 from lines where id = $1::uuid and owner_incarnation is null";
    bed.eventually("let go", || async {
        sqlx::query(free).bind(&scene.line).fetch_optional(bed.sql()).await.unwrap()
    })
    .await;
    // As after a claim whose answer was lost: the row names this node, and nobody stands behind it.
    let stranded =
        "update lines set stopped_at = null, desired = 'running', epoch = epoch + 1, state = 'connected',
            state_detail = jsonb_build_object('state', 'connected', 'generation', generation),
            owner_incarnation = (select incarnation from nodes where dead_at is null limit 1)
        where id = $1::uuid";
    sql(&bed, stranded, &scene.line).await;
    assert_axes(&scene.health(&bed).await, 2, "LAUNCH", "orphaned", "paused");
    scene.until_sendable(&bed).await;
}

#[tokio::test]
async fn a_reply_whose_attempt_nobody_waits_for_is_rescued_and_ends() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let (id, place) = scene.send(&bed, "a", ("recipientPhoneNumber", CUSTOMER), "Hello").await;
    scene.until_status(&bed, &place, &id, "delivered").await;
    // As after a claim whose answer was lost: an attempt that began and of which no actor knows.
    let lost = "update outbound set status = 'sending', settled_at = null, deadline_at = now() - interval '31 seconds',
            attempt_started_at = now() - interval '51 seconds'
        where line_id = $1::uuid";
    sql(&bed, lost, &scene.line).await;
    scene.until_status(&bed, &place, &id, "unknown").await;
    // The provider drops repeats, so it is sent again with its one id: the recipient sees nothing new.
    bed.eventually_within(60, "sent again", || async {
        let messages = scene.messages(&bed, &place).await;
        messages.iter().any(|found| found["id"] == id && found["status"] != "unknown").then_some(())
    })
    .await;
    let kinds: Vec<Value> =
        bed.simulator().journal(&scene.line).await.into_iter().map(|e| e["kind"].clone()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "accepted").count(), 1);
    assert_eq!(kinds.iter().filter(|kind| **kind == "repeat").count(), 1);
}

#[tokio::test]
async fn a_kill_during_pairing_leaves_a_line_that_can_be_paired() {
    let mut bed = TestBed::start().await;
    let scene = Scene::unpaired(&bed).await;
    scene.order(&bed, "qr").await;
    scene.until(&bed, "pairing", |health| health["line"]["lifecycleState"] == "pairing").await;
    bed.kill9_service();
    let over = "update line_commands set expires_at = created_at + interval '1 millisecond' where line_id = $1::uuid";
    sql(&bed, over, &scene.line).await;
    sql(
        &bed,
        "update nodes set heartbeat_until = heartbeat_at, dead_at = now() where $1::uuid is not null",
        &scene.line,
    )
    .await;
    bed.start_service().await;
    scene.until(&bed, "what it was", |health| health["line"]["lifecycleState"] == "created").await;
    bed.pair(&scene.owner, &scene.line).await;
    scene.until_sendable(&bed).await;
}

#[tokio::test]
async fn an_attempt_that_was_stopped_elsewhere_ends_and_the_next_one_begins() {
    let bed = TestBed::start().await;
    let scene = Scene::unpaired(&bed).await;
    scene.order(&bed, "qr").await;
    scene.until(&bed, "pairing", |health| health["line"]["lifecycleState"] == "pairing").await;
    // As after stop and a new request on another node, which cannot ring this one's bell.
    let anew =
        "update line_commands set id = gen_random_uuid() where line_id = $1::uuid and state = 'running'";
    sql(&bed, anew, &scene.line).await;
    let own = "select 1 from lines l join line_commands c on c.line_id = l.id
        where l.id = $1::uuid and l.state = 'pairing' and c.state = 'running'
            and c.id::text = l.state_detail #>> '{pairing,command}'";
    bed.eventually("the line pairs for the open command", || async {
        sqlx::query(own).bind(&scene.line).fetch_optional(bed.sql()).await.unwrap()
    })
    .await;
    bed.pair(&scene.owner, &scene.line).await;
    scene.until_sendable(&bed).await;
}

#[tokio::test]
async fn a_scan_that_lands_after_the_pairing_was_stopped_changes_nothing_here() {
    let bed = TestBed::start().await;
    let scene = Scene::unpaired(&bed).await;
    for _ in 0..5 {
        scene.order(&bed, "qr").await;
        scene.until(&bed, "pairing", |health| health["line"]["lifecycleState"] == "pairing").await;
        // Whichever comes first: the scan may still find the code.
        let (_, status) =
            tokio::join!(scene.order(&bed, "stop"), bed.simulator().scan(&scene.line, "+4915550001001"));
        assert!(status == 200 || status == 404);
        bed.eventually("at rest, one way or the other", || async {
            let state = scene.health(&bed).await["line"]["lifecycleState"].clone();
            (state == "created" || state == "stopped").then_some(())
        })
        .await;
        if scene.health(&bed).await["line"]["lifecycleState"] == "stopped" {
            // The scan was first: the pairing had succeeded, so the stop was of a linked line.
            return;
        }
        let row: (Option<String>, i64) = sqlx::query_as(
            "select phone_number, (select count(*) from line_credentials where line_id = l.id) from lines l
             where id = $1::uuid",
        )
        .bind(&scene.line)
        .fetch_one(bed.sql())
        .await
        .unwrap();
        assert_eq!(row, (None, 0), "no number and no account is kept");
    }
}

#[tokio::test]
async fn a_strange_message_does_not_stop_a_line() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let strange = json!({"from": CUSTOMER, "text": "a\u{0}b", "pushName": "N\u{0}ul"});
    let path = format!("/v1/lines/{}/inbound", scene.line);
    bed.simulator().call(reqwest::Method::POST, &path).json(&strange).send().await;
    bed.simulator().inbound(&scene.line, CUSTOMER, "After it").await;
    let conversation = scene.conversation(&bed, CUSTOMER).await;
    let id = conversation["id"].as_str().unwrap();
    bed.eventually("what came after it", || async {
        scene.messages(&bed, id).await.iter().any(|message| message["bodyText"] == "After it").then_some(())
    })
    .await;
    bed.simulator().fault(&scene.line, &json!({"kind": "drop"})).await;
    scene.until_sendable(&bed).await;
}

#[tokio::test]
async fn an_echo_of_our_own_reply_is_no_second_message() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let (id, place) = scene.send(&bed, "a", ("recipientPhoneNumber", CUSTOMER), "Hello").await;
    let sent = scene.until_status(&bed, &place, &id, "delivered").await;
    let echo = json!({"from": CUSTOMER, "text": "Hello", "fromPhone": true,
        "providerMessageId": sent["providerMessageId"]});
    let path = format!("/v1/lines/{}/inbound", scene.line);
    bed.simulator().call(reqwest::Method::POST, &path).json(&echo).send().await;
    bed.simulator().inbound(&scene.line, CUSTOMER, "After it").await;
    bed.eventually("what came after it", || async {
        (scene.messages(&bed, &place).await[0]["bodyText"] == "After it").then_some(())
    })
    .await;
    assert_eq!(scene.messages(&bed, &place).await.len(), 2);
}

#[tokio::test]
async fn a_step_of_the_sweep_that_always_fails_keeps_no_other_from_being_done() {
    let bed = TestBed::start().await;
    let scene = Scene::unpaired(&bed).await;
    // Ending replies whose time is over comes first, and fails from now on.
    let refusals = "create function refuse() returns trigger language plpgsql as
            $$ begin raise exception 'as the test wants it'; end $$;
        create trigger refuse before update on outbound for each statement execute function refuse();";
    sqlx::raw_sql(refusals).execute(bed.sql()).await.unwrap();
    bed.eventually("it fails", || async { bed.service_log().contains("ExpireReplies").then_some(()) }).await;
    let overdue =
        "insert into line_commands (organization_id, id, line_id, kind, state, created_at, expires_at)
        select organization_id, gen_random_uuid(), id, 'wakeup', 'queued', now() - interval '9 minutes',
            now() - interval '4 minutes'
        from lines where id = $1::uuid";
    sql(&bed, overdue, &scene.line).await;
    let expired = "select 1 from line_commands
        where line_id = $1::uuid and kind = 'wakeup' and state = 'expired' and reason = 'not_started'";
    bed.eventually("the last step is done", || async {
        sqlx::query(expired).bind(&scene.line).fetch_optional(bed.sql()).await.unwrap()
    })
    .await;
}
