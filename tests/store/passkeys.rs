//! Answers to passkey challenges beside what else the rows say.

use super::bed::Bed;
use ezw::store::{
    ownership,
    passkeys::{self, Answer},
};
use ezw_actors::id::Incarnation;
use futures_util::future::join_all;
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

const COMMAND: Uuid = Uuid::from_u128(7);

/// The line of the bed, in the middle of a pairing that waits for a passkey.
async fn waiting() -> Bed {
    let bed = Bed::new().await;
    sqlx::query(
        "INSERT INTO line_commands (organization_id, id, line_id, kind, state, expires_at)
         VALUES ($1, $2, $3, 'pair', 'running', now() + interval '11 minutes')",
    )
    .bind(bed.scope.organization.0)
    .bind(COMMAND)
    .bind(bed.line.0)
    .execute(&bed.sql)
    .await
    .unwrap();
    at_step(&bed, 3, "passkey").await;
    bed
}

async fn at_step(bed: &Bed, generation: i64, step: &str) {
    let state = json!({
        "state": "pairing", "generation": generation, "deadline": "2999-01-01T00:00:00Z", "step": {"step": step},
        "pairing": {"command": COMMAND, "code_for": null, "before": {"was": "created"}}
    });
    bed.set_state(&state.to_string()).await;
}

async fn answer(bed: &Bed, response: &str) -> Answer {
    let (scope, by, line) = (bed.scope, bed.owner, bed.line);
    let response = SecretString::from(response);
    bed.db
        .unit(move |conn| Box::pin(async move { passkeys::answer(conn, scope, by, line, &response).await }))
        .await
        .unwrap()
}

async fn kept(bed: &Bed) -> Value {
    sqlx::query_scalar("SELECT data -> 'passkeyResponse' FROM line_commands")
        .fetch_one(&bed.sql)
        .await
        .unwrap()
}

async fn rung(bed: &Bed) -> Vec<Uuid> {
    let owner: Uuid =
        sqlx::query_scalar("SELECT owner_incarnation FROM lines").fetch_one(&bed.sql).await.unwrap();
    bed.db.run(move |conn| Box::pin(ownership::ordered_at(conn, Incarnation(owner)))).await.unwrap()
}

#[tokio::test]
async fn the_same_answer_is_one_answer_and_another_is_the_next() {
    let bed = waiting().await;
    assert!(rung(&bed).await.is_empty());
    let all = join_all((0..10).map(|_| answer(&bed, "one"))).await;
    let new = all.iter().filter(|one| matches!(one, Answer::Accepted { new: true, .. })).count();
    assert_eq!((all.len(), new), (10, 1));
    assert_eq!(kept(&bed).await, json!({"epoch": 1, "generation": 3, "number": 1, "response": "one"}));
    let Answer::Accepted { command, new: true } = answer(&bed, "other").await else { panic!("not accepted") };
    assert_eq!(command.id, COMMAND);
    assert_eq!(kept(&bed).await["number"], 2);
    assert_eq!(rung(&bed).await, [bed.line.0], "polling finds what a lost doorbell was for");
    at_step(&bed, 4, "passkey").await;
    assert!(matches!(answer(&bed, "other").await, Answer::Accepted { new: true, .. }), "of another session");
    assert_eq!(kept(&bed).await, json!({"epoch": 1, "generation": 4, "number": 1, "response": "other"}));
    let audited = "audit_log WHERE event_type = 'line.passkey_answered' AND data::text NOT LIKE '%other%'";
    assert_eq!(bed.count(audited).await, 3);
}

#[tokio::test]
async fn an_answer_that_nothing_waits_for_is_not_kept() {
    let bed = waiting().await;
    at_step(&bed, 3, "code").await;
    assert!(matches!(answer(&bed, "x").await, Answer::NoneWaits));
    at_step(&bed, 3, "passkey").await;
    bed.execute("UPDATE lines SET desired = 'stopped', stopped_at = now()").await;
    assert!(matches!(answer(&bed, "x").await, Answer::NoneWaits));
    bed.execute("UPDATE lines SET stopped_at = NULL, archived_at = now()").await;
    assert!(matches!(answer(&bed, "x").await, Answer::NoneWaits));
    bed.execute("UPDATE lines SET archived_at = NULL").await;
    bed.execute("UPDATE billing SET state = 'restricted'").await;
    assert!(matches!(answer(&bed, "x").await, Answer::BillingRestricted));
    bed.execute("UPDATE billing SET state = 'past_due'").await;
    assert!(matches!(answer(&bed, "x").await, Answer::Accepted { .. }), "it goes on with what was begun");
    bed.execute("UPDATE line_commands SET state = 'failed', reason = 'stopped', settled_at = now()").await;
    assert!(matches!(answer(&bed, "x").await, Answer::NoneWaits));
}
