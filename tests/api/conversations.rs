//! The inbox: conversations and their messages.

use super::{
    people::{agent, permit, refusal},
    support::TestBed,
};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn what_a_customer_writes_and_what_is_answered() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    bed.simulator().inbound(&line, "+4915112345678", "Hello\nthere").await;
    let list = |query: &str| bed.get(&format!("/api/conversations?{query}")).bearer(&owner.token).send();
    let found = bed
        .eventually("a conversation", || async {
            let found = list("phoneNumber=%2B4915112345678").await.expect_status(200).list("/conversations");
            found.into_iter().next()
        })
        .await;
    assert_eq!(found["lastMessagePreview"], "Hello there");
    assert_eq!(found["unreadCount"], 1);
    assert_eq!(found["version"], 1);
    let id = found["id"].as_str().unwrap();
    bed.post(&format!("/api/lines/{line}/send"))
        .bearer(&owner.token)
        .idempotency_key("k")
        .json(&json!({"conversationId": id, "bodyText": "Hi", "expectedVersion": 1}))
        .send()
        .await
        .expect_status(202);
    let after = list(&format!("conversationId={id}")).await.expect_status(200).list("/conversations");
    assert_eq!((&after[0]["unreadCount"], &after[0]["version"]), (&json!(0), &json!(2)));
    let path = format!("/api/conversations/{id}/messages?limit=1");
    let page = bed.get(&path).bearer(&owner.token).send().await.expect_status(200);
    assert_eq!(page.list("/messages")[0]["direction"], "outbound");
    let next = format!("{path}&cursor={}", page.text("/nextCursor"));
    let page = bed.get(&next).bearer(&owner.token).send().await.expect_status(200);
    assert_eq!(page.list("/messages")[0]["status"], "received");
    assert!(page.body["nextCursor"].is_null());
}

#[tokio::test]
async fn an_agent_sees_unassigned_conversations_and_their_own() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let colleague = agent(&bed, &owner).await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    let sent = bed
        .post(&format!("/api/lines/{line}/send"))
        .bearer(&owner.token)
        .idempotency_key("k")
        .json(&json!({"recipientPhoneNumber": "+4915112345678", "bodyText": "Hi"}))
        .send()
        .await
        .expect_status(202);
    let messages = format!("/api/conversations/{}/messages", sent.text("/conversation/id"));
    let sees = async |query: &str| {
        let path = format!("/api/conversations?{query}");
        let listed = bed.get(&path).bearer(&colleague.token).send().await.expect_status(200);
        listed.list("/conversations").len()
    };
    let assign = async |user: Option<Uuid>| {
        sqlx::query("UPDATE conversations SET assignee_user_id = $1")
            .bind(user)
            .execute(bed.sql())
            .await
            .unwrap();
    };
    assert_eq!((sees("").await, sees("assignee=none").await, sees("assignee=me").await), (1, 1, 0));
    assign(Some(colleague.id)).await;
    assert_eq!((sees("").await, sees("assignee=none").await, sees("assignee=me").await), (1, 0, 1));
    assign(Some(owner.user_id.parse().unwrap())).await;
    assert_eq!(sees("").await, 0);
    bed.get(&messages).bearer(&colleague.token).send().await.expect_problem(404, "not_found");
    assign(None).await;
    permit(&bed, &line, colleague.id, false, false).await;
    assert_eq!(sees(&format!("lineId={line}")).await, 0);
    bed.get(&messages).bearer(&colleague.token).send().await.expect_problem(404, "not_found");
    let stranger = bed.signup().await;
    let theirs = bed.get(&messages).bearer(&stranger.token).send().await.expect_problem(404, "not_found");
    let none = format!("/api/conversations/{}/messages", Uuid::now_v7());
    let none = bed.get(&none).bearer(&stranger.token).send().await.expect_problem(404, "not_found");
    assert_eq!(refusal(theirs.body), refusal(none.body));
}

#[tokio::test]
async fn malformed_filters_are_refused() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    for query in [
        "limit=0",
        "limit=x",
        "lineId=7",
        "conversationId=x",
        "assignee=everybody",
        "phoneNumber=0151",
        "cursor=x",
        "assignee=me&assignee=none",
    ] {
        let refused = bed.get(&format!("/api/conversations?{query}")).bearer(&owner.token).send().await;
        refused.expect_problem(400, "invalid_request");
    }
}
