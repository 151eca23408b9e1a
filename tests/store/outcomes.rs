//! What becomes of replies: while a line takes none, when nobody knows, when their time is over.

use super::{
    bed::Bed,
    sending::{
        accepted, claim, claim_of_all, name, not_written, receipt, record, retry, shown, timeline, unknown,
    },
};
use ezw::store::{overdue, replies::Target, retention};
use ezw_actors::{
    id::ConversationId,
    port::{Claim, ReceiptKind},
};
use uuid::Uuid;

const CUSTOMER: &str = "+4915112345678";

async fn reply(bed: &Bed, key: &str) -> (Uuid, String, ConversationId) {
    let message = bed.accept(bed.reply(key, Target::Phone(CUSTOMER.into()), "Hello")).await.unwrap().message;
    (message.id, message.provider_message_id, ConversationId(message.conversation_id))
}

async fn ids(bed: &Bed) -> Vec<String> {
    let claimed = claim(bed, claim_of_all()).await;
    claimed.into_iter().map(|dispatch| dispatch.provider_message_id).collect()
}

/// Ways to take nothing, with the way back.
const PARKED: &[(&str, &str)] = &[
    (
        "UPDATE lines SET stopped_at = now(), desired = 'stopped'",
        "UPDATE lines SET stopped_at = NULL, desired = 'running'",
    ),
    ("UPDATE billing SET state = 'restricted'", "UPDATE billing SET state = 'active'"),
    (
        r#"UPDATE lines SET state = 'logged_out', state_detail = '{"state":"logged_out","reason":"logged_out"}'"#,
        r#"UPDATE lines SET state = 'connected', state_detail = '{"state":"connected","generation":2}'"#,
    ),
    (
        r#"UPDATE lines SET state = 'banned', state_detail = '{"state":"banned","until":null}'"#,
        r#"UPDATE lines SET state = 'connected', state_detail = '{"state":"connected","generation":3}'"#,
    ),
    (
        r#"UPDATE lines SET state = 'throttled', state_detail = '{"state":"throttled","generation":3}'"#,
        r#"UPDATE lines SET state = 'connected', state_detail = '{"state":"connected","generation":3}'"#,
    ),
];

#[tokio::test]
async fn a_reply_waits_without_an_attempt_while_its_line_takes_none_and_expires_if_that_lasts() {
    let bed = Bed::new().await;
    for (n, (park, back)) in PARKED.iter().enumerate() {
        let (waits, id, _) = reply(&bed, &format!("waits-{n}")).await;
        let (late, _, _) = reply(&bed, &format!("late-{n}")).await;
        bed.execute(park).await;
        for _ in 0..10 {
            assert!(ids(&bed).await.is_empty(), "{park}");
        }
        assert_eq!(bed.count("outbound WHERE status = 'queued' AND attempts = 0").await, 2, "{park}");
        let over = "UPDATE outbound SET expires_at = now() WHERE message_id = $1";
        sqlx::query(over).bind(late).execute(&bed.sql).await.unwrap();
        bed.db.run(|conn| Box::pin(overdue::expire_replies(conn))).await.unwrap();
        let expired = shown(&bed, late).await;
        assert_eq!(
            (expired.status.as_str(), expired.failure_reason.as_deref()),
            ("expired", Some("expired"))
        );
        bed.execute(back).await;
        assert_eq!(ids(&bed).await, std::slice::from_ref(&id), "{back}");
        record(&bed, vec![accepted(&id)]).await;
        assert_eq!(shown(&bed, waits).await.status, "sent");
    }
}

