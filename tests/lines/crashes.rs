//! The process dies and comes back.

use super::{scenes::Scene, support::TestBed};
use serde_json::{Value, json};

const CUSTOMER: &str = "+4915550002002";

#[tokio::test]
async fn after_sigkill_the_line_comes_back_and_accepted_replies_arrive_once() {
    let mut bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let mut accepted = Vec::new();
    let mut place = String::new();
    for n in 0..8 {
        let (id, conversation) =
            scene.send(&bed, &format!("k{n}"), ("recipientPhoneNumber", CUSTOMER), &format!("{n}")).await;
        accepted.push(id);
        place = conversation;
    }
    bed.kill9_service();
    bed.start_service().await;
    for id in &accepted {
        bed.eventually_within(60, "sent after all", || async {
            let messages = scene.messages(&bed, &place).await;
            let found =
                messages.iter().find(|found| found["id"] == json!(id)).expect("an accepted reply is kept");
            // A receipt on its way to the process as it died is lost with it: then `sent` is the last word.
            (found["status"] == "delivered" || found["status"] == "sent").then_some(())
        })
        .await;
    }
    // The simulator drops repeats, as the capability it states says: each recipient sees each reply once.
    let journal = bed.simulator().journal(&scene.line).await;
    let accepted = journal.iter().filter(|entry| entry["kind"] == "accepted").count();
    assert_eq!(accepted, 8);
}

#[tokio::test]
async fn a_reply_that_was_leaving_when_the_process_died_keeps_its_id_and_arrives_once() {
    let mut bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    // It arrives, and the service never hears so.
    let fault = json!({"kind": "drop_ack", "receipts": false});
    bed.simulator().fault(&scene.line, &fault).await;
    let (id, place) = scene.send(&bed, "k", ("recipientPhoneNumber", CUSTOMER), "Hello").await;
    let sending = scene.until_status(&bed, &place, &id, "sending").await;
    let provider_id = sending["providerMessageId"].as_str().unwrap().to_owned();
    bed.eventually("it reached the phone network", || async {
        bed.simulator().sends(&scene.line).await.contains(&provider_id).then_some(())
    })
    .await;
    bed.kill9_service();
    bed.simulator().clear_faults(&scene.line).await;
    bed.start_service().await;
    // Its receipt is lost for good, so it ends as sent, once it was sent again; delivered, if the network says so anew.
    let settled = bed
        .eventually_within(90, "final after all", || async {
            let messages = scene.messages(&bed, &place).await;
            let is_final = |found: &Value| found["status"] == "sent" || found["status"] == "delivered";
            messages.into_iter().find(|found| found["id"] == json!(id) && is_final(found))
        })
        .await;
    assert_eq!(settled["providerMessageId"], json!(provider_id));
    let journal = bed.simulator().journal(&scene.line).await;
    let seen = |kind: &str| journal.iter().filter(|entry| entry["kind"] == kind).count();
    assert_eq!(seen("accepted"), 1, "the recipient sees it once: {journal:?}");
    let sends = bed.simulator().sends(&scene.line).await;
    assert!(sends.iter().all(|sent| *sent == provider_id), "never a second id: {sends:?}");
}

#[tokio::test]
async fn a_clean_stop_lets_the_line_go_and_the_next_start_takes_it_at_once() {
    let mut bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.stop_service().await;
    let row: (Option<uuid::Uuid>, String) =
        sqlx::query_as("select owner_incarnation, state from lines where id = $1::uuid")
            .bind(&scene.line)
            .fetch_one(bed.sql())
            .await
            .unwrap();
    assert_eq!(row, (None, "reconnecting".to_owned()), "let go in good order");
    bed.start_service().await;
    scene.until_sendable(&bed).await;
}

#[tokio::test]
async fn folding_the_transitions_of_a_line_gives_its_row() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.simulator().fault(&scene.line, &json!({"kind": "drop"})).await;
    scene.until(&bed, "noticed", |health| health["line"]["sendable"] == false).await;
    scene.until_sendable(&bed).await;
    let folded: (bool, bool) = sqlx::query_as(
        "select count(*) = max(t.version),
                bool_and(t.version < l.version or (t.version = l.version and t.state_detail = l.state_detail))
         from lines l join line_transitions t on t.line_id = l.id where l.id = $1::uuid",
    )
    .bind(&scene.line)
    .fetch_one(bed.sql())
    .await
    .unwrap();
    assert_eq!(folded, (true, true), "no gap, and the last one is the row");
    let chained: (i64,) = sqlx::query_as(
        "select count(*) from line_transitions a join line_transitions b
            on b.line_id = a.line_id and b.version = a.version + 1
         where a.line_id = $1::uuid and a.to_state <> b.from_state",
    )
    .bind(&scene.line)
    .fetch_one(bed.sql())
    .await
    .unwrap();
    assert_eq!(chained.0, 0, "each begins where the one before ended");
}

#[tokio::test]
async fn a_service_that_is_stopped_the_moment_it_says_where_it_is_ends_in_good_order() {
    let mut bed = TestBed::start().await;
    for _ in 0..5 {
        bed.restart_service().await;
    }
}
