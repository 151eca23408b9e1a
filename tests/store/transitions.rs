//! Transitions on a store that will not have them.

use super::{
    bed::{Bed, client},
    sending::{claim, claim_of_all, record, unknown},
};
use chrono::TimeDelta;
use ezw::store::{line_store::PgLineStore, replies::Target, sealed::Sealer};
use ezw_actors::{
    clock::{Clock as _, SystemClock},
    id::{Epoch, Fence, Generation, Incarnation, UnlinkingId},
    machine::{History, LineState},
    port::{Claim, CommitError, CredentialChange, Credentials, LineStore as _, Transition, Unwanted},
};
use std::sync::Arc;
use uuid::Uuid;

/// The next step of the bed's line, which its owner finds connected.
fn step(bed: &Bed, owner: Uuid) -> (Fence, Transition) {
    let organization = bed.scope.organization;
    let fence = Fence { organization, line: bed.line, owner: Incarnation(owner), epoch: Epoch(1) };
    let connected = LineState::Connected { generation: Generation(1) };
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let transition = Transition {
        version: 1,
        from: connected,
        to: LineState::Degraded { generation: Generation(1), deadline: at },
        event: "tick",
        at,
        history: History::default(),
        desired: None,
        generation: None,
        session_started_at: None,
        phone_number: None,
        credentials: None,
        settle: Vec::new(),
        settle_wakeups: None,
        pair_running: None,
        client_refused: false,
        release: None,
    };
    (fence, transition)
}

async fn owner(bed: &Bed) -> Uuid {
    sqlx::query_scalar("SELECT owner_incarnation FROM lines").fetch_one(&bed.sql).await.unwrap()
}

fn store(bed: &Bed) -> PgLineStore {
    PgLineStore::new(bed.db.clone(), Arc::new(Sealer::new(&[7; 32]).unwrap()), Arc::new(client()))
}

/// An actor that is fenced while its commit is under way does not know which of the two came to pass.
#[tokio::test]
async fn an_account_is_its_lines_or_to_be_unlinked_and_never_both() {
    let bed = Bed::new().await;
    let (fence, step) = step(&bed, owner(&bed).await);
    let store = store(&bed);
    let unwanted = |number: u8| Unwanted {
        id: UnlinkingId(Uuid::now_v7()),
        organization: fence.organization,
        line: fence.line,
        generation: Generation(2),
        credentials: Credentials(vec![number]),
    };
    let pause = TimeDelta::minutes(1);
    let keeping = |number: u8| {
        let credentials = Some(CredentialChange::Keep(Credentials(vec![number])));
        Transition { credentials, ..step.clone() }
    };
    assert!(store.unlink_later(unwanted(1), pause).await.unwrap());
    assert_eq!(store.commit(fence, keeping(1)).await, Err(CommitError::Fenced));
    assert_eq!(bed.count("line_credentials").await, 0);
    store.commit(fence, keeping(2)).await.unwrap();
    assert!(!store.unlink_later(unwanted(2), pause).await.unwrap(), "it is the line's by now");
    assert_eq!(bed.count("unlinkings").await, 1);
    // The end of the line is the end of its account.
    bed.execute("UPDATE lines SET archived_at = now(), desired = 'stopped'").await;
    assert!(store.unlink_later(unwanted(2), pause).await.unwrap());
}

/// A first number has no account before it: its row alone can tell that somebody is just keeping one.
#[tokio::test]
async fn an_account_is_not_unwanted_while_a_commit_that_keeps_it_is_under_way() {
    let bed = Bed::new().await;
    let store = store(&bed);
    let unwanted = Unwanted {
        id: UnlinkingId(Uuid::now_v7()),
        organization: bed.scope.organization,
        line: bed.line,
        generation: Generation(2),
        credentials: Credentials(vec![1]),
    };
    let sealed = Sealer::new(&[7; 32]).unwrap().seal(bed.line, &unwanted.credentials).unwrap();
    let mut commit = bed.sql.begin().await.unwrap();
    sqlx::query("UPDATE lines SET version = version + 1").execute(&mut *commit).await.unwrap();
    sqlx::query(
        "INSERT INTO line_credentials (organization_id, line_id, namespace, key, sealed) VALUES ($1, $2, 'session', '', $3)",
    )
    .bind(bed.scope.organization.0)
    .bind(bed.line.0)
    .bind(sealed)
    .execute(&mut *commit)
    .await
    .unwrap();
    let later = ezw_actors::task::spawn("later", async move {
        store.unlink_later(unwanted, TimeDelta::minutes(1)).await.unwrap()
    });
    let waits = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while !later.is_finished() && bed.count(waits).await == 0 {
        tokio::task::yield_now().await;
    }
    commit.commit().await.unwrap();
    assert_eq!(later.await.unwrap(), Some(false), "it is the line's");
    assert_eq!(bed.count("unlinkings").await, 0);
}

