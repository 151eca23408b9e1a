//! What is forgotten or kept by itself.

use super::bed::Bed;
use ezw::store::retention;
use ezw_actors::lines::Evidence;
use uuid::Uuid;

#[tokio::test]
async fn made_up_addresses_are_forgotten_in_rounds_until_none_is_left() {
    let bed = Bed::new().await;
    bed.execute(
        "INSERT INTO login_failures (address_hash, failures, updated_at)
         SELECT sha256(n::text::bytea), CASE WHEN n <= 10 THEN 5 ELSE 1 END, now() - interval '2 hours'
         FROM generate_series(1, 25010) AS n",
    )
    .await;
    let mut rounds = 1;
    while bed.db.run(|conn| Box::pin(retention::forget_old_sign_ins(conn))).await.unwrap() {
        rounds += 1;
    }
    assert_eq!(rounds, 3);
    assert_eq!(bed.count("login_failures WHERE failures = 5").await, 10, "they still lengthen the next lock");
    assert_eq!(bed.count("login_failures").await, 10);
    bed.execute("UPDATE login_failures SET updated_at = now() - interval '25 hours'").await;
    assert!(!bed.db.run(|conn| Box::pin(retention::forget_old_sign_ins(conn))).await.unwrap());
    assert_eq!(bed.count("login_failures").await, 0);
}

#[tokio::test]
async fn a_line_whose_row_is_held_keeps_no_other_from_having_its_signs_of_life_written_down() {
    let bed = Bed::new().await;
    let free = Uuid::now_v7();
    bed.execute(&format!(
        "INSERT INTO lines (organization_id, id, display_name)
         SELECT organization_id, '{free}', 'Other' FROM lines WHERE id = '{}'",
        bed.line
    ))
    .await;
    let evidence =
        Evidence { last_frame_at: Some("2026-01-01T12:00:00Z".parse().unwrap()), ..Evidence::default() };
    let news = [(bed.line.0, evidence), (free, evidence)];
    let keep =
        || bed.db.run(move |conn| Box::pin(async move { retention::keep_evidence(conn, &news).await }));
    for held in ["FOR UPDATE", "FOR SHARE"] {
        bed.execute("UPDATE lines SET last_frame_at = NULL").await;
        let mut holder = bed.sql.begin().await.unwrap();
        let hold = format!("SELECT 1 FROM lines WHERE id = '{}' {held}", bed.line);
        sqlx::query(sqlx::AssertSqlSafe(hold)).execute(&mut *holder).await.unwrap();
        // It would end in an error if it waited: nobody lets the row go.
        assert_eq!(keep().await.unwrap(), [free], "{held}");
        assert_eq!(bed.count("lines WHERE last_frame_at IS NOT NULL").await, 1);
        holder.rollback().await.unwrap();
        let mut written = keep().await.unwrap();
        written.sort();
        let mut both = [bed.line.0, free];
        both.sort();
        assert_eq!(written, both, "it comes next time");
        assert_eq!(bed.count("lines WHERE last_frame_at = '2026-01-01T12:00:00Z'").await, 2);
    }
}
