//! The blast radius: how much slower replies of 450 lines leave while 50 others die again and again. `make bench-blast`.
//!
//! Runs come in pairs, without and with panics. The figure is the ratio of the p99 of all replies with panics to that of
//! all without: the slowest hundredth of one run alone is a handful of replies. The exit code is 1 when it is over the
//! limit, a reply was lost, or a line that is well was touched; and 3 when the machine was too unsteady to tell, whatever
//! the ratio came to: run it with nothing beside it.

#![expect(clippy::print_stdout, reason = "what was measured is what it is for")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::process::ExitCode;
use support::blast::{Blast, Outcome, TROUBLED, WELL, percentile};

const PAIRS: usize = 5;
/// Of the p99 with panics to the one without.
const RATIO_AT_MOST: f64 = 1.5;
/// Of the slowest p99 without panics to the fastest: beyond it the machine decides, not the service.
const UNSTEADY: f64 = 2.0;

#[tokio::main]
async fn main() -> ExitCode {
    println!("{PAIRS} pairs of runs of {WELL} lines that are well, beside {TROUBLED} that are well or die");
    let (mut without, mut with) = (Vec::new(), Vec::new());
    let (mut quiets, mut complaints) = (Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        // In turns: what the machine does besides, and how warm it is, must not speak for one side.
        let panics_first = pair % 2 == 1;
        let (one, other) = (measured(panics_first).await, measured(!panics_first).await);
        let (quiet, troubled) = if panics_first { (other, one) } else { (one, other) };
        quiets.push(quiet.percentile(99).max(1) as f64);
        without.extend(quiet.milliseconds);
        with.extend(troubled.milliseconds);
        complaints.extend(quiet.complaints.into_iter().chain(troubled.complaints));
    }
    without.sort_unstable();
    with.sort_unstable();
    let (quiet, troubled) = (percentile(&without, 99).max(1), percentile(&with, 99));
    let ratio = troubled as f64 / quiet as f64;
    println!(
        "p99 of {} replies with panics {troubled} ms, of {} without {quiet} ms",
        with.len(),
        without.len()
    );
    println!("p99 ratio over {PAIRS} pairs: {ratio:.2} (at most {RATIO_AT_MOST})");
    for complaint in &complaints {
        println!("wrong: {complaint}");
    }
    quiets.sort_by(f64::total_cmp);
    let swing = quiets[PAIRS - 1] / quiets[0];
    if !complaints.is_empty() {
        return ExitCode::FAILURE;
    }
    if swing > UNSTEADY {
        println!("UNDECIDED: without panics p99 swung {swing:.1} times (at most {UNSTEADY})");
        return ExitCode::from(3);
    }
    if ratio <= RATIO_AT_MOST { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measured(panics: bool) -> Outcome {
    let outcome = Blast::start(panics).await.run().await;
    println!(
        "{} panics: {} replies, p50 {} ms, p99 {} ms, the slowest {} ms; {} deaths",
        if panics { "with   " } else { "without" },
        outcome.milliseconds.len(),
        outcome.percentile(50),
        outcome.percentile(99),
        outcome.percentile(100),
        outcome.deaths
    );
    outcome
}