#[tokio::test]
async fn a_transition_waits_for_a_broken_store_and_gives_up_on_what_no_row_can_hold() {
    let bed = Bed::new().await;
    let (fence, transition) = step(&bed, owner(&bed).await);
    let store = store(&bed);
    for code in ["25006", "58030", "XX000", "42703", "0A000"] {
        bed.fail_writes("line_transitions", code).await;
        let refused = store.commit(fence, transition.clone()).await;
        assert!(matches!(refused, Err(CommitError::Trouble(_))), "{code}: {refused:?}");
    }
    for code in ["22021", "23514"] {
        bed.fail_writes("line_transitions", code).await;
        let refused = store.commit(fence, transition.clone()).await;
        assert!(matches!(refused, Err(CommitError::Broken(_))), "{code}: {refused:?}");
    }
    bed.execute("DROP TRIGGER fail ON line_transitions").await;
    store.commit(fence, transition).await.unwrap();
}

#[tokio::test]
async fn an_unknown_reply_holds_its_conversation_up_from_the_first_session_after_it_or_until_it_is_sent_again()
 {
    let bed = Bed::new().await;
    let mut replies = Vec::new();
    for text in ["First", "Second"] {
        let reply = bed.reply(text, Target::Phone("+4915112345678".into()), text);
        replies.push(bed.accept(reply).await.unwrap().message.provider_message_id);
    }
    assert_eq!(claim(&bed, claim_of_all()).await.len(), 1);
    record(&bed, vec![unknown(&replies[0])]).await;
    bed.execute("UPDATE outbound SET unknown_since = now() - interval '1 hour' WHERE status = 'unknown'")
        .await;
    let (fence, mut step) = step(&bed, owner(&bed).await);
    // Sessions that end before their grace is over. In the first one a receipt could have come for a minute.
    for _ in 0..4 {
        step.to = step.from.clone();
        step.at = SystemClock.now();
        step.session_started_at = Some(step.at);
        store(&bed).commit(fence, step.clone()).await.unwrap();
        step.version += 1;
        // Half a minute passes.
        bed.execute("UPDATE outbound SET blocks_from = blocks_from - interval '30 seconds'").await;
    }
    let too_early = Claim { drops_repeats: true, settled: false, ..claim_of_all() };
    assert!(claim(&bed, too_early).await.is_empty(), "it will be sent again, and first");
    let shows_repeats = Claim { settled: false, ..claim_of_all() };
    let left: Vec<String> =
        claim(&bed, shows_repeats).await.into_iter().map(|dispatch| dispatch.provider_message_id).collect();
    assert_eq!(left, [replies[1].as_str()], "only a receipt or a person settles it");
}

#[tokio::test]
async fn since_when_a_session_is_ready_is_dated_by_the_clock_that_it_is_compared_with() {
    let bed = Bed::new().await;
    bed.conversation("+4915550002002").await;
    let sent = claim(&bed, claim_of_all()).await;
    record(&bed, vec![unknown(&sent[0].provider_message_id)]).await;
    let (fence, step) = step(&bed, owner(&bed).await);
    // The clock of its node is off by years.
    let started = Transition { session_started_at: Some(step.at), ..step };
    store(&bed).commit(fence, started).await.unwrap();
    let now = "now() - interval '1 minute' AND now()";
    assert_eq!(bed.count(&format!("lines WHERE session_started_at BETWEEN {now}")).await, 1);
    let dated = format!("outbound WHERE unknown_since BETWEEN {now} AND blocks_from BETWEEN {now}");
    assert_eq!(bed.count(&dated).await, 1);
}
