//! Nodes of the previous release and of this one over one database and one phone network, while replies leave: the schema is
//! migrated under the old nodes, each node is replaced in turn, and back again, and in between some are killed. What was
//! promised with a 202 is judged as in `tests/chaos`, where the provider drops repeats and where it shows them.

use super::{
    Release,
    judge::{Kill, Victim, judge},
    load::Load,
    run::{Plan, gather, open},
    support::{
        TestBed,
        database::TestDatabase,
        fleet::{self, Linked},
        nodes::Node,
        process::service_binary,
    },
};
use ezw_actors::clock::{Clock as _, SystemClock};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use std::{
    collections::BTreeSet,
    path::PathBuf,
    time::{Duration, Instant},
};
use uuid::Uuid;

const NAMES: [&str; 3] = ["one", "two", "three"];
const LINES: usize = 21;
const CONVERSATIONS: usize = 4;
/// The network takes its time, so that there is always something under way to be broken off.
const ACK_MILLISECONDS: u64 = 60;
/// So many replies more, and replies flow.
const FLOWS: u64 = 20;
const PATIENCE: u64 = 120;
/// A migration that finds a table busy for longer than its lock timeout is tried again, as an operator would.
const MIGRATIONS: u32 = 10;

pub(crate) async fn run(release: &Release) {
    let seed =
        std::env::var("EZW_TEST_SEED").map_or(1, |seed| seed.parse().expect("EZW_TEST_SEED is a number"));
    for drops_repeats in [true, false] {
        let plan = Plan { drops_repeats, seed, speed: 4 };
        Mixed::start(release.program(), plan).await.play().await;
    }
}

struct Mixed {
    linked: Linked,
    nodes: Vec<Node>,
    old: PathBuf,
    new: PathBuf,
    database: secrecy::SecretString,
    rng: StdRng,
    plan: Plan,
    load: Load,
    kills: Vec<Kill>,
    /// The runs of processes that were killed: their heartbeats pass only later.
    killed: Vec<Uuid>,
    last: Instant,
    /// Which of the two versions had lines while both ran.
    had_lines: BTreeSet<&'static str>,
}

impl Mixed {
    /// Replies flow over three nodes of the previous release, on its own schema.
    async fn start(old: PathBuf, plan: Plan) -> Self {
        println!("EZW_TEST_SEED={} {plan:?}", plan.seed);
        let prepared = TestDatabase::create().await;
        prepared.migrate(&old);
        let database = prepared.url.clone();
        let options = TestBed::options()
            .prepared(prepared)
            .program(old.clone())
            .env("RUST_BACKTRACE", "0")
            .env("EZW_LINES_SPEED", &plan.speed.to_string())
            .env("EZW_LINES_CONNECTS_PER_SECOND", "100")
            .env("EZW_LINES_PACING_PER_SECOND", "50")
            .env("EZW_LINES_PACING_BURST", "50")
            .env("EZW_HTTP_RATE_PER_SECOND", "100000")
            .env("EZW_HTTP_RATE_BURST", "100000");
        let mut linked = Linked::start(options, LINES).await;
        let simulator = linked.bed.simulator();
        simulator.settings(&json!({"dedupeRepeatedIds": plan.drops_repeats, "autoRead": true})).await;
        simulator.fault_all(&json!({"kind": "ack_delay_ms", "ms": ACK_MILLISECONDS})).await;
        linked.bed.stop_service().await;
        let mut nodes = Vec::new();
        for name in NAMES {
            nodes.push(Node::start_of(old.clone(), &linked.bed, name, &database).await);
        }
        linked.go().await;
        let conversations =
            fleet::conversations(linked.bed.sql(), &linked.owner, &linked.lines, CONVERSATIONS).await;
        let bases: Vec<String> = nodes.iter().map(|node| node.base.clone()).collect();
        let load = Load::start(&linked, &bases, &conversations, plan.seed);
        let (rng, new) = (StdRng::seed_from_u64(plan.seed), service_binary());
        let (kills, killed, had_lines, last) = (Vec::new(), Vec::new(), BTreeSet::new(), Instant::now());
        let mut mixed =
            Self { linked, nodes, old, new, database, rng, plan, load, kills, killed, last, had_lines };
        mixed.until_well("the beginning").await;
        mixed
    }

    async fn play(mut self) {
        self.migrate().await;
        self.until_well("the migration").await;
        let (old, new) = (self.old.clone(), self.new.clone());
        self.roll(&new).await;
        self.roll(&old).await;
        assert_eq!(self.had_lines.len(), 2, "only {:?} had lines while both versions ran", self.had_lines);
        self.judge().await;
    }

    /// Under the old nodes, while replies leave.
    async fn migrate(&mut self) {
        for attempt in 1..=MIGRATIONS {
            let program = self.new.clone();
            let url = secrecy::ExposeSecret::expose_secret(&self.database).to_owned();
            // Not on this thread: clients go on meanwhile.
            let done = tokio::process::Command::new(program).arg("migrate").env("DATABASE_URL", url).output();
            let done = done.await.expect("our own program");
            let said = String::from_utf8_lossy(&done.stdout).trim().replace('\n', ", ");
            println!("migration {attempt}: {said}{}", String::from_utf8_lossy(&done.stderr).trim());
            if done.status.success() {
                return;
            }
        }
        panic!("the schema could not be migrated under load");
    }

