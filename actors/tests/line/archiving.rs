//! The end of a line: whoever has it unlinks the number and forgets the account.

use super::support::{Node, PHONE, within};
use ezw_actors::{
    fake::{Fault, Opening, Operation},
    id::LineId,
    lines::Doorbell,
    machine::StateName,
    port::{CloseClass, CommandEnd, Credentials, Desired, NotUnlinked, Orders, ProviderEvent},
};

/// As the workspace writes it.
fn archive(node: &Node, line: LineId) {
    node.store.edit(line, |row| {
        row.orders = Orders { archived: true, ..Orders::default() };
        row.desired = Desired::Stopped;
    });
    node.lines.ring(line, Doorbell::Orders);
}

#[actix::test]
async fn an_archived_line_is_unlinked_and_its_account_forgotten() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    archive(&node, line);
    let row = node.when(line, |row| row.owner.is_none()).await;
    assert_eq!((row.credentials, row.next_start_at), (None, None));
    assert_eq!(row.state, StateName::LoggedOut);
    assert!(session.is_logged_out());
}

#[actix::test]
async fn an_archived_line_that_nobody_owned_is_taken_once_to_unlink_it() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    archive(&node, line);
    node.start(line);
    let session = node.session(line, 1).await;
    let row = node.when(line, |row| row.credentials.is_none()).await;
    assert!(session.is_logged_out() && !session.fresh, "over a session of the stored account");
    assert_eq!((row.owner, row.next_start_at), (None, None), "nobody takes it again");
    assert_eq!(row.state, StateName::PairingExpired);
    assert_eq!(node.provider.sessions(line).len(), 1);
}

#[actix::test]
async fn an_archived_line_that_was_being_paired_anew_forgets_the_account_it_had() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let command = node.store.open_pair(line, None);
    node.start(line);
    let pairing = node.session(line, 1).await;
    pairing.tell(node.code()).await;
    within("the code", async {
        while node.feed.count() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    archive(&node, line);
    let row = node.when(line, |row| row.owner.is_none()).await;
    assert!(pairing.is_closed() && !pairing.is_logged_out(), "that session was of no account yet");
    assert!(node.session(line, 2).await.is_logged_out());
    assert_eq!((row.credentials, row.next_start_at), (None, None));
    assert_eq!(row.settled[0].command, command);
    assert_eq!(row.settled[0].end, CommandEnd::Failed("archived".into()));
    within("the code's end", async {
        while node.feed.count() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[actix::test]
async fn a_number_that_its_session_cannot_unlink_is_unlinked_over_another_one() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    let session = node.connect(line).await;
    node.provider.script_logouts([Err(NotUnlinked)]);
    archive(&node, line);
    let row = node.when(line, |row| row.owner.is_none()).await;
    assert!(session.is_closed() && !session.is_logged_out());
    assert!(node.session(line, 2).await.is_logged_out());
    assert_eq!((row.credentials, node.store.unlinkings()), (None, Vec::new()));
    assert_eq!(node.provider.sessions(line).len(), 2, "and none stays");
}

#[actix::test]
async fn an_account_that_cannot_be_unlinked_is_written_down_before_its_line_forgets_it() {
    let node = Node::new();
    let line = node.paired_line(PHONE);
    node.connect(line).await;
    node.provider.script_logouts([Err(NotUnlinked)]);
    node.provider.script([Opening::Unreachable, Opening::Panics]);
    node.store.inject(Operation::Unlink, [Fault::Trouble, Fault::AnswerLost]);
    node.store.hold_commits(true);
    archive(&node, line);
    let written = within("the account's row", node.store.unlinkings_when(1)).await;
    assert!(node.store.line(line).unwrap().credentials.is_some(), "the line still has it too");
    node.store.hold_commits(false);
    let row = node.when(line, |row| row.owner.is_none()).await;
    assert_eq!((row.credentials, row.next_start_at), (None, None));
    // What the job does when it is due.
    let account = &written[0];
    assert_eq!((account.line, &account.credentials), (line, &Credentials(vec![1])));
    assert!(!node.supervisor.unlink(account).await, "the adapter panicked");
    assert_eq!(node.store.unlinkings(), written);
    assert!(node.supervisor.unlink(account).await);
    assert!(node.session(line, 2).await.is_logged_out());
    assert_eq!(node.store.unlinkings(), []);
}

#[actix::test]
async fn an_account_that_the_provider_does_not_know_any_more_is_unlinked() {
    for class in [CloseClass::LoggedOut, CloseClass::Banned] {
        let node = Node::new();
        let line = node.paired_line(PHONE);
        archive(&node, line);
        node.provider.script([Opening::Refused(class)]);
        node.start(line);
        let row = node.when(line, |row| row.credentials.is_none()).await;
        assert_eq!((row.owner, node.store.unlinkings()), (None, Vec::new()), "{class:?}");
    }
}

#[actix::test]
async fn an_account_of_another_number_is_written_down_before_it_is_tried_to_unlink_it() {
    let node = Node::new();
    node.paired_line(PHONE);
    let line = node.fresh_line();
    node.store.open_pair(line, None);
    node.start(line);
    let session = node.session(line, 1).await;
    // A process that dies while the provider says nothing must not take the account with it.
    node.provider.script([Opening::Hangs]);
    let credentials = Credentials(vec![9]);
    session
        .tell(ProviderEvent::Paired { phone_number: PHONE.into(), credentials: credentials.clone() })
        .await;
    let written = within("the account's row", node.store.unlinkings_when(1)).await;
    assert_eq!((written[0].line, &written[0].credentials), (line, &credentials));
}
