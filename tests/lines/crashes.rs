//! The process dies and comes back.

use super::{scenes::Scene, support::TestBed};
use serde_json::json;

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
