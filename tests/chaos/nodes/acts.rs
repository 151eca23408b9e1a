//! Troubles of nodes, and what each must not cost.

use super::{
    record::{self, spread},
    run::{Run, Takeover},
    sessions,
};
use chrono::{DateTime, TimeDelta, Utc};
use ezw_actors::clock::{Clock as _, SystemClock};
use nix::{sys::signal::Signal, unistd::Pid};
use rand::Rng as _;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// The network takes its time, so that there is always something under way to be broken off.
pub(crate) const ACK: u64 = 60;
/// And longer where acknowledgements shall come in while nobody reads them.
const LATE_ACK: u64 = 1_500;
/// What the network took this shortly before has not been acknowledged for certain.
const LATE_ACK_MOST: i64 = 1_200;
/// So much of it, before a node is stopped.
const UNDER_WAY: i64 = 3;

/// What stands between a node and PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Connections are cut off and refused.
    Refused,
    /// What the node says is lost.
    Deaf,
    /// What PostgreSQL says is lost.
    Silent,
    /// Nothing arrives, and all of it later.
    Held,
    /// Answers to COMMIT are lost, with their connections.
    LosesCommits,
}

pub(crate) const CUTS: [Cut; 5] = [Cut::Refused, Cut::Deaf, Cut::Silent, Cut::Held, Cut::LosesCommits];

fn told(what: &str, times: &[f64]) -> String {
    match spread(times) {
        Some([median, late, longest]) => {
            format!(
                "{what}: median {median:.2} s, p99 {late:.2} s, longest {longest:.2} s ({} lines)",
                times.len()
            )
        }
        None => format!("{what}: no line was concerned"),
    }
}

/// Kills of random nodes, each when the one before is back. The times from the kill to a new owner.
pub(crate) async fn kills(run: &mut Run, count: u32, pause: f64) -> Vec<f64> {
    let mut times = Vec::new();
    run.until_ready_to_judge().await;
    for _ in 0..count {
        run.sleep_up_to(pause).await;
        let node = run.pick().await;
        let incarnation = run.incarnation(node).await;
        let lines = run.lines_of(incarnation).await;
        let at = run.trouble();
        run.nodes[node].kill9();
        let Takeover { times: taken } = run.until_taken_over(incarnation, &lines, at).await;
        times.extend(taken);
        run.nodes[node].launch().await;
        run.until_well("a kill").await;
    }
    run.figures.push(told(&format!("{count} kills, from a kill to a new owner"), &times));
    times
}

/// A node stands still in mid-send until others own its lines, and wakes. From its waking to the end of its sockets.
pub(crate) async fn freeze(run: &mut Run, still: Duration) -> Duration {
    run.until_ready_to_judge().await;
    run.sleep_up_to(2.0).await;
    let node = run.pick().await;
    let incarnation = run.incarnation(node).await;
    let lines = run.lines_of(incarnation).await;
    run.acknowledge_after(LATE_ACK).await;
    let late_from = SystemClock.now();
    let sending = || async { (under_way(run, incarnation).await >= UNDER_WAY).then_some(()) };
    run.linked.bed.eventually_within(60, "it is in mid-send", sending).await;
    let at = run.trouble();
    run.nodes[node].signal(Signal::SIGSTOP);
    let began = Instant::now();
    // The network took these, and says so while nobody reads.
    let due = run.taken_since(&lines, late_from.max(at - TimeDelta::milliseconds(LATE_ACK_MOST))).await;
    run.until_taken_over(incarnation, &lines, at).await;
    tokio::time::sleep(still.saturating_sub(began.elapsed())).await;
    let port: u16 = run.linked.bed.simulator().base.rsplit(':').next().unwrap().parse().unwrap();
    let held = run.nodes[node].sockets_to(port);
    let unknown = unknown(run).await;
    let waking = run.trouble();
    let woken = Instant::now();
    run.nodes[node].signal(Signal::SIGCONT);
    let open = || async { (run.nodes[node].sockets_to(port) == 0).then_some(()) };
    run.linked.bed.eventually_within(60, "its sockets are closed", open).await;
    let closed = woken.elapsed();
    let entered = || async { (run.incarnation(node).await != incarnation).then_some(()) };
    run.linked.bed.eventually_within(60, "it enters anew", entered).await;
    run.acknowledge_after(ACK).await;
    run.until_well("a freeze").await;
    let all = || async { (late_acks(run, waking).await >= due).then_some(()) };
    run.linked.bed.eventually_within(60, &format!("{due} late acknowledgements are kept"), all).await;
    let late = late_acks(run, waking).await;
    run.figures.push(format!(
        "a freeze of {:.0} s with {} lines and {held} sockets: sockets closed {:.2} s after waking; {unknown} unknown at its \
         waking, {late} of {due} acknowledgements that came meanwhile kept after it",
        began.elapsed().as_secs_f64(),
        lines.len(),
        closed.as_secs_f64(),
    ));
    closed
}

