//! What is forgotten by itself.

use super::bed::Bed;
use ezw::store::retention;

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
