//! Stop, wakeup, and who may not.

use super::{
    scenes::{Scene, assert_axes},
    support::TestBed,
};
use futures_util::{StreamExt as _, stream};
use serde_json::json;

#[tokio::test]
async fn a_stopped_line_closes_its_session_and_an_admins_wakeup_brings_it_back() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    scene.order(&bed, "stop").await;
    assert_axes(&scene.health(&bed).await, 0, "STOP", "stopped", "blocked");
    bed.eventually("the session is closed", || async {
        let lines = bed.simulator().lines().await;
        lines
            .iter()
            .any(|line| line["lineId"] == json!(scene.line) && line["connected"] == false)
            .then_some(())
    })
    .await;
    let polled = bed.get("/api/v1/health?wakeup=true").bearer(&scene.token).send().await.expect_status(200);
    assert_eq!(polled.body["wakeup"]["outcome"], "not_wakeable", "a poller does not undo an order");
    let woken = scene.order(&bed, "wakeup").await;
    assert_eq!(woken["wakeup"]["outcome"], "queued");
    scene.until_sendable(&bed).await;
}

#[tokio::test]
async fn a_thousand_pollers_on_a_cold_line_make_one_wakeup() {
    let bed = TestBed::options().env("EZW_HTTP_RATE_BURST", "5000").start().await;
    let (scene, _) = Scene::connected(&bed).await;
    // A line without an owner, as after a node died: its row says so, and nobody takes it before the pollers come.
    bed.simulator().fault(&scene.line, &json!({"kind": "refuse_connects"})).await;
    scene.order(&bed, "stop").await;
    bed.eventually("let go", || async {
        let owner: (Option<uuid::Uuid>,) =
            sqlx::query_as("select owner_incarnation from lines where id = $1::uuid")
                .bind(&scene.line)
                .fetch_one(bed.sql())
                .await
                .unwrap();
        owner.0.is_none().then_some(())
    })
    .await;
    sqlx::query("update lines set stopped_at = null, next_start_at = 'infinity' where id = $1::uuid")
        .bind(&scene.line)
        .execute(bed.sql())
        .await
        .unwrap();
    // A poller that is told to come back later, as on a crowded machine, comes back.
    let ask = || async {
        let reply = bed.get("/api/v1/health").bearer(&scene.token).send().await;
        (reply.status != 503 || reply.header("retry-after").is_none()).then_some(reply)
    };
    let asks = stream::iter(0..1_000).map(|_| bed.eventually("an answer", ask));
    let answers: Vec<_> = asks.buffer_unordered(100).collect().await;
    assert_eq!(answers.len(), 1_000);
    for answer in answers {
        let outcome = answer.expect_status(200).text("/wakeup/outcome");
        assert!(["queued", "already_queued", "already_running"].contains(&outcome.as_str()), "{outcome}");
    }
    let made: (i64,) =
        sqlx::query_as("select count(*) from line_commands where line_id = $1::uuid and kind = 'wakeup'")
            .bind(&scene.line)
            .fetch_one(bed.sql())
            .await
            .unwrap();
    assert_eq!(made.0, 1);
}

#[tokio::test]
async fn a_read_only_check_writes_no_command() {
    let bed = TestBed::start().await;
    let scene = Scene::unpaired(&bed).await;
    for _ in 0..5 {
        scene.health(&bed).await;
    }
    let made: (i64,) =
        sqlx::query_as("select count(*) from line_commands where line_id = $1::uuid and kind = 'wakeup'")
            .bind(&scene.line)
            .fetch_one(bed.sql())
            .await
            .unwrap();
    assert_eq!(made.0, 0);
}
