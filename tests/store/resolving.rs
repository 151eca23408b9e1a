//! What a person's order to send again comes to, whatever becomes of the attempt.

use super::{
    bed::Bed,
    sending::{accepted, claim, claim_of_all, not_written, record, resolve, retry, shown, unknown},
};
use ezw::store::{
    overdue,
    replies::Target,
    resolving::{Resolution, Unresolved},
};
use ezw_actors::port::Claim;
use futures_util::future::join_all;
use uuid::Uuid;

/// A reply of which nobody knows, long over: the message and its id at the provider.
async fn lost(bed: &Bed, number: &str) -> (Uuid, String) {
    let reply = bed
        .accept(bed.reply(&Uuid::new_v4().to_string(), Target::Phone(number.into()), "Lost"))
        .await
        .unwrap();
    let id = reply.message.provider_message_id;
    assert_eq!(claim(bed, claim_of_all()).await.len(), 1);
    record(bed, vec![unknown(&id)]).await;
    let over = "UPDATE outbound SET expires_at = now() - interval '1 hour', unknown_since = now() - interval '25 hours'
                WHERE status = 'unknown'";
    bed.execute(over).await;
    let settled = bed.db.run(|conn| Box::pin(overdue::settle_old_unknowns(conn))).await.unwrap();
    assert_eq!(settled, 1);
    assert_eq!(shown(bed, reply.message.id).await.failure_reason.as_deref(), Some("outcome_unknown"));
    (reply.message.id, id)
}

#[tokio::test]
async fn nothing_of_unknown_fate_is_sent_again_before_it_is_ordered_and_once_for_each_order() {
    let bed = Bed::new().await;
    let (message, id) = lost(&bed, "+4915100000001").await;
    assert!(claim(&bed, claim_of_all()).await.is_empty(), "nobody ordered it");
    assert!(resolve(&bed, message, Resolution::Resend).await.unwrap().changed);
    let before_the_grace_is_over = Claim { settled: false, ..claim_of_all() };
    assert!(claim(&bed, before_the_grace_is_over).await.is_empty());
    let again = claim(&bed, claim_of_all()).await;
    assert_eq!(again.iter().map(|sent| &sent.provider_message_id).collect::<Vec<_>>(), [&id]);
    assert_eq!(shown(&bed, message).await.status, "unknown", "until its outcome");
    assert!(!resolve(&bed, message, Resolution::Resend).await.unwrap().changed, "it is under way");
    record(&bed, vec![unknown(&id)]).await;
    assert!(claim(&bed, claim_of_all()).await.is_empty(), "one order is one attempt whose fate is open");
    assert!(resolve(&bed, message, Resolution::Resend).await.unwrap().changed, "a second order");
    assert_eq!(claim(&bed, claim_of_all()).await.len(), 1);
    record(&bed, vec![accepted(&id)]).await;
    assert_eq!(shown(&bed, message).await.status, "sent");
    assert_eq!(bed.count("audit_log WHERE event_type = 'reply.resend_ordered'").await, 2);
    assert_eq!(bed.count("outbound WHERE resend_ordered_at IS NOT NULL").await, 0);
}

#[tokio::test]
async fn what_did_not_leave_or_was_refused_for_now_leaves_the_order_standing_for_five_attempts() {
    let bed = Bed::new().await;
    let (message, id) = lost(&bed, "+4915100000001").await;
    resolve(&bed, message, Resolution::Resend).await.unwrap();
    for _ in 0..10 {
        assert_eq!(claim(&bed, claim_of_all()).await.len(), 1);
        record(&bed, vec![not_written(&id)]).await;
    }
    // With the attempt of which nobody knows they are five.
    for attempt in 1..5 {
        assert_eq!(claim(&bed, claim_of_all()).await.len(), 1, "{attempt}");
        record(&bed, vec![retry(&id)]).await;
        assert_eq!(shown(&bed, message).await.status, "unknown");
    }
    assert!(claim(&bed, claim_of_all()).await.is_empty(), "the order is spent");
    assert!(resolve(&bed, message, Resolution::Resend).await.unwrap().changed, "and can be given anew");
}

