//! A run: lines that send steadily, a service and a PostgreSQL that are killed, and the gathering of evidence after.

use super::{
    judge::{Arrival, Evidence, Kill, Promise, Row, Victim, judge},
    load::Load,
    support::{
        TestBed,
        fleet::{self, Linked},
    },
};
use chrono::{DateTime, Utc};
use ezw_actors::clock::{Clock as _, SystemClock};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use std::time::{Duration, Instant};
use uuid::Uuid;

const LINES: usize = 20;
const CONVERSATIONS: usize = 5;
/// The network takes its time, so that there is always something under way to be killed.
const ACK_MILLISECONDS: u64 = 60;
/// A service that sent so many replies since its start sends again.
const FLOWS: u64 = 20;

/// What a run shall be like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) drops_repeats: bool,
    pub(crate) seed: u64,
    /// The deadlines of lines run so many times faster.
    pub(crate) speed: u32,
}

impl Plan {
    /// So long after the last kill everything must be settled, in seconds.
    pub(crate) fn limit(self) -> u64 {
        if self.drops_repeats { 60 } else { 150 }
    }
}

pub(crate) struct Run {
    pub(crate) linked: Linked,
    pub(crate) rng: StdRng,
    plan: Plan,
    load: Load,
    kills: Vec<Kill>,
    last_kill: Instant,
}

impl Run {
    /// Replies flow.
    pub(crate) async fn start(plan: Plan) -> Self {
        println!("EZW_TEST_SEED={} {plan:?}", plan.seed);
        let options = TestBed::options()
            .private_postgres()
            .env("RUST_BACKTRACE", "0")
            .env("EZW_LINES_SPEED", &plan.speed.to_string())
            .env("EZW_LINES_CONNECTS_PER_SECOND", "100")
            .env("EZW_LINES_PACING_PER_SECOND", "50")
            .env("EZW_LINES_PACING_BURST", "50")
            .env("EZW_HTTP_RATE_PER_SECOND", "100000")
            .env("EZW_HTTP_RATE_BURST", "100000");
        let linked = Linked::start(options, LINES).await;
        let simulator = linked.bed.simulator();
        simulator.settings(&json!({"dedupeRepeatedIds": plan.drops_repeats, "autoRead": true})).await;
        simulator.fault_all(&json!({"kind": "ack_delay_ms", "ms": ACK_MILLISECONDS})).await;
        linked.go().await;
        let conversations =
            fleet::conversations(linked.bed.sql(), &linked.owner, &linked.lines, CONVERSATIONS).await;
        let load = Load::start(&linked, &[linked.bed.base().to_owned()], &conversations, plan.seed);
        let rng = StdRng::seed_from_u64(plan.seed);
        let run = Self { linked, rng, plan, load, kills: Vec::new(), last_kill: Instant::now() };
        run.until_flowing(run.sent().await).await;
        run
    }

    /// Replies that the phone network took so far.
    pub(crate) async fn sent(&self) -> u64 {
        self.linked.bed.simulator().stats().await["sends"]["accepted"].as_u64().unwrap()
    }

    /// Waits until replies leave again; `before` had left already. Where many a conversation is held up by an unknown reply,
    /// that takes a while.
    pub(crate) async fn until_flowing(&self, before: u64) {
        let ask = || async { (self.sent().await >= before + FLOWS).then_some(()) };
        self.linked.bed.eventually_within(120, "replies leave", ask).await;
    }

    pub(crate) async fn sleep_up_to(&mut self, seconds: f64) {
        tokio::time::sleep(Duration::from_secs_f64(self.rng.random_range(0.0..seconds))).await;
    }

    pub(crate) fn note(&mut self, victim: Victim, at: DateTime<Utc>) {
        self.kills.push(Kill { victim, at });
        self.last_kill = Instant::now();
    }

    pub(crate) fn kill_service(&mut self) {
        let at = SystemClock.now();
        self.linked.bed.kill9_service();
        self.note(Victim::Service, at);
    }

