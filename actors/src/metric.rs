//! Names and labels of what lines count. Labels come from closed lists: never an id, a number or a name.

use crate::machine::StateName;

/// Committed transitions, by state before and after.
pub const TRANSITIONS: &str = "ezw_line_transitions_total";
/// Actors that ended without being told to.
pub const ACTOR_DEATHS: &str = "ezw_line_actor_deaths_total";
/// Writes refused because another start owns the line.
pub const FENCED: &str = "ezw_line_fenced_writes_total";
/// Replies handed to the provider.
pub const SUBMITTED: &str = "ezw_replies_submitted_total";
/// What became of them, by outcome.
pub const OUTCOMES: &str = "ezw_reply_outcomes_total";
/// Inbound messages that could not be kept and were passed over.
pub const INBOUND_PASSED_OVER: &str = "ezw_inbound_passed_over_total";
/// The values of `outcome`.
pub const OUTCOME_VALUES: [&str; 5] = ["accepted", "refused", "retry", "not_written", "unknown"];

/// Describes the counters and starts each at zero.
pub fn describe() {
    metrics::describe_counter!(TRANSITIONS, "Committed line state transitions.");
    metrics::describe_counter!(ACTOR_DEATHS, "Line actors that ended without being told to.");
    metrics::describe_counter!(FENCED, "Line writes refused because another start owns the line.");
    metrics::describe_counter!(SUBMITTED, "Replies handed to the provider.");
    metrics::describe_counter!(OUTCOMES, "Outcomes of replies handed to the provider.");
    metrics::describe_counter!(
        INBOUND_PASSED_OVER,
        "Inbound messages that could not be kept and were passed over."
    );
    for name in [ACTOR_DEATHS, FENCED, SUBMITTED, INBOUND_PASSED_OVER] {
        metrics::counter!(name).absolute(0);
    }
    for outcome in OUTCOME_VALUES {
        metrics::counter!(OUTCOMES, "outcome" => outcome).absolute(0);
    }
}

/// Counts a committed transition.
pub fn transition(from: StateName, to: StateName) {
    let (from, to): (&'static str, &'static str) = (from.into(), to.into());
    metrics::counter!(TRANSITIONS, "from" => from, "to" => to).increment(1);
}
