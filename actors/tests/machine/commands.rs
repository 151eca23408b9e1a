//! The command table of `line.md` as data: every cell, both kinds of wakeup, the overlays and the cool-downs.

use super::samples;
use chrono::TimeDelta;
use ezw_actors::{
    command::{
        PairAdmission, Situation, StopAdmission, WAKEUP_PAUSE_SECONDS, WakeupBy, WakeupOutcome as W,
        admit_pair, admit_stop, admit_wakeup,
    },
    machine::{LineState, Overlay, Owner, StateName},
};

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Unpaired,
    Pairing,
    AtWork,
    Waiting,
    Failed,
    Replaced,
    StartingUnpaired,
    StartingPairing,
    CoolingDown,
    LockedForGood,
    Banned,
}

fn column(state: &LineState) -> Column {
    let unpaired = |from: &LineState| column(from) == Column::Unpaired;
    match state {
        LineState::Starting { from, .. } if unpaired(from) => Column::StartingUnpaired,
        LineState::Starting { from, .. } if from.pairing().is_some() => Column::StartingPairing,
        LineState::Created | LineState::PairingExpired | LineState::LoggedOut { .. } => Column::Unpaired,
        LineState::Failed { .. } => Column::Failed,
        LineState::Replaced { .. } => Column::Replaced,
        LineState::Locked { until: Some(_) } | LineState::Banned { until: Some(_) } => Column::CoolingDown,
        LineState::Locked { until: None } => Column::LockedForGood,
        LineState::Banned { until: None } => Column::Banned,
        LineState::Reconnecting { .. } => Column::Waiting,
        state if state.pairing().is_some() => Column::Pairing,
        _ => Column::AtWork,
    }
}

/// Column; pair, stop, wakeup from health, wakeup by an operator.
const TABLE: &[(Column, &str, &str, W, W)] = &[
    (Column::Unpaired, "new", "no-op", W::NotWakeable, W::NotWakeable),
    // A start that finds nothing to do: the command it was for ended meanwhile.
    (Column::StartingUnpaired, "new", "no-op", W::AlreadyRunning, W::AlreadyRunning),
    // Its owner died in the middle of a pairing whose command ended since: what it was before is what it will be.
    (Column::StartingPairing, "new", "ends pairing", W::AlreadyRunning, W::AlreadyRunning),
    (Column::Pairing, "open", "ends pairing", W::AlreadyRunning, W::AlreadyRunning),
    (Column::AtWork, "already paired", "stops", W::AlreadyRunning, W::AlreadyRunning),
    // A person need not wait for the next try of a long back-off.
    (Column::Waiting, "already paired", "stops", W::AlreadyRunning, W::Queued),
    (Column::Failed, "new", "stops", W::Queued, W::Queued),
    (Column::Replaced, "new", "stops", W::NotWakeable, W::Queued),
    (Column::CoolingDown, "cooling down", "stops", W::NotWakeable, W::NotWakeable),
    (Column::LockedForGood, "new", "stops", W::NotWakeable, W::Queued),
    (Column::Banned, "new", "no-op", W::NotWakeable, W::NotWakeable),
];

fn at(state: &LineState, overlay: Overlay) -> Situation<'_> {
    let pair_open = column(state) == Column::Pairing;
    Situation { state, overlay, pair_open, wakeup_open: false, last_wakeup_at: None }
}

fn alive() -> Overlay {
    Overlay::of_live_owner()
}

