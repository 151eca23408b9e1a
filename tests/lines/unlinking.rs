//! Accounts that nobody wants, and a phone network that is away just then.

use super::{
    scenes::Scene,
    support::{TestBed, fleet::Linked},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What the phone network knows of the line.
async fn known(bed: &TestBed, scene: &Scene) -> Value {
    let lines = bed.simulator().lines().await;
    lines.into_iter().find(|known| known["lineId"] == json!(scene.line)).unwrap_or_default()
}

async fn written_down(bed: &TestBed) -> i64 {
    sqlx::query_scalar("select count(*) from unlinkings").fetch_one(bed.sql()).await.unwrap()
}

/// The line has let go, and what is left of its account is the row of it.
async fn until_written_down(bed: &TestBed, scene: &Scene) {
    let left = "select owner_incarnation is null and not exists (select 1 from line_credentials)
                and exists (select 1 from unlinkings u where u.line_id = l.id) from lines l where l.id = $1::uuid";
    bed.eventually_within(60, "let go", || async {
        let left: bool = sqlx::query_scalar(left).bind(&scene.line).fetch_one(bed.sql()).await.unwrap();
        left.then_some(())
    })
    .await;
    assert_eq!(known(bed, scene).await["linked"], json!(true), "the phone network still has it");
}

/// The pause before the next try is over.
async fn make_due(bed: &TestBed) {
    sqlx::query("update unlinkings set due_at = now()").execute(bed.sql()).await.unwrap();
}

async fn until_unlinked(bed: &TestBed, scene: &Scene) {
    bed.eventually_within(60, "unlinked at the phone network", || async {
        let known = known(bed, scene).await;
        (known["linked"] == false && known["connected"] == false).then_some(())
    })
    .await;
    bed.eventually("nothing left to unlink", || async { (written_down(bed).await == 0).then_some(()) }).await;
}

/// From now on the phone network lets this line not in, and breaks off what is open.
async fn away(bed: &TestBed, scene: &Scene) {
    bed.simulator().fault(&scene.line, &json!({"kind": "refuse_connects"})).await;
    bed.simulator().fault(&scene.line, &json!({"kind": "drop"})).await;
    scene.until(bed, "away", |health| health["line"]["lifecycleState"] == "reconnecting").await;
}

async fn sessions(bed: &TestBed, scene: &Scene) -> usize {
    bed.simulator().journal(&scene.line).await.iter().filter(|entry| entry["kind"] == "connect").count()
}

#[tokio::test]
async fn a_line_archived_while_the_provider_is_away_is_unlinked_when_it_is_back() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    away(&bed, &scene).await;
    let asked = Instant::now();
    let archived = scene.order(&bed, "archive").await;
    assert_eq!(archived["line"]["lifecycleState"], "archived");
    assert!(asked.elapsed() < Duration::from_secs(10), "the answer does not wait for the provider");
    until_written_down(&bed, &scene).await;
    // Another one that no key opens is in nobody's way.
    sqlx::query(
        "insert into unlinkings (organization_id, id, line_id, sealed, attempts, due_at)
         select organization_id, gen_random_uuid(), id, '\\x00', 1, now() from lines where id = $1::uuid",
    )
    .bind(&scene.line)
    .execute(bed.sql())
    .await
    .unwrap();
    let before = sessions(&bed, &scene).await;
    make_due(&bed).await;
    let tried = "select count(*) from unlinkings where attempts > 1 and due_at > now() + interval '1 minute'";
    bed.eventually_within(60, "tried, and put off", || async {
        let tried: i64 = sqlx::query_scalar(tried).fetch_one(bed.sql()).await.unwrap();
        (tried == 2).then_some(())
    })
    .await;
    assert_eq!(known(&bed, &scene).await["linked"], json!(true));
    sqlx::query("update unlinkings set created_at = now() - interval '31 days' where sealed = '\\x00'")
        .execute(bed.sql())
        .await
        .unwrap();
    bed.simulator().clear_faults(&scene.line).await;
    make_due(&bed).await;
    until_unlinked(&bed, &scene).await;
    assert_eq!(sessions(&bed, &scene).await, before + 1, "one session, for that alone");
    let count = async |outcome: &str| {
        bed.metric(&format!("ezw_unlinkings_total{{outcome=\"{outcome}\"}}")).await.unwrap()
    };
    bed.eventually("counted", || async { (count("given_up").await == 1.0).then_some(()) }).await;
    assert_eq!(count("done").await, 1.0);
    assert!(count("put_off").await >= 1.0);
}

#[tokio::test]
async fn a_logout_that_nobody_answers_is_not_taken_for_an_unlinked_number() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.simulator().fault(&scene.line, &json!({"kind": "half_open"})).await;
    scene.order(&bed, "archive").await;
    // 5 s for an answer to the logout, 20 s for the other session: then the line is let go, come what may.
    until_written_down(&bed, &scene).await;
    bed.simulator().clear_faults(&scene.line).await;
    make_due(&bed).await;
    until_unlinked(&bed, &scene).await;
}