#[tokio::test]
async fn an_order_that_nobody_could_carry_out_in_time_runs_out_and_can_be_given_anew() {
    let bed = Bed::new().await;
    let (message, _) = lost(&bed, "+4915100000001").await;
    resolve(&bed, message, Resolution::Resend).await.unwrap();
    assert!(!resolve(&bed, message, Resolution::Resend).await.unwrap().changed);
    bed.execute("UPDATE outbound SET expires_at = now() - interval '1 second'").await;
    assert!(claim(&bed, claim_of_all()).await.is_empty());
    assert!(resolve(&bed, message, Resolution::Resend).await.unwrap().changed);
    assert_eq!(claim(&bed, claim_of_all()).await.len(), 1);
}

#[tokio::test]
async fn orders_at_once_are_one_and_a_reply_is_given_up_or_sent_never_both() {
    let bed = Bed::new().await;
    let (message, _) = lost(&bed, "+4915100000001").await;
    let all = join_all((0..10).map(|_| resolve(&bed, message, Resolution::Resend))).await;
    assert_eq!(all.iter().filter(|one| one.as_ref().unwrap().changed).count(), 1);
    for n in 0..20 {
        let number = format!("+49151000001{n:02}");
        let reply = bed.accept(bed.reply(&number, Target::Phone(number.clone()), "Hello")).await.unwrap();
        let id = reply.message.id;
        let (taken, given_up) =
            tokio::join!(claim(&bed, claim_of_all()), resolve(&bed, id, Resolution::Discard));
        let sent = taken.iter().any(|dispatch| dispatch.message.0 == id);
        match given_up {
            Ok(_) => assert!(!sent, "{n}: given up and sent"),
            Err(Unresolved::Final) => assert!(sent, "{n}: neither given up nor sent"),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_reply_that_is_sent_again_comes_before_what_waits_behind_it_and_two_keep_their_order() {
    let bed = Bed::new().await;
    let number = "+4915100000001";
    let (first, first_id) = lost(&bed, number).await;
    let (second, second_id) = lost(&bed, number).await;
    bed.accept(bed.reply("later", Target::Phone(number.into()), "Later")).await.unwrap();
    resolve(&bed, first, Resolution::Resend).await.unwrap();
    resolve(&bed, second, Resolution::Resend).await.unwrap();
    let next = || async {
        let claimed = claim(&bed, claim_of_all()).await;
        claimed.into_iter().map(|dispatch| dispatch.provider_message_id).collect::<Vec<_>>()
    };
    assert_eq!(next().await, std::slice::from_ref(&first_id));
    assert!(next().await.is_empty());
    record(&bed, vec![accepted(&first_id)]).await;
    assert_eq!(next().await, std::slice::from_ref(&second_id));
    record(&bed, vec![accepted(&second_id)]).await;
    assert_eq!(next().await.len(), 1, "what waited behind them");
}

#[tokio::test]
async fn an_order_stays_with_the_line_when_another_start_takes_it() {
    let bed = Bed::new().await;
    let (message, _) = lost(&bed, "+4915100000001").await;
    resolve(&bed, message, Resolution::Resend).await.unwrap();
    let due = "lines l WHERE EXISTS (SELECT 1 FROM outbound o WHERE o.line_id = l.id AND o.resend_ordered_at IS NOT NULL)";
    assert_eq!(bed.count(due).await, 1);
    let fence = super::sending::fence(&bed).await;
    let rung =
        bed.db.run(move |conn| Box::pin(ezw::store::ownership::due_at(conn, fence.owner))).await.unwrap();
    assert_eq!(rung, [bed.line.0], "polling finds what a lost doorbell was for");
    bed.execute("UPDATE lines SET epoch = epoch + 1").await;
    assert_eq!(claim(&bed, claim_of_all()).await.len(), 1);
}
