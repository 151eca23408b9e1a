//! Replies leave in order, once, and what became of them is written down.

use super::support::{Node, PHONE, within};
use ezw_actors::{
    clock::Clock as _,
    fake::{ReplyStatus, Submitting},
    machine::StateName,
    port::{CloseClass, ProviderEvent, ReceiptKind, SubmitError},
};
use std::time::Duration;

#[actix::test]
async fn a_reply_is_claimed_submitted_accepted_and_recorded() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let id = node.reply(line, 1, "hello");
    let sent = within("the hand-over", session.submitted_at_least(1)).await;
    assert_eq!(sent[0].provider_message_id, id);
    let row = node.fares(&id, ReplyStatus::Sending).await;
    assert_eq!(row.attempts, 1);
    node.accepted(&session, &id).await;
    let at = node.clock.now();
    let receipt = |kind| ProviderEvent::Receipt { provider_message_ids: vec![id.clone()], kind, at };
    session.tell(receipt(ReceiptKind::Read)).await;
    node.fares(&id, ReplyStatus::Read).await;
    session.tell(receipt(ReceiptKind::Delivered)).await;
    session.tell(ProviderEvent::Frame).await;
    session.tell(ProviderEvent::Frame).await;
    assert_eq!(node.store.reply(&id).unwrap().status, ReplyStatus::Read, "a status never goes backwards");
}

#[actix::test]
async fn a_conversation_keeps_its_order_and_holds_no_other_up() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let first = node.reply(line, 1, "first");
    let second = node.reply(line, 1, "second");
    let other = node.reply(line, 2, "other");
    let sent = within("two hand-overs", session.submitted_at_least(2)).await;
    let ids: Vec<_> = sent.into_iter().map(|message| message.provider_message_id).collect();
    assert!(ids.contains(&first) && ids.contains(&other) && !ids.contains(&second));
    node.accepted(&session, &first).await;
    let sent = within("the third", session.submitted_at_least(3)).await;
    assert_eq!(sent[2].provider_message_id, second);
}

#[actix::test]
async fn a_session_that_closes_puts_what_was_under_way_to_unknown_and_the_next_one_sends_it_again() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let id = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    session.tell(ProviderEvent::Closed(CloseClass::Lost)).await;
    node.fares(&id, ReplyStatus::Unknown).await;
    node.until(line, StateName::Reconnecting).await;
    node.advance(line, Duration::from_secs(2));
    let again = node.greet(line, 2).await;
    assert!(again.submitted().is_empty(), "receipts get fifteen seconds first");
    node.advance(line, Duration::from_secs(16));
    let sent = within("the second attempt", again.submitted_at_least(1)).await;
    assert_eq!(sent[0].provider_message_id, id, "never a second id for one message");
    assert_eq!(node.store.reply(&id).unwrap().status, ReplyStatus::Unknown, "until its outcome");
    node.accepted(&again, &id).await;
}

#[actix::test]
async fn silence_is_never_taken_for_not_sent() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    session.script([Submitting::Hangs]);
    let hangs = node.reply(line, 1, "hello");
    let silent = node.reply(line, 2, "hello");
    within("the hand-overs", session.submitted_at_least(2)).await;
    node.advance(line, Duration::from_secs(40));
    node.fares(&hangs, ReplyStatus::Unknown).await;
    // The other one may have been seen as written only after the clock was turned.
    node.advance(line, Duration::from_secs(40));
    node.fares(&silent, ReplyStatus::Unknown).await;
}

#[actix::test]
async fn what_certainly_did_not_leave_is_tried_again_and_not_counted() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    session.script([Submitting::Fails(SubmitError::NotWritten)]);
    let id = node.reply(line, 1, "hello");
    within("the first hand-over", session.submitted_at_least(1)).await;
    // A session that takes nothing is given a moment.
    assert_eq!(node.fares(&id, ReplyStatus::Queued).await.attempts, 0);
    node.clock.advance(Duration::from_secs(7));
    node.ring(line);
    within("two hand-overs", session.submitted_at_least(2)).await;
    assert_eq!(node.fares(&id, ReplyStatus::Sending).await.attempts, 1);
    node.accepted(&session, &id).await;
}

