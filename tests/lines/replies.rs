//! Replies and what customers write, judged by what really reached the phone network.

use super::{scenes::Scene, support::TestBed};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CUSTOMER: &str = "+4915550002002";

#[tokio::test]
async fn a_customers_message_shows_in_conversations_with_its_contact() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let message = json!({"from": CUSTOMER, "text": "Where is my parcel?", "pushName": "Ada"});
    let id = bed.simulator().inbound_of(&scene.line, &message).await;
    let conversation = scene.conversation(&bed, CUSTOMER).await;
    assert_eq!(conversation["contact"]["phoneNumber"], CUSTOMER);
    assert_eq!(conversation["unreadCount"], 1);
    assert_eq!(conversation["lastMessagePreview"], "Where is my parcel?");
    // The provider delivers it again, as it does after a lost acknowledgement.
    let again = json!({"from": CUSTOMER, "text": "Where is my parcel?", "providerMessageId": id});
    bed.simulator().inbound_of(&scene.line, &again).await;
    bed.simulator().inbound(&scene.line, CUSTOMER, "Second").await;
    let id = conversation["id"].as_str().unwrap();
    let messages = bed
        .eventually("the second message", || async {
            let messages = scene.messages(&bed, id).await;
            (messages[0]["bodyText"] == "Second").then_some(messages)
        })
        .await;
    assert_eq!(messages.len(), 2, "a repeat is the same message: {messages:?}");
    assert!(
        messages.iter().all(|message| message["direction"] == "inbound" && message["status"] == "received")
    );
}

#[tokio::test]
async fn replies_to_a_conversation_and_to_a_number_arrive_once_and_end_delivered() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.simulator().inbound(&scene.line, CUSTOMER, "Hello").await;
    let conversation = scene.conversation(&bed, CUSTOMER).await;
    let id = conversation["id"].as_str().unwrap();
    let (first, place) = scene.send(&bed, "a", ("conversationId", id), "It arrives today.").await;
    assert_eq!(place, id);
    let (second, other) =
        scene.send(&bed, "b", ("recipientPhoneNumber", "+4915550003003"), "Yours too.").await;
    let delivered = scene.until_status(&bed, id, &first, "delivered").await;
    assert_eq!(delivered["sentBy"], json!(scene.owner.user_id));
    scene.until_status(&bed, &other, &second, "delivered").await;
    let sends = bed.simulator().sends(&scene.line).await;
    assert_eq!(sends.len(), 2, "each reached the network once");
    assert_eq!(sends.iter().collect::<BTreeSet<_>>().len(), 2);
    assert!(
        sends.iter().all(|id| id.starts_with("3EB0") && id.len() == 22),
        "ids are minted here: {sends:?}"
    );
    assert_eq!(scene.conversation(&bed, CUSTOMER).await["unreadCount"], 0, "a reply reads what came in");
}

#[tokio::test]
async fn replies_of_one_conversation_leave_in_the_order_they_were_accepted() {
    let bed = TestBed::options().env("EZW_LINES_PACING_PER_SECOND", "100").start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let mut accepted = Vec::new();
    let mut place = String::new();
    for n in 0..12 {
        let (id, conversation) =
            scene.send(&bed, &format!("k{n}"), ("recipientPhoneNumber", CUSTOMER), &format!("{n}")).await;
        accepted.push(id);
        place = conversation;
    }
    let last = accepted.last().unwrap();
    scene.until_status(&bed, &place, last, "delivered").await;
    let messages = scene.messages(&bed, &place).await;
    let wanted: Vec<&Value> = messages.iter().rev().map(|message| &message["providerMessageId"]).collect();
    let sends = bed.simulator().sends(&scene.line).await;
    assert_eq!(sends.iter().map(|id| json!(id)).collect::<Vec<_>>().iter().collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn a_reply_that_the_provider_refuses_fails_with_a_reason_and_the_line_goes_on() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let words = [(479, "message_not_supported"), (400, "message_malformed"), (418, "provider_rejected")];
    for (code, reason) in words {
        bed.simulator().fault(&scene.line, &json!({"kind": "nack", "code": code})).await;
        let key = code.to_string();
        let (refused, place) = scene.send(&bed, &key, ("recipientPhoneNumber", CUSTOMER), "Refused").await;
        let refused = scene.until_status(&bed, &place, &refused, "failed").await;
        assert_eq!(refused["failureReason"], reason, "{code}");
    }
    bed.simulator().clear_faults(&scene.line).await;
    assert_eq!(scene.health(&bed).await["line"]["sendable"], true);
    let (next, place) = scene.send(&bed, "b", ("recipientPhoneNumber", CUSTOMER), "Taken").await;
    scene.until_status(&bed, &place, &next, "delivered").await;
}

#[tokio::test]
async fn a_refused_new_contact_leaves_the_line_open_for_replies_alone() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.simulator().inbound(&scene.line, CUSTOMER, "Hello").await;
    let conversation = scene.conversation(&bed, CUSTOMER).await;
    bed.simulator().fault(&scene.line, &json!({"kind": "nack", "code": 463})).await;
    let (refused, place) = scene.send(&bed, "a", ("recipientPhoneNumber", "+4915550003003"), "Cold").await;
    let refused = scene.until_status(&bed, &place, &refused, "failed").await;
    assert_eq!(refused["failureReason"], "new_contact_refused");
    bed.simulator().clear_faults(&scene.line).await;
    let health =
        scene.until(&bed, "restricted", |health| health["line"]["lifecycleState"] == "restricted").await;
    assert_eq!(
        (&health["line"]["sendable"], &health["line"]["replySendable"]),
        (&json!(false), &json!(true))
    );
    assert!(health["line"]["until"].is_string());
    let path = format!("/api/lines/{}/send", scene.line);
    let body = json!({"recipientPhoneNumber": "+4915550003004", "bodyText": "Cold"});
    let cold = bed.post(&path).bearer(&scene.owner.token).idempotency_key("b").json(&body).send().await;
    cold.expect_problem(409, "line_not_sendable");
    let id = conversation["id"].as_str().unwrap();
    let (warm, _) = scene.send(&bed, "c", ("conversationId", id), "Warm").await;
    scene.until_status(&bed, id, &warm, "delivered").await;
}

