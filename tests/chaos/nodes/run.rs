//! Several nodes over one database under load, and the gathering of what each trouble cost.

use super::{acts::ACK, record, sessions};
use crate::{
    judge::{Arrival, Evidence, Kill, Promise, Victim, judge},
    load::Load,
    run::{Plan, gather, open},
    support::{
        TestBed,
        fleet::{self, Linked},
        nodes::Node,
        standby::Standby,
        way::Way,
    },
};
use chrono::{DateTime, Utc};
use ezw_actors::clock::{Clock as _, SystemClock};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
    time::{Duration, Instant},
};
use uuid::Uuid;

const NAMES: [&str; 3] = ["one", "two", "three"];
const LINES: usize = 21;
const CONVERSATIONS: usize = 4;
/// After a failover that lost commits, everything must be settled so many seconds later.
const RESCUED: u64 = 120;
/// So many replies more, and replies flow.
const FLOWS: u64 = 20;
/// For everything to be well again after a trouble, on a machine that is busy with other things too.
const PATIENCE: u64 = 120;

/// What became of the lines of one node.
#[derive(Clone, Debug)]
pub(crate) struct Takeover {
    /// From the trouble to a new owner, line by line, in seconds.
    pub(crate) times: Vec<f64>,
}

pub(crate) struct Run {
    pub(crate) linked: Linked,
    pub(crate) nodes: Vec<Node>,
    pub(crate) rng: StdRng,
    pub(crate) figures: Vec<String>,
    /// The test's own way to PostgreSQL.
    way: Way,
    plan: Plan,
    load: Load,
    kills: Vec<Kill>,
    last: Instant,
}

impl Run {
    /// Replies flow over three nodes that share the lines.
    pub(crate) async fn start(plan: Plan, hints: bool) -> Self {
        let hints = hints && std::env::var("EZW_TEST_NODE_HINTS").as_deref() != Ok("false");
        println!("EZW_TEST_SEED={} {plan:?}, hints {}", plan.seed, if hints { "on" } else { "off" });
        let options = TestBed::options()
            .private_postgres()
            .env("RUST_BACKTRACE", "0")
            .env("EZW_NODE_HINTS", if hints { "true" } else { "false" })
            .env("EZW_LINES_SPEED", &plan.speed.to_string())
            .env("EZW_LINES_CONNECTS_PER_SECOND", "100")
            .env("EZW_LINES_PACING_PER_SECOND", "50")
            .env("EZW_LINES_PACING_BURST", "50")
            .env("EZW_HTTP_RATE_PER_SECOND", "100000")
            .env("EZW_HTTP_RATE_BURST", "100000");
        let mut linked = Linked::start(options, LINES).await;
        let simulator = linked.bed.simulator();
        simulator.settings(&json!({"dedupeRepeatedIds": plan.drops_repeats, "autoRead": true})).await;
        record::begin(linked.bed.sql()).await;
        linked.bed.stop_service().await;
        let database = linked.bed.postgres().url();
        let way = Way::to(&database).await;
        linked.bed.reach_by(&way).await;
        let mut nodes = Vec::new();
        for name in NAMES {
            nodes.push(Node::start(&linked.bed, name, &database).await);
        }
        Self::with(linked, nodes, way, plan).await
    }

    /// The phone network acknowledges what it took so many milliseconds later.
    pub(crate) async fn acknowledge_after(&self, milliseconds: u64) {
        // Of two such faults the earlier one counts.
        self.linked.bed.simulator().clear_all_faults().await;
        self.linked.bed.simulator().fault_all(&json!({"kind": "ack_delay_ms", "ms": milliseconds})).await;
    }

    async fn with(linked: Linked, nodes: Vec<Node>, way: Way, plan: Plan) -> Self {
        let all_take =
            "select 1 where (select count(*) from nodes where dead_at is null and takes_lines) = 3";
        let ask = || async { sqlx::query(all_take).fetch_optional(linked.bed.sql()).await.unwrap() };
        linked.bed.eventually("three nodes take lines", ask).await;
        linked.go().await;
        let conversations =
            fleet::conversations(linked.bed.sql(), &linked.owner, &linked.lines, CONVERSATIONS).await;
        let bases: Vec<String> = nodes.iter().map(|node| node.base.clone()).collect();
        let load = Load::start(&linked, &bases, &conversations, plan.seed);
        let rng = StdRng::seed_from_u64(plan.seed);
        let (figures, kills) = (Vec::new(), Vec::new());
        let run = Self { linked, nodes, rng, figures, way, plan, load, kills, last: Instant::now() };
        run.acknowledge_after(ACK).await;
        run.until_well("the beginning").await;
        let shares: Vec<i64> = sqlx::query_scalar(
            "select count(*) from lines where owner_incarnation is not null group by owner_incarnation",
        )
        .fetch_all(run.linked.bed.sql())
        .await
        .unwrap();
        assert_eq!(shares.len(), 3, "21 lines that were due at once, shared out");
        run
    }

