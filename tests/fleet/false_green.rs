//! No false green: sessions that look open and are not are found in time, whatever line it is and whenever it happens;
//! and healthy lines, also quiet ones, are never accused.
//!
//! Time runs faster ([`speed`]), the strictness is the real one. Answers are judged by their own `asOf`, so a slow machine
//! makes this test slow and decides nothing.

use super::{
    alone, number,
    support::{
        Owner, TestBed,
        fleet::{self, FleetLine, Rest},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, future::join_all, stream};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

/// Runs of the short form, all in one service.
const RUNS: u32 = 200;
/// Lines whose fault runs at a time, so that each is asked often.
const AT_ONCE: usize = 50;
/// Healthy lines that are watched all the time, every second of them without a single message.
const HEALTHY: usize = 10;
/// A conversation whose reply has an unknown fate holds its next ones up: each line has others.
const CONVERSATIONS: usize = 8;
/// What is promised, in seconds of real time.
const NOTICED_SECONDS: i64 = 60;
/// Acknowledgements later than this are too late, in milliseconds of real time.
const ACK_MILLISECONDS: u64 = 30_000;
/// Questions about a line under watch in the time in which trouble must be noticed, and replies on it.
const QUESTIONS: u32 = 20;
const REPLIES: u32 = 8;

/// How many times faster than documented the deadlines of lines run. Fast enough for a short test, and slow enough
/// that a busy machine, which may let a line wait for a second, does not decide.
fn speed() -> u32 {
    number("EZW_TEST_SOAK_SPEED", 6)
}

fn ask_every() -> Duration {
    noticed().to_std().unwrap() / QUESTIONS
}

fn reply_every() -> Duration {
    noticed().to_std().unwrap() / REPLIES
}

fn noticed() -> TimeDelta {
    TimeDelta::seconds(NOTICED_SECONDS) / i32::try_from(speed()).unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    HalfOpen,
    NoAcks,
    LateAcks { milliseconds: u64 },
    NoInbound,
}

/// What happens to one line, drawn from its seed.
#[derive(Clone, Copy, Debug)]
struct Plan {
    trouble: Trouble,
    /// Under watch for so long before the trouble begins.
    before: Duration,
}

impl Plan {
    fn draw(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let too_late = ACK_MILLISECONDS / u64::from(speed());
        let trouble = match rng.random_range(0..10) {
            0..4 => Trouble::HalfOpen,
            4..6 => Trouble::NoAcks,
            // Late enough that the gap can be seen between two questions.
            6..9 => Trouble::LateAcks { milliseconds: too_late * rng.random_range(13..40) / 10 },
            _ => Trouble::NoInbound,
        };
        Self { trouble, before: noticed().to_std().unwrap().mul_f64(rng.random_range(0.1..0.7)) }
    }
}

impl Trouble {
    fn fault(self) -> Value {
        match self {
            Self::HalfOpen => json!({"kind": "half_open"}),
            Self::NoAcks => json!({"kind": "no_acks"}),
            Self::LateAcks { milliseconds } => json!({"kind": "ack_delay_ms", "ms": milliseconds}),
            Self::NoInbound => json!({"kind": "no_inbound"}),
        }
    }
}

/// One word of health.
#[derive(Clone, Debug)]
struct Answer {
    as_of: DateTime<Utc>,
    sendable: bool,
    said: String,
    last_inbound_at: Value,
}

impl Answer {
    fn read(health: &Value) -> Self {
        let line = &health["line"];
        let sendable = line["sendable"] == true;
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let said =
            [&health["health"]["status"]["text"], &line["lifecycleState"], &line["effectiveSendState"]];
        let said = said.map(word).join("/");
        assert_eq!(sendable, said == "AUTH/connected/sendable", "{health}");
        Self {
            as_of: line["asOf"].as_str().unwrap().parse().unwrap(),
            sendable,
            said,
            last_inbound_at: line["evidence"]["lastInboundAt"].clone(),
        }
    }
}

/// A line under watch: asked, and written from, until told otherwise.
struct Watch<'a> {
    bed: &'a TestBed,
    owner: &'a Owner,
    line: &'a FleetLine,
    conversations: &'a [String],
    answers: Mutex<Vec<Answer>>,
    over: AtomicBool,
    sends: AtomicU32,
}

