//! Who gets which line, what a line that cannot be read does to the others, and which lines are looked at again.

use super::bed::{Bed, client};
use ezw::store::{StoreError, line_store::PgLineStore, nodes, ownership, poison, sealed::Sealer};
use ezw_actors::{
    id::{Incarnation, LineId},
    machine::LineState,
    port::{Claimed, Credentials, LineStore as _},
};
use std::sync::Arc;
use uuid::Uuid;

/// Of a node that has no share of the lines but when it claims.
const DUTIES: nodes::Duties = nodes::Duties { holds_lock: false, takes_lines: false };

fn sealer() -> Sealer {
    Sealer::new(&[7; 32]).unwrap()
}

async fn node(bed: &Bed) -> Incarnation {
    let incarnation = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO nodes (incarnation, name, version, heartbeat_until, takes_lines)
         VALUES ($1, 'two', '0', now() + interval '1 hour', false)",
    )
    .bind(incarnation)
    .execute(&bed.sql)
    .await
    .unwrap();
    Incarnation(incarnation)
}

fn store(bed: &Bed) -> PgLineStore {
    PgLineStore::new(bed.db.clone(), Arc::new(sealer()), Arc::new(client()))
}

/// A line that nobody owns.
async fn free_line(bed: &Bed, detail: &str, desired: &str) -> LineId {
    let line = Uuid::now_v7();
    let number = (desired == "running").then(|| format!("+49301{:09}", line.as_u128() % 1_000_000_000));
    let detail: serde_json::Value = serde_json::from_str(detail).unwrap();
    sqlx::query(
        r#"
        INSERT INTO lines (organization_id, id, display_name, phone_number, state, state_detail, desired, epoch)
        VALUES ($1, $2, 'Free', $3, $4, $5, $6, 1)
        "#,
    )
    .bind(bed.scope.organization.0)
    .bind(line)
    .bind(number)
    .bind(detail["state"].as_str().unwrap())
    .bind(&detail)
    .bind(desired)
    .execute(&bed.sql)
    .await
    .unwrap();
    LineId(line)
}

async fn keep_account(bed: &Bed, line: LineId, sealed: &[u8]) {
    sqlx::query(
        r#"
        INSERT INTO line_credentials (organization_id, line_id, namespace, key, sealed)
        VALUES ($1, $2, 'session', '', $3)
        "#,
    )
    .bind(bed.scope.organization.0)
    .bind(line.0)
    .bind(sealed)
    .execute(&bed.sql)
    .await
    .unwrap();
}

async fn open_command(bed: &Bed, line: LineId, kind: &str) -> Uuid {
    let command = Uuid::now_v7();
    sqlx::query(
        r#"
        INSERT INTO line_commands (organization_id, id, line_id, kind, state, expires_at)
        VALUES ($1, $2, $3, $4, 'queued', now() + interval '5 minutes')
        "#,
    )
    .bind(bed.scope.organization.0)
    .bind(command)
    .bind(line.0)
    .bind(kind)
    .execute(&bed.sql)
    .await
    .unwrap();
    command
}

async fn claim(bed: &Bed, node: Incarnation) -> Vec<Claimed> {
    let claimed: Result<_, StoreError> = bed
        .db
        .unit(move |conn| {
            Box::pin(async move { ownership::claim_due(conn, &sealer(), node, &client(), 500).await })
        })
        .await;
    claimed.unwrap()
}

fn lines(claimed: &[Claimed]) -> Vec<LineId> {
    claimed.iter().map(|claimed| claimed.fence.line).collect()
}

const WAITS: &str = r#"{"state":"reconnecting","reason":"connection_lost","retry_at":"2026-01-01T00:00:00Z","since":"2026-01-01T00:00:00Z"}"#;