    pub(crate) async fn kill_postgres(&mut self) {
        let at = SystemClock.now();
        self.linked.bed.postgres().kill().await;
        self.note(Victim::Postgres, at);
    }

    /// Who waited for the process knows that it is dead, and says so: its lease need not run out. For kills whose number
    /// counts, and not the wait after each.
    pub(crate) async fn say_dead(&self) {
        sqlx::query("update nodes set dead_at = clock_timestamp() where dead_at is null")
            .execute(self.linked.bed.sql())
            .await
            .unwrap();
    }

    /// Ends the load, waits until everything is settled, and judges.
    pub(crate) async fn judge(self) {
        let Self { linked, plan, load, kills, last_kill, .. } = self;
        let promises = load.stop().await;
        // One that takes longer is what the judge tells.
        let patience = Duration::from_secs(plan.limit() + 30);
        while open(&linked, plan).await > 0 && last_kill.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let settled = last_kill.elapsed();
        let seen_twice = linked.bed.simulator().stats().await["duplicates"].as_u64().unwrap();
        let evidence = gather(&linked, plan, promises, kills).await;
        let verdict = judge(&evidence);
        let killed = |victim| evidence.kills.iter().filter(|kill| kill.victim == victim).count();
        println!(
            "dedupeRepeatedIds {}: {} kills of the service, {} of PostgreSQL; {verdict}; settled {:.1} s after the last \
             kill (at most {} s)",
            if plan.drops_repeats { "on" } else { "off" },
            killed(Victim::Service),
            killed(Victim::Postgres),
            settled.as_secs_f64(),
            plan.limit(),
        );
        let complaints = verdict.complaints();
        assert!(complaints.is_empty(), "kills: {:?}\n{}", evidence.kills, complaints.join("\n"));
        assert_eq!(seen_twice, 0, "the phone network itself counts what its people saw twice");
        assert!(settled.as_secs() < plan.limit(), "settled only {settled:?} after the last kill");
    }
}

/// Replies that are not settled, as far as the capability goes.
pub(crate) async fn open(linked: &Linked, plan: Plan) -> i64 {
    let open =
        "select count(*) from outbound where status in ('queued', 'sending') or ($1 and status = 'unknown')";
    sqlx::query_scalar(open).bind(plan.drops_repeats).fetch_one(linked.bed.sql()).await.unwrap()
}

pub(crate) async fn gather(
    linked: &Linked,
    plan: Plan,
    promises: Vec<Promise>,
    kills: Vec<Kill>,
) -> Evidence {
    let rows = sqlx::query(
        "select o.message_id, o.conversation_id, o.seq, o.recipient, o.provider_message_id, m.body_text, o.status,
                o.attempt_started_at, o.unknown_since
         from outbound o join messages m on m.organization_id = o.organization_id and m.id = o.message_id",
    );
    let rows = rows.fetch_all(linked.bed.sql()).await.unwrap();
    let rows = rows.iter().map(|row| {
        let text: String = row.get("body_text");
        Row {
            message: row.get::<Uuid, _>("message_id").to_string(),
            conversation: row.get::<Uuid, _>("conversation_id").to_string(),
            seq: row.get("seq"),
            recipient: row.get("recipient"),
            provider_id: row.get("provider_message_id"),
            digest: hex::encode(Sha256::digest(text.as_bytes())),
            text,
            status: row.get("status"),
            attempt_started_at: row.get("attempt_started_at"),
            unknown_since: row.get("unknown_since"),
        }
    });
    let journal = linked.bed.simulator().whole_journal().await;
    let arrivals = journal.iter().filter(|entry| entry["kind"] == "accepted" || entry["kind"] == "repeat");
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let arrivals = arrivals.map(|entry| Arrival {
        provider_id: word(&entry["providerMessageId"]),
        digest: word(&entry["bodyDigest"]),
        to: word(&entry["to"]),
        repeat: entry["kind"] == "repeat",
        at: word(&entry["at"]).parse().unwrap(),
    });
    Evidence {
        drops_repeats: plan.drops_repeats,
        promises,
        rows: rows.collect(),
        arrivals: arrivals.collect(),
        kills,
    }
}