impl<'a> Watch<'a> {
    fn new(fleet: &'a Fleet, index: usize) -> Self {
        Self {
            bed: &fleet.bed,
            owner: &fleet.owner,
            line: &fleet.lines[index],
            conversations: &fleet.conversations[index],
            answers: Mutex::default(),
            over: AtomicBool::new(false),
            sends: AtomicU32::new(0),
        }
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    async fn asked(&self) {
        while !self.is_over() {
            let ask = self.bed.get("/api/v1/health?wakeup=false").bearer(&self.line.token);
            let reply = ask.send().await.expect_status(200);
            self.answers.lock().unwrap().push(Answer::read(&reply.body));
            tokio::time::sleep(ask_every()).await;
        }
    }

    async fn written_from(&self) {
        let path = format!("/api/lines/{}/send", self.line.id);
        for conversation in self.conversations.iter().cycle() {
            if self.is_over() {
                return;
            }
            let key = uuid::Uuid::new_v4().to_string();
            let body = json!({"conversationId": conversation, "bodyText": "Hello"});
            let send = self.bed.post(&path).bearer(&self.owner.token).idempotency_key(&key).json(&body);
            let reply = send.send().await;
            match reply.status {
                202 => self.sends.fetch_add(1, Ordering::Relaxed),
                _ => reply.expect_problem(409, "line_not_sendable").status.into(),
            };
            tokio::time::sleep(reply_every()).await;
        }
    }

    /// An answer that is as the caller wants it, once there is one.
    async fn until(&self, what: &str, wanted: impl Fn(&Answer) -> bool) {
        let found = || async { self.answers.lock().unwrap().iter().any(&wanted).then_some(()) };
        self.bed.eventually_within(60, what, found).await;
    }

    fn answers(&self) -> Vec<Answer> {
        self.answers.lock().unwrap().clone()
    }

    async fn now(&self) -> DateTime<Utc> {
        fleet::now(self.bed.sql()).await
    }
}

/// A fleet of linked lines of one organization, each with a conversation.
struct Fleet {
    bed: TestBed,
    owner: Owner,
    lines: Vec<FleetLine>,
    conversations: Vec<Vec<String>>,
}

impl Fleet {
    async fn start(count: usize) -> Self {
        let lines = fleet::plan(count);
        let bed = TestBed::options()
            .linked(&lines)
            .env("EZW_LINES_SPEED", &speed().to_string())
            .env("EZW_LINES_CONNECTS_PER_SECOND", "50")
            .env("EZW_LINES_PACING_PER_SECOND", "20")
            .env("EZW_HTTP_RATE_PER_SECOND", "100000")
            .env("EZW_HTTP_RATE_BURST", "100000")
            .start()
            .await;
        // Receipts prove nothing here, and would cost a third of the machine.
        bed.simulator().settings(&json!({"receiptDelayMs": null})).await;
        let owner = bed.signup().await;
        let rest = Rest::released(fleet::now(bed.sql()).await);
        fleet::enter(bed.sql(), &owner, &lines, &rest).await;
        let conversations = fleet::conversations(bed.sql(), &owner, &lines, CONVERSATIONS).await;
        let fleet = Self { bed, owner, lines, conversations };
        fleet.until_sendable().await;
        fleet
    }

    async fn until_sendable(&self) {
        self.bed
            .eventually_within(120, "every line is sendable", || async {
                let listed = self.bed.get("/api/lines").bearer(&self.owner.token).send().await;
                let listed = listed.expect_status(200).list("/lines");
                listed.iter().all(|line| line["sendable"] == true).then_some(())
            })
            .await;
    }

    /// One line through its plan.
    async fn run(&self, index: usize, plan: Plan) -> Result<(), String> {
        let watch = Watch::new(self, index);
        let script = async {
            tokio::time::sleep(plan.before).await;
            let outcome = match plan.trouble {
                Trouble::HalfOpen => half_open(&watch, plan.trouble).await,
                Trouble::NoAcks | Trouble::LateAcks { .. } => without_acks(&watch, plan.trouble).await,
                Trouble::NoInbound => no_inbound(&watch, plan.trouble).await,
            };
            watch.over.store(true, Ordering::Relaxed);
            outcome
        };
        let (outcome, (), ()) = tokio::join!(script, watch.asked(), watch.written_from());
        outcome.map_err(|why| format!("{} {plan:?}: {why}", self.lines[index].id))
    }

