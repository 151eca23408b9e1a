//! Queueing replies.

use super::{
    people::{agent, permit},
    support::{Owner, TestBed, client::Reply},
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::HashSet;

async fn paired(bed: &TestBed) -> (Owner, String) {
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    (owner, line)
}

async fn send(bed: &TestBed, token: &str, line: &str, key: &str, body: &Value) -> Reply {
    bed.post(&format!("/api/lines/{line}/send")).bearer(token).idempotency_key(key).json(body).send().await
}

fn hello() -> Value {
    json!({"recipientPhoneNumber": "+4915112345678", "bodyText": "Hello"})
}

#[tokio::test]
async fn a_reply_is_accepted_once_and_reaches_the_phone_network() {
    let bed = TestBed::start().await;
    let (owner, line) = paired(&bed).await;
    let twins =
        join_all((0..10).map(|_| async { send(&bed, &owner.token, &line, "k", &hello()).await })).await;
    let ids: HashSet<String> = twins.iter().map(|reply| reply.text("/message/id")).collect();
    assert_eq!(ids.len(), 1);
    assert!(twins.iter().all(|reply| reply.status == 202));
    let first = twins.iter().filter(|reply| reply.header("Idempotency-Replayed").is_none()).count();
    assert_eq!(first, 1);
    let provider_id = twins[0].text("/message/providerMessageId");
    assert!(provider_id.len() == 22 && provider_id.starts_with("3EB0"), "{provider_id}");
    bed.eventually("the phone network has it", || async {
        (bed.simulator().sends(&line).await == [provider_id.clone()]).then_some(())
    })
    .await;
    let other = json!({"recipientPhoneNumber": "+4915112345678", "bodyText": "Other"});
    send(&bed, &owner.token, &line, "k", &other).await.expect_problem(409, "idempotency_key_reused");
}

#[tokio::test]
async fn replies_of_a_conversation_leave_in_order() {
    let bed = TestBed::options().env("EZW_LINES_PACING_PER_SECOND", "1000").start().await;
    let (owner, line) = paired(&bed).await;
    let mut expected = Vec::new();
    for n in 0..20 {
        let reply = send(&bed, &owner.token, &line, &format!("k{n}"), &hello()).await.expect_status(202);
        expected.push(reply.text("/message/providerMessageId"));
    }
    let all = || async { Some(bed.simulator().sends(&line).await).filter(|sends| sends.len() == 20) };
    assert_eq!(bed.eventually("all have left", all).await, expected);
}

#[tokio::test]
async fn bad_input_is_refused() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let long = "x".repeat(4_097);
    let bodies = [
        json!({}),
        json!({"bodyText": "x"}),
        json!({"recipientPhoneNumber": "+4915112345678"}),
        json!({"recipientPhoneNumber": "+4915112345678", "bodyText": ""}),
        json!({"recipientPhoneNumber": "+4915112345678", "bodyText": " \n "}),
        json!({"recipientPhoneNumber": "+4915112345678", "bodyText": long}),
        json!({"recipientPhoneNumber": "+4915112345678", "bodyText": "a\u{0}b"}),
        json!({"recipientPhoneNumber": "0151", "bodyText": "x"}),
        json!({"conversationId": "7", "bodyText": "x"}),
        json!({"conversationId": line, "recipientPhoneNumber": "+4915112345678", "bodyText": "x"}),
        json!({"recipientPhoneNumber": "+4915112345678", "bodyText": "x", "expectedVersion": 0}),
        json!({"recipientPhoneNumber": "+4915112345678", "bodyText": "x", "idempotencyKey": "other"}),
        json!({"recipientPhoneNumber": "+4915112345678", "bodyText": "x", "text": "x"}),
    ];
    for body in bodies {
        let refused = send(&bed, &owner.token, &line, "k", &body).await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.raw);
    }
    let path = format!("/api/lines/{line}/send");
    bed.post(&path).bearer(&owner.token).json(&hello()).send().await.expect_problem(400, "invalid_request");
    for key in ["a b", "\u{7f}", &"x".repeat(256)] {
        let mut body = hello();
        body["idempotencyKey"] = json!(key);
        bed.post(&path).bearer(&owner.token).json(&body).send().await.expect_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_line_that_cannot_send_says_why() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.eventually("the line is being paired", || async {
        (bed.shown_line(&owner, &line).await["lifecycleState"] == "pairing").then_some(())
    })
    .await;
    let refused =
        send(&bed, &owner.token, &line, "k", &hello()).await.expect_problem(409, "line_not_sendable");
    assert_eq!(refused.body["line"]["lifecycleState"], "pairing");
    assert_eq!(refused.body["line"]["effectiveSendState"], "blocked");
    assert_eq!(refused.body["line"]["reason"], "pairing");
}

