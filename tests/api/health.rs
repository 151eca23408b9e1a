//! The Channel API: what the holder of a line token is told.

use crate::support::TestBed;
use serde_json::json;

const READ: &str = "/api/v1/health?wakeup=false";

#[actix_web::test]
async fn health_of_a_new_line_says_so_on_all_three_axes() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let token = bed.line_token(&owner, &line).await;
    let health = bed.get(READ).bearer(&token).send().await.expect_status(200);
    assert_eq!(health.body["health"]["channelId"], line.as_str());
    assert_eq!(health.body["health"]["provider"], "simulated");
    assert_eq!(health.body["line"]["sendable"], false);
    assert_eq!(health.body["line"]["queue"], json!({"depth": 0, "oldestQueuedAt": null}));
    let wakeup = json!({"requested": false, "outcome": "not_requested", "reason": null, "command": null});
    assert_eq!(health.body["wakeup"], wakeup);
}

#[actix_web::test]
async fn a_paired_line_is_green_and_the_workspace_says_the_same() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let token = bed.line_token(&owner, &line).await;
    let number = bed.pair(&owner, &line).await;
    let health = bed.get(READ).bearer(&token).send().await.expect_status(200);
    assert_eq!(health.body["health"]["status"], json!({"code": 4, "text": "AUTH"}));
    assert_eq!(health.body["health"]["user"]["phoneNumber"], number.as_str());
    assert_eq!(health.body["line"]["lifecycleState"], "connected");
    assert_eq!(health.body["line"]["effectiveSendState"], "sendable");
    assert!(health.body["line"]["staleAfter"].is_string() && health.body["health"]["startedAt"].is_string());
    let shown = bed.shown_line(&owner, &line).await;
    for field in ["lifecycleState", "effectiveSendState", "sendable", "replySendable", "reason"] {
        assert_eq!(shown[field], health.body["line"][field], "{field}");
    }
    let woken = bed.get("/api/v1/health").bearer(&token).send().await.expect_status(200);
    assert_eq!(woken.body["wakeup"]["outcome"], "already_running");
    assert!(woken.body["wakeup"]["command"].is_null());
}

#[actix_web::test]
async fn an_etag_answers_304_until_something_changes_and_only_without_a_wakeup() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let token = bed.line_token(&owner, &line).await;
    bed.pair(&owner, &line).await;
    let first = bed.get(READ).bearer(&token).send().await.expect_status(200);
    let tag = first.header("etag").unwrap().to_owned();
    let again = bed.get(READ).bearer(&token).header("If-None-Match", &tag).send().await.expect_status(304);
    assert_eq!((again.header("etag"), again.raw.as_str()), (Some(tag.as_str()), ""));
    let waking = bed.get("/api/v1/health").bearer(&token).header("If-None-Match", &tag).send().await;
    assert_eq!(waking.expect_status(200).header("etag"), None);
    bed.post(&format!("/api/lines/{line}/stop")).bearer(&owner.token).send().await.expect_status(200);
    let changed = bed.get(READ).bearer(&token).header("If-None-Match", &tag).send().await.expect_status(200);
    assert_eq!(changed.body["line"]["lifecycleState"], "stopped");
}

#[actix_web::test]
async fn a_hundred_callers_at_once_of_a_failed_line_make_one_wakeup() {
    // They queue for one row: on a crowded machine longer than a caller is made to wait otherwise.
    let bed = TestBed::options()
        .env("EZW_DATABASE_ACQUIRE_TIMEOUT_MILLISECONDS", "10000")
        .env("EZW_DATABASE_LOCK_TIMEOUT_MILLISECONDS", "10000")
        .start()
        .await;
    let owner = bed.signup().await;
    // A row of its own: a line made through the API is being paired by a node already.
    let line: String = sqlx::query_scalar(
        r#"insert into lines (organization_id, id, display_name, state, state_detail)
           values ($1::uuid, gen_random_uuid(), 'Failed', 'failed', '{"state":"failed","reason":"poison","retry_at":null}')
           returning id::text"#,
    )
    .bind(&owner.organization_id)
    .fetch_one(bed.sql())
    .await
    .unwrap();
    let token = bed.line_token(&owner, &line).await;
    let before = bed.get(READ).bearer(&token).send().await.expect_status(200);
    assert_eq!(before.body["line"]["lifecycleState"], "failed");
    let calls = (0..100).map(|_| bed.get("/api/v1/health").bearer(&token).send());
    let replies = futures_util::future::join_all(calls).await;
    let queued = replies.into_iter().filter(|reply| {
        assert_eq!(reply.status, 200, "{}", reply.raw);
        reply.body["wakeup"]["outcome"] == "queued"
    });
    assert_eq!(queued.count(), 1);
    let wakeups: i64 = sqlx::query_scalar("select count(*) from line_commands where kind = 'wakeup'")
        .fetch_one(bed.sql())
        .await
        .unwrap();
    assert_eq!(wakeups, 1);
}

