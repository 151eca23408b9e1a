//! Panics, restarts, drains, and full mailboxes.

use super::support::{Node, PHONE, within};
use ezw_actors::{
    fake::{Fault, Opening, Operation, ReplyStatus, Submitting},
    machine::StateName,
    port::ProviderEvent,
};
use std::time::Duration;

#[actix::test]
async fn a_panic_of_the_adapter_never_kills_a_line() {
    let node = Node::new();
    let (line, other) = (node.paired_line(PHONE), node.paired_line("+4915100000002"));
    let well = node.connect(other).await;
    node.provider.script([Opening::Panics]);
    node.start(line);
    node.until(line, StateName::Reconnecting).await;
    node.advance(line, Duration::from_secs(2));
    let session = node.greet(line, 1).await;
    session.script([Submitting::Panics]);
    let id = node.reply(line, 1, "hello");
    node.fares(&id, ReplyStatus::Unknown).await;
    within("the end of a session nobody vouches for", session.closed()).await;
    let row = node.until(line, StateName::Reconnecting).await;
    assert_eq!(
        (row.epoch.0, row.history.deaths),
        (1, 1),
        "the actor lived on, and a reply is no fault of its line"
    );
    let fine = node.reply(other, 9, "hello");
    within("the hand-over", well.submitted_at_least(1)).await;
    node.accepted(&well, &fine).await;
    assert_eq!(node.store.line(other).unwrap().epoch.0, 1);
}

#[actix::test]
async fn a_reply_that_makes_the_adapter_panic_three_times_fails_and_the_others_flow_on() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let mut session = node.connect(line).await;
    session.script([Submitting::Panics]);
    let poisoned = node.reply(line, 1, "hello");
    for nth in 2..=4 {
        within("the session's end", session.closed()).await;
        node.until(line, StateName::Reconnecting).await;
        node.advance(line, Duration::from_secs(9));
        session = node.greet(line, nth).await;
        if nth < 4 {
            // Its fate is unknown: what the provider may still have to say of it has its time.
            assert_eq!(node.store.reply(&poisoned).unwrap().status, ReplyStatus::Unknown);
            session.script([Submitting::Panics]);
            node.advance(line, Duration::from_secs(16));
        }
    }
    assert_eq!(node.fares(&poisoned, ReplyStatus::Failed).await.failure_reason, Some("adapter_panicked"));
    let later = node.reply(line, 1, "later");
    within("the hand-over", session.submitted_at_least(1)).await;
    node.accepted(&session, &later).await;
    assert_eq!(node.store.line(line).unwrap().history.deaths, 0);
}

#[actix::test]
async fn an_actor_that_panics_is_started_anew_under_a_new_epoch() {
    let node = Node::new();
    let (line, other) = (node.paired_line(PHONE), node.paired_line("+4915100000002"));
    let well = node.connect(other).await;
    let session = node.connect(line).await;
    let id = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    node.store.inject(Operation::Commit, [Fault::Panic]);
    session.tell(ProviderEvent::RateLimited { until: None }).await;
    let row = node.when(line, |row| row.epoch.0 == 2).await;
    assert!(session.is_closed(), "the old session is closed before a new one opens");
    assert_eq!(row.transitions.iter().filter(|made| made.event == "restarted").count(), 1);
    assert_eq!(node.store.reply(&id).unwrap().status, ReplyStatus::Unknown, "its fate is unknown now");
    let again = node.greet(line, 2).await;
    assert_eq!(node.store.line(line).unwrap().history.deaths, 1);
    assert!(!again.is_closed());
    assert!(!well.is_closed());
    assert_eq!(node.store.line(other).unwrap().epoch.0, 1);
}

#[actix::test]
async fn a_session_that_vanishes_without_a_word_counts_as_dead() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    session.vanish();
    let row = node.until(line, StateName::Reconnecting).await;
    assert_eq!(row.history.deaths, 1);
}

#[actix::test]
async fn a_drain_lets_every_line_go_in_good_order() {
    let node = Node::new();
    let mut sessions = Vec::new();
    let mut lines = Vec::new();
    for n in 0..20 {
        let line = node.paired_line(&format!("+49151000001{n:02}"));
        sessions.push(node.connect(line).await);
        lines.push(line);
    }
    assert_eq!(node.lines.count(), 20);
    assert_eq!(within("the drain", node.supervisor.drain(Duration::from_secs(10))).await, 0);
    for (line, session) in lines.iter().zip(&sessions) {
        assert!(session.is_closed());
        let row = node.store.line(*line).unwrap();
        assert_eq!((row.owner, row.state), (None, StateName::Reconnecting));
        assert!(row.next_start_at.is_some(), "due at once, for another node");
    }
}

#[actix::test]
async fn a_provider_that_never_answers_holds_no_drain_up() {
    let node = Node::new();
    let (line, other) = (node.paired_line(PHONE), node.paired_line("+4915100000002"));
    node.provider.script([Opening::Hangs]);
    node.start(line);
    node.until(line, StateName::Connecting).await;
    node.connect(other).await;
    assert_eq!(within("the drain", node.supervisor.drain(Duration::from_secs(10))).await, 0);
    assert_eq!(node.store.line(line).unwrap().state, StateName::Reconnecting);
}

#[actix::test]
async fn a_panic_of_the_store_as_it_records_leaves_the_line_at_work() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.store.inject(Operation::Record, [Fault::Panic]);
    let lost = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    let at = ezw_actors::clock::Clock::now(&*node.clock);
    session.tell(ProviderEvent::Accepted { provider_message_id: lost.clone(), at }).await;
    let id = node.reply(line, 2, "hello");
    within("the hand-over", session.submitted_at_least(2)).await;
    node.accepted(&session, &id).await;
    assert_eq!(
        node.store.reply(&lost).unwrap().status,
        ReplyStatus::Sending,
        "the next start calls it unknown"
    );
    assert_eq!(node.store.line(line).unwrap().epoch.0, 1);
}

#[actix::test]
async fn a_lost_lease_closes_every_line_without_another_write() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let commits = node.store.commits();
    assert_eq!(within("the end", node.supervisor.fence_all(Duration::from_secs(10))).await, 0);
    within("the session's end", session.closed()).await;
    assert_eq!(node.store.commits(), commits);
    assert_eq!(node.store.line(line).unwrap().state, StateName::Connected);
}

#[actix::test]
async fn a_full_mailbox_loses_no_row() {
    let node = Node::with(1);
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let ids: Vec<_> = (0..40).map(|n| node.reply(line, 100 + n, "hello")).collect();
    for round in 0..ids.len() {
        // Doorbells were lost; the poll rings until the rows are done.
        within("a hand-over", async {
            while session.submitted().len() <= round {
                node.ring(line);
                tokio::task::yield_now().await;
            }
        })
        .await;
        let id = session.submitted()[round].provider_message_id.clone();
        node.accepted(&session, &id).await;
    }
    assert!(node.store.replies(line).iter().all(|reply| reply.status == ReplyStatus::Sent));
    assert!(node.store.replies(line).iter().all(|reply| reply.attempts == 1));
}
