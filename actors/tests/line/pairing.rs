//! A line is linked, or is not.

use super::support::{Node, PHONE, within};
use ezw_actors::{
    id::{Epoch, Generation},
    lines::Doorbell,
    machine::{Lifecycle, Overlay, StateName, view},
    port::{CloseClass, CommandEnd, Credentials, Desired, ProviderEvent, Showing},
};
use std::time::Duration;

fn paired(phone: &str) -> ProviderEvent {
    ProviderEvent::Paired { phone_number: phone.into(), credentials: Credentials(vec![9]) }
}

#[actix::test]
async fn a_line_pairs_restarts_and_becomes_connected() {
    let node = Node::new();
    let line = node.fresh_line();
    let command = node.store.open_pair(line, None);
    node.start(line);
    let first = node.session(line, 1).await;
    assert!(first.fresh, "a pairing opens without an account");
    first.tell(node.code()).await;
    node.until(line, StateName::Pairing).await;
    first.tell(paired(PHONE)).await;
    let row = node.until(line, StateName::Connecting).await;
    let row = if row.pair.is_some() { node.when(line, |row| row.pair.is_none()).await } else { row };
    assert_eq!(row.settled[0].command, command);
    assert_eq!(row.settled[0].end, CommandEnd::Succeeded);
    first.tell(ProviderEvent::Closed(CloseClass::RestartPlanned)).await;
    let second = node.greet(line, 2).await;
    assert!(!second.fresh);
    assert!(second.generation > first.generation);
    let row = node.until(line, StateName::Connected).await;
    assert_eq!((row.desired, row.phone_number.as_deref()), (Desired::Running, Some(PHONE)));
    assert_eq!(row.credentials, Some(Credentials(vec![9])));
    let versions: Vec<i64> = row.transitions.iter().map(|made| made.version).collect();
    assert_eq!(versions, (1..=row.version).collect::<Vec<_>>(), "every version is one transition");
    assert_eq!(row.transitions.last().unwrap().detail, row.detail, "folding them gives the row");
}

#[actix::test]
async fn the_code_is_shown_while_it_lasts_and_taken_back_when_the_pairing_is_stopped() {
    let node = Node::new();
    let line = node.fresh_line();
    node.store.open_pair(line, None);
    node.start(line);
    let session = node.session(line, 1).await;
    session.tell(node.code()).await;
    node.until(line, StateName::Pairing).await;
    let whose = Showing { line, epoch: Epoch(1), generation: Generation(1) };
    session.tell(ProviderEvent::Frame).await;
    within("the code", async {
        while node.feed.shown(whose).is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    node.store.edit(line, |row| row.pair = None);
    node.lines.ring(line, Doorbell::Command);
    let row = node.until(line, StateName::Created).await;
    assert_eq!(row.owner, None);
    within("the session's end", session.closed()).await;
    within("the code's end", async {
        while node.feed.count() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[actix::test]
async fn a_number_of_another_line_is_unlinked_at_once_even_before_a_code_was_shown() {
    for code_first in [true, false] {
        let node = Node::new();
        node.paired_line(PHONE);
        let line = node.fresh_line();
        node.store.open_pair(line, None);
        node.start(line);
        let session = node.session(line, 1).await;
        if code_first {
            session.tell(node.code()).await;
        }
        session.tell(paired(PHONE)).await;
        let row = node.until(line, StateName::LoggedOut).await;
        // The session that paired it ends with the planned restart: one opened for that alone unlinks.
        assert!(session.is_closed() && !session.is_logged_out());
        assert!(node.session(line, 2).await.is_logged_out(), "the stranger's account is let go");
        assert_eq!(row.credentials, None);
        assert_eq!(row.settled[0].end, CommandEnd::Failed("phone_in_use".into()));
        assert_eq!(row.desired, Desired::Stopped);
    }
}

#[actix::test]
async fn codes_that_nobody_scans_end_by_the_clock() {
    let node = Node::new();
    let line = node.fresh_line();
    node.store.open_pair(line, None);
    node.start(line);
    let session = node.session(line, 1).await;
    session.tell(node.code()).await;
    node.until(line, StateName::Pairing).await;
    node.advance(line, Duration::from_secs(71));
    let row = node.until(line, StateName::PairingExpired).await;
    assert_eq!(row.settled[0].end, CommandEnd::Expired("pairing_expired".into()));
    let state = serde_json::from_value(row.detail).unwrap();
    assert_eq!(view(&state, Overlay::default()).lifecycle, Lifecycle::PairingExpired);
    within("the session's end", session.closed()).await;
}

#[actix::test]
async fn a_code_to_type_is_asked_for_instead_of_a_picture() {
    let node = Node::new();
    let line = node.fresh_line();
    node.store.open_pair(line, Some(PHONE));
    node.start(line);
    let session = node.session(line, 1).await;
    session.tell(node.code()).await;
    assert_eq!(within("the question", session.code_asked()).await, PHONE);
    assert_eq!(node.feed.count(), 0);
}