/// Attempts of this incarnation that have no outcome yet.
async fn under_way(run: &Run, incarnation: Uuid) -> i64 {
    let ask = "select count(*) from outbound o join lines l on l.id = o.line_id
        where o.status = 'sending' and l.owner_incarnation = $1";
    sqlx::query_scalar(ask).bind(incarnation).fetch_one(run.linked.bed.sql()).await.unwrap()
}

/// What was brought by sessions that others had followed, from `since` on.
async fn late_acks(run: &Run, since: DateTime<Utc>) -> i64 {
    let ask = "select count(*) from receipts r join lines l on l.id = r.line_id
        where r.kind = 'accepted' and r.generation < l.generation and r.received_at >= $1";
    sqlx::query_scalar(ask).bind(since).fetch_one(run.linked.bed.sql()).await.unwrap()
}

async fn unknown(run: &Run) -> i64 {
    let ask = "select count(*) from outbound where status = 'unknown'";
    sqlx::query_scalar(ask).fetch_one(run.linked.bed.sql()).await.unwrap()
}

/// PostgreSQL is away. No line may connect anew because of it.
pub(crate) async fn outage(run: &mut Run, away: Duration) {
    let before = sessions::connects(&run.journal().await);
    run.trouble();
    run.linked.bed.postgres().kill().await;
    tokio::time::sleep(away).await;
    run.linked.bed.postgres().restart().await.unwrap();
    run.trouble();
    run.until_well("an outage").await;
    // Each node may judge others by then: nobody is taken for dead because of the outage.
    tokio::time::sleep(Duration::from_secs(14)).await;
    let after = sessions::connects(&run.journal().await);
    run.figures.push(format!("an outage of PostgreSQL of {away:?}: {} lines connected anew", after - before));
    assert_eq!(after, before, "no line connects anew because PostgreSQL was away");
}

/// PostgreSQL stands still, and goes on with whatever it was asked before. Nobody may be taken for dead, nor connect anew.
pub(crate) async fn stall(run: &mut Run, still: Duration) {
    let before = sessions::connects(&run.journal().await);
    run.trouble();
    let server = run.linked.bed.postgres().process().expect("it runs").pid();
    let tasks = format!("/proc/{server}/task/{server}/children");
    let mut all = vec![server];
    signal(server, Signal::SIGSTOP);
    // Nobody is born any more.
    let children = std::fs::read_to_string(tasks).expect("Linux says so");
    all.extend(children.split_whitespace().map(|pid| pid.parse::<u32>().unwrap()));
    all.iter().for_each(|pid| signal(*pid, Signal::SIGSTOP));
    tokio::time::sleep(still).await;
    all.iter().rev().for_each(|pid| signal(*pid, Signal::SIGCONT));
    run.trouble();
    run.until_well("a standstill").await;
    tokio::time::sleep(Duration::from_secs(14)).await;
    let after = sessions::connects(&run.journal().await);
    run.figures
        .push(format!("a standstill of PostgreSQL of {still:?}: {} lines connected anew", after - before));
    assert_eq!(after, before, "no line connects anew because PostgreSQL stood still");
}

