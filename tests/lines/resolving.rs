//! Replies of unknown fate, settled by a person; and replies that a person takes back.

use super::{scenes::Scene, support::TestBed};
use serde_json::{Value, json};

const CUSTOMER: &str = "+4915550002002";

/// Connected over a provider that shows a repeated id twice. Time runs faster, for the grace after each connect.
async fn without_deduplication() -> (TestBed, Scene) {
    let bed = TestBed::options().env("EZW_LINES_SPEED", "5").start().await;
    bed.simulator().settings(&json!({"dedupeRepeatedIds": false})).await;
    let (scene, _) = Scene::connected(&bed).await;
    (bed, scene)
}

async fn resolve(bed: &TestBed, scene: &Scene, message: &str, action: &str) -> super::support::client::Reply {
    let path = format!("/api/messages/{message}/resolve");
    bed.post(&path).bearer(&scene.owner.token).json(&json!({ "action": action })).send().await
}

/// A reply that reached the phone network, of which the service heard nothing: its id and its conversation.
async fn lost_on_the_way(bed: &TestBed, scene: &Scene) -> (String, String) {
    let fault = json!({"kind": "drop_ack", "receipts": false});
    bed.simulator().fault(&scene.line, &fault).await;
    // A receipt that is due later would come after the fault.
    bed.simulator().settings(&json!({"receiptDelayMs": null})).await;
    let (id, place) = scene.send(bed, "lost", ("recipientPhoneNumber", CUSTOMER), "Lost").await;
    bed.eventually("it reached the phone network", || async {
        (bed.simulator().sends(&scene.line).await.len() == 1).then_some(())
    })
    .await;
    bed.simulator().fault(&scene.line, &json!({"kind": "drop"})).await;
    scene.until_status(bed, &place, &id, "unknown").await;
    bed.simulator().clear_faults(&scene.line).await;
    bed.simulator().settings(&json!({"receiptDelayMs": 50})).await;
    scene.until_sendable(bed).await;
    (id, place)
}

async fn kinds(bed: &TestBed, scene: &Scene) -> Vec<Value> {
    let journal = bed.simulator().journal(&scene.line).await;
    journal.into_iter().filter(|entry| entry["kind"] == "accepted" || entry["kind"] == "repeat").collect()
}

async fn audited(bed: &TestBed, message: &str, event: &str) -> i64 {
    let count = "select count(*) from audit_log where target_id = $1 and event_type = $2 and actor_user_id is not null";
    sqlx::query_scalar(count).bind(message).bind(event).fetch_one(bed.sql()).await.unwrap()
}

#[tokio::test]
async fn a_reply_of_unknown_fate_is_sent_again_on_a_persons_order_alone_and_keeps_its_id() {
    let (bed, scene) = without_deduplication().await;
    let (id, place) = lost_on_the_way(&bed, &scene).await;
    // A day later: its time is over, and that nobody knows is its final word.
    let later = "update outbound set expires_at = now() - interval '23 hours', settled_at = now(),
            failure_reason = 'outcome_unknown', unknown_since = now() - interval '24 hours'
        where message_id = $1::uuid";
    sqlx::query(later).bind(&id).execute(bed.sql()).await.unwrap();
    // The 15 s of this session in which a receipt may still come are 3 s here.
    let over =
        "select 1 from lines where id = $1::uuid and session_started_at < now() - interval '4 seconds'";
    bed.eventually("the grace is over", || async {
        sqlx::query(over).bind(&scene.line).fetch_optional(bed.sql()).await.unwrap()
    })
    .await;
    let (next, other) = scene.send(&bed, "next", ("recipientPhoneNumber", "+4915550003003"), "Next").await;
    scene.until_status(&bed, &other, &next, "delivered").await;
    assert_eq!(kinds(&bed, &scene).await.len(), 2, "nothing was sent again by itself");
    let ordered = resolve(&bed, &scene, &id, "resend").await.expect_status(200).body;
    let message = &ordered["message"];
    assert_eq!(
        (&message["status"], &message["failureReason"]),
        (&json!("unknown"), &Value::Null),
        "{message}"
    );
    assert!(message["expiresAt"].as_str() > message["updatedAt"].as_str(), "it has time again: {message}");
    resolve(&bed, &scene, &id, "resend").await;
    let settled = scene.until_status(&bed, &place, &id, "delivered").await;
    assert_eq!(settled["providerMessageId"], message["providerMessageId"]);
    let sends = kinds(&bed, &scene).await;
    let of_it = sends.iter().filter(|send| send["providerMessageId"] == message["providerMessageId"]);
    assert_eq!(of_it.map(|send| send["kind"].clone()).collect::<Vec<_>>(), ["accepted", "repeat"]);
    assert_eq!(audited(&bed, &id, "reply.resend_ordered").await, 1);
    resolve(&bed, &scene, &id, "resend").await.expect_problem(409, "message_final");
    resolve(&bed, &scene, &id, "discard").await.expect_problem(409, "message_final");
}

#[tokio::test]
async fn an_order_to_send_again_outlives_the_process_that_took_it() {
    let (mut bed, scene) = without_deduplication().await;
    let (id, place) = lost_on_the_way(&bed, &scene).await;
    // Within the grace after a connect, in which a receipt may still come: it has not left yet.
    resolve(&bed, &scene, &id, "resend").await.expect_status(200);
    bed.kill9_service();
    bed.start_service().await;
    bed.eventually_within(60, "sent again after all", || async {
        let found = scene.messages(&bed, &place).await.into_iter().find(|found| found["id"] == id)?;
        (found["status"] == "delivered").then_some(())
    })
    .await;
    let sends = bed.simulator().sends(&scene.line).await;
    assert!(sends.iter().all(|sent| *sent == sends[0]) && sends.len() == 2, "{sends:?}");
}