#[tokio::test]
async fn attempts_are_spent_by_refusals_alone() {
    let bed = Bed::new().await;
    let (message, id, _) = reply(&bed, "a").await;
    for attempt in 1..=5 {
        for _ in 0..3 {
            assert_eq!(ids(&bed).await.len(), 1, "{attempt}");
            record(&bed, vec![not_written(&id)]).await;
        }
        assert_eq!(ids(&bed).await.len(), 1, "{attempt}");
        assert_eq!(shown(&bed, message).await.status, "sending");
        record(&bed, vec![retry(&id)]).await;
    }
    let spent = shown(&bed, message).await;
    assert_eq!((spent.status.as_str(), spent.failure_reason.as_deref()), ("failed", Some("attempts_spent")));
    assert!(ids(&bed).await.is_empty());
    record(&bed, vec![receipt(&id, ReceiptKind::Delivered)]).await;
    let delivered = shown(&bed, message).await;
    assert_eq!(
        (delivered.status.as_str(), delivered.failure_reason),
        ("delivered", None),
        "a receipt still wins"
    );
}

#[tokio::test]
async fn an_unknown_reply_holds_its_conversation_up_for_sixty_seconds_from_when_the_line_can_send() {
    let bed = Bed::new().await;
    let (_, first, _) = reply(&bed, "a").await;
    let (_, second, _) = reply(&bed, "b").await;
    assert_eq!(ids(&bed).await, std::slice::from_ref(&first));
    record(&bed, vec![unknown(&first)]).await;
    assert!(ids(&bed).await.is_empty());
    // An hour ago, but the line has been back for less than a minute: a receipt may still come.
    bed.execute("UPDATE outbound SET unknown_since = now() - interval '1 hour' WHERE status = 'unknown'")
        .await;
    bed.execute("UPDATE lines SET session_started_at = now() - interval '55 seconds'").await;
    assert!(ids(&bed).await.is_empty());
    bed.execute("UPDATE lines SET session_started_at = now() - interval '61 seconds'").await;
    assert_eq!(ids(&bed).await, [second]);
}

#[tokio::test]
async fn a_reply_of_unknown_fate_is_not_sent_again_by_itself_once_its_time_is_over() {
    let bed = Bed::new().await;
    let (message, id, _) = reply(&bed, "a").await;
    let by_itself = Claim { drops_repeats: true, ..claim_of_all() };
    assert_eq!(ids(&bed).await.len(), 1);
    // Each death of a process may cost one, and says nothing against it.
    for attempt in 2..=50 {
        record(&bed, vec![unknown(&id)]).await;
        assert_eq!(claim(&bed, by_itself).await.len(), 1, "{attempt}");
    }
    record(&bed, vec![unknown(&id)]).await;
    assert!(claim(&bed, by_itself).await.is_empty(), "fifty attempts");
    bed.execute("UPDATE outbound SET attempts = 1, expires_at = now()").await;
    assert!(claim(&bed, by_itself).await.is_empty(), "its time is over");
    bed.db.run(|conn| Box::pin(overdue::expire_replies(conn))).await.unwrap();
    assert_eq!(shown(&bed, message).await.status, "unknown", "what may have been sent does not expire");
}

#[tokio::test]
async fn a_fate_that_stays_unknown_is_final_after_a_day_and_a_receipt_still_wins() {
    let bed = Bed::new().await;
    let (message, id, place) = reply(&bed, "a").await;
    assert_eq!(ids(&bed).await.len(), 1);
    record(&bed, vec![unknown(&id)]).await;
    let settle = || bed.db.run(|conn| Box::pin(overdue::settle_old_unknowns(conn)));
    let forget = || bed.db.run(|conn| Box::pin(retention::forget_old_keys(conn)));
    bed.execute("UPDATE outbound SET unknown_since = now() - interval '23 hours 59 minutes'").await;
    assert_eq!(settle().await.unwrap(), 0);
    bed.execute("UPDATE idempotency SET created_at = now() - interval '3 days'").await;
    forget().await.unwrap();
    assert_eq!(bed.count("idempotency").await, 1, "its key is kept until it is final");
    bed.execute("UPDATE outbound SET unknown_since = now() - interval '24 hours 1 minute'").await;
    bed.execute("DELETE FROM live_events").await;
    assert_eq!(settle().await.unwrap(), 1);
    let settled = shown(&bed, message).await;
    assert_eq!(
        (settled.status.as_str(), settled.failure_reason.as_deref()),
        ("unknown", Some("outcome_unknown"))
    );
    assert_eq!(
        bed.count("live_events WHERE type = 'message.updated'").await,
        1,
        "and whoever looks on is told"
    );
    forget().await.unwrap();
    assert_eq!(bed.count("idempotency").await, 0);
    record(&bed, vec![receipt(&id, ReceiptKind::Read)]).await;
    let read = timeline(&bed, place).await.remove(0);
    assert_eq!((read.status.as_str(), read.failure_reason), ("read", None));
}