/// One that has ended meanwhile needs none.
fn signal(pid: u32, signal: Signal) {
    nix::sys::signal::kill(Pid::from_raw(i32::try_from(pid).unwrap()), signal).ok();
}

/// Something stands between one node and PostgreSQL for a while.
pub(crate) async fn cut(run: &mut Run, cut: Cut, lasts: Duration) {
    run.until_ready_to_judge().await;
    run.sleep_up_to(2.0).await;
    let node = run.pick().await;
    let incarnation = run.incarnation(node).await;
    let lines = run.lines_of(incarnation).await;
    let at = run.trouble();
    set(run, node, cut, true);
    if cut == Cut::LosesCommits {
        tokio::time::sleep(lasts).await;
    } else {
        let began = Instant::now();
        let Takeover { times } = run.until_taken_over(incarnation, &lines, at).await;
        run.figures.push(told(&format!("{cut:?}, from the cut to a new owner"), &times));
        tokio::time::sleep(lasts.saturating_sub(began.elapsed())).await;
    }
    set(run, node, cut, false);
    run.trouble();
    if cut == Cut::LosesCommits {
        let lost = run.nodes[node].way.lost_commits();
        run.figures.push(format!("{cut:?}: {lost} answers were lost"));
        assert!(lost > 10, "only {lost} answers were lost: that proves nothing");
    }
    run.until_well(&format!("{cut:?}")).await;
}

fn set(run: &Run, node: usize, cut: Cut, on: bool) {
    let way = &run.nodes[node].way;
    match cut {
        Cut::Refused => way.refuse(on),
        Cut::Deaf => way.deaf(on),
        Cut::Silent => way.hush().silent(on),
        Cut::Held => way.hold(on),
        Cut::LosesCommits => way.lose_commits(on),
    }
    // What was half said cannot be gone on with.
    if !on && matches!(cut, Cut::Deaf | Cut::Silent) {
        way.cut();
    }
}

/// Every node is replaced, one after the other, so often. The times from letting go to a new owner.
pub(crate) async fn rolling(run: &mut Run, rounds: u32) -> Vec<f64> {
    let since = SystemClock.now();
    let before = run.answers();
    let mut stopped = 0;
    for _ in 0..rounds {
        for node in 0..run.nodes.len() {
            run.sleep_up_to(1.0).await;
            let incarnation = run.incarnation(node).await;
            let lines = run.lines_of(incarnation).await;
            stopped += lines.len();
            let at = run.trouble();
            run.nodes[node].stop().await;
            run.until_taken_over(incarnation, &lines, at).await;
            run.nodes[node].launch().await;
            run.until_well("a restart").await;
        }
    }
    let gaps = record::gaps(&record::changes(run.linked.bed.sql(), since).await);
    assert_eq!(gaps.len(), stopped, "each line of a node that stopped was let go, none taken from the dead");
    let answers = since_then(&before, &run.answers());
    run.figures
        .push(told(&format!("{rounds} rolling restarts of 3 nodes, from letting go to a new owner"), &gaps));
    run.figures.push(format!("answers meanwhile: {answers:?}"));
    let well = ["202", "409 line_not_sendable", "refused"];
    let bad: Vec<_> = answers.iter().filter(|(answer, _)| !well.contains(&answer.as_str())).collect();
    assert!(bad.is_empty(), "calls failed during a rolling restart: {bad:?}");
    gaps
}

fn since_then(before: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let more = |(answer, count): (&String, &u64)| {
        let more = count - before.get(answer).copied().unwrap_or_default();
        (more > 0).then(|| (answer.clone(), more))
    };
    now.iter().filter_map(more).collect()
}

/// One of the ways to be cut off, by chance.
pub(crate) fn any_cut(run: &mut Run) -> Cut {
    CUTS[run.rng.random_range(0..CUTS.len())]
}
