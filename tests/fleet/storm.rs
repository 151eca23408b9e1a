//! A whole fleet loses its sockets at once, and comes back in order.

use super::{
    alone, number,
    support::{
        Owner, TestBed,
        fleet::{self, FleetLine, Rest},
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// Lines and connects a second of the short form: what an unoptimized service does with ease on two busy cores.
const LINES: u32 = 1_000;
const RATE: u32 = 40;
/// After the last permit a line has this long to be back.
const BACK_SECONDS: f64 = 10.0;

/// A big organization and two small ones.
fn sizes() -> [usize; 3] {
    let lines = number("EZW_TEST_STORM_LINES", LINES) as usize;
    [lines - 2 * (lines / 20), lines / 20, lines / 20]
}

struct Storm {
    bed: TestBed,
    lines: Vec<FleetLine>,
    owners: Vec<Owner>,
    rate: u32,
}

impl Storm {
    /// Lines that a process let go, and a process that starts and finds them.
    async fn start(rate: u32) -> Self {
        let lines = fleet::plan(sizes().iter().sum());
        let options =
            TestBed::options().linked(&lines).env("EZW_LINES_CONNECTS_PER_SECOND", &rate.to_string());
        let mut bed = options.start().await;
        let mut owners = Vec::new();
        for _ in sizes() {
            owners.push(bed.signup().await);
        }
        bed.stop_service().await;
        let rest = Rest::released(fleet::now(bed.sql()).await);
        let mut from = 0;
        for (owner, size) in owners.iter().zip(sizes()) {
            fleet::enter(bed.sql(), owner, &lines[from..from + size], &rest).await;
            from += size;
        }
        bed.start_service().await;
        Self { bed, lines, owners, rate }
    }

    /// What the last permit of the whole fleet may take, in seconds.
    fn last_permit(&self) -> f64 {
        self.lines.len() as f64 / f64::from(self.rate)
    }

    /// Waits until every line is connected in its session of this number. A late one is judged later, by the clock.
    async fn until_connected(&self, generation: i64) {
        let patience = self.last_permit() as u64 * 2 + 60;
        let ask = "select count(*) from lines where state = 'connected' and generation >= $1";
        self.bed
            .eventually_within(patience, "all connected", || async {
                let count: i64 =
                    sqlx::query_scalar(ask).bind(generation).fetch_one(self.bed.sql()).await.unwrap();
                (usize::try_from(count).unwrap() == self.lines.len()).then_some(())
            })
            .await;
    }

    /// What each line went through, in order.
    async fn roads(&self) -> HashMap<String, Vec<String>> {
        let roads: Vec<(uuid::Uuid, Vec<String>)> = sqlx::query_as(
            "select line_id, array_agg(to_state order by version) from line_transitions group by line_id",
        )
        .fetch_all(self.bed.sql())
        .await
        .unwrap();
        roads.into_iter().map(|(line, road)| (line.to_string(), road)).collect()
    }

    /// Nobody takes a second connect before all had one, and no more of them a second than allowed.
    async fn judge_connects(&self, what: &str) {
        let bins = self.bed.simulator().stats().await["connects"]["perSecond"].clone();
        let counts: Vec<u64> =
            bins.as_array().unwrap().iter().map(|bin| bin["count"].as_u64().unwrap()).collect();
        let allowed = f64::from(self.rate) * 1.1 + 1.0;
        println!("{what}: connects a second {counts:?}, allowed {allowed}");
        let over: Vec<_> = counts.iter().filter(|count| **count as f64 > allowed).collect();
        assert!(over.is_empty(), "{what}: bins over {allowed}: {over:?} of {counts:?}");
    }
}

/// Connects and closes of every line, oldest first.
fn by_line(journal: &[Value], kind: &str) -> HashMap<String, Vec<DateTime<Utc>>> {
    let mut found: HashMap<String, Vec<DateTime<Utc>>> = HashMap::new();
    for entry in journal.iter().filter(|entry| entry["kind"] == kind) {
        let at = entry["at"].as_str().unwrap().parse().unwrap();
        found.entry(entry["lineId"].as_str().unwrap().to_owned()).or_default().push(at);
    }
    found
}

fn seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).num_milliseconds() as f64 / 1_000.0
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

#[tokio::test]
async fn a_fleet_dropped_at_once_comes_back_in_order_and_in_time() {
    let _alone = alone().await;
    let storm = Storm::start(number("EZW_TEST_STORM_RATE", RATE)).await;
    storm.until_connected(1).await;
    storm.judge_connects("boot").await;
    let dropped_at = fleet::now(storm.bed.sql()).await;
    storm.bed.simulator().fault_all(&json!({"kind": "drop"})).await;
    storm.until_connected(2).await;
    storm.judge_connects("after the drop").await;
    judge_time(&storm, dropped_at).await;
    judge_fairness(&storm).await;
    judge_roads(&storm).await;
    judge_rows(&storm).await;
}

/// All back within the time that the last permit and its connect may take, by what the service wrote down.
async fn judge_time(storm: &Storm, dropped_at: DateTime<Utc>) {
    let last: DateTime<Utc> =
        sqlx::query_scalar("select max(at) from line_transitions where to_state = 'connected'")
            .fetch_one(storm.bed.sql())
            .await
            .unwrap();
    let (took, allowed) = (seconds(dropped_at, last), storm.last_permit() + BACK_SECONDS);
    println!("all back after {took} s, allowed {allowed} s");
    assert!(took <= allowed, "all back after {took} s, allowed {allowed} s");
    for owner in &storm.owners {
        let listed = storm.bed.get("/api/lines").bearer(&owner.token).send().await.expect_status(200);
        let listed = listed.list("/lines");
        let not: Vec<_> = listed.iter().filter(|line| line["sendable"] != true).collect();
        assert!(!listed.is_empty() && not.is_empty(), "not sendable: {not:?}");
    }
}

/// One connect at boot and one after the drop, for each; and small organizations do not wait behind the big one.
async fn judge_fairness(storm: &Storm) {
    let journal = storm.bed.simulator().whole_journal().await;
    let (connects, closes) = (by_line(&journal, "connect"), by_line(&journal, "close"));
    let (mut medians, mut from) = (Vec::new(), 0);
    for size in sizes() {
        let mut waits = Vec::new();
        for line in &storm.lines[from..from + size] {
            let (connects, closes) = (&connects[&line.id], &closes[&line.id]);
            assert_eq!((connects.len(), closes.len()), (2, 1), "{connects:?} {closes:?}");
            waits.push(seconds(closes[0], connects[1]));
        }
        medians.push(median(waits));
        from += size;
    }
    println!("median waits for a connect: {medians:?} s");
    assert!(medians[1..].iter().all(|small| *small <= medians[0]), "small ones wait longer: {medians:?}");
}

/// No step back anywhere: a permit that was waited for led to a session, and no try was in vain.
async fn judge_roads(storm: &Storm) {
    let straight = [
        "reconnecting",
        "starting",
        "waiting_permit",
        "connecting",
        "syncing",
        "connected",
        "reconnecting",
        "waiting_permit",
        "connecting",
        "syncing",
        "connected",
    ];
    let mut others = BTreeMap::new();
    for (line, road) in storm.roads().await {
        if road != straight {
            others.insert(line, road);
        }
    }
    assert!(others.is_empty(), "{} lines went another way: {others:?}", others.len());
}

/// Folding the transitions gives the rows, also of a fleet.
async fn judge_rows(storm: &Storm) {
    let wrong: i64 = sqlx::query_scalar(
        "select count(*) from lines l where (
             select count(*) <> l.version
                 or not bool_or(t.version = l.version and t.to_state = l.state and t.state_detail = l.state_detail)
             from line_transitions t where t.line_id = l.id)",
    )
    .fetch_one(storm.bed.sql())
    .await
    .unwrap();
    assert_eq!(wrong, 0, "rows that their transitions do not give");
}
