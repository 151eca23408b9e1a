//! How unowned lines are shared out among the nodes, how one moves, and how a death is seen by the lock.

use super::bed::{Bed, client};
use ezw::store::{
    StoreError,
    fleet::{self, Move},
    nodes::{self, Duties, Judge},
    ownership,
    sealed::Sealer,
};
use ezw_actors::id::Incarnation;
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

const TAKES: Duties = Duties { holds_lock: false, takes_lines: true };
const SHOWN: Duties = Duties { holds_lock: true, takes_lines: true };

async fn node(bed: &Bed, name: &'static str, duties: Duties) -> Incarnation {
    let node = Incarnation(Uuid::new_v4());
    let entered: Result<(), StoreError> =
        bed.db.run(move |conn| Box::pin(async move { nodes::enter(conn, node, name, duties).await })).await;
    entered.unwrap();
    node
}

async fn free_lines(bed: &Bed, count: i32) {
    // The bed's own line counts for nobody.
    bed.execute("UPDATE lines SET owner_incarnation = NULL, desired = 'stopped', stopped_at = now()").await;
    sqlx::query(
        r#"
        INSERT INTO lines (organization_id, id, display_name, phone_number, state, state_detail, desired, epoch)
        SELECT $1, gen_random_uuid(), 'Free', '+49301' || lpad(n::text, 9, '0'), d ->> 'state', d, 'running', 1
        FROM generate_series(1, $2) n, (SELECT jsonb_build_object('state', 'reconnecting', 'reason', 'connection_lost',
            'retry_at', now(), 'since', now()) AS d) s
        "#,
    )
    .bind(bed.scope.organization.0)
    .bind(count)
    .execute(&bed.sql)
    .await
    .unwrap();
}

async fn claim(bed: &Bed, node: Incarnation) -> usize {
    let claimed: Result<Vec<_>, StoreError> = bed
        .db
        .unit(move |conn| {
            Box::pin(async move {
                ownership::claim_due(conn, &Sealer::new(&[7; 32]).unwrap(), node, &client(), 500).await
            })
        })
        .await;
    claimed.unwrap().len()
}

#[tokio::test]
async fn unowned_lines_are_shared_out_among_the_nodes_that_take_lines() {
    let bed = Bed::new().await;
    let [one, two, three] =
        [node(&bed, "a", TAKES).await, node(&bed, "b", TAKES).await, node(&bed, "c", TAKES).await];
    free_lines(&bed, 10).await;
    assert_eq!((claim(&bed, one).await, claim(&bed, one).await), (4, 0), "a third of ten, rounded up");
    assert_eq!(claim(&bed, two).await, 4);
    assert_eq!(claim(&bed, three).await, 2);
    // One that stops has no share, and what it let go is taken by those that have less.
    let stops: Result<(), StoreError> =
        bed.db.run(move |conn| Box::pin(nodes::take_no_more(conn, one))).await;
    stops.unwrap();
    bed.execute(&format!("UPDATE lines SET owner_incarnation = NULL WHERE owner_incarnation = '{}'", one.0))
        .await;
    assert_eq!((claim(&bed, two).await, claim(&bed, three).await), (1, 3));
    // A node that comes later finds nothing to take: lines at work stay where they are.
    let late = node(&bed, "d", TAKES).await;
    assert_eq!(claim(&bed, late).await, 0);
}

#[tokio::test]
async fn what_nobody_took_for_two_seconds_is_anybodys() {
    let bed = Bed::new().await;
    let [one, _silent] = [node(&bed, "a", TAKES).await, node(&bed, "b", TAKES).await];
    free_lines(&bed, 4).await;
    assert_eq!((claim(&bed, one).await, claim(&bed, one).await), (2, 0));
    bed.execute(
        "UPDATE lines SET next_start_at = now() - interval '3 seconds' WHERE owner_incarnation IS NULL",
    )
    .await;
    assert_eq!(claim(&bed, one).await, 2, "the other one takes nothing");
}

