//! A number whose account has a passkey: the challenge is shown, and each answer is handed over once.

use super::support::{Node, PHONE, within};
use ezw_actors::{
    clock::Clock as _,
    fake::{SessionHandle, ShownThing},
    id::{CommandId, Epoch, Generation, LineId},
    lines::Doorbell,
    machine::StateName,
    port::{CommandEnd, Credentials, PasskeyAnswer, ProviderEvent, Showing, ShownPasskey},
};
use std::time::Duration;

/// A line whose code was scanned by a phone that wants the passkey.
async fn asked(node: &Node) -> (LineId, CommandId, SessionHandle) {
    let (line, command, session) = node.pairing().await;
    session.tell(ProviderEvent::PasskeyRequired(challenge(node))).await;
    let whose = Showing { line, epoch: Epoch(1), generation: Generation(1) };
    within("the challenge", async {
        while node.feed.shown(whose) != Some(ShownThing::Passkey(challenge(node))) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    (line, command, session)
}

fn challenge(node: &Node) -> ShownPasskey {
    let expires_at = node.clock.now() + chrono::TimeDelta::seconds(600);
    ShownPasskey { challenge: "sign this".into(), expires_at }
}

fn answer(node: &Node, line: LineId, generation: i64, number: i64, response: &str) {
    let answer = PasskeyAnswer { generation: Generation(generation), number, response: response.into() };
    node.store.edit(line, |row| row.passkey = Some(answer));
    node.lines.ring(line, Doorbell::Command);
}

/// Waits until the line looks at its rows once more.
async fn looked(node: &Node, session: &SessionHandle) {
    let before = node.store.looks();
    node.lines.ring(session.line, Doorbell::Command);
    within("a look", async {
        while node.store.looks() == before {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[actix::test]
async fn an_answer_is_handed_over_once_and_another_one_may_follow() {
    let node = Node::new();
    let (line, command, session) = asked(&node).await;
    answer(&node, line, 1, 1, "first");
    assert_eq!(within("an answer", session.passkeys_at_least(1)).await, ["first"]);
    for _ in 0..10 {
        looked(&node, &session).await;
    }
    answer(&node, line, 1, 2, "second");
    assert_eq!(within("another", session.passkeys_at_least(2)).await, ["first", "second"]);
    let credentials = Credentials(vec![9]);
    session.tell(ProviderEvent::Paired { phone_number: PHONE.into(), credentials }).await;
    let row = node.when(line, |row| !row.settled.is_empty()).await;
    assert_eq!((row.settled[0].command, &row.settled[0].end), (command, &CommandEnd::Succeeded));
    within("the challenge's end", async {
        while node.feed.count() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[actix::test]
async fn an_answer_to_another_session_or_without_trust_is_kept_back() {
    let node = Node::new();
    let (line, _, session) = asked(&node).await;
    answer(&node, line, 2, 1, "of another session");
    looked(&node, &session).await;
    node.trust.lost();
    answer(&node, line, 1, 1, "in time");
    looked(&node, &session).await;
    node.trust.renewed(node.clock.monotonic(), Duration::from_secs(3_600));
    answer(&node, line, 1, 1, "in time");
    assert_eq!(within("the answer", session.passkeys_at_least(1)).await, ["in time"]);
}

#[actix::test]
async fn a_wrong_answer_ends_the_attempt_and_the_line_is_what_it_was() {
    let node = Node::new();
    let (line, _, session) = asked(&node).await;
    answer(&node, line, 1, 1, "wrong");
    within("the answer", session.passkeys_at_least(1)).await;
    session.tell(ProviderEvent::PairFailed { reason: "passkey_rejected".into() }).await;
    let row = node.until(line, StateName::Created).await;
    assert_eq!(row.settled[0].end, CommandEnd::Failed("passkey_rejected".into()));
    assert_eq!(row.owner, None);
    within("the session's end", session.closed()).await;
}

#[test]
fn neither_challenge_nor_answer_is_shown_in_logs() {
    let node_challenge =
        ShownPasskey { challenge: "secret".into(), expires_at: chrono::DateTime::UNIX_EPOCH };
    let answer = PasskeyAnswer { generation: Generation(1), number: 1, response: "secret".into() };
    let told = ProviderEvent::PasskeyRequired(node_challenge);
    assert!(!format!("{told:?} {answer:?}").contains("secret"));
}