#[actix::test]
async fn a_reply_whose_image_is_refused_for_now_is_tried_again_later() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    session.script([
        Submitting::Fails(SubmitError::Refused { code: 503 }),
        Submitting::Fails(SubmitError::Refused { code: 413 }),
    ]);
    let id = node.reply(line, 1, "hello");
    within("the first try", session.submitted_at_least(1)).await;
    assert_eq!(node.fares(&id, ReplyStatus::Queued).await.attempts, 1);
    node.clock.advance(Duration::from_secs(2));
    node.ring(line);
    let row = node.fares(&id, ReplyStatus::Failed).await;
    assert_eq!((row.attempts, row.failure_reason), (2, Some("provider_rejected")));
}

#[actix::test]
async fn what_can_never_be_sent_fails_and_does_not_accuse_the_session() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    session.script([Submitting::Fails(SubmitError::Impossible("too_long"))]);
    let id = node.reply(line, 1, "hello");
    assert_eq!(node.fares(&id, ReplyStatus::Failed).await.failure_reason, Some("too_long"));
    // Thirty seconds without an acknowledgement would degrade the line; none is owed.
    node.clock.advance(Duration::from_secs(31));
    session.tell(ProviderEvent::Frame).await;
    node.ring(line);
    within("the look at the clock", async {
        while node.lines.peek(line).unwrap().evidence.unacked_since.is_some() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(node.store.line(line).unwrap().state, StateName::Connected);
}

#[actix::test]
async fn refusals_end_a_reply_or_put_it_off_and_limit_the_line() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let refused = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    let rejected =
        |id: &str, code| ProviderEvent::Rejected { provider_message_id: id.into(), code, until: None };
    session.tell(rejected(&refused, 463)).await;
    let row = node.fares(&refused, ReplyStatus::Failed).await;
    assert_eq!(row.failure_reason, Some("new_contact_refused"));
    node.until(line, StateName::Restricted).await;
    let stranger = node.reply(line, 2, "hello");
    let friend = {
        node.store.customer_wrote(ezw_actors::id::ConversationId(uuid::Uuid::from_u128(3)));
        node.reply(line, 3, "hello")
    };
    let sent = within("a reply to a friend", session.submitted_at_least(2)).await;
    assert_eq!(sent[1].provider_message_id, friend);
    assert_eq!(node.store.reply(&stranger).unwrap().status, ReplyStatus::Queued);
    session.tell(rejected(&friend, 429)).await;
    node.until(line, StateName::Throttled).await;
    let row = node.fares(&friend, ReplyStatus::Queued).await;
    assert!(row.next_attempt_at > node.clock.now());
}

#[actix::test]
async fn a_reply_that_is_refused_for_now_is_tried_five_times_later_and_later_and_then_fails() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let id = node.reply(line, 1, "hello");
    for attempt in 1..=5 {
        within("the hand-over", session.submitted_at_least(attempt)).await;
        let told = node.clock.now();
        let code = if attempt % 2 == 0 { 500 } else { 503 };
        session.tell(ProviderEvent::Rejected { provider_message_id: id.clone(), code, until: None }).await;
        if attempt == 5 {
            break;
        }
        let row = node.fares(&id, ReplyStatus::Queued).await;
        let pause = (row.next_attempt_at - told).num_milliseconds();
        let middle = 1_000 << (attempt - 1);
        assert!((middle * 8 / 10..=middle * 12 / 10).contains(&pause), "{attempt}: {pause} ms");
        node.advance(line, Duration::from_millis(u64::try_from(pause).unwrap()));
    }
    let row = node.fares(&id, ReplyStatus::Failed).await;
    assert_eq!((row.failure_reason, row.attempts), (Some("attempts_spent"), 5));
    assert_eq!(node.store.line(line).unwrap().state, StateName::Connected, "no fault of the line");
    let next = node.reply(line, 1, "next");
    within("the hand-over", session.submitted_at_least(6)).await;
    node.accepted(&session, &next).await;
}