#[tokio::test]
async fn lines_of_a_dead_node_are_shared_out_like_others() {
    let bed = Bed::new().await;
    let [dead, one, two] =
        [node(&bed, "a", TAKES).await, node(&bed, "b", TAKES).await, node(&bed, "c", TAKES).await];
    bed.execute("UPDATE nodes SET takes_lines = name = 'a'").await;
    free_lines(&bed, 6).await;
    assert_eq!(claim(&bed, dead).await, 6);
    bed.execute(
        "UPDATE nodes SET takes_lines = name IN ('b', 'c'), dead_at = CASE name WHEN 'a' THEN now() END",
    )
    .await;
    assert_eq!((claim(&bed, one).await, claim(&bed, two).await), (3, 3));
}

async fn order_move(bed: &Bed, line: Uuid, to: &'static str) -> Move {
    let ordered: Result<Move, StoreError> = bed
        .db
        .unit(move |conn| {
            Box::pin(async move { fleet::order_move(conn, line, to, Duration::from_secs(15)).await })
        })
        .await;
    ordered.unwrap()
}

#[tokio::test]
async fn a_line_that_is_to_move_is_reserved_for_that_node_beyond_its_share() {
    let bed = Bed::new().await;
    let [one, two, three] =
        [node(&bed, "a", TAKES).await, node(&bed, "b", TAKES).await, node(&bed, "c", TAKES).await];
    free_lines(&bed, 3).await;
    assert_eq!((claim(&bed, one).await, claim(&bed, two).await, claim(&bed, three).await), (1, 1, 1));
    let owned = "SELECT id FROM lines WHERE owner_incarnation = $1";
    let line: Uuid = sqlx::query_scalar(owned).bind(one.0).fetch_one(&bed.sql).await.unwrap();
    assert_eq!(order_move(&bed, line, "nobody").await, Move::NoNode);
    assert_eq!(order_move(&bed, Uuid::nil(), "b").await, Move::NoLine);
    assert_eq!(order_move(&bed, line, "a").await, Move::ThereAlready);
    assert_eq!(order_move(&bed, line, "b").await, Move::Ordered(two.0));
    let leaving = |node| bed.db.run(move |conn| Box::pin(ownership::to_move(conn, node)));
    assert_eq!(leaving(one).await.unwrap(), [line]);
    assert_eq!(claim(&bed, two).await, 0, "its owner has it still");
    bed.execute(&format!("UPDATE lines SET owner_incarnation = NULL WHERE id = '{line}'")).await;
    assert_eq!(order_move(&bed, line, "b").await, Move::NotRunning);
    assert_eq!((claim(&bed, three).await, claim(&bed, one).await), (0, 0), "reserved");
    assert_eq!(claim(&bed, two).await, 1);
    assert!(leaving(two).await.unwrap().is_empty());
    assert_eq!(bed.count("lines WHERE move_to IS NOT NULL").await, 0, "the order is used up");
    // An order that nobody carries out runs out.
    assert_eq!(order_move(&bed, line, "c").await, Move::Ordered(three.0));
    bed.execute("UPDATE lines SET owner_incarnation = NULL, move_until = now() WHERE move_to IS NOT NULL")
        .await;
    bed.execute(&format!("UPDATE nodes SET dead_at = now() WHERE incarnation = '{}'", three.0)).await;
    assert!(claim(&bed, one).await > 0);
}

/// As it knows itself by its row.
async fn judge(bed: &Bed, node: Incarnation) -> Judge {
    let ask = "SELECT heartbeat_at FROM nodes WHERE incarnation = $1";
    Judge { node, renewed_at: sqlx::query_scalar(ask).bind(node.0).fetch_one(&bed.sql).await.unwrap() }
}

async fn lost(bed: &Bed, me: Incarnation, suspects: &[Uuid]) -> Vec<Uuid> {
    let (suspects, me) = (suspects.to_vec(), judge(bed, me).await);
    let looked: Result<_, StoreError> =
        bed.db.run(move |conn| Box::pin(async move { nodes::mark_lost(conn, me, &suspects).await })).await;
    looked.unwrap()
}

async fn holds(conn: &mut PgConnection, node: Incarnation) -> bool {
    nodes::hold_lock(conn, node).await.unwrap()
}