#[tokio::test]
async fn a_line_that_cannot_be_read_is_given_up_and_the_others_start() {
    let bed = Bed::new().await;
    let node = node(&bed).await;
    let [good, account, state, history] = [
        free_line(&bed, WAITS, "running").await,
        free_line(&bed, WAITS, "running").await,
        free_line(&bed, r#"{"state":"reconnecting","reason":"of_tomorrow"}"#, "running").await,
        free_line(&bed, WAITS, "running").await,
    ];
    keep_account(&bed, good, &sealer().seal(good, &Credentials(b"account".to_vec())).unwrap()).await;
    keep_account(&bed, account, b"nobody can open this").await;
    open_command(&bed, account, "wakeup").await;
    sqlx::query(r#"UPDATE lines SET history = '{"deaths":"many"}' WHERE id = $1"#)
        .bind(history.0)
        .execute(&bed.sql)
        .await
        .unwrap();
    assert_eq!(lines(&claim(&bed, node).await), [good]);
    let given_up = r#"lines l JOIN line_transitions t ON t.line_id = l.id AND t.version = l.version
        WHERE l.state = 'failed' AND l.state_detail ->> 'reason' = 'poison' AND l.owner_incarnation IS NULL
            AND l.next_start_at > now() + interval '59 minutes' AND t.to_state = 'failed' AND t.reason = 'poison'
            AND t.state_detail = l.state_detail"#;
    assert_eq!(bed.count(given_up).await, 3);
    assert_eq!(bed.count("line_commands WHERE state = 'failed' AND reason = 'poison'").await, 1);
    // They hold nobody up, and are tried again when it is time: what could not be read of the state is gone by then.
    assert!(claim(&bed, node).await.is_empty());
    bed.execute("UPDATE lines SET next_start_at = now() WHERE state = 'failed'").await;
    assert_eq!(lines(&claim(&bed, node).await), [state]);
    assert_eq!(bed.count(given_up).await, 2);
}

#[tokio::test]
async fn a_line_taken_from_a_dead_node_comes_with_the_last_sign_of_life_of_that_node() {
    let bed = Bed::new().await;
    let [dead, node] = [node(&bed).await, node(&bed).await];
    free_line(&bed, WAITS, "running").await;
    let first = claim(&bed, dead).await.pop().unwrap();
    assert_eq!(first.lived_until, None, "nobody had it before");
    let seen =
        "UPDATE nodes SET dead_at = now(), heartbeat_at = now() - interval '11 minutes' WHERE incarnation = ";
    bed.execute(&format!("{seen} '{}'", dead.0)).await;
    let taken = claim(&bed, node).await.pop().unwrap();
    let heartbeat_at: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("SELECT heartbeat_at FROM nodes WHERE incarnation = $1")
            .bind(dead.0)
            .fetch_one(&bed.sql)
            .await
            .unwrap();
    assert_eq!((taken.fence.line, taken.lived_until), (first.fence.line, Some(heartbeat_at)));
    let again = store(&bed).retake(taken.fence, None).await.unwrap().unwrap();
    assert_eq!(again.lived_until, None, "of a live one, now");
}

#[tokio::test]
async fn a_line_that_cannot_be_read_any_more_is_given_up_when_its_actor_died() {
    let bed = Bed::new().await;
    let node = node(&bed).await;
    let line = free_line(&bed, WAITS, "running").await;
    let claimed = claim(&bed, node).await.pop().unwrap();
    keep_account(&bed, line, b"nobody can open this").await;
    open_command(&bed, line, "pair").await;
    bed.execute(
        r#"UPDATE line_commands SET data = '{"passkeyResponse": {"epoch": 1, "response": "signed"}}'"#,
    )
    .await;
    assert!(store(&bed).retake(claimed.fence, None).await.unwrap().is_none(), "there is nothing to start");
    assert_eq!(bed.count("lines WHERE state = 'failed' AND owner_incarnation IS NULL").await, 1);
    let forgotten = "line_commands WHERE state = 'failed' AND reason = 'poison' AND data = '{}'";
    assert_eq!(bed.count(forgotten).await, 1, "the answer of a person goes with its command");
}

#[tokio::test]
async fn a_key_that_opens_nothing_is_told_from_an_account_that_does_not_open() {
    let bed = Bed::new().await;
    let fits = |key: u8| {
        bed.db.run(move |conn| {
            Box::pin(async move { poison::key_fits(conn, &Sealer::new(&[key; 32]).unwrap()).await })
        })
    };
    assert!(fits(8).await.unwrap(), "no account, no doubt");
    let only = free_line(&bed, WAITS, "running").await;
    keep_account(&bed, only, &sealer().seal(only, &Credentials(b"account".to_vec())).unwrap()).await;
    assert!(fits(8).await.unwrap(), "one account may be broken itself");
    bed.execute("UPDATE nodes SET takes_lines = true").await;
    assert!(!fits(8).await.unwrap(), "but others take lines, with a key that opens it");
    assert!(fits(7).await.unwrap());
    bed.execute("UPDATE nodes SET takes_lines = false").await;
    for _ in 0..3 {
        let line = free_line(&bed, WAITS, "running").await;
        keep_account(&bed, line, &sealer().seal(line, &Credentials(b"account".to_vec())).unwrap()).await;
    }
    assert!(fits(7).await.unwrap());
    assert!(!fits(8).await.unwrap());
    let strange = free_line(&bed, WAITS, "running").await;
    keep_account(&bed, strange, b"nobody can open this").await;
    assert!(fits(7).await.unwrap(), "one account speaks against itself");
}

#[tokio::test]
async fn a_line_let_go_half_way_through_its_pairing_is_taken_up_again() {
    let bed = Bed::new().await;
    let node = node(&bed).await;
    let pairing = format!(
        r#"{{"state":"pairing","generation":1,"step":{{"step":"code"}},"deadline":"2026-01-01T00:00:00Z",
            "pairing":{{"command":"{}","code_for":null,"before":{{"was":"created"}}}}}}"#,
        Uuid::now_v7()
    );
    let stranded = free_line(&bed, &pairing, "stopped").await;
    let at_rest = free_line(&bed, r#"{"state":"created"}"#, "stopped").await;
    let stopped = free_line(&bed, &pairing, "stopped").await;
    sqlx::query("UPDATE lines SET stopped_at = now() WHERE id = $1")
        .bind(stopped.0)
        .execute(&bed.sql)
        .await
        .unwrap();
    let claimed = claim(&bed, node).await;
    assert_eq!(lines(&claimed), [stranded], "not {at_rest} and not {stopped}");
    assert!(matches!(&claimed[0].state, LineState::Starting { from, .. } if from.pairing().is_some()));
    assert!(claim(&bed, node).await.is_empty());
}

async fn rung(bed: &Bed, node: Incarnation) -> bool {
    let ordered: Result<_, StoreError> =
        bed.db.run(move |conn| Box::pin(async move { ownership::ordered_at(conn, node).await })).await;
    ordered.unwrap().contains(&bed.line.0)
}

#[tokio::test]
async fn a_line_is_looked_at_again_when_another_command_than_its_own_is_open() {
    let bed = Bed::new().await;
    let node = node(&bed).await;
    bed.execute(&format!("UPDATE lines SET owner_incarnation = '{}'", node.0)).await;
    let own = open_command(&bed, bed.line, "pair").await;
    let pairing = format!(r#"{{"command":"{own}","code_for":null,"before":{{"was":"created"}}}}"#);
    for detail in [
        format!(r#"{{"state":"waiting_permit","purpose":{{"for":"pair","pairing":{pairing}}}}}"#),
        format!(r#"{{"state":"pairing","generation":1,"pairing":{pairing}}}"#),
    ] {
        bed.set_state(&detail).await;
        bed.execute(&format!("UPDATE line_commands SET id = '{own}'")).await;
        assert!(!rung(&bed, node).await, "its command is open");
        // Stopped and asked for anew, on another node.
        bed.execute(&format!("UPDATE line_commands SET id = '{}'", Uuid::now_v7())).await;
        assert!(rung(&bed, node).await);
    }
}

#[tokio::test]
async fn a_line_at_work_is_looked_at_again_for_an_open_wakeup() {
    let bed = Bed::new().await;
    let node = node(&bed).await;
    bed.execute(&format!("UPDATE lines SET owner_incarnation = '{}'", node.0)).await;
    assert!(!rung(&bed, node).await);
    open_command(&bed, bed.line, "wakeup").await;
    assert!(rung(&bed, node).await);
    bed.set_state(&format!(r#"{{"state":"starting","deadline":"2026-01-01T00:00:00Z","from":{WAITS}}}"#))
        .await;
    assert!(!rung(&bed, node).await, "the start ends it, once its session is tried");
}

#[tokio::test]
async fn a_wakeup_of_a_line_whose_start_waits_is_open_until_its_session_is_tried() {
    let bed = Bed::new().await;
    let node = node(&bed).await;
    let line = free_line(&bed, WAITS, "running").await;
    let fence = claim(&bed, node).await.pop().unwrap().fence;
    open_command(&bed, line, "wakeup").await;
    for (state, open) in [("starting", 1), ("waiting_permit", 1), ("connecting", 0)] {
        bed.execute(&format!(
            r#"UPDATE lines SET state = '{state}', state_detail = '{{"state": "{state}"}}' WHERE id = '{line}'"#
        ))
        .await;
        // As any doorbell makes it: a reply, say.
        store(&bed).standing(fence).await.unwrap();
        assert_eq!(bed.count("line_commands WHERE state = 'queued'").await, open, "{state}");
    }
    assert_eq!(bed.count("line_commands WHERE state = 'succeeded'").await, 1);
}

#[tokio::test]
async fn after_an_outage_the_first_node_to_renew_counts_those_that_did_not_yet() {
    let bed = Bed::new().await;
    let first = node(&bed).await;
    let last = node(&bed).await;
    bed.execute("UPDATE nodes SET heartbeat_at = now() - interval '1 hour', heartbeat_until = now() - interval '1 minute'")
        .await;
    let renew =
        |node| bed.db.run(move |conn| Box::pin(async move { nodes::renew(conn, node, DUTIES).await }));
    assert_eq!(renew(first).await.unwrap().unwrap().alive, 3, "it, the other, and the bed's");
    bed.execute("UPDATE nodes SET dead_at = now() WHERE heartbeat_until < now()").await;
    assert_eq!(renew(first).await.unwrap().unwrap().alive, 1, "those marked dead take no share");
    assert!(renew(last).await.unwrap().is_none());
}