    /// One node after the other gets this program; after the first and the second, one of either version is killed.
    async fn roll(&mut self, to: &PathBuf) {
        for index in 0..self.nodes.len() {
            self.sleep().await;
            self.nodes[index].stop().await;
            self.last = Instant::now();
            self.nodes[index].program.clone_from(to);
            self.nodes[index].launch().await;
            self.until_well("a replacement").await;
            if index + 1 == self.nodes.len() {
                return;
            }
            for killed in [index, index + 1] {
                self.sleep().await;
                self.kill(killed).await;
                self.until_well("a kill").await;
                self.nodes[killed].launch().await;
            }
        }
    }

    async fn kill(&mut self, index: usize) {
        let newest = "select incarnation from nodes where name = $1 order by started_at desc limit 1";
        let newest = sqlx::query_scalar(newest).bind(&self.nodes[index].name);
        self.killed.push(newest.fetch_one(self.linked.bed.sql()).await.unwrap());
        self.kills.push(Kill { victim: Victim::Service, at: SystemClock.now() });
        self.nodes[index].kill9();
        self.last = Instant::now();
    }

    async fn sleep(&mut self) {
        tokio::time::sleep(Duration::from_secs_f64(self.rng.random_range(1.0..4.0))).await;
    }

    /// Every line is connected under an owner that lives, and replies leave again.
    async fn until_well(&mut self, after: &str) {
        let sql = self.linked.bed.sql();
        let count = i64::try_from(LINES).unwrap();
        let connected = "select count(*) from lines l join nodes n on n.incarnation = l.owner_incarnation
             where l.state = 'connected' and n.dead_at is null and n.heartbeat_until > clock_timestamp()
                 and n.incarnation <> all ($1)";
        let ask = || async {
            let ask = sqlx::query_scalar(connected).bind(&self.killed);
            let connected: i64 = ask.fetch_one(sql).await.unwrap();
            (connected == count).then_some(())
        };
        let began = Instant::now();
        self.linked.bed.eventually_within(PATIENCE, after, ask).await;
        let connected = began.elapsed();
        let before = self.sent().await;
        let flow = || async { (self.sent().await >= before + FLOWS).then_some(()) };
        self.linked.bed.eventually_within(PATIENCE, "replies leave", flow).await;
        let owners: Vec<(String, i64)> = sqlx::query_as(
            "select n.name, count(*) from lines l join nodes n on n.incarnation = l.owner_incarnation group by 1 order by 1",
        )
        .fetch_all(sql)
        .await
        .unwrap();
        let version = |name: &str| {
            let node = self.nodes.iter().find(|node| node.name == name);
            if node.is_some_and(|node| node.program == self.old) { "old" } else { "new" }
        };
        let running: BTreeSet<&str> =
            self.nodes.iter().filter(|node| node.is_up()).map(|node| version(&node.name)).collect();
        let owners: Vec<(&'static str, i64)> =
            owners.iter().map(|(name, lines)| (version(name), *lines)).collect();
        if running.len() == 2 {
            self.had_lines.extend(owners.iter().map(|(version, _)| *version));
        }
        println!("well {:.1} s after {after}: lines {owners:?}", connected.as_secs_f64());
    }

    async fn sent(&self) -> u64 {
        self.linked.bed.simulator().stats().await["sends"]["accepted"].as_u64().unwrap()
    }

    async fn judge(self) {
        let Self { linked, nodes, plan, load, kills, last, .. } = self;
        let promises = load.stop().await;
        let patience = Duration::from_secs(plan.limit() + 30);
        while open(&linked, plan).await > 0 && last.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let settled = last.elapsed();
        let seen_twice = linked.bed.simulator().stats().await["duplicates"].as_u64().unwrap();
        let evidence = gather(&linked, plan, promises, kills).await;
        let verdict = judge(&evidence);
        println!(
            "dedupeRepeatedIds {}: {} nodes, {} kills; {verdict}; settled {:.1} s after the last trouble (at most {} s)",
            if plan.drops_repeats { "on" } else { "off" },
            nodes.len(),
            evidence.kills.len(),
            settled.as_secs_f64(),
            plan.limit(),
        );
        let complaints = verdict.complaints();
        assert!(complaints.is_empty(), "kills: {:?}\n{}", evidence.kills, complaints.join("\n"));
        assert_eq!(seen_twice, 0, "the phone network itself counts what its people saw twice");
        assert!(settled.as_secs() < plan.limit(), "settled only {settled:?} after the last trouble");
        for node in nodes {
            let panicked = node.log().lines().filter(|line| line.contains("panicked")).count();
            assert_eq!(panicked, 0, "{} panicked", node.name);
        }
    }
}