#[actix::test]
async fn what_was_claimed_before_a_limit_was_told_waits_for_its_end() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let refused = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    node.store.hold_answers_to_claims(true);
    let claimed = node.reply(line, 2, "hello");
    node.fares(&claimed, ReplyStatus::Sending).await;
    let rejected = ProviderEvent::Rejected { provider_message_id: refused, code: 463, until: None };
    session.tell(rejected).await;
    node.until(line, StateName::Restricted).await;
    node.store.hold_answers_to_claims(false);
    node.fares(&claimed, ReplyStatus::Queued).await;
    assert_eq!(session.submitted().len(), 1, "a stranger's number, and only replies pass");
}

#[actix::test]
async fn a_fact_that_no_row_can_hold_is_passed_over_and_those_beside_it_are_kept() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let id = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    let (at, kind) = (node.clock.now(), ReceiptKind::Delivered);
    let provider_message_ids = vec!["no\0text".to_owned(), id.clone()];
    assert!(session.tell(ProviderEvent::Receipt { provider_message_ids, kind, at }).await);
    node.fares(&id, ReplyStatus::Delivered).await;
    let later = node.reply(line, 1, "later");
    within("the hand-over", session.submitted_at_least(2)).await;
    node.accepted(&session, &later).await;
}

#[actix::test]
async fn a_store_too_slow_for_many_facts_at_once_is_given_fewer() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let id = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    node.store.take_facts_at_once(30);
    let (at, kind) = (node.clock.now(), ReceiptKind::Delivered);
    let mut provider_message_ids: Vec<String> = (0..99).map(|number| format!("NOBODYS{number}")).collect();
    provider_message_ids.push(id.clone());
    assert!(session.tell(ProviderEvent::Receipt { provider_message_ids, kind, at }).await);
    node.fares(&id, ReplyStatus::Delivered).await;
}

#[actix::test]
async fn a_line_that_is_let_go_waits_a_moment_for_the_outcome_of_what_is_under_way() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let id = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    let late = node.reply(line, 2, "accepted meanwhile");
    within("the second hand-over", session.submitted_at_least(2)).await;
    let (left, ()) = tokio::join!(node.supervisor.drain(Duration::from_secs(10)), async {
        node.accepted(&session, &id).await;
        let third = node.reply(line, 3, "after the order");
        node.accepted(&session, &late).await;
        assert_eq!(node.store.reply(&third).unwrap().status, ReplyStatus::Queued, "for the next owner");
    });
    assert_eq!((left, session.submitted().len()), (0, 2));
    assert_eq!(node.store.line(line).unwrap().owner, None);
}

#[actix::test]
async fn a_line_that_is_let_go_does_not_wait_for_ever_for_an_outcome() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let id = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    let draining = node.supervisor.drain(Duration::from_secs(10));
    tokio::pin!(draining);
    let left = loop {
        tokio::select! {
            left = &mut draining => break left,
            () = tokio::time::sleep(Duration::from_millis(10)) => node.advance(line, Duration::from_secs(1)),
        }
    };
    assert_eq!(left, 0);
    node.fares(&id, ReplyStatus::Unknown).await;
}

#[actix::test]
async fn what_was_acknowledged_to_a_start_that_is_over_is_kept() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    let id = node.reply(line, 1, "hello");
    within("the hand-over", session.submitted_at_least(1)).await;
    let words = session.last_words().unwrap();
    assert_eq!(node.supervisor.fence_all(Duration::from_secs(10)).await, 0);
    let at = node.clock.now();
    assert!(words.tell(ProviderEvent::Accepted { provider_message_id: id.clone(), at }).await);
    node.fares(&id, ReplyStatus::Sent).await;
}