    /// A healthy line, until `over`; with replies or without a single one.
    async fn healthy(&self, index: usize, over: &AtomicBool) -> Result<(), String> {
        let watch = Watch::new(self, index);
        let until_over = async {
            while !over.load(Ordering::Relaxed) {
                tokio::time::sleep(ask_every()).await;
            }
            watch.over.store(true, Ordering::Relaxed);
        };
        let written_from = async {
            if index.is_multiple_of(2) {
                watch.written_from().await;
            }
        };
        tokio::join!(until_over, watch.asked(), written_from);
        let accused: Vec<_> = watch.answers().into_iter().filter(|answer| !answer.sendable).collect();
        let noted = degradations(&watch, DateTime::UNIX_EPOCH).await;
        println!("healthy: {} answers, {:?} replies", watch.answers().len(), watch.sends);
        if accused.is_empty() && noted.is_empty() {
            Ok(())
        } else {
            Err(format!("the healthy line {} was accused: {accused:?} {noted:?}", watch.line.id))
        }
    }
}

/// When the line was doubted, by what its actor wrote down.
async fn degradations(watch: &Watch<'_>, since: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    sqlx::query_scalar(
        "select at from line_transitions where line_id = $1::uuid and to_state = 'degraded' and at >= $2 order by at",
    )
    .bind(&watch.line.id)
    .bind(since)
    .fetch_all(watch.bed.sql())
    .await
    .unwrap()
}

/// Nobody answers any more: past the promised time no answer is green, until the fault is over.
async fn half_open(watch: &Watch<'_>, trouble: Trouble) -> Result<(), String> {
    watch.bed.simulator().fault(&watch.line.id, &trouble.fault()).await;
    let bound = watch.now().await + noticed();
    // On into the time of the first reconnects, which hang.
    let enough = bound + noticed() / 2;
    watch.until("answers past the bound", |answer| answer.as_of >= enough).await;
    let cleared = watch.now().await;
    watch.bed.simulator().clear_faults(&watch.line.id).await;
    let past: Vec<_> = watch.answers();
    let past: Vec<_> = past.iter().filter(|answer| answer.as_of >= bound && answer.as_of < cleared).collect();
    let green: Vec<_> = past.iter().filter(|answer| answer.sendable).collect();
    if past.len() < 2 {
        return Err(format!("only {} answers between {bound} and {cleared}", past.len()));
    }
    if green.is_empty() { Ok(()) } else { Err(format!("green past {bound}: {green:?}")) }
}

/// Replies get no acknowledgement, or too late: within the promised time of the first of them the line is not green.
async fn without_acks(watch: &Watch<'_>, trouble: Trouble) -> Result<(), String> {
    let before = watch.now().await;
    watch.bed.simulator().fault(&watch.line.id, &trouble.fault()).await;
    let begun = watch.now().await;
    let first = || async { first_send(watch, trouble, begun).await };
    let first = watch.bed.eventually_within(60, "a reply under the fault", first).await;
    let bound = first + noticed();
    watch.until("an answer at the bound", |answer| answer.as_of >= bound).await;
    watch.bed.simulator().clear_faults(&watch.line.id).await;
    let answers = watch.answers();
    let within = answers.iter().filter(|answer| answer.as_of > first && answer.as_of <= bound);
    let not_green = within.clone().any(|answer| !answer.sendable);
    // A reply that left while the fault was being set may have been doubted before the first one that counts.
    let noted = degradations(watch, before).await;
    if not_green && noted.first().is_some_and(|at| *at <= bound) {
        return Ok(());
    }
    let within: Vec<_> = within.map(|answer| (answer.as_of, &answer.said)).collect();
    Err(format!("green from {first} to {bound}: {within:?}, doubted at {noted:?}"))
}