#[tokio::test]
async fn what_is_told_twice_of_an_attempt_is_not_taken_for_the_next_one() {
    let bed = Bed::new().await;
    for (n, fact) in [not_written, retry, unknown].into_iter().enumerate() {
        let (message, id, _) = reply(&bed, &format!("k{n}")).await;
        assert_eq!(ids(&bed).await, [id.as_str()]);
        let mut told = fact(&id);
        name(&bed, &mut told).await;
        record(&bed, vec![told.clone()]).await;
        let again = Claim { drops_repeats: true, ..claim_of_all() };
        assert_eq!(claim(&bed, again).await.len(), 1, "the next attempt");
        // The answer to the first COMMIT was lost, and the line tells it again.
        record(&bed, vec![told]).await;
        let open = "outbound WHERE deadline_at IS NOT NULL AND status IN ('sending', 'unknown')";
        assert_eq!(bed.count(open).await, 1, "it is under way as before");
        assert!(claim(&bed, again).await.is_empty(), "and not sent beside that");
        record(&bed, vec![accepted(&id)]).await;
        assert_eq!(shown(&bed, message).await.status, "sent");
    }
}

#[tokio::test]
async fn an_unknown_that_was_sent_again_and_certainly_not_written_stays_unknown() {
    let bed = Bed::new().await;
    let (message, id, _) = reply(&bed, "a").await;
    assert_eq!(ids(&bed).await.len(), 1);
    record(&bed, vec![unknown(&id)]).await;
    let again = Claim { drops_repeats: true, ..claim_of_all() };
    for _ in 0..3 {
        assert_eq!(claim(&bed, again).await.len(), 1);
        record(&bed, vec![not_written(&id)]).await;
        assert_eq!(shown(&bed, message).await.status, "unknown");
    }
}

#[tokio::test]
async fn a_reply_of_unknown_fate_waits_for_a_receipt_before_it_is_sent_again_also_on_a_living_session() {
    let bed = Bed::new().await;
    let (_, id, _) = reply(&bed, "a").await;
    assert_eq!(ids(&bed).await.len(), 1);
    record(&bed, vec![unknown(&id)]).await;
    let later = chrono::TimeDelta::seconds(15);
    let again = Claim { drops_repeats: true, resend_after: later, ..claim_of_all() };
    assert!(claim(&bed, again).await.is_empty());
    bed.execute("UPDATE outbound SET updated_at = now() - interval '15 seconds'").await;
    assert_eq!(claim(&bed, again).await.len(), 1);
}

#[tokio::test]
async fn of_one_conversation_one_reply_is_under_way_also_when_an_old_unknown_is_sent_again() {
    let bed = Bed::new().await;
    let (_, first, _) = reply(&bed, "a").await;
    let (_, second, _) = reply(&bed, "b").await;
    assert_eq!(ids(&bed).await, [first.as_str()]);
    record(&bed, vec![unknown(&first)]).await;
    bed.execute("UPDATE outbound SET unknown_since = now() - interval '2 minutes' WHERE status = 'unknown'")
        .await;
    bed.execute("UPDATE lines SET session_started_at = now() - interval '2 minutes'").await;
    let again = Claim { drops_repeats: true, ..claim_of_all() };
    let taken: Vec<String> =
        claim(&bed, again).await.into_iter().map(|dispatch| dispatch.provider_message_id).collect();
    assert_eq!(taken, [first.as_str()], "not both at once");
    assert!(claim(&bed, again).await.is_empty(), "nor one beside the other");
    record(&bed, vec![accepted(&first)]).await;
    assert_eq!(ids(&bed).await, [second]);
}