    /// A node that has just come judges nobody for 12 s: what takes judges begins when each could.
    pub(crate) async fn until_ready_to_judge(&self) {
        let old =
            "select 1 where (select count(*) from nodes where dead_at is null and heartbeat_at > started_at
            + interval '12 seconds') >= 3";
        let ask = || async { sqlx::query(old).fetch_optional(self.linked.bed.sql()).await.unwrap() };
        self.linked.bed.eventually_within(PATIENCE, "each node may judge", ask).await;
    }

    /// Every line has a living owner that sends, and replies leave again.
    pub(crate) async fn until_well(&self, after: &str) {
        let count = i64::try_from(self.linked.lines.len()).unwrap();
        let ask = || async { (self.connected().await == Some(count)).then_some(()) };
        let what = format!("all lines are connected after {after}");
        self.linked.bed.eventually_within(PATIENCE, &what, ask).await;
        let before = self.sent().await;
        let ask = || async { (self.sent().await >= before + FLOWS).then_some(()) };
        self.linked.bed.eventually_within(PATIENCE, &format!("replies leave after {after}"), ask).await;
    }

    /// None while PostgreSQL does not answer.
    async fn connected(&self) -> Option<i64> {
        let ask = "select count(*) from lines l join nodes n on n.incarnation = l.owner_incarnation
            where l.state = 'connected' and n.dead_at is null and n.heartbeat_until > clock_timestamp()";
        sqlx::query_scalar(ask).fetch_one(self.linked.bed.sql()).await.ok()
    }

    /// Replies that the phone network took so far.
    async fn sent(&self) -> u64 {
        self.linked.bed.simulator().stats().await["sends"]["accepted"].as_u64().unwrap()
    }

    pub(crate) async fn sleep_up_to(&mut self, seconds: f64) {
        tokio::time::sleep(Duration::from_secs_f64(self.rng.random_range(0.0..seconds))).await;
    }

    /// A node that has lines: who came back from a trouble has none until others have one.
    pub(crate) async fn pick(&mut self) -> usize {
        let mut busy = Vec::new();
        for node in 0..self.nodes.len() {
            let incarnation = self.incarnation(node).await;
            if !self.lines_of(incarnation).await.is_empty() {
                busy.push(node);
            }
        }
        busy[self.rng.random_range(0..busy.len())]
    }

    /// Something is broken off from now on, and so are sends.
    pub(crate) fn trouble(&mut self) -> DateTime<Utc> {
        let at = SystemClock.now();
        self.kills.push(Kill { victim: Victim::Service, at });
        self.last = Instant::now();
        at
    }

    /// Who the node of this place is by its last row.
    pub(crate) async fn incarnation(&self, node: usize) -> Uuid {
        sqlx::query_scalar("select incarnation from nodes where name = $1 order by started_at desc limit 1")
            .bind(&self.nodes[node].name)
            .fetch_one(self.linked.bed.sql())
            .await
            .unwrap()
    }

    /// The lines that this incarnation owns.
    pub(crate) async fn lines_of(&self, incarnation: Uuid) -> Vec<Uuid> {
        sqlx::query_scalar("select id from lines where owner_incarnation = $1")
            .bind(incarnation)
            .fetch_all(self.linked.bed.sql())
            .await
            .unwrap()
    }

    /// Waits until others own what was `incarnation`'s, and says how long that took each line.
    pub(crate) async fn until_taken_over(
        &self,
        incarnation: Uuid,
        lines: &[Uuid],
        from: DateTime<Utc>,
    ) -> Takeover {
        let left = "select count(*) from lines where owner_incarnation = $1 or (id = any ($2) and owner_incarnation is null)";
        let ask = || async {
            let asked = sqlx::query_scalar::<_, i64>(left).bind(incarnation).bind(lines);
            (asked.fetch_one(self.linked.bed.sql()).await.ok()? == 0).then_some(())
        };
        self.linked.bed.eventually_within(PATIENCE, "others own its lines", ask).await;
        let changes = record::changes(self.linked.bed.sql(), from).await;
        let first = |line: &Uuid| {
            let owned = |change: &&record::Change| {
                change.line == *line && change.owner.is_some_and(|owner| owner != incarnation)
            };
            changes.iter().find(owned).map(|change| record::seconds(change.at - from))
        };
        Takeover { times: lines.iter().filter_map(first).collect() }
    }

    /// The primary is gone for good, and this one takes its place, behind the addresses that everybody knows.
    pub(crate) async fn fail_over(&mut self, standby: &mut Standby) -> DateTime<Utc> {
        let at = self.trouble();
        self.linked.bed.postgres().kill().await;
        standby.promote().await;
        for way in self.nodes.iter().map(|node| &node.way).chain([&self.way]) {
            way.lead_to(&standby.url);
            way.cut();
        }
        at
    }

    pub(crate) fn answers(&self) -> BTreeMap<String, u64> {
        self.load.answers()
    }

    /// What the phone network took of these lines from `since` on.
    pub(crate) async fn taken_since(&self, lines: &[Uuid], since: DateTime<Utc>) -> i64 {
        let ours = |entry: &&serde_json::Value| {
            let line = entry["lineId"].as_str().and_then(|line| line.parse().ok());
            let taken = entry["kind"] == "accepted" || entry["kind"] == "repeat";
            taken && line.is_some_and(|line| lines.contains(&line)) && fleet::time(&entry["at"]) >= since
        };
        i64::try_from(self.journal().await.iter().filter(ours).count()).unwrap()
    }

    pub(crate) async fn journal(&self) -> Vec<serde_json::Value> {
        self.linked.bed.simulator().whole_journal().await
    }

    /// Ends the load, waits until everything is settled, and judges.
    pub(crate) async fn judge(self) {
        self.judge_but_for(None).await;
    }

    /// The same after a PostgreSQL took over that lacked what was committed in this time: what was promised in it may be
    /// lost, and is told. Sessions are numbered by rows, so some numbers are given twice.
    pub(crate) async fn judge_but_for(self, lost: Option<Range<DateTime<Utc>>>) {
        let Self { linked, nodes, plan, load, kills, last, figures, way, .. } = self;
        let promises = load.stop().await;
        // What a failover turned back to `sending` waits for the rescue, half a minute after its deadline.
        let limit = if lost.is_some() { RESCUED } else { plan.limit() };
        let patience = Duration::from_secs(limit + 30);
        while open(&linked, plan).await > 0 && last.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let settled = last.elapsed();
        let stats = linked.bed.simulator().stats().await;
        let mut evidence = gather(&linked, plan, promises, kills).await;
        let mut complaints = record::complaints(linked.bed.sql()).await;
        match lost {
            Some(lost) => {
                let (gone, arrived) = forgive(&mut evidence, lost);
                println!(
                    "lost with the old primary: {gone} accepted replies, {arrived} of which had reached the phone network"
                );
                assert!(gone > 0, "nothing was lost: that proves nothing");
            }
            None => complaints.extend(sessions::complaints(&linked.bed.simulator().whole_journal().await)),
        }
        let verdict = judge(&evidence);
        for figure in figures {
            println!("{figure}");
        }
        println!(
            "dedupeRepeatedIds {}: {} troubles; {verdict}; {} sends came on a session that was over; settled {:.1} s after \
             the last trouble (at most {} s)",
            if plan.drops_repeats { "on" } else { "off" },
            evidence.kills.len(),
            stats["sends"]["late"],
            settled.as_secs_f64(),
            limit,
        );
        complaints.extend(verdict.complaints().into_iter().map(str::to_owned));
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
        assert_eq!(stats["duplicates"], 0, "the phone network itself counts what its people saw twice");
        assert!(settled.as_secs() < limit, "settled only {settled:?} after the last trouble");
        drop((nodes, way));
    }
}

/// Leaves out of the evidence what was promised in this time and is lost, and what the network took of it. Answers how
/// much that was.
fn forgive(evidence: &mut Evidence, lost: Range<DateTime<Utc>>) -> (usize, usize) {
    let rows: HashSet<&str> = evidence.rows.iter().map(|row| row.message.as_str()).collect();
    let forgiven = |promise: &Promise| lost.contains(&promise.at) && !rows.contains(promise.message.as_str());
    let (gone, kept): (Vec<Promise>, Vec<Promise>) =
        std::mem::take(&mut evidence.promises).into_iter().partition(forgiven);
    let known: HashSet<&str> = evidence.rows.iter().map(|row| row.digest.as_str()).collect();
    let arrivals = std::mem::take(&mut evidence.arrivals);
    let (kept_arrivals, strangers): (Vec<Arrival>, Vec<Arrival>) = arrivals
        .into_iter()
        .partition(|arrival| known.contains(arrival.digest.as_str()) || !lost.contains(&arrival.at));
    evidence.promises = kept;
    evidence.arrivals = kept_arrivals;
    (gone.len(), strangers.len())
}
