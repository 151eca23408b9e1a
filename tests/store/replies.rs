//! Accepting replies: durable, in order, once per key, or not at all.

use super::bed::Bed;
use chrono::TimeDelta;
use ezw::store::{
    deliveries,
    replies::{Limits, Refusal, Target},
};
use ezw_actors::{
    clock::{Clock as _, SystemClock},
    id::{Epoch, Fence, Incarnation},
    machine::Time,
    port::Claim,
};
use futures_util::future::join_all;
use std::collections::HashSet;
use uuid::Uuid;

fn phone() -> Target {
    Target::Phone("+4915112345678".into())
}

#[tokio::test]
async fn an_accepted_reply_is_in_every_table_at_once() {
    let bed = Bed::new().await;
    let accepted = bed.accept(bed.reply("k", phone(), "Hello")).await.unwrap();
    assert!(!accepted.replayed);
    assert_eq!((accepted.message.status.as_str(), accepted.conversation_version), ("queued", 2));
    assert_eq!(bed.count("messages WHERE direction = 'outbound'").await, 1);
    assert_eq!(
        bed.count("outbound WHERE status = 'queued' AND seq = 1 AND recipient = '+4915112345678'").await,
        1
    );
    assert_eq!(bed.count("idempotency").await, 1);
    assert_eq!(bed.count("audit_log WHERE event_type = 'reply.accepted'").await, 1);
    assert_eq!(bed.count("live_events WHERE seq IS NULL").await, 2);
    let kept = bed.count(
        "outbound WHERE expires_at BETWEEN now() + interval '59 minutes' AND now() + interval '61 minutes'",
    );
    assert_eq!(kept.await, 1);
}

#[tokio::test]
async fn twins_at_once_are_one_message() {
    let bed = Bed::new().await;
    let twins = (0..20).map(|_| bed.accept(bed.reply("k", phone(), "Hello")));
    let mut ids = HashSet::new();
    let mut new = 0;
    for outcome in join_all(twins).await {
        let accepted = match outcome {
            Err(Refusal::Twin) => bed.accept(bed.reply("k", phone(), "Hello")).await.unwrap(),
            outcome => outcome.unwrap(),
        };
        new += usize::from(!accepted.replayed);
        ids.insert(accepted.message.id);
    }
    assert_eq!((ids.len(), new), (1, 1));
    assert_eq!(bed.count("outbound").await, 1);
}

#[tokio::test]
async fn one_key_for_two_contents_is_refused_also_at_once() {
    let bed = Bed::new().await;
    let one = bed.conversation("+4915100000001").await;
    let other = bed.conversation("+4915100000002").await;
    for round in 0..10 {
        let key = format!("k{round}");
        let replies = [Target::Conversation(one), Target::Conversation(other)]
            .map(|target| bed.accept(bed.reply(&key, target, "Hello")));
        let outcomes = join_all(replies).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let again = bed.accept(bed.reply(&key, Target::Conversation(one), "Other")).await;
        assert!(matches!(again, Err(Refusal::KeyReused)), "{again:?}");
    }
    assert_eq!(bed.count("outbound").await, 12);
}

#[tokio::test]
async fn replies_at_once_are_numbered_without_a_gap_and_ids_grow_with_numbers() {
    let bed = Bed::new().await;
    let conversation = bed.conversation("+4915100000001").await;
    let sends =
        (0..50).map(|n| bed.accept(bed.reply(&format!("k{n}"), Target::Conversation(conversation), "x")));
    assert!(join_all(sends).await.iter().all(Result::is_ok));
    assert_eq!(bed.count("outbound").await, 51);
    assert_eq!(bed.count("(SELECT max(seq) AS top FROM outbound) t WHERE top = 51").await, 1);
    let inversions = "outbound a JOIN outbound b ON a.conversation_id = b.conversation_id AND a.seq < b.seq AND a.message_id > b.message_id";
    assert_eq!(bed.count(inversions).await, 0);
    let times = "outbound a JOIN outbound b ON a.conversation_id = b.conversation_id AND a.seq < b.seq AND a.accepted_at > b.accepted_at";
    assert_eq!(bed.count(times).await, 0);
}

