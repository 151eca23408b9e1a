//! What the machine answers to every event in every state, as one committed table.

use super::samples::{self, GENERATION, PHONE};
use ezw_actors::{
    Timings,
    machine::{
        Changes, Decision, Effect, Facts, History, LineState, Moment, Pairing, Taking, decide, event_names,
    },
    port::{CommandEnd, CredentialChange, Desired},
};
use std::{collections::BTreeSet, fmt::Write as _};
use strum::IntoEnumIterator as _;

#[test]
fn every_state_answers_every_event_as_the_table_says() {
    let mut table = String::new();
    for (label, state) in samples::states() {
        writeln!(table, "\n{label}").unwrap();
        let mut silent = Vec::new();
        for (event, at, what) in samples::events() {
            let history = History::default();
            let facts = Facts {
                history: &history,
                phone_number: Some(PHONE),
                generation: GENERATION,
                moment: Moment { now: at, jitter: 0.5 },
                grant_at: at,
                timings: &Timings::REAL,
            };
            let decision = decide(&state, &facts, &what);
            match told(&state, &decision) {
                Some(answer) => writeln!(table, "  {event:<24} {answer}").unwrap(),
                None => silent.push(event),
            }
        }
        writeln!(table, "  nothing happens on: {}", silent.join(", ")).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn the_names_of_events_are_one_list_without_repeats() {
    let listed: Vec<&str> = event_names().collect();
    let distinct: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(listed.len(), distinct.len(), "{listed:?}");
    let decided = samples::events().iter().map(|(_, _, event)| event.name()).collect::<BTreeSet<_>>();
    let taken = Taking::iter().map(Into::into).collect::<BTreeSet<&str>>();
    assert_eq!(distinct, &decided | &taken, "what is decided on, and how a line is come by");
}

/// The answer in a line; none when nothing happens.
fn told(from: &LineState, decision: &Decision) -> Option<String> {
    let changes = changes(&decision.changes);
    let effects: Vec<_> = decision.effects.iter().map(effect).collect();
    if decision.next == *from && changes.is_empty() && effects.is_empty() {
        return None;
    }
    let mut answer = format!("-> {:<26}", describe(&decision.next));
    for (what, words) in [("writes", changes), ("does", effects)] {
        if !words.is_empty() {
            write!(answer, " {what} [{}]", words.join(", ")).unwrap();
        }
    }
    Some(answer.trim_end().to_owned())
}

fn describe(state: &LineState) -> String {
    let label = samples::states().into_iter().find(|(_, sample)| same_kind(sample, state));
    label.map_or_else(|| state.name().to_string(), |(label, _)| label)
}

/// Alike but for times and numbers.
fn same_kind(one: &LineState, other: &LineState) -> bool {
    fn bare(state: &LineState) -> serde_json::Value {
        let mut value = serde_json::to_value(state).unwrap();
        let map = value.as_object_mut().unwrap();
        for key in ["deadline", "since", "generation", "grant_at"] {
            map.remove(key);
        }
        for key in ["retry_at", "until"] {
            if let Some(time) = map.get_mut(key) {
                *time = serde_json::Value::Bool(!time.is_null());
            }
        }
        for key in ["pairing", "purpose"] {
            if let Some(inner) = map.get_mut(key).and_then(|inner| inner.as_object_mut()) {
                inner.remove("pairing");
                inner.remove("command");
                inner.remove("code_for");
                inner.remove("before");
            }
        }
        if let Some(step) = map.get_mut("step").and_then(|step| step.as_object_mut()) {
            step.remove("wave");
            step.remove("waves");
        }
        value
    }
    bare(one) == bare(other)
}

fn changes(changes: &Changes) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(desired) = changes.desired {
        words.push(match desired {
            Desired::Running => "desired running".to_owned(),
            Desired::Stopped => "desired stopped".to_owned(),
        });
    }
    if changes.generation.is_some() {
        words.push("generation".into());
    }
    if changes.session_started_at.is_some() {
        words.push("session started".into());
    }
    if changes.phone_number.is_some() {
        words.push("phone number".into());
    }
    match changes.credentials {
        Some(CredentialChange::Keep(_)) => words.push("keep account".into()),
        Some(CredentialChange::Drop) => words.push("drop account".into()),
        None => {}
    }
    words.extend(changes.settle.iter().map(|settle| match &settle.end {
        CommandEnd::Succeeded => "pair succeeded".to_owned(),
        CommandEnd::Failed(reason) => format!("pair failed: {reason}"),
        CommandEnd::Expired(reason) => format!("pair expired: {reason}"),
    }));
    if let Some(end) = &changes.settle_wakeups {
        words.push(match end {
            CommandEnd::Succeeded => "wakeups succeeded".into(),
            CommandEnd::Failed(reason) | CommandEnd::Expired(reason) => format!("wakeups failed: {reason}"),
        });
    }
    if let Some((Pairing { .. }, until)) = &changes.pair_running {
        words.push(format!("pair running {} s", (*until - samples::now()).num_seconds()));
    }
    match changes.release {
        Some(Some(due)) => words.push(format!("release, due in {} s", (due - samples::now()).num_seconds())),
        Some(None) => words.push("release, by command only".into()),
        None => {}
    }
    words
}

fn effect(effect: &Effect) -> String {
    match effect {
        Effect::RequestPermit => "request permit",
        Effect::Open { fresh: true, .. } => "open to pair",
        Effect::Open { fresh: false, .. } => "open",
        Effect::Close => "close",
        Effect::Logout => "log out",
        Effect::Unlink(_) => "unlink",
        Effect::Ping => "ping",
        Effect::RequestPairingCode { .. } => "request pairing code",
        Effect::ShowQr(_) => "show qr",
        Effect::ShowPairingCode(_) => "show code",
        Effect::ShowPasskey(_) => "show passkey",
        Effect::HideCodes => "hide codes",
    }
    .to_owned()
}
