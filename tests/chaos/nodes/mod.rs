//! Three nodes over one PostgreSQL, under load: killed, frozen, cut off, restarted one by one; and PostgreSQL itself away.
//! `make chaos-nodes` runs each form long, with real time.

mod acts;
mod record;
mod run;
mod sessions;

use crate::{alone, number, run::Plan, seed, support::standby::Standby};
use acts::{CUTS, Cut, any_cut};
use chrono::TimeDelta;
use ezw_actors::clock::{Clock as _, SystemClock};
use record::spread;
use run::Run;
use std::time::Duration;

/// Troubles of the long forms, or of the short ones.
fn long() -> bool {
    number("EZW_TEST_CHAOS_NODES", 0) > 0
}

fn plan(drops_repeats: bool) -> Plan {
    Plan { drops_repeats, seed: seed(), speed: if long() { 1 } else { 4 } }
}

fn of(long_form: u32, short_form: u32) -> u32 {
    if long() { long_form } else { short_form }
}

#[tokio::test]
async fn lines_of_a_killed_node_are_owned_again_and_nothing_is_sent_twice() {
    let _alone = alone().await;
    let mut run = Run::start(plan(true), true).await;
    let times = acts::kills(&mut run, of(30, 2), if long() { 6.0 } else { 1.0 }).await;
    let [median, _, longest] = spread(&times).unwrap();
    if long() {
        assert!(median <= 3.0 && longest <= 15.0, "median {median:.2} s, longest {longest:.2} s");
    }
    run.judge().await;
}

#[tokio::test]
async fn lines_of_a_killed_node_are_owned_again_also_without_hints_where_repeats_are_shown() {
    let _alone = alone().await;
    let mut run = Run::start(plan(false), false).await;
    let times = acts::kills(&mut run, of(30, 1), if long() { 6.0 } else { 1.0 }).await;
    let [_, _, longest] = spread(&times).unwrap();
    if long() {
        assert!(longest <= 15.0, "longest {longest:.2} s");
    }
    run.judge().await;
}

#[tokio::test]
async fn a_node_that_stood_still_writes_nothing_when_it_wakes_and_closes_its_sockets() {
    let _alone = alone().await;
    let mut run = Run::start(plan(true), true).await;
    for _ in 0..of(10, 1) {
        let still = Duration::from_secs(if long() { 30 } else { 12 });
        let closed = acts::freeze(&mut run, still).await;
        if long() {
            assert!(closed <= Duration::from_secs(1), "{closed:?} after its waking");
        }
    }
    run.judge().await;
}

#[tokio::test]
async fn a_postgres_that_is_away_makes_no_line_connect_anew() {
    let _alone = alone().await;
    let mut run = Run::start(plan(false), true).await;
    let away = Duration::from_secs(if long() { 30 } else { 11 });
    acts::outage(&mut run, away).await;
    // A judgement that was sent before a standstill is carried out after it.
    acts::stall(&mut run, Duration::from_secs(8)).await;
    if long() {
        acts::stall(&mut run, Duration::from_secs(15)).await;
    }
    run.judge().await;
}

#[tokio::test]
async fn a_node_that_is_cut_off_from_postgres_sends_nothing_twice() {
    let _alone = alone().await;
    let mut run = Run::start(plan(true), true).await;
    if long() {
        for cut in CUTS {
            acts::cut(&mut run, cut, Duration::from_secs(30)).await;
        }
    } else {
        let cut = any_cut(&mut run);
        acts::cut(&mut run, cut, Duration::from_secs(5)).await;
        acts::cut(&mut run, Cut::LosesCommits, Duration::from_secs(5)).await;
    }
    run.judge().await;
}

#[tokio::test]
async fn rolling_restarts_fail_no_call_and_lines_are_owned_again_at_once() {
    let _alone = alone().await;
    let mut run = Run::start(plan(true), true).await;
    let gaps = acts::rolling(&mut run, of(5, 1)).await;
    let [_, late, _] = spread(&gaps).unwrap();
    if long() {
        assert!(late <= 2.0, "p99 {late:.2} s from letting go to a new owner");
    }
    run.judge().await;
}

#[tokio::test]
async fn a_synchronous_standby_that_takes_over_loses_no_accepted_reply() {
    let _alone = alone().await;
    let mut run = Run::start(plan(true), true).await;
    let primary = run.linked.bed.postgres().url();
    let mut standby = Standby::follow(&primary, run.linked.bed.data_dir()).await;
    standby.in_step(&primary).await;
    run.until_well("the copy").await;
    run.fail_over(&mut standby).await;
    run.until_well("the failover").await;
    run.judge().await;
}

#[tokio::test]
async fn an_asynchronous_standby_that_takes_over_loses_only_what_it_lacked_and_the_fence_holds() {
    let _alone = alone().await;
    let mut run = Run::start(plan(true), true).await;
    let primary = run.linked.bed.postgres().url();
    let mut standby = Standby::follow(&primary, run.linked.bed.data_dir()).await;
    run.until_well("the copy").await;
    let from = SystemClock.now();
    standby.fall_behind().await;
    // A takeover that the next primary never hears of: its epochs are given out a second time.
    acts::kills(&mut run, 1, 0.1).await;
    let before = record::epochs(run.linked.bed.sql(), from).await;
    let until = run.fail_over(&mut standby).await;
    run.until_well("the failover").await;
    // Its rows say that the node that was killed owns them, until somebody judges it once more.
    let given_again = || async {
        let after = record::epochs(run.linked.bed.sql(), from).await;
        let again = |(line, epoch): &&(_, _)| before.contains(&(*line, *epoch));
        Some(after.iter().filter(again).count()).filter(|again| *again > 0)
    };
    let again = run.linked.bed.eventually_within(120, "epochs are given a second time", given_again).await;
    run.figures.push(format!("{again} epochs were given a second time"));
    run.until_well("the second takeover").await;
    // Clients hear of a promise a moment after it was committed.
    run.judge_but_for(Some(from..until + TimeDelta::seconds(1))).await;
}