#[tokio::test]
async fn a_reply_that_waits_or_is_of_unknown_fate_can_be_given_up_and_a_receipt_still_wins() {
    let (bed, scene) = without_deduplication().await;
    let fault = json!({"kind": "drop_ack", "receipts": false});
    bed.simulator().fault(&scene.line, &fault).await;
    let to = ("recipientPhoneNumber", CUSTOMER);
    let (first, place) = scene.send(&bed, "a", to, "First").await;
    scene.until_status(&bed, &place, &first, "sending").await;
    let (second, _) = scene.send(&bed, "b", to, "Second").await;
    let (third, _) = scene.send(&bed, "c", to, "Third").await;
    resolve(&bed, &scene, &first, "discard").await.expect_problem(409, "message_final");
    resolve(&bed, &scene, &second, "resend").await.expect_problem(409, "message_final");
    for _ in 0..2 {
        let given_up = resolve(&bed, &scene, &second, "discard").await.expect_status(200).body;
        let message = &given_up["message"];
        assert_eq!((&message["status"], &message["failureReason"]), (&json!("failed"), &json!("discarded")));
    }
    assert_eq!(audited(&bed, &second, "reply.discarded").await, 1, "once");
    resolve(&bed, &scene, &second, "resend").await.expect_problem(409, "message_final");
    bed.simulator().fault(&scene.line, &json!({"kind": "drop"})).await;
    let unknown = scene.until_status(&bed, &place, &first, "unknown").await;
    bed.simulator().clear_faults(&scene.line).await;
    resolve(&bed, &scene, &first, "discard").await.expect_status(200);
    // Nothing of unknown fate holds it up any more.
    scene.until_status(&bed, &place, &third, "delivered").await;
    let receipt = json!({"providerMessageId": unknown["providerMessageId"], "kind": "delivered"});
    let path = format!("/v1/lines/{}/receipts", scene.line);
    let told = bed.simulator().call(reqwest::Method::POST, &path).json(&receipt).send().await;
    assert!(told.status < 300, "{}", told.raw);
    let delivered = scene.until_status(&bed, &place, &first, "delivered").await;
    assert_eq!(delivered["failureReason"], Value::Null);
    let sends = bed.simulator().sends(&scene.line).await;
    assert_eq!(sends.len(), 2, "the second one never left: {sends:?}");
}

#[tokio::test]
async fn the_queue_in_health_is_what_waits_also_while_the_line_takes_nothing() {
    let (bed, scene) = without_deduplication().await;
    bed.simulator().fault(&scene.line, &json!({"kind": "drop_ack", "receipts": false})).await;
    let to = ("recipientPhoneNumber", CUSTOMER);
    let (first, place) = scene.send(&bed, "a", to, "First").await;
    scene.until_status(&bed, &place, &first, "sending").await;
    let (second, _) = scene.send(&bed, "b", to, "Second").await;
    let (third, _) = scene.send(&bed, "c", to, "Third").await;
    let accepted = |id: String| {
        let (bed, scene, place) = (&bed, &scene, &place);
        async move { scene.until_status(bed, place, &id, "queued").await["createdAt"].clone() }
    };
    let (second_at, third_at) = (accepted(second.clone()).await, accepted(third.clone()).await);
    let queue = || async { scene.health(&bed).await["line"]["queue"].clone() };
    assert_eq!(queue().await, json!({"depth": 2, "oldestQueuedAt": second_at}), "one is on its way");
    scene.order(&bed, "stop").await;
    scene.until_status(&bed, &place, &first, "unknown").await;
    assert_eq!(
        queue().await,
        json!({"depth": 2, "oldestQueuedAt": second_at}),
        "parked, and nobody knows of the first"
    );
    resolve(&bed, &scene, &second, "discard").await.expect_status(200);
    assert_eq!(queue().await, json!({"depth": 1, "oldestQueuedAt": third_at}));
    resolve(&bed, &scene, &first, "discard").await.expect_status(200);
    bed.simulator().clear_faults(&scene.line).await;
    scene.order(&bed, "wakeup").await;
    scene.until_status(&bed, &place, &third, "delivered").await;
    assert_eq!(queue().await, json!({"depth": 0, "oldestQueuedAt": null}));
}

#[tokio::test]
async fn nothing_is_ordered_to_be_sent_again_on_a_line_that_cannot_send_but_given_up_it_can_be() {
    let (bed, scene) = without_deduplication().await;
    let (id, _) = lost_on_the_way(&bed, &scene).await;
    scene.order(&bed, "stop").await;
    let refused = resolve(&bed, &scene, &id, "resend").await.expect_problem(409, "line_not_sendable");
    assert_eq!(refused.body["line"]["reason"], "stopped");
    scene.order(&bed, "archive").await;
    let refused = resolve(&bed, &scene, &id, "resend").await.expect_problem(409, "line_not_sendable");
    assert_eq!(refused.body["line"]["reason"], "archived");
    assert_eq!(audited(&bed, &id, "reply.resend_ordered").await, 0);
    let given_up = resolve(&bed, &scene, &id, "discard").await.expect_status(200);
    assert_eq!(given_up.text("/message/failureReason"), "discarded");
}