#[actix_web::test]
async fn the_last_use_of_a_token_is_noted_with_its_surface() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let token = bed.line_token(&owner, &line).await;
    let platform = "x".repeat(300);
    let path = format!("{READ}&channel_type=mobile&platform={platform}");
    bed.get(&path).bearer(&token).send().await.expect_status(200);
    let read = format!("/api/lines/{line}/api-token");
    bed.eventually("the use is noted", || async {
        let shown = bed.get(&read).bearer(&owner.token).send().await.expect_status(200);
        shown.body["token"]["lastUsedAt"].is_string().then_some(())
    })
    .await;
    let kept: (String, String) = sqlx::query_as("select last_channel_type, last_platform from api_tokens")
        .fetch_one(bed.sql())
        .await
        .unwrap();
    assert_eq!(kept, ("mobile".into(), "x".repeat(128)));
}

#[actix_web::test]
async fn a_caller_over_the_limit_is_refused_and_others_are_not() {
    let bed =
        TestBed::options().env("EZW_HTTP_RATE_PER_SECOND", "1").env("EZW_HTTP_RATE_BURST", "3").start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let token = bed.line_token(&owner, &line).await;
    let calls = (0..50).map(|_| bed.get(READ).bearer(&token).send());
    let replies = futures_util::future::join_all(calls).await;
    let (refused, served): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 429);
    assert!(served.len() >= 3 && served.iter().all(|reply| reply.status == 200), "{served:?}");
    // Fifty at once would have to take most of a minute for none to be too many.
    assert!(!refused.is_empty());
    for reply in refused {
        assert!(reply.expect_problem(429, "rate_limited").header("retry-after").is_some());
    }
    let other = bed.signup().await;
    bed.get("/api/lines").bearer(&other.token).send().await.expect_status(200);
    bed.get("/livez").send().await.expect_status(200);
}

#[actix_web::test]
async fn a_request_refused_for_its_rate_did_no_work() {
    let bed =
        TestBed::options().env("EZW_HTTP_RATE_PER_SECOND", "1").env("EZW_HTTP_RATE_BURST", "3").start().await;
    let owner = bed.signup().await;
    let body = json!({"displayName": "Support"});
    let calls = (0..50).map(|_| bed.post("/api/lines").bearer(&owner.token).json(&body).send());
    let replies = futures_util::future::join_all(calls).await;
    let count = |status: u16| replies.iter().filter(|reply| reply.status == status).count();
    assert!(count(429) > 0 && count(201) > 0);
    let made: (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from lines), (select count(*) from line_commands),
                (select count(*) from audit_log where event_type like 'line%')",
    )
    .fetch_one(bed.sql())
    .await
    .unwrap();
    let accepted = i64::try_from(count(201)).unwrap();
    assert_eq!((made.0, made.1), (accepted, accepted));
    assert!(made.2 <= 2 * accepted, "{made:?}");
}

#[actix_web::test]
async fn ready_says_which_part_is_missing() {
    let bed = TestBed::start().await;
    let ready = bed.get("/readyz").send().await.expect_status(200);
    assert_eq!(ready.body["ready"], true);
    let bare = TestBed::options().without_database().start().await;
    let missing = bare.get("/readyz").send().await.expect_status(503);
    assert_eq!(missing.body["checks"][1]["name"], "postgres");
    assert_eq!(missing.body["checks"][1]["ok"], false);
    bare.get("/livez").send().await.expect_status(200);
}
