//! Who may settle replies, and which.

use super::{
    people::{agent, permit},
    support::{TestBed, client::Reply},
};
use serde_json::{Value, json};

async fn resolve(bed: &TestBed, token: &str, message: &str, body: &Value) -> Reply {
    bed.post(&format!("/api/messages/{message}/resolve")).bearer(token).json(body).send().await
}

#[tokio::test]
async fn replies_are_settled_by_those_who_may_send_them() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    // It is not taken from the queue while the line may send nothing.
    let path = format!("/api/lines/{line}/send");
    bed.simulator().fault(&line, &json!({"kind": "drop_ack", "receipts": false})).await;
    let to = |key: &str| {
        let body = json!({"recipientPhoneNumber": "+4915112345678", "bodyText": "Hello"});
        bed.post(&path).bearer(&owner.token).idempotency_key(key).json(&body).send()
    };
    let first = to("a").await.expect_status(202);
    let message = to("b").await.expect_status(202).text("/message/id");
    let discard = json!({"action": "discard"});
    let colleague = agent(&bed, &owner).await;
    permit(&bed, &line, colleague.id, true, false).await;
    resolve(&bed, &colleague.token, &message, &discard).await.expect_problem(403, "forbidden");
    permit(&bed, &line, colleague.id, false, false).await;
    resolve(&bed, &colleague.token, &message, &discard).await.expect_problem(404, "not_found");
    permit(&bed, &line, colleague.id, true, true).await;
    let assign = "update conversations set assignee_user_id = $1::uuid";
    sqlx::query(assign).bind(&owner.user_id).execute(bed.sql()).await.unwrap();
    resolve(&bed, &colleague.token, &message, &discard).await.expect_problem(404, "not_found");
    let stranger = bed.signup().await;
    resolve(&bed, &stranger.token, &message, &discard).await.expect_problem(404, "not_found");
    for body in [json!({}), json!({"action": "retry"}), json!({"action": "discard", "why": "x"})] {
        resolve(&bed, &owner.token, &message, &body).await.expect_problem(400, "invalid_request");
    }
    sqlx::query("update conversations set assignee_user_id = $1")
        .bind(colleague.id)
        .execute(bed.sql())
        .await
        .unwrap();
    let settled = resolve(&bed, &colleague.token, &message, &discard).await.expect_status(200);
    assert_eq!(settled.text("/message/id"), message);
    assert_eq!(settled.text("/message/failureReason"), "discarded");
    // What came in has nothing to settle.
    bed.simulator().inbound(&line, "+4915112345678", "Hello").await;
    let place = format!("/api/conversations/{}/messages", first.text("/conversation/id"));
    let inbound = bed
        .eventually("what the customer wrote", || async {
            let messages =
                bed.get(&place).bearer(&owner.token).send().await.expect_status(200).list("/messages");
            messages.into_iter().find(|message| message["direction"] == "inbound")
        })
        .await;
    let id = inbound["id"].as_str().unwrap();
    resolve(&bed, &owner.token, id, &discard).await.expect_problem(409, "message_final");
}