#[tokio::test]
async fn a_line_that_cannot_send_keeps_nothing_but_honours_accepted_keys() {
    let bed = Bed::new().await;
    bed.accept(bed.reply("old", phone(), "Hello")).await.unwrap();
    bed.execute("UPDATE lines SET stopped_at = now(), desired = 'stopped'").await;
    let refused = bed.accept(bed.reply("new", Target::Phone("+4915100000009".into()), "Hello")).await;
    assert!(matches!(refused, Err(Refusal::LineNotSendable(_))), "{refused:?}");
    assert_eq!(bed.count("contacts").await, 1);
    assert_eq!(bed.count("idempotency").await, 1);
    assert!(bed.accept(bed.reply("old", phone(), "Hello")).await.unwrap().replayed);
}

#[tokio::test]
async fn a_line_without_a_live_owner_refuses() {
    let bed = Bed::new().await;
    bed.execute("UPDATE nodes SET heartbeat_at = now() - interval '1 hour', heartbeat_until = now() - interval '1 second'").await;
    let refused = bed.accept(bed.reply("k", phone(), "Hello")).await;
    assert!(matches!(refused, Err(Refusal::LineNotSendable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_restricted_line_takes_replies_to_recent_writers_only() {
    let bed = Bed::new().await;
    let conversation = bed.conversation("+4915100000001").await;
    bed.set_state(r#"{"state":"restricted","generation":1,"until":"2999-01-01T00:00:00Z"}"#).await;
    let ask = |key: &str| bed.accept(bed.reply(key, Target::Conversation(conversation), "x"));
    assert!(matches!(ask("a").await, Err(Refusal::LineNotSendable(_))));
    bed.execute("UPDATE conversations SET last_inbound_at = now() - interval '25 hours'").await;
    assert!(matches!(ask("b").await, Err(Refusal::LineNotSendable(_))));
    bed.execute("UPDATE conversations SET last_inbound_at = now() - interval '23 hours'").await;
    assert!(ask("c").await.is_ok());
}

#[tokio::test]
async fn versions_permissions_and_strangers() {
    let bed = Bed::new().await;
    let conversation = bed.conversation("+4915100000001").await;
    let target = || Target::Conversation(conversation);
    let mut stale = bed.reply("v", target(), "x");
    stale.expected_version = Some(1);
    assert!(matches!(bed.accept(stale).await, Err(Refusal::VersionConflict { version: 2, assignee: None })));
    let as_agent = |key: &str, target: Target| {
        let mut reply = bed.reply(key, target, "x");
        reply.user = bed.agent;
        bed.accept(reply)
    };
    assert!(as_agent("a", target()).await.is_ok());
    sqlx::query("UPDATE conversations SET assignee_user_id = $1")
        .bind(bed.owner)
        .execute(&bed.sql)
        .await
        .unwrap();
    assert!(matches!(as_agent("b", target()).await, Err(Refusal::NotFound)));
    assert!(matches!(as_agent("c", Target::Phone("+4915100000001".into())).await, Err(Refusal::NotFound)));
    bed.execute("UPDATE conversations SET assignee_user_id = NULL").await;
    for (view, send, expected) in [(true, false, "Forbidden"), (false, false, "NotFound")] {
        sqlx::query(
            "INSERT INTO line_permissions (organization_id, line_id, user_id, can_view, can_send) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (organization_id, line_id, user_id) DO UPDATE SET can_view = $4, can_send = $5",
        )
        .bind(bed.scope.organization.0)
        .bind(bed.line.0)
        .bind(bed.agent)
        .bind(view)
        .bind(send)
        .execute(&bed.sql)
        .await
        .unwrap();
        let refused = as_agent("d", target()).await.unwrap_err();
        assert_eq!(format!("{refused:?}"), expected);
    }
    let nowhere = Target::Conversation(Uuid::now_v7().into());
    assert!(matches!(bed.accept(bed.reply("n", nowhere, "x")).await, Err(Refusal::NotFound)));
}

#[tokio::test]
async fn new_contacts_are_limited_also_at_once() {
    let bed = Bed::new().await;
    let asks = (0..12).map(|n| {
        let mut reply = bed.reply(&format!("k{n}"), Target::Phone(format!("+49151000000{n:02}")), "x");
        reply.limits = Limits { queue_rows: 10_000, new_contacts_per_hour: 5 };
        bed.accept(reply)
    });
    let outcomes = join_all(asks).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 5, "{outcomes:?}");
    let limited = |outcome: &&Result<_, Refusal>| {
        matches!(outcome, Err(Refusal::NewContactLimit { retry_after_seconds: 3_500..=3_600 }))
    };
    assert_eq!(outcomes.iter().filter(limited).count(), 7, "{outcomes:?}");
    bed.execute("UPDATE conversations SET last_inbound_at = now()").await;
    let mut known = bed.reply("w", Target::Conversation(conversation_of(&bed).await), "x");
    known.limits.new_contacts_per_hour = 0;
    assert!(bed.accept(known).await.is_ok());
}

async fn conversation_of(bed: &Bed) -> ezw_actors::id::ConversationId {
    let id: Uuid =
        sqlx::query_scalar("SELECT id FROM conversations LIMIT 1").fetch_one(&bed.sql).await.unwrap();
    id.into()
}

#[tokio::test]
async fn a_full_queue_refuses() {
    let bed = Bed::new().await;
    let conversation = bed.conversation("+4915100000001").await;
    let mut reply = bed.reply("k", Target::Conversation(conversation), "x");
    reply.limits.queue_rows = 1;
    assert!(matches!(bed.accept(reply).await, Err(Refusal::QueueFull)));
}

#[tokio::test]
async fn who_lost_the_answer_to_a_claim_finds_what_it_took_by_its_deadline() {
    let bed = Bed::new().await;
    for (key, number) in [("a", "+4915100000001"), ("b", "+4915100000002")] {
        bed.accept(bed.reply(key, Target::Phone(number.into()), "Hello")).await.unwrap();
    }
    let owner: Uuid =
        sqlx::query_scalar("SELECT owner_incarnation FROM lines").fetch_one(&bed.sql).await.unwrap();
    let (organization, line) = (bed.scope.organization, bed.line);
    let fence = Fence { organization, line, owner: Incarnation(owner), epoch: Epoch(1) };
    let taken = async |fence: Fence, deadline: Time| {
        let taken =
            bed.db.run(move |conn| Box::pin(async move { deliveries::taken(conn, fence, deadline).await }));
        taken.await.unwrap()
    };
    let first = SystemClock.now() + TimeDelta::seconds(20);
    for (deadline, claims) in [(first, 1), (first + TimeDelta::microseconds(1), 1)] {
        let claim = Claim {
            max: claims,
            reply_only: false,
            drops_repeats: false,
            settled: false,
            resend_after: TimeDelta::zero(),
            unknown_blocks: TimeDelta::seconds(60),
            deadline,
        };
        let claimed =
            bed.db.run(move |conn| Box::pin(async move { deliveries::claim(conn, fence, claim).await }));
        let claimed = claimed.await.unwrap().unwrap();
        assert_eq!(taken(fence, deadline).await, [claimed[0].provider_message_id.clone()]);
    }
    assert_eq!(taken(fence, first + TimeDelta::seconds(1)).await.len(), 0, "no claim had this deadline");
    assert_eq!(taken(Fence { epoch: Epoch(2), ..fence }, first).await.len(), 0, "nor any of this start");
    bed.execute("UPDATE outbound SET status = 'sent', settled_at = now(), deadline_at = NULL").await;
    assert_eq!(taken(fence, first).await.len(), 0, "settled is not under way");
}
