//! One transition against a row: the statement that the adapter for Postgres writes, with the checks of the table.

use super::store::{LineSnapshot, Recorded};
use crate::{
    id::{Epoch, Fence, Incarnation, LineId},
    machine::{LineState, StateName, Taking, Time},
    port::{Claimed, CommitError, CredentialChange, Desired, Standing, StoreTrouble, Transition},
};
use chrono::TimeDelta;
use std::collections::HashMap;

/// An actor has so long to load.
const START_SECONDS: i64 = 45;

/// The start that asks still owns the row.
pub(super) fn owns(row: &LineSnapshot, fence: Fence) -> bool {
    row.organization == fence.organization && row.owner == Some(fence.owner) && row.epoch == fence.epoch
}

/// The state as the row keeps it.
pub(super) fn json(state: &LineState) -> serde_json::Value {
    serde_json::to_value(state).unwrap_or_default()
}

pub(super) fn commit(
    lines: &mut HashMap<LineId, LineSnapshot>,
    fence: Fence,
    transition: &Transition,
) -> Result<(), CommitError> {
    let row = lines.get(&fence.line).ok_or(CommitError::Fenced)?;
    if !owns(row, fence) || row.version != transition.version - 1 {
        return if committed_before(row, fence, transition) { Ok(()) } else { Err(CommitError::Fenced) };
    }
    let number = transition.phone_number.as_ref();
    let taken = number.is_some_and(|number| {
        lines.iter().any(|(id, other)| {
            *id != fence.line
                && other.organization == fence.organization
                && !other.orders.archived
                && other.phone_number.as_ref() == Some(number)
        })
    });
    if taken {
        return Err(CommitError::PairRefused(crate::port::PairRefusal::PhoneInUse));
    }
    let mut after = row.clone();
    apply(&mut after, fence, transition);
    check(&after)?;
    lines.insert(fence.line, after);
    Ok(())
}

/// The answer to an earlier commit of this very transition may have been lost.
fn committed_before(row: &LineSnapshot, fence: Fence, transition: &Transition) -> bool {
    row.transitions.iter().any(|made| {
        made.version == transition.version && made.epoch == fence.epoch && made.detail == json(&transition.to)
    })
}

fn apply(row: &mut LineSnapshot, fence: Fence, transition: &Transition) {
    row.version = transition.version;
    row.state = transition.to.name();
    row.detail = json(&transition.to);
    row.history = transition.history.clone();
    // An order that came meanwhile stands: it is never undone by a transition.
    if let Some(desired) = transition.desired.filter(|_| !row.orders.stopped && !row.orders.archived) {
        row.desired = desired;
    }
    row.generation = transition.generation.unwrap_or(row.generation);
    if transition.phone_number.is_some() {
        row.phone_number.clone_from(&transition.phone_number);
    }
    match &transition.credentials {
        Some(CredentialChange::Keep(credentials)) => row.credentials = Some(credentials.clone()),
        Some(CredentialChange::Drop) => row.credentials = None,
        None => {}
    }
    for settle in &transition.settle {
        // One that was ended by others meanwhile keeps their word.
        if row.pair.as_ref().is_some_and(|(command, _)| *command == settle.command) {
            row.pair = None;
            row.settled.push(settle.clone());
        }
    }
    if transition.settle_wakeups.is_some() {
        row.wakeup = None;
    }
    if let Some(due) = transition.release {
        row.owner = None;
        row.next_start_at = due;
    }
    row.transitions.push(Recorded {
        version: transition.version,
        from: transition.from.name(),
        to: transition.to.name(),
        event: transition.event,
        epoch: fence.epoch,
        detail: json(&transition.to),
    });
}

/// The CHECKs of the table of lines that a transition can break.
fn check(row: &LineSnapshot) -> Result<(), StoreTrouble> {
    let open = matches!(
        row.state,
        StateName::Syncing
            | StateName::Connected
            | StateName::Degraded
            | StateName::Throttled
            | StateName::Restricted
    );
    let running = row.desired == Desired::Running;
    let broken = [
        (open && row.phone_number.is_none(), "an open state without a number"),
        (running && row.phone_number.is_none(), "running without a number"),
        (running && (row.orders.stopped || row.orders.archived), "running against an order"),
    ];
    match broken.iter().find(|(broken, _)| *broken) {
        Some((_, what)) => Err(StoreTrouble(format!("violates a check: {what}"))),
        None => Ok(()),
    }
}

/// What a claim or a restart does: to `starting` under a new epoch; what was under way has an unknown fate.
pub(super) fn take(
    lines: &mut HashMap<LineId, LineSnapshot>,
    line: LineId,
    owner: Incarnation,
    now: Time,
    died: bool,
) -> Option<Claimed> {
    let row = lines.get_mut(&line)?;
    let before: LineState = serde_json::from_value(row.detail.clone()).ok()?;
    let from = match before {
        LineState::Starting { from, .. } => from,
        other => Box::new(other),
    };
    let state = LineState::Starting { deadline: now + TimeDelta::seconds(START_SECONDS), from };
    row.transitions.push(Recorded {
        version: row.version + 1,
        from: row.state,
        to: state.name(),
        event: if died { Taking::Restarted } else { Taking::Claimed }.into(),
        epoch: Epoch(row.epoch.0 + 1),
        detail: json(&state),
    });
    row.version += 1;
    row.epoch = Epoch(row.epoch.0 + 1);
    row.owner = Some(owner);
    row.state = state.name();
    row.detail = json(&state);
    Some(Claimed {
        fence: Fence { organization: row.organization, line, owner, epoch: row.epoch },
        version: row.version,
        state,
        history: row.history.clone(),
        lived_until: None,
        phone_number: row.phone_number.clone(),
        generation: row.generation,
        credentials: row.credentials.clone(),
        standing: Standing {
            orders: row.orders,
            pair: row.pair.clone(),
            passkey: None,
            reset_budget: row.wakeup == Some(true),
        },
    })
}