#[tokio::test]
async fn what_could_not_be_unlinked_is_tried_again_by_itself() {
    // The first pause is 3 s, the next 6.
    let linked = Linked::start(TestBed::options().env("EZW_LINES_SPEED", "20"), 1).await;
    let (line, bed) = (&linked.lines[0], &linked.bed);
    linked.fault(line, json!({"kind": "refuse_connects"})).await;
    linked.go().await;
    linked.until(line, "refused", |line| line["reason"] == "provider_unreachable").await;
    linked.order(line, "archive").await;
    let twice = "select count(*) from unlinkings where attempts > 2";
    bed.eventually_within(60, "tried twice more", || async {
        let tried: i64 = sqlx::query_scalar(twice).fetch_one(bed.sql()).await.unwrap();
        (tried == 1).then_some(())
    })
    .await;
    linked.bed.simulator().clear_faults(&line.id).await;
    bed.eventually_within(60, "unlinked", || async { (written_down(bed).await == 0).then_some(()) }).await;
    let known = bed.simulator().lines().await;
    let known = known.iter().find(|known| known["lineId"] == json!(line.id)).unwrap();
    assert_eq!((&known["linked"], &known["connected"]), (&json!(false), &json!(false)));
    assert_eq!(linked.connects(line).await.len(), 1, "no session but the one that unlinked it");
}

#[tokio::test]
async fn a_process_that_is_killed_forgets_no_account_that_is_to_be_unlinked() {
    let mut bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    away(&bed, &scene).await;
    scene.order(&bed, "archive").await;
    until_written_down(&bed, &scene).await;
    bed.kill9_service();
    bed.simulator().clear_faults(&scene.line).await;
    bed.start_service().await;
    make_due(&bed).await;
    until_unlinked(&bed, &scene).await;
}

#[tokio::test]
async fn a_process_that_is_killed_while_it_unlinks_does_so_after_its_return() {
    let mut bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    away(&bed, &scene).await;
    // The phone network says nothing any more, so the try goes on until the process dies in it.
    bed.simulator().fault(&scene.line, &json!({"kind": "hang_connects"})).await;
    scene.order(&bed, "archive").await;
    bed.eventually("written down", || async { (written_down(&bed).await == 1).then_some(()) }).await;
    bed.kill9_service();
    bed.simulator().clear_faults(&scene.line).await;
    bed.start_service().await;
    make_due(&bed).await;
    until_unlinked(&bed, &scene).await;
    // The line had its own until it was unlinked, and whoever takes it finds nothing left to do.
    bed.eventually_within(60, "the account forgotten", || async {
        let accounts: i64 =
            sqlx::query_scalar("select count(*) from line_credentials").fetch_one(bed.sql()).await.unwrap();
        (accounts == 0).then_some(())
    })
    .await;
    until_unlinked(&bed, &scene).await;
}

#[tokio::test]
async fn another_number_than_the_lines_is_unlinked_in_the_end_also_when_the_provider_is_away() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.simulator().unlink(&scene.line).await;
    scene.until(&bed, "logged out", |health| health["line"]["lifecycleState"] == "logged_out").await;
    scene.order(&bed, "qr").await;
    bed.eventually("a code to scan", || async { known(&bed, &scene).await["qr"].is_object().then_some(()) })
        .await;
    bed.simulator().fault(&scene.line, &json!({"kind": "refuse_connects"})).await;
    assert_eq!(bed.simulator().scan(&scene.line, "+4915550009999").await, 200);
    scene.until(&bed, "phone_mismatch", |health| health["line"]["reason"] == "phone_mismatch").await;
    until_written_down(&bed, &scene).await;
    // What people write to that number is not this line's to keep, nor to acknowledge.
    bed.simulator().inbound(&scene.line, "+4915550003003", "A private word").await;
    let before: i64 = sqlx::query_scalar("select count(*) from messages").fetch_one(bed.sql()).await.unwrap();
    bed.simulator().clear_faults(&scene.line).await;
    make_due(&bed).await;
    until_unlinked(&bed, &scene).await;
    assert_eq!(scene.health(&bed).await["line"]["lifecycleState"], "logged_out");
    let after: i64 = sqlx::query_scalar("select count(*) from messages").fetch_one(bed.sql()).await.unwrap();
    assert_eq!(after, before);
}

#[tokio::test]
async fn an_account_that_is_to_be_unlinked_waits_while_a_number_is_linked_to_its_line() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.simulator().unlink(&scene.line).await;
    scene.until(&bed, "logged out", |health| health["line"]["lifecycleState"] == "logged_out").await;
    let code = async || {
        scene.order(&bed, "qr").await;
        bed.eventually("a code to scan", || async {
            known(&bed, &scene).await["qr"].is_object().then_some(())
        })
        .await;
    };
    code().await;
    bed.simulator().fault(&scene.line, &json!({"kind": "refuse_connects"})).await;
    assert_eq!(bed.simulator().scan(&scene.line, "+4915550009999").await, 200);
    until_written_down(&bed, &scene).await;
    bed.simulator().clear_faults(&scene.line).await;
    code().await;
    make_due(&bed).await;
    let before = sessions(&bed, &scene).await;
    // The job looks every second: that it does not try can only be seen by waiting.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!((sessions(&bed, &scene).await, written_down(&bed).await), (before, 1));
    assert!(known(&bed, &scene).await["qr"].is_object(), "the code is still shown");
    scene.order(&bed, "stop").await;
    bed.eventually_within(60, "nothing left to unlink", || async {
        (written_down(&bed).await == 0).then_some(())
    })
    .await;
}
