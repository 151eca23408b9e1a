//! The store, the provider or the lease fail; nothing is lost and nothing is claimed that is not so.

use super::support::{Node, PHONE, within};
use ezw_actors::{
    clock::Clock as _,
    fake::{Fault, Opening, Operation, ReplyStatus},
    lines::Doorbell,
    machine::{Overlay, Owner, SendState, StateName, view},
    port::{CloseClass, Credentials, Orders, ProviderEvent},
};
use std::time::Duration;

#[actix::test]
async fn an_event_during_a_commit_waits_for_it() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    node.start(line);
    let session = node.session(line, 1).await;
    node.until(line, StateName::Connecting).await;
    let before = node.store.commits();
    node.store.hold_commits(true);
    assert!(session.tell(ProviderEvent::LoggedIn).await);
    assert!(session.tell(ProviderEvent::Ready).await);
    within("a commit", node.store.commits_asked(before + 1)).await;
    for _ in 0..200 {
        node.lines.ring(line, Doorbell::Orders);
        tokio::task::yield_now().await;
    }
    assert_eq!(node.store.commits(), before + 1, "one transition at a time");
    node.store.hold_commits(false);
    let row = node.until(line, StateName::Connected).await;
    let last: Vec<_> = row.transitions.iter().rev().take(2).map(|made| made.event).collect();
    assert_eq!(last, ["ready", "logged_in"]);
}

#[actix::test]
async fn store_trouble_is_retried_and_nothing_is_lost_or_done_twice() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    node.store
        .inject(Operation::Commit, [Fault::Trouble, Fault::AnswerLost, Fault::Trouble, Fault::AnswerLost]);
    let session = node.connect(line).await;
    let row = node.until(line, StateName::Connected).await;
    let versions: Vec<i64> = row.transitions.iter().map(|made| made.version).collect();
    assert_eq!(versions, (1..=row.version).collect::<Vec<_>>());
    node.store.inject(Operation::Record, [Fault::Trouble, Fault::Trouble]);
    let id = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    node.accepted(&session, &id).await;
    node.store.inject(Operation::Claim, [Fault::Trouble]);
    let later = node.reply(line, 1, "later");
    node.advance(line, Duration::from_millis(10));
    node.ring(line);
    within("the hand-over", async {
        while session.submitted().len() < 2 {
            // The poll rings every second; here as often as it takes.
            node.ring(line);
            tokio::task::yield_now().await;
        }
    })
    .await;
    node.accepted(&session, &later).await;
}

#[actix::test]
async fn what_a_claim_took_leaves_also_when_the_answer_to_the_claim_is_lost() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.store.inject(Operation::Claim, [Fault::AnswerLost]);
    node.store.inject(Operation::Taken, [Fault::Trouble, Fault::AnswerLost]);
    let id = node.reply(line, 1, "hello");
    let sent = within("the hand-over", session.submitted_at_least(1)).await;
    assert_eq!(sent[0].provider_message_id, id);
    let row = node.fares(&id, ReplyStatus::Sending).await;
    assert_eq!((row.attempts, row.unknown_since), (1, None), "it had not left before: nothing was unknown");
    node.accepted(&session, &id).await;
    assert_eq!(session.submitted().len(), 1);
}

#[actix::test]
async fn an_account_that_only_a_fenced_actor_heard_of_is_unlinked() {
    let node = Node::new();
    let (line, _, session) = node.pairing().await;
    node.store.take(line, ezw_actors::id::Incarnation(uuid::Uuid::now_v7())).unwrap();
    node.store.edit(line, |row| row.pair = None);
    let last_words = session.last_words().unwrap();
    let credentials = Credentials(vec![9]);
    last_words.tell(ProviderEvent::Paired { phone_number: PHONE.into(), credentials }).await;
    let unlinking = node.session(line, 2).await;
    within("the unlinking", unlinking.closed()).await;
    assert!(unlinking.is_logged_out());
    assert_eq!(node.store.line(line).unwrap().credentials, None);
}

#[actix::test]
async fn a_fenced_commit_ends_the_actor_and_closes_its_session() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.store.take(line, ezw_actors::id::Incarnation(uuid::Uuid::now_v7())).unwrap();
    session.tell(ProviderEvent::RateLimited { until: None }).await;
    within("the session's end", session.closed()).await;
    within("the actor's end", async {
        while node.lines.count() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let row = node.store.line(line).unwrap();
    assert_eq!((row.state, row.epoch.0), (StateName::Starting, 2), "nothing was written over the new owner");
}

#[actix::test]
async fn a_fenced_claim_hands_nothing_over() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.store.take(line, ezw_actors::id::Incarnation(uuid::Uuid::now_v7())).unwrap();
    let id = node.reply(line, 1, "hello");
    within("the session's end", session.closed()).await;
    assert!(session.submitted().is_empty());
    assert_eq!(node.store.reply(&id).unwrap().status, ReplyStatus::Queued);
}

