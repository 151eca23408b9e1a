//! Names and labels of what lines count. Labels come from closed lists: never an id, a number or a name.

use crate::machine::{FailReason, LineState, StateName};
use strum::IntoEnumIterator as _;

/// Committed transitions, by state before and after.
pub const TRANSITIONS: &str = "ezw_line_transitions_total";
/// Actors that ended without being told to.
pub const ACTOR_DEATHS: &str = "ezw_line_actor_deaths_total";
/// Actors that ended because another start owns the line, or their process lost its lease.
pub const FENCED: &str = "ezw_line_fenced_writes_total";
/// Lines given up for now, by reason.
pub const GIVEN_UP: &str = "ezw_line_given_up_total";
/// Threads of line actors that stopped ticking and were replaced.
pub const ARBITERS_REPLACED: &str = "ezw_line_arbiters_replaced_total";
/// Line actors that let a deadline pass and were replaced.
pub const OVERDUE: &str = "ezw_line_deadline_overruns_total";
/// Replies handed to the provider.
pub const SUBMITTED: &str = "ezw_replies_submitted_total";
/// What became of them, by outcome.
pub const OUTCOMES: &str = "ezw_reply_outcomes_total";
/// Inbound messages that could not be kept and were passed over.
pub const INBOUND_PASSED_OVER: &str = "ezw_inbound_passed_over_total";
/// Inbound messages of groups and status posts, which are acknowledged and not kept.
pub const INBOUND_IGNORED: &str = "ezw_inbound_ignored_total";
/// Facts of sends that the rows could not hold and that were passed over.
pub const FACTS_PASSED_OVER: &str = "ezw_reply_facts_passed_over_total";
/// Tries to unlink accounts that nobody wants, by outcome.
pub const UNLINKINGS: &str = "ezw_unlinkings_total";
/// The values of its `outcome`.
pub const UNLINKING_VALUES: [&str; 3] = ["done", "put_off", "given_up"];
/// The values of `outcome`.
pub const OUTCOME_VALUES: [&str; 5] = ["accepted", "refused", "retry", "not_written", "unknown"];

/// Describes the counters and starts each at zero.
pub fn describe() {
    metrics::describe_counter!(
        TRANSITIONS,
        "State transitions of lines: takings by a node, and what their actors committed."
    );
    metrics::describe_counter!(ACTOR_DEATHS, "Line actors that ended without being told to.");
    metrics::describe_counter!(
        FENCED,
        "Line actors that ended because another start owns the line, or this process lost its lease."
    );
    metrics::describe_counter!(GIVEN_UP, "Lines given up for now.");
    metrics::describe_counter!(
        ARBITERS_REPLACED,
        "Threads of line actors that stopped ticking and were replaced."
    );
    metrics::describe_counter!(OVERDUE, "Line actors that let a deadline pass and were replaced.");
    metrics::describe_counter!(SUBMITTED, "Replies handed to the provider.");
    metrics::describe_counter!(OUTCOMES, "Outcomes of replies handed to the provider.");
    metrics::describe_counter!(
        INBOUND_PASSED_OVER,
        "Inbound messages that could not be kept and were passed over."
    );
    metrics::describe_counter!(
        INBOUND_IGNORED,
        "Inbound messages of groups and status posts, acknowledged and not kept."
    );
    metrics::describe_counter!(
        FACTS_PASSED_OVER,
        "Acknowledgements and receipts of replies that could not be kept and were passed over."
    );
    metrics::describe_counter!(UNLINKINGS, "Tries to unlink accounts that nobody wants at the provider.");
    for name in [
        ACTOR_DEATHS,
        FENCED,
        ARBITERS_REPLACED,
        OVERDUE,
        SUBMITTED,
        INBOUND_PASSED_OVER,
        INBOUND_IGNORED,
        FACTS_PASSED_OVER,
    ] {
        metrics::counter!(name).absolute(0);
    }
    for reason in FailReason::iter() {
        metrics::counter!(GIVEN_UP, "reason" => reason.word()).absolute(0);
    }
    for outcome in OUTCOME_VALUES {
        metrics::counter!(OUTCOMES, "outcome" => outcome).absolute(0);
    }
    for outcome in UNLINKING_VALUES {
        metrics::counter!(UNLINKINGS, "outcome" => outcome).absolute(0);
    }
}

/// Counts a try to unlink an account: one of `UNLINKING_VALUES`.
pub fn unlinking(outcome: &'static str) {
    metrics::counter!(UNLINKINGS, "outcome" => outcome).increment(1);
}

/// Counts that a node took a line, which now is `starting`.
pub fn taken(state: &LineState) {
    if let LineState::Starting { from, .. } = state {
        transition(from.name(), state);
    }
}

/// Counts a committed transition.
pub fn transition(from: StateName, next: &LineState) {
    if let LineState::Failed { reason, .. } = next {
        metrics::counter!(GIVEN_UP, "reason" => reason.word()).increment(1);
    }
    let (from, to): (&'static str, &'static str) = (from.into(), next.name().into());
    metrics::counter!(TRANSITIONS, "from" => from, "to" => to).increment(1);
}
