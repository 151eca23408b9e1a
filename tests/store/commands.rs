//! Pair, stop, wakeup and the slots of lines.

use super::bed::Bed;
use ezw::store::{
    audit::Actor,
    commands::{self, Pair, PairRequest, Stop, Wakeup},
    line_directory::{self, Create, NewLine},
};
use ezw_actors::{
    command::{WakeupBy, WakeupOutcome},
    id::LineId,
};
use futures_util::future::join_all;

async fn create(bed: &Bed, name: &str, key: Option<&str>) -> Create {
    let new = NewLine { display_name: name.into(), key: key.map(Into::into) };
    let (scope, by) = (bed.scope, bed.owner);
    bed.db
        .unit(move |conn| Box::pin(async move { line_directory::create(conn, scope, by, &new).await }))
        .await
        .unwrap()
}

async fn pair(bed: &Bed, line: LineId, key: Option<&str>) -> Pair {
    let request = PairRequest { key: key.map(Into::into), ..PairRequest::default() };
    let (scope, by) = (bed.scope, bed.owner);
    bed.db
        .unit(move |conn| Box::pin(async move { commands::pair(conn, scope, by, line, &request).await }))
        .await
        .unwrap()
}

async fn stop(bed: &Bed, line: LineId) -> Stop {
    let (scope, by) = (bed.scope, bed.owner);
    bed.db
        .unit(move |conn| Box::pin(async move { commands::stop(conn, scope, by, line).await }))
        .await
        .unwrap()
}

async fn wakeup(bed: &Bed, by: WakeupBy) -> Wakeup {
    let (scope, line) = (bed.scope, bed.line);
    let actor = match by {
        WakeupBy::Health => Actor::System,
        WakeupBy::Operator => Actor::User(bed.owner),
    };
    bed.db
        .unit(move |conn| Box::pin(async move { commands::wakeup(conn, scope, by, actor, line).await }))
        .await
        .unwrap()
        .expect("the line is there")
}

#[tokio::test]
async fn the_last_slot_goes_to_one_of_many() {
    let bed = Bed::new().await;
    let names: Vec<String> = (0..8).map(|n| format!("Line {n}")).collect();
    let all = join_all(names.iter().map(|name| create(&bed, name, None))).await;
    let created = all.iter().filter(|outcome| matches!(outcome, Create::Done { new: true, .. })).count();
    let refused = all.iter().filter(|outcome| matches!(outcome, Create::SlotLimit)).count();
    assert_eq!((created, refused), (2, 6));
}

#[tokio::test]
async fn a_creation_retried_is_the_same_line_also_when_renamed_and_full() {
    let bed = Bed::new().await;
    let both = join_all([create(&bed, "One", Some("k")), create(&bed, "One", Some("k"))]).await;
    let ids: Vec<_> = both
        .iter()
        .map(|outcome| match outcome {
            Create::Done { line, .. } => line.id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids[0], ids[1]);
    bed.execute("UPDATE lines SET display_name = 'Renamed'").await;
    bed.execute("UPDATE billing SET line_slots = 1").await;
    assert!(matches!(create(&bed, "One", Some("k")).await, Create::Done { new: false, .. }));
    assert!(matches!(create(&bed, "Two", Some("k")).await, Create::KeyReused));
}

#[tokio::test]
async fn a_paired_line_is_not_paired_again_and_a_key_names_its_command() {
    let bed = Bed::new().await;
    assert!(matches!(pair(&bed, bed.line, None).await, Pair::AlreadyPaired));
    bed.set_state(r#"{"state":"logged_out","reason":"logged_out"}"#).await;
    let Pair::Accepted { command, new: true } = pair(&bed, bed.line, Some("k")).await else { panic!() };
    let Pair::Accepted { command: open, new: false } = pair(&bed, bed.line, None).await else { panic!() };
    assert_eq!(command.id, open.id);
    assert_eq!(stop(&bed, bed.line).await, Stop::Done { changed: true });
    let Pair::Accepted { command: old, new: false } = pair(&bed, bed.line, Some("k")).await else { panic!() };
    assert_eq!((old.id, old.state.as_str(), old.reason.as_deref()), (command.id, "failed", Some("stopped")));
    bed.execute("UPDATE billing SET state = 'past_due'").await;
    assert!(matches!(pair(&bed, bed.line, None).await, Pair::BillingRestricted));
}

#[tokio::test]
async fn a_pair_command_nobody_took_expires_and_makes_room() {
    let bed = Bed::new().await;
    bed.set_state(r#"{"state":"logged_out","reason":"logged_out"}"#).await;
    let Pair::Accepted { command: first, .. } = pair(&bed, bed.line, None).await else { panic!() };
    bed.execute("UPDATE line_commands SET created_at = now() - interval '1 hour', expires_at = now() - interval '1 second'")
        .await;
    let Pair::Accepted { command: second, new: true } = pair(&bed, bed.line, None).await else { panic!() };
    assert_ne!(first.id, second.id);
    assert_eq!(bed.count("line_commands WHERE state = 'expired' AND reason = 'not_started'").await, 1);
}

#[tokio::test]
async fn a_stop_holds_until_an_operator_wakes_the_line() {
    let bed = Bed::new().await;
    assert_eq!(stop(&bed, bed.line).await, Stop::Done { changed: true });
    assert_eq!(stop(&bed, bed.line).await, Stop::Done { changed: false });
    assert_eq!(bed.count("lines WHERE stopped_at IS NOT NULL AND desired = 'stopped'").await, 1);
    assert_eq!(wakeup(&bed, WakeupBy::Health).await.outcome, WakeupOutcome::NotWakeable);
    let woken = wakeup(&bed, WakeupBy::Operator).await;
    assert_eq!((woken.outcome, woken.changed), (WakeupOutcome::Queued, true));
    assert_eq!(bed.count("lines WHERE stopped_at IS NULL AND desired = 'running'").await, 1);
    assert_eq!(wakeup(&bed, WakeupBy::Operator).await.outcome, WakeupOutcome::AlreadyQueued);
}

#[tokio::test]
async fn a_hundred_wakeups_at_once_of_a_cold_line_are_one_command() {
    let bed = Bed::new().await;
    bed.execute("UPDATE lines SET owner_incarnation = NULL").await;
    let all = join_all((0..100).map(|_| wakeup(&bed, WakeupBy::Health))).await;
    let queued = all.iter().filter(|woken| woken.outcome == WakeupOutcome::Queued).count();
    assert_eq!(queued, 1);
    assert!(all.iter().all(|woken| woken.command.is_some()));
    assert_eq!(bed.count("line_commands").await, 1);
}