#[tokio::test]
async fn a_reply_whose_time_is_over_expires_and_is_never_sent() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    sqlx::query("update organizations set reply_expiry_seconds = 300").execute(bed.sql()).await.unwrap();
    // The first one is under way for as long as nobody says it arrived, and those behind it wait.
    let fault = json!({"kind": "drop_ack", "receipts": false});
    bed.simulator().fault(&scene.line, &fault).await;
    let (first, place) = scene.send(&bed, "a", ("recipientPhoneNumber", CUSTOMER), "First").await;
    let first_shown = scene.until_status(&bed, &place, &first, "sending").await;
    bed.eventually("the first one reached the phone network", || async {
        (bed.simulator().sends(&scene.line).await.len() == 1).then_some(())
    })
    .await;
    let (late, _) = scene.send(&bed, "b", ("recipientPhoneNumber", CUSTOMER), "Late").await;
    let queued = scene.until_status(&bed, &place, &late, "queued").await;
    let time = |name: &str| queued[name].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    assert_eq!((time("expiresAt") - time("createdAt")).num_seconds(), 300, "{queued}");
    let aged = "update outbound set expires_at = now() - interval '1 second'
                where message_id = $1::uuid and status = 'queued'";
    let aged = sqlx::query(aged).bind(&late).execute(bed.sql()).await.unwrap();
    assert_eq!(aged.rows_affected(), 1);
    let expired = bed
        .eventually_within(60, "expired", || async {
            let messages = scene.messages(&bed, &place).await;
            messages.into_iter().find(|found| found["id"] == json!(late) && found["status"] == "expired")
        })
        .await;
    assert_eq!(expired["failureReason"], "expired");
    // The way is free again: what comes after it leaves, so it was passed over for good.
    bed.simulator().clear_faults(&scene.line).await;
    let receipt = json!({"providerMessageId": first_shown["providerMessageId"], "kind": "delivered"});
    let path = format!("/v1/lines/{}/receipts", scene.line);
    let told = bed.simulator().call(reqwest::Method::POST, &path).json(&receipt).send().await;
    assert!(told.status < 300, "{}", told.raw);
    scene.until_status(&bed, &place, &first, "delivered").await;
    let (next, _) = scene.send(&bed, "c", ("recipientPhoneNumber", CUSTOMER), "Next").await;
    scene.until_status(&bed, &place, &next, "delivered").await;
    let sends = bed.simulator().sends(&scene.line).await;
    assert!(!sends.iter().any(|sent| expired["providerMessageId"] == json!(sent)), "{sends:?}");
    let messages = scene.messages(&bed, &place).await;
    assert!(messages.iter().any(|found| found["id"] == json!(late) && found["status"] == "expired"));
}

#[tokio::test]
async fn what_the_owner_types_on_the_phone_is_outbound_and_sent() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.simulator().inbound(&scene.line, CUSTOMER, "Hello").await;
    let conversation = scene.conversation(&bed, CUSTOMER).await;
    let typed = json!({"from": CUSTOMER, "text": "Typed on the phone", "fromPhone": true});
    bed.simulator().inbound_of(&scene.line, &typed).await;
    let id = conversation["id"].as_str().unwrap();
    let message = bed
        .eventually("what was typed", || async {
            scene
                .messages(&bed, id)
                .await
                .into_iter()
                .find(|message| message["bodyText"] == "Typed on the phone")
        })
        .await;
    assert_eq!(message["direction"], "outbound");
    assert_eq!(message["sentBy"], Value::Null);
    assert!(message["status"] == "sent" || message["status"] == "delivered", "{message}");
}

#[tokio::test]
async fn unsupported_kinds_edits_deletes_and_groups_are_kept_as_promised() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let phones = bed.simulator();
    phones.inbound_of(&scene.line, &json!({"from": CUSTOMER, "text": "In a group", "kind": "group"})).await;
    let first = phones.inbound(&scene.line, CUSTOMER, "Frist").await;
    let second = phones.inbound(&scene.line, CUSTOMER, "Oops").await;
    phones.inbound_of(&scene.line, &json!({"from": CUSTOMER, "kind": "audio"})).await;
    let edit = json!({"from": CUSTOMER, "kind": "edit", "text": "First", "targetMessageId": first});
    phones.inbound_of(&scene.line, &edit).await;
    let delete = json!({"from": CUSTOMER, "kind": "delete", "targetMessageId": second});
    phones.inbound_of(&scene.line, &delete).await;
    let conversation = scene.conversation(&bed, CUSTOMER).await;
    let id = conversation["id"].as_str().unwrap();
    let messages = bed
        .eventually("the deletion", || async {
            let messages = scene.messages(&bed, id).await;
            messages.iter().any(|message| message["deletedAt"].is_string()).then_some(messages)
        })
        .await;
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert_eq!(
        (&messages[0]["type"], &messages[0]["unsupportedKind"]),
        (&json!("unsupported"), &json!("audio"))
    );
    assert_eq!((&messages[1]["bodyText"], messages[1]["deletedAt"].is_string()), (&Value::Null, true));
    assert_eq!((&messages[2]["bodyText"], messages[2]["editedAt"].is_string()), (&json!("First"), true));
    assert!(bed.metrics().await.contains("ezw_inbound_ignored_total 1\n"), "groups are counted");
}