fn pair(at: &Situation<'_>) -> &'static str {
    match admit_pair(samples::now(), at) {
        PairAdmission::New { .. } => "new",
        PairAdmission::Open => "open",
        PairAdmission::AlreadyPaired => "already paired",
        PairAdmission::CoolingDown { .. } => "cooling down",
        PairAdmission::Archived => "archived",
        PairAdmission::BillingRestricted => "billing",
    }
}

fn stop(at: &Situation<'_>) -> &'static str {
    match admit_stop(at) {
        StopAdmission::NoOp => "no-op",
        StopAdmission::EndsPairing => "ends pairing",
        StopAdmission::Stops => "stops",
        StopAdmission::Archived => "archived",
    }
}

fn wakeup(by: WakeupBy, at: &Situation<'_>) -> W {
    admit_wakeup(samples::now(), by, at).outcome
}

#[test]
fn every_cell_of_the_command_table_holds() {
    for (label, state) in samples::states() {
        let (column, pairs, stops, by_health, by_operator) =
            *TABLE.iter().find(|row| row.0 == column(&state)).unwrap();
        let at = at(&state, alive());
        assert_eq!(pair(&at), pairs, "pair, {label} ({column:?})");
        assert_eq!(stop(&at), stops, "stop, {label}");
        let outdated = label == "failed (client_outdated)";
        let by_health = if outdated { W::NotWakeable } else { by_health };
        assert_eq!(wakeup(WakeupBy::Health, &at), by_health, "wakeup from health, {label}");
        assert_eq!(wakeup(WakeupBy::Operator, &at), by_operator, "wakeup by an operator, {label}");
    }
}

#[test]
fn an_orphaned_line_takes_a_wakeup_into_the_queue() {
    for (label, state) in samples::states() {
        let situation = at(&state, Overlay::default());
        let expected = match column(&state) {
            Column::AtWork | Column::Waiting => W::Queued,
            Column::Pairing => W::AlreadyRunning,
            _ => continue,
        };
        assert_eq!(wakeup(WakeupBy::Health, &situation), expected, "{label}");
        assert_eq!(wakeup(WakeupBy::Operator, &situation), expected, "{label}");
    }
}

#[test]
fn an_archived_line_takes_no_command() {
    for (label, state) in samples::states() {
        let situation = at(&state, Overlay { archived: true, ..alive() });
        assert_eq!(pair(&situation), "archived", "{label}");
        assert_eq!(stop(&situation), "archived", "{label}");
        assert_eq!(wakeup(WakeupBy::Operator, &situation), W::NotWakeable, "{label}");
        assert_eq!(wakeup(WakeupBy::Health, &situation), W::NotWakeable, "{label}");
    }
}

#[test]
fn billing_refuses_pair_and_wakeup_and_leaves_stop_as_it_is() {
    for (label, state) in samples::states() {
        let situation = at(&state, Overlay { billing_restricted: true, ..alive() });
        assert_eq!(pair(&situation), "billing", "{label}");
        assert_eq!(stop(&situation), stop(&at(&state, alive())), "{label}");
        assert_eq!(wakeup(WakeupBy::Operator, &situation), W::NotWakeable, "{label}");
    }
}

#[test]
fn a_stopped_line_is_woken_by_an_operator_alone_and_keeps_its_cool_down() {
    for (label, state) in samples::states() {
        let situation = at(&state, Overlay { stopped: true, ..alive() });
        let column = column(&state);
        assert_eq!(wakeup(WakeupBy::Health, &situation), W::NotWakeable, "{label}");
        let by_operator = admit_wakeup(samples::now(), WakeupBy::Operator, &situation);
        let wakes = !matches!(column, Column::Unpaired | Column::CoolingDown | Column::Banned);
        assert_eq!(by_operator.outcome, if wakes { W::Queued } else { W::NotWakeable }, "{label}");
        assert_eq!(by_operator.clears_stop, wakes, "{label}");
        let pairs = match column {
            Column::Unpaired | Column::StartingPairing => "new",
            Column::Pairing => "open",
            Column::CoolingDown => "cooling down",
            _ => "already paired",
        };
        assert_eq!(pair(&situation), pairs, "{label}");
        let pairing = matches!(column, Column::Pairing | Column::StartingPairing);
        let stops = if pairing { "ends pairing" } else { "no-op" };
        assert_eq!(stop(&situation), stops, "{label}");
    }
}

#[test]
fn a_cool_down_that_is_over_holds_nobody_up() {
    let past = samples::now() - TimeDelta::seconds(1);
    for state in [LineState::Locked { until: Some(past) }, LineState::Banned { until: Some(past) }] {
        let PairAdmission::New { before } = admit_pair(samples::now(), &at(&state, alive())) else {
            panic!("{state:?} holds a pair command up");
        };
        assert_eq!(before.restore(), state, "a pairing that is called off leaves the line as it was");
        let stopped = Overlay { stopped: true, ..alive() };
        assert_eq!(pair(&at(&state, stopped)), "already paired");
        assert_eq!(wakeup(WakeupBy::Operator, &at(&state, stopped)), W::Queued);
    }
}

#[test]
fn an_open_command_is_the_answer_in_every_state() {
    for (label, state) in samples::states() {
        let open = Situation { pair_open: true, wakeup_open: true, ..at(&state, alive()) };
        assert_eq!(pair(&open), "open", "{label}");
        assert_eq!(stop(&open), "ends pairing", "{label}");
        for by in [WakeupBy::Health, WakeupBy::Operator] {
            let alone = at(&state, alive());
            // An open wakeup stands for another; it makes nothing wakeable that is not.
            let wanted = match wakeup(by, &alone) {
                W::NotWakeable => W::NotWakeable,
                _ => W::AlreadyQueued,
            };
            assert_eq!(wakeup(by, &Situation { wakeup_open: true, ..alone }), wanted, "{label}");
        }
    }
}

#[test]
fn a_failed_line_is_woken_through_health_once_in_five_minutes_and_keeps_its_budget() {
    let failed = samples::states().into_iter().find(|(label, _)| label == "failed (poison)").unwrap().1;
    let woken = |seconds_ago: i64, by| {
        let last = samples::now() - TimeDelta::seconds(seconds_ago);
        let situation = Situation { last_wakeup_at: Some(last), ..at(&failed, alive()) };
        admit_wakeup(samples::now(), by, &situation)
    };
    assert_eq!(woken(WAKEUP_PAUSE_SECONDS - 1, WakeupBy::Health).outcome, W::RateLimited);
    let later = woken(WAKEUP_PAUSE_SECONDS, WakeupBy::Health);
    assert_eq!((later.outcome, later.resets_budget), (W::Queued, false));
    let operator = woken(1, WakeupBy::Operator);
    assert_eq!((operator.outcome, operator.resets_budget), (W::Queued, true));
}

#[test]
fn a_stop_that_finds_its_pairing_just_ended_stops_nothing_else() {
    for (label, state) in samples::states() {
        if state.pairing().is_some() {
            let situation = Situation { pair_open: false, ..at(&state, alive()) };
            assert_eq!(stop(&situation), "ends pairing", "{label}");
        }
    }
    assert!(samples::states().iter().any(|(_, state)| state.name() == StateName::Pairing));
    assert_eq!(Overlay::default().owner, Owner::Gone);
}