/// When the first reply under the fault left: by the journal where the phone network has it, else by our own row.
async fn first_send(watch: &Watch<'_>, trouble: Trouble, begun: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if trouble == Trouble::NoAcks {
        let left = "select min(attempt_started_at) from outbound where line_id = $1::uuid and attempt_started_at >= $2";
        let left = sqlx::query_scalar(left).bind(&watch.line.id).bind(begun).fetch_one(watch.bed.sql());
        return left.await.unwrap();
    }
    let journal = watch.bed.simulator().journal(&watch.line.id).await;
    let accepted = journal.iter().filter(|entry| entry["kind"] == "accepted");
    accepted.map(|entry| entry["at"].as_str().unwrap().parse().unwrap()).find(|at| *at >= begun)
}

/// Deaf, which cannot be told from quiet: nothing is claimed, the age is shown and grows.
async fn no_inbound(watch: &Watch<'_>, trouble: Trouble) -> Result<(), String> {
    let simulator = watch.bed.simulator();
    simulator.inbound(&watch.line.id, "+4917099999999", "Before").await;
    watch.until("the message counts as evidence", |answer| answer.last_inbound_at.is_string()).await;
    simulator.fault(&watch.line.id, &trouble.fault()).await;
    let begun = watch.now().await;
    simulator.inbound(&watch.line.id, "+4917099999999", "Withheld").await;
    watch.until("a long silence", |answer| answer.as_of >= begun + noticed()).await;
    let deaf: Vec<_> = watch.answers().into_iter().filter(|answer| answer.as_of >= begun).collect();
    simulator.clear_faults(&watch.line.id).await;
    let shown = &deaf[0].last_inbound_at;
    watch.until("what was withheld comes", |answer| answer.last_inbound_at != *shown).await;
    let accused: Vec<_> = deaf.iter().filter(|answer| !answer.sendable).collect();
    let moved = deaf.iter().any(|answer| answer.last_inbound_at != *shown);
    if accused.is_empty() && !moved && shown.is_string() {
        return Ok(());
    }
    Err(format!("accused: {accused:?}; its last inbound message is shown as {shown}, moved: {moved}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_never_green_and_health_is_never_accused() {
    let _alone = alone().await;
    let (runs, seed) = (number("EZW_TEST_SOAK_RUNS", RUNS), number("EZW_TEST_SEED", 1));
    println!("{runs} runs, EZW_TEST_SEED={seed}, EZW_TEST_SOAK_SPEED={}", speed());
    let mut wrong = Vec::new();
    for first in (0..runs).step_by(RUNS as usize) {
        let plan = |run| Plan::draw(u64::from(seed) * 1_000_003 + u64::from(run));
        wrong.extend(round((first..runs.min(first + RUNS)).map(plan).collect()).await);
    }
    assert!(wrong.is_empty(), "{} of {runs} runs:\n{}", wrong.len(), wrong.join("\n"));
}

/// A fresh fleet, of which each line goes through one plan while others stay healthy. What went wrong.
async fn round(plans: Vec<Plan>) -> Vec<String> {
    tell(&plans);
    let fleet = Fleet::start(plans.len() + HEALTHY).await;
    let over = AtomicBool::new(false);
    let troubled = async {
        let runs = plans.iter().enumerate().map(|(index, plan)| fleet.run(index, *plan));
        let outcomes: Vec<_> = stream::iter(runs).buffer_unordered(AT_ONCE).collect().await;
        // Whatever it was, it is over: each line comes back by itself.
        fleet.until_sendable().await;
        over.store(true, Ordering::Relaxed);
        outcomes
    };
    let healthy = (plans.len()..plans.len() + HEALTHY).map(|index| fleet.healthy(index, &over));
    let (troubled, healthy) = tokio::join!(troubled, join_all(healthy));
    troubled.into_iter().chain(healthy).filter_map(Result::err).collect()
}

fn tell(plans: &[Plan]) {
    let mut drawn: BTreeMap<String, usize> = BTreeMap::new();
    for plan in plans {
        let kind = plan.trouble.fault()["kind"].as_str().unwrap().to_owned();
        *drawn.entry(kind).or_default() += 1;
    }
    println!("drawn: {drawn:?}");
}
