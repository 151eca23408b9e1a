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
async fn a_scan_that_meets_a_stop_links_the_line_or_nothing() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let mut won = 0;
    for round in 0..6 {
        let line = bed.line(&owner).await;
        let known = || async {
            let lines = bed.simulator().lines().await;
            lines.into_iter().find(|known| known["lineId"] == json!(line)).unwrap_or_default()
        };
        bed.eventually("a code to scan", || async { known().await["qr"].is_object().then_some(()) }).await;
        let number = format!("+491555000300{round}");
        let path = format!("/api/lines/{line}/stop");
        let stop = bed.post(&path).bearer(&owner.token).send();
        let scan = bed.simulator().scan(&line, &number);
        // Whoever is first differs by the round, as far as a test can choose.
        let stopped = if round % 2 == 0 { tokio::join!(stop, scan).0 } else { tokio::join!(scan, stop).1 };
        stopped.expect_status(200);
        let linked = bed
            .eventually("both sides to agree, and to rest", || async {
                let (known, row) = (known().await, bed.shown_line(&owner, &line).await);
                let linked = known["linked"] == json!(true);
                let agrees = linked == (row["phoneNumber"] == json!(number));
                let rests = row["lifecycleState"] == "created" || row["lifecycleState"] == "connected";
                let stopped = row["lifecycleState"] == "stopped";
                (agrees && (rests || stopped)).then_some(linked)
            })
            .await;
        won += u32::from(linked);
    }
    println!("{won} of 6 scans came before the stop");
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