#[tokio::test]
async fn a_node_whose_connection_is_gone_at_two_looks_is_marked_dead_and_nobody_else() {
    let bed = Bed::new().await;
    let me = node(&bed, "me", SHOWN).await;
    let [gone, living, earlier] = [
        node(&bed, "gone", SHOWN).await,
        node(&bed, "living", SHOWN).await,
        node(&bed, "earlier", TAKES).await,
    ];
    let mut own = bed.sql.acquire().await.unwrap().detach();
    assert!(holds(&mut own, me).await);
    let mut connection = bed.sql.acquire().await.unwrap().detach();
    let mut lives = bed.sql.acquire().await.unwrap().detach();
    assert!(holds(&mut connection, gone).await && holds(&mut lives, living).await);
    assert!(lost(&bed, me, &[gone.0, living.0, earlier.0]).await.is_empty());
    drop(connection);
    let free = loop {
        let free = lost(&bed, me, &[]).await;
        if !free.is_empty() {
            break free;
        }
    };
    assert_eq!(free, [gone.0]);
    assert_eq!(bed.count("nodes WHERE dead_at IS NOT NULL").await, 0, "one look is a suspicion");
    // A connection that broke and is there again.
    let mut again = bed.sql.acquire().await.unwrap().detach();
    assert!(holds(&mut again, gone).await);
    assert!(lost(&bed, me, &free).await.is_empty());
    drop(again);
    while lost(&bed, me, &free).await.is_empty() {}
    assert_eq!(bed.count("nodes WHERE dead_at IS NOT NULL AND name = 'gone'").await, 1);
    assert_eq!(bed.count("nodes WHERE dead_at IS NOT NULL").await, 1, "not one without a lock, nor oneself");
    let renewed: Result<_, StoreError> =
        bed.db.run(move |conn| Box::pin(async move { nodes::renew(conn, gone, SHOWN).await })).await;
    assert!(renewed.unwrap().is_none(), "it learns so when it is back");
}

#[tokio::test]
async fn who_does_not_live_by_the_rows_itself_says_nothing_of_others() {
    let bed = Bed::new().await;
    let me = node(&bed, "me", SHOWN).await;
    let gone = node(&bed, "gone", SHOWN).await;
    // After a failover all locks are free, one's own too, until each heartbeat notices.
    assert!(lost(&bed, me, &[gone.0]).await.is_empty());
    let mut own = bed.sql.acquire().await.unwrap().detach();
    assert!(holds(&mut own, me).await);
    assert_eq!(lost(&bed, me, &[]).await, [gone.0]);
    // Who stood still finds others late, and is late itself.
    bed.execute(
        "UPDATE nodes SET heartbeat_at = now() - interval '9 s', heartbeat_until = now() - interval '1 s'",
    )
    .await;
    assert!(lost(&bed, me, &[gone.0]).await.is_empty());
    let mark = |judge| bed.db.run(move |conn| Box::pin(nodes::mark_dead(conn, judge)));
    let before = judge(&bed, me).await;
    assert_eq!(mark(before).await.unwrap(), 0);
    let renewed: Result<_, StoreError> =
        bed.db.run(move |conn| Box::pin(async move { nodes::renew(conn, me, SHOWN).await })).await;
    assert!(renewed.unwrap().is_some());
    assert_eq!(mark(before).await.unwrap(), 0, "asked for before all that, and carried out now");
    assert_eq!(mark(judge(&bed, me).await).await.unwrap(), 2, "the other, and the bed's");
}

#[tokio::test]
async fn lines_that_only_one_node_may_take_are_all_taken_by_it() {
    let bed = Bed::new().await;
    let [one, _of_the_refused_version] = [node(&bed, "a", TAKES).await, node(&bed, "b", TAKES).await];
    free_lines(&bed, 4).await;
    bed.execute(
        r#"UPDATE lines SET state = 'failed', desired = 'stopped', next_start_at = 'infinity',
            state_detail = '{"state":"failed","reason":"client_outdated","retry_at":null}', since = now() - interval '3 s'
            WHERE state = 'reconnecting'"#,
    )
    .await;
    assert_eq!(claim(&bed, one).await, 4, "the other one sees none of them");
}
