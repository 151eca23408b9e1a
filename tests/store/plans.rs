//! How much a statement reads, as PostgreSQL says.

use super::bed::Bed;
use ezw::store::replies::Target;
use sqlx::{AssertSqlSafe, Connection as _};
use uuid::Uuid;

/// Ten thousand replies wait, which is the most a line may have, beside as many that are final: a claim reads what it
/// takes by the indexes, whatever its parameters.
#[tokio::test]
async fn a_claim_does_not_read_the_queue_it_leaves() {
    let bed = Bed::new().await;
    for number in 0..100 {
        let phone = Target::Phone(format!("+4915110000{number:03}"));
        bed.accept(bed.reply(&format!("k{number}"), phone, "Hello")).await.unwrap();
    }
    bed.execute(
        r"
        WITH copies AS (
            INSERT INTO messages (organization_id, id, line_id, conversation_id, direction, kind, body_text, provider_message_id)
            SELECT m.organization_id, gen_random_uuid(), m.line_id, m.conversation_id, 'outbound', 'text', 'Hello',
                gen_random_uuid()::text
            FROM messages m, generate_series(1, 199)
            RETURNING organization_id, id, line_id, conversation_id, provider_message_id
        ), numbered AS (
            SELECT *, row_number() OVER (PARTITION BY conversation_id) + 1 AS seq FROM copies
        )
        INSERT INTO outbound (organization_id, message_id, line_id, conversation_id, seq, recipient, provider_message_id,
            status, settled_at, expires_at)
        SELECT organization_id, id, line_id, conversation_id, seq, '+4915110000000', provider_message_id,
            CASE WHEN seq > 100 THEN 'sent' ELSE 'queued' END, CASE WHEN seq > 100 THEN now() END, now() + interval '1 day'
        FROM numbered
        ",
    )
    .await;
    assert_eq!(bed.count("outbound WHERE status = 'queued'").await, 10_000);
    let mut conn = bed.sql.acquire().await.unwrap();
    let prepare = format!(
        "PREPARE claim (uuid, uuid, uuid, bigint, bigint, boolean, boolean, timestamptz, integer, float8, boolean, float8) AS {}",
        include_str!("../../src/store/claim.sql"),
    );
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut *conn).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut *conn).await.unwrap();
    let owner: Uuid =
        sqlx::query_scalar("SELECT owner_incarnation FROM lines").fetch_one(&mut *conn).await.unwrap();
    for mode in ["force_generic_plan", "force_custom_plan"] {
        sqlx::raw_sql(AssertSqlSafe(format!("SET plan_cache_mode = {mode}")))
            .execute(&mut *conn)
            .await
            .unwrap();
        let explain = format!(
            "EXPLAIN (ANALYZE, BUFFERS) EXECUTE claim ('{}', '{}', '{owner}', 1, 5, false, true, now() + interval '20 s', 50, 60, true, 15)",
            bed.scope.organization.0, bed.line.0,
        );
        let mut tx = conn.begin().await.unwrap();
        let plan: Vec<String> = sqlx::query_scalar(AssertSqlSafe(explain)).fetch_all(&mut *tx).await.unwrap();
        tx.rollback().await.unwrap();
        let plan = plan.join("\n");
        // The first line's are those of the whole statement. The queue itself has thousands.
        let pages = plan
            .split("shared hit=")
            .nth(1)
            .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
        assert!(pages.unwrap().parse::<u32>().unwrap() < 1_000, "{mode}: {plan}");
        assert!(!plan.contains("Seq Scan on outbound"), "{mode}: {plan}");
        for index in ["outbound_claim", "outbound_again", "outbound_open"] {
            assert!(plan.contains(index), "{mode}: no {index} in {plan}");
        }
    }
}