#[actix::test]
async fn a_half_open_session_degrades_the_line_and_then_reconnects_it() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.advance(line, Duration::from_secs(21));
    within("a ping", session.pinged(1)).await;
    assert_eq!(node.store.line(line).unwrap().state, StateName::Connected);
    node.clock.advance(Duration::from_secs(40));
    let peek = node.lines.peek(line).unwrap();
    assert_eq!(peek.owner(node.clock.now()), Owner::HereStale, "stale before the row says so");
    node.ring(line);
    let row = node.until(line, StateName::Degraded).await;
    let state = serde_json::from_value(row.detail).unwrap();
    assert_eq!(view(&state, Overlay::of_live_owner()).send, SendState::Paused);
    node.advance(line, Duration::from_secs(61));
    node.until(line, StateName::Reconnecting).await;
    within("the session's end", session.closed()).await;
    node.advance(line, Duration::from_secs(2));
    node.greet(line, 2).await;
}

#[actix::test]
async fn a_sign_of_life_makes_a_degraded_line_well_again() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.advance(line, Duration::from_secs(61));
    node.until(line, StateName::Degraded).await;
    session.tell(ProviderEvent::Frame).await;
    node.until(line, StateName::Connected).await;
}

#[actix::test]
async fn without_trust_no_intent_starts() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.trust.lost();
    let id = node.reply(line, 1, "hello");
    // Told one after the other, so the first bell was answered when the last frame is.
    for _ in 0..8 {
        session.tell(ProviderEvent::Frame).await;
        node.ring(line);
    }
    // One that was claimed in the instant before is handed back.
    node.fares(&id, ReplyStatus::Queued).await;
    assert!(session.submitted().is_empty());
    assert!(!node.lines.peek(line).unwrap().trusted);
    node.trust.renewed(node.clock.monotonic(), Duration::from_secs(60));
    node.ring(line);
    within("the hand-over", session.submitted_at_least(1)).await;
}

#[actix::test]
async fn ninety_seconds_without_trust_close_the_socket() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.trust.lost();
    let lost_at = node.clock.now();
    within("the session's end", async {
        while !session.is_closed() {
            // A session that never falls silent: only the lease can end it.
            node.advance(line, Duration::from_secs(10));
            session.tell(ProviderEvent::Frame).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    assert!(node.clock.now() - lost_at >= chrono::TimeDelta::seconds(90));
}

#[actix::test]
async fn an_unreachable_provider_is_tried_again_later_and_later() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    node.provider.script([Opening::Unreachable, Opening::Refused(CloseClass::Lost), Opening::Panics]);
    node.start(line);
    for step in [2, 3, 4] {
        let version = node.until(line, StateName::Reconnecting).await.version;
        node.advance(line, Duration::from_secs(step));
        node.when(line, |row| row.version > version + 1).await;
    }
    node.greet(line, 1).await;
    assert_eq!(node.store.line(line).unwrap().history.deaths, 1, "only the panic counts");
}

#[actix::test]
async fn a_stop_order_closes_the_session_and_keeps_the_account() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.store.edit(line, |row| {
        row.orders = Orders { stopped: true, ..Orders::default() };
        row.desired = ezw_actors::port::Desired::Stopped;
    });
    node.lines.ring(line, Doorbell::Orders);
    let row = node.when(line, |row| row.owner.is_none()).await;
    assert!(row.credentials.is_some());
    assert!(session.is_closed() && !session.is_logged_out());
}

#[actix::test]
async fn a_line_that_is_looked_at_every_second_still_asks_for_a_sign_of_life() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    for _ in 0..21 {
        node.advance(line, Duration::from_secs(1));
        within("the doorbell", async {
            while node.lines.peek(line).is_none() {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    within("a ping", session.pinged(1)).await;
    session.tell(ProviderEvent::Frame).await;
    assert_eq!(node.store.line(line).unwrap().state, StateName::Connected);
}

#[actix::test]
async fn a_chatty_session_that_acknowledges_nothing_is_found_out() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    let row = within("the line to notice", async {
        loop {
            // A frame every two seconds puts off whatever is counted from the last one.
            node.clock.advance(Duration::from_secs(2));
            session.tell(ProviderEvent::Frame).await;
            let row = node.store.line(line).unwrap();
            if row.state != StateName::Connected {
                return row;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    assert_eq!(row.state, StateName::Degraded);
}