#[tokio::test]
async fn a_form_is_as_good_as_json() {
    let bed = TestBed::start().await;
    let (owner, line) = paired(&bed).await;
    let path = format!("/api/lines/{line}/send");
    let form = |parts: &[(&str, &str)]| {
        let part = |(name, text): &(&str, &str)| {
            let name = if *name == "media" { "media\"; filename=\"a.png" } else { name };
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
        };
        parts.iter().map(part).collect::<String>() + "--b--\r\n"
    };
    let text = [("recipientPhoneNumber", "+4915112345678"), ("bodyText", "Hello"), ("idempotencyKey", "k")];
    let post = |body: String| {
        bed.post(&path).bearer(&owner.token).body("multipart/form-data; boundary=b", body).send()
    };
    let sent = post(form(&text)).await.expect_status(202);
    let same = send(&bed, &owner.token, &line, "k", &hello()).await.expect_status(202);
    assert_eq!(same.text("/message/id"), sent.text("/message/id"));
    post(form(&[text[0], text[2], ("media", "x")])).await.expect_problem(400, "invalid_media");
    post(form(&[text[0], text[0], text[1]])).await.expect_problem(400, "invalid_request");
    post(form(&[("other", "x")])).await.expect_problem(400, "invalid_request");
    post("nothing of a form".to_owned()).await.expect_problem(400, "invalid_request");
}

#[tokio::test]
async fn who_may_send_where() {
    let bed = TestBed::start().await;
    let (owner, line) = paired(&bed).await;
    let colleague = agent(&bed, &owner).await;
    let sent = send(&bed, &colleague.token, &line, "a", &hello()).await.expect_status(202);
    let conversation = sent.text("/conversation/id");
    let target = json!({"conversationId": conversation, "bodyText": "x"});
    let mut stale = target.clone();
    stale["expectedVersion"] = json!(1);
    let refused = send(&bed, &owner.token, &line, "v", &stale).await.expect_problem(409, "version_conflict");
    assert_eq!(refused.body["current"]["version"], sent.body["conversation"]["version"]);
    permit(&bed, &line, colleague.id, true, false).await;
    send(&bed, &colleague.token, &line, "b", &target).await.expect_problem(403, "forbidden");
    permit(&bed, &line, colleague.id, false, false).await;
    send(&bed, &colleague.token, &line, "c", &target).await.expect_problem(404, "not_found");
    let other_line = bed.line(&owner).await;
    send(&bed, &owner.token, &other_line, "d", &target).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn new_numbers_are_few_an_hour() {
    let bed = TestBed::options().env("EZW_HTTP_NEW_CONTACTS_PER_HOUR", "2").start().await;
    let (owner, line) = paired(&bed).await;
    let to = |n: u32| json!({"recipientPhoneNumber": format!("+4915100000{n:03}"), "bodyText": "x"});
    send(&bed, &owner.token, &line, "1", &to(1)).await.expect_status(202);
    send(&bed, &owner.token, &line, "2", &to(2)).await.expect_status(202);
    let refused = send(&bed, &owner.token, &line, "3", &to(3)).await.expect_problem(429, "new_contact_limit");
    assert!(refused.header("Retry-After").is_some());
    bed.simulator().inbound(&line, "+4915100000003", "Hi").await;
    let accepted =
        || async { (send(&bed, &owner.token, &line, "3", &to(3)).await.status == 202).then_some(()) };
    bed.eventually("who wrote gets an answer", accepted).await;
}

#[tokio::test]
async fn sends_go_on_with_redis_stopped() {
    let mut bed = TestBed::options().private_redis().start().await;
    let (owner, line) = paired(&bed).await;
    bed.redis().stop().await;
    send(&bed, &owner.token, &line, "k", &hello()).await.expect_status(202);
    bed.eventually("the phone network has it", || async {
        (bed.simulator().sends(&line).await.len() == 1).then_some(())
    })
    .await;
}
