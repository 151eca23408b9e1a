//! Lines: create, list, rename, stop, wake up, history.

use super::{
    people::{agent, permit, refusal},
    support::TestBed,
};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_created_line_waits_for_its_pairing() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let body = json!({"displayName": "  Support  ", "idempotencyKey": "k"});
    let create = || bed.post("/api/lines").bearer(&owner.token).json(&body).send();
    let made = create().await.expect_status(201);
    assert_eq!(made.text("/line/displayName"), "Support");
    assert_eq!(made.text("/command/kind"), "pair");
    let shown = bed.shown_line(&owner, &made.text("/line/id")).await;
    assert_eq!(shown["sendable"], false);
    assert_eq!(shown["status"]["text"].as_str().map(str::is_empty), Some(false));
    let again = create().await.expect_status(201);
    assert_eq!(again.text("/line/id"), made.text("/line/id"));
    assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
    let other = json!({"displayName": "Sales", "idempotencyKey": "k"});
    let reused = bed.post("/api/lines").bearer(&owner.token).json(&other).send().await;
    reused.expect_problem(409, "idempotency_key_reused");
}

#[tokio::test]
async fn what_blocks_a_new_line() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let create = || bed.post("/api/lines").bearer(&owner.token).json(&json!({"displayName": "x"})).send();
    let set = async |statement: &'static str| sqlx::query(statement).execute(bed.sql()).await.unwrap();
    set("UPDATE billing SET line_slots = 1").await;
    create().await.expect_status(201);
    create().await.expect_problem(403, "line_slot_limit");
    set("UPDATE billing SET state = 'past_due', line_slots = 9").await;
    create().await.expect_problem(403, "billing_restricted");
    set("UPDATE users SET email_verified_at = NULL").await;
    create().await.expect_problem(403, "email_unverified");
    let colleague = agent(&bed, &owner).await;
    let refused =
        bed.post("/api/lines").bearer(&colleague.token).json(&json!({"displayName": "x"})).send().await;
    refused.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn bad_input_is_refused_by_field() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let long = "x".repeat(201);
    let bodies = [
        json!({}),
        json!({"displayName": null}),
        json!({"displayName": ""}),
        json!({"displayName": "   "}),
        json!({"displayName": "a\nb"}),
        json!({"displayName": long}),
        json!({"displayName": 7}),
        json!({"displayName": "x", "other": 1}),
        json!({"displayName": "x", "idempotencyKey": ""}),
        json!([]),
    ];
    for body in bodies {
        let refused = bed.post("/api/lines").bearer(&owner.token).json(&body).send().await;
        refused.expect_problem(400, "invalid_request");
    }
    for query in
        ["limit=0", "limit=-1", "limit=x", "limit=1&limit=2", "lineId=7", "includeArchived=1", "cursor=x"]
    {
        let refused = bed.get(&format!("/api/lines?{query}")).bearer(&owner.token).send().await;
        refused.expect_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn lists_are_paged_newest_first_and_show_only_what_the_caller_may_see() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let colleague = agent(&bed, &owner).await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(bed.line(&owner).await);
    }
    made.reverse();
    let ids = |reply: &super::support::client::Reply| -> Vec<String> {
        reply.list("/lines").iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = bed.get("/api/lines").bearer(&owner.token).send().await.expect_status(200);
    assert_eq!(ids(&all), made);
    let first = bed.get("/api/lines?limit=2").bearer(&owner.token).send().await.expect_status(200);
    assert_eq!(ids(&first), made[..2]);
    let next = format!("/api/lines?limit=2&cursor={}", first.text("/nextCursor"));
    let second = bed.get(&next).bearer(&owner.token).send().await.expect_status(200);
    assert_eq!(ids(&second), made[2..]);
    assert!(second.body["nextCursor"].is_null());
    permit(&bed, &made[0], colleague.id, false, false).await;
    let seen = bed.get("/api/lines").bearer(&colleague.token).send().await.expect_status(200);
    assert_eq!(ids(&seen), made[1..]);
    let hidden = bed.get(&format!("/api/lines?lineId={}", made[0])).bearer(&colleague.token).send().await;
    assert!(ids(&hidden.expect_status(200)).is_empty());
}

#[tokio::test]
async fn another_organizations_line_is_like_none_at_all() {
    let bed = TestBed::start().await;
    let (owner, stranger) = (bed.signup().await, bed.signup().await);
    let line = bed.line(&owner).await;
    let call = async |method: &str, path: &str, id: &str| {
        let path = path.replace("{id}", id);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let call = bed.call(method.clone(), &path).bearer(&stranger.token);
        let call = match method.as_str() {
            "PATCH" => call.json(&json!({"displayName": "x"})),
            _ if path.ends_with("/send") => call
                .idempotency_key("k")
                .json(&json!({"recipientPhoneNumber": "+4915112345678", "bodyText": "x"})),
            _ if path.ends_with("/pairing-code") => call.json(&json!({"phoneNumber": "+4915112345678"})),
            _ => call,
        };
        refusal(call.send().await.expect_problem(404, "not_found").body)
    };
    let operations = [
        ("PATCH", "/api/lines/{id}"),
        ("POST", "/api/lines/{id}/qr"),
        ("GET", "/api/lines/{id}/qr"),
        ("POST", "/api/lines/{id}/pairing-code"),
        ("POST", "/api/lines/{id}/stop"),
        ("POST", "/api/lines/{id}/wakeup"),
        ("GET", "/api/lines/{id}/timeline"),
        ("POST", "/api/lines/{id}/send"),
    ];
    for (method, path) in operations {
        let theirs = call(method, path, &line).await;
        assert_eq!(theirs, call(method, path, &Uuid::now_v7().to_string()).await, "{method} {path}");
        assert_eq!(theirs, call(method, path, "not-an-id").await, "{method} {path}");
    }
}

#[tokio::test]
async fn a_stop_holds_until_the_line_is_woken_and_history_tells() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    let order = |order: &str| bed.post(&format!("/api/lines/{line}/{order}")).bearer(&owner.token).send();
    let stopped = order("stop").await.expect_status(200);
    assert_eq!(stopped.text("/line/lifecycleState"), "stopped");
    order("stop").await.expect_status(200);
    let woken = order("wakeup").await.expect_status(200);
    assert_eq!(woken.text("/wakeup/outcome"), "queued");
    bed.eventually("the line works again", || async {
        (bed.shown_line(&owner, &line).await["sendable"] == true).then_some(())
    })
    .await;
    let path = format!("/api/lines/{line}/timeline?limit=2");
    let history = bed.get(&path).bearer(&owner.token).send().await.expect_status(200);
    let versions: Vec<_> =
        history.list("/transitions").iter().map(|step| step["version"].as_i64().unwrap()).collect();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0], versions[1] + 1);
    let renamed = bed
        .patch(&format!("/api/lines/{line}"))
        .bearer(&owner.token)
        .json(&json!({"displayName": "Sales"}))
        .send()
        .await
        .expect_status(200);
    assert_eq!(renamed.text("/line/displayName"), "Sales");
}
