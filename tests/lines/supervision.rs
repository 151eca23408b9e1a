//! One line's trouble is its own: lines that die, lines that block their thread, and a client version that is refused
//! to all, beside neighbours that must not notice. The build for tests misbehaves where `EZW_TEST_FAILPOINTS` says.

use super::{
    scenes::{Scene, assert_axes},
    support::{
        Options, Owner, TestBed,
        fleet::{self, FleetLine, Rest},
    },
};
use serde_json::{Value, json};
use sqlx::Row as _;
use std::time::{Duration, Instant};

/// Deaths until a line is given up.
const BUDGET: i64 = 6;
const GIVEN_UP: &str = r#"ezw_line_given_up_total{reason="restart_budget_spent"}"#;
const DEATHS: &str = "ezw_line_actor_deaths_total";

/// Linked lines of one organization.
struct Team {
    bed: TestBed,
    owner: Owner,
    lines: Vec<FleetLine>,
}

impl Team {
    /// A bed that knows these lines; they have no rows yet.
    async fn of(lines: Vec<FleetLine>, options: Options) -> Self {
        let bed = options.linked(&lines).start().await;
        let owner = bed.signup().await;
        Self { bed, owner, lines }
    }

    /// Gives these lines their rows: the service takes them within a second.
    async fn enter(&self, lines: &[FleetLine]) {
        let rest = Rest::released(fleet::now(self.bed.sql()).await);
        fleet::enter(self.bed.sql(), &self.owner, lines, &rest).await;
    }

    fn scene(&self, line: &FleetLine) -> Scene {
        Scene { owner: self.owner.clone(), line: line.id.clone(), token: line.token.clone() }
    }

    async fn until_sendable(&self, lines: &[FleetLine]) {
        for line in lines {
            let scene = self.scene(line);
            self.bed
                .eventually_within(60, "sendable", || async {
                    (scene.health(&self.bed).await["line"]["sendable"] == true).then_some(())
                })
                .await;
        }
    }

    /// The row's epoch, and the deaths that it remembers.
    async fn row(&self, line: &FleetLine) -> (i64, i64) {
        let ask = "select epoch, coalesce((history ->> 'deaths')::bigint, 0) from lines where id = $1::uuid";
        sqlx::query_as(ask).bind(&line.id).fetch_one(self.bed.sql()).await.unwrap()
    }

    /// By what each of its starts was taken, oldest first.
    async fn starts(&self, line: &FleetLine) -> Vec<String> {
        let ask = "select event from line_transitions where line_id = $1::uuid and to_state = 'starting'
            order by version";
        let rows = sqlx::query(ask).bind(&line.id).fetch_all(self.bed.sql()).await.unwrap();
        rows.iter().map(|row| row.get("event")).collect()
    }

    async fn until_given_up(&self, line: &FleetLine) -> Value {
        let scene = self.scene(line);
        self.bed
            .eventually_within(120, "given up", || async {
                let health = scene.health(&self.bed).await;
                (health["line"]["lifecycleState"] == "failed").then_some(health)
            })
            .await
    }

    async fn figure(&self, series: &str) -> f64 {
        self.bed.metric(series).await.unwrap_or_else(|| panic!("no {series} among the metrics"))
    }

    async fn connects(&self) -> u64 {
        self.bed.simulator().stats().await["connects"]["total"].as_u64().unwrap()
    }
}

fn restarts(starts: &[String]) -> i64 {
    i64::try_from(starts.iter().filter(|event| *event == "restarted").count()).unwrap()
}

#[tokio::test]
async fn an_actor_that_panics_as_it_begins_is_started_six_times_and_its_neighbours_notice_nothing() {
    let lines = fleet::plan(4);
    let dying = format!("started=panic@{}", lines[0].id);
    let options = TestBed::options().env("EZW_TEST_FAILPOINTS", &dying).env("EZW_LINES_SPEED", "5");
    let team = Team::of(lines, options).await;
    let (dying, neighbours) = team.lines.split_first().unwrap();
    team.enter(&team.lines).await;
    team.until_sendable(neighbours).await;
    let (id, place) = team
        .scene(&neighbours[0])
        .send(&team.bed, "k", ("recipientPhoneNumber", "+4915550002002"), "Hello")
        .await;
    team.scene(&neighbours[0]).until_status(&team.bed, &place, &id, "delivered").await;

    let health = team.until_given_up(dying).await;
    assert_axes(&health, 5, "ERROR", "failed", "blocked");
    let line = &health["line"];
    let said = (&line["reason"], &line["nextAction"], &line["userAction"]);
    assert_eq!(said, (&json!("restart_budget_spent"), &json!("retry"), &json!("wait")), "{line}");
    let retry_at = line["deadline"].as_str().map(|at| at.parse::<chrono::DateTime<chrono::Utc>>().unwrap());
    let now = fleet::now(team.bed.sql()).await;
    assert!(retry_at.is_some_and(|at| at > now), "{line}");

    // The last of them is no start: it is the taking with which the sixth death is written down.
    let starts = team.starts(dying).await;
    assert_eq!((starts[0].as_str(), restarts(&starts), starts.len()), ("claimed", BUDGET, 7), "{starts:?}");
    assert_eq!(team.row(dying).await, (BUDGET + 1, BUDGET));
    assert_eq!((team.figure(DEATHS).await, team.figure(GIVEN_UP).await), (6.0, 1.0));
    for neighbour in neighbours {
        assert_eq!(team.row(neighbour).await, (1, 0), "started once, and never died");
    }
    assert_eq!(team.connects().await, 3, "the neighbours', once each");
}

#[tokio::test]
async fn a_process_that_is_killed_in_a_crash_loop_forgets_no_death() {
    let lines = fleet::plan(1);
    let dying = format!("started=panic@{}", lines[0].id);
    // Pauses of 0.25, 0.5, 1, 2 and 4 s.
    let options = TestBed::options().env("EZW_TEST_FAILPOINTS", &dying).env("EZW_LINES_SPEED", "4");
    let mut team = Team::of(lines, options).await;
    team.enter(&team.lines).await;
    let dying = team.lines[0].clone();
    team.bed.eventually("three deaths", || async { (team.row(&dying).await.1 >= 3).then_some(()) }).await;
    team.bed.kill9_service();
    let (_, before) = team.row(&dying).await;
    assert!(before < BUDGET, "killed in the middle of it, after {before} deaths");
    team.bed.start_service().await;
    team.until_given_up(&dying).await;
    let starts = team.starts(&dying).await;
    let claims = starts.iter().filter(|event| *event == "claimed").count();
    assert_eq!((claims, restarts(&starts), team.row(&dying).await.1), (2, BUDGET, BUDGET), "{starts:?}");
    let seen = team.figure(DEATHS).await;
    assert_eq!((seen, team.figure(GIVEN_UP).await), ((BUDGET - before) as f64, 1.0), "by this process");
}

#[tokio::test]
async fn a_line_that_blocks_the_only_thread_holds_no_reply_of_another_up() {
    const BLOCKED: Duration = Duration::from_secs(120);
    let lines = fleet::plan(4);
    let blocking = format!("told=block:{}@{}", BLOCKED.as_secs(), lines[0].id);
    let options = TestBed::options().env("EZW_TEST_FAILPOINTS", &blocking).env("EZW_LINES_ARBITERS", "1");
    let team = Team::of(lines, options).await;
    let (culprit, neighbours) = team.lines.split_first().unwrap();
    team.enter(neighbours).await;
    team.until_sendable(neighbours).await;
    team.enter(std::slice::from_ref(culprit)).await;
    team.bed
        .eventually("blocked", || async {
            team.bed.service_log().contains("the thread blocks").then_some(())
        })
        .await;
    let blocked = Instant::now();
    // So that its next start does not block the next thread.
    team.scene(culprit).order(&team.bed, "stop").await;

    let replies = neighbours.iter().map(|line| reply_while_blocked(&team, line));
    futures_util::future::join_all(replies).await;
    team.until_sendable(neighbours).await;
    let took = blocked.elapsed();
    println!("every neighbour sent a reply {took:?} after the thread was blocked");
    assert!(took < BLOCKED, "the thread was free again: {took:?}");

    assert_eq!(team.figure("ezw_line_arbiters_replaced_total").await, 1.0);
    for neighbour in neighbours {
        assert_eq!(team.row(neighbour).await, (2, 0), "moved, and not counted as dead");
    }
    let counted = || async { (team.row(culprit).await.1 == 1).then_some(()) };
    team.bed.eventually("the culprit's death is counted", counted).await;
}

/// Health is asked all the time, and a reply is accepted and delivered.
async fn reply_while_blocked(team: &Team, line: &FleetLine) {
    let scene = team.scene(line);
    let path = format!("/api/lines/{}/send", line.id);
    let body = json!({"recipientPhoneNumber": "+4915550002002", "bodyText": "Hello"});
    let accepted = || async {
        scene.health(&team.bed).await;
        let send =
            team.bed.post(&path).bearer(&team.owner.token).idempotency_key("k").json(&body).send().await;
        match send.status {
            202 => Some((send.text("/message/id"), send.text("/conversation/id"))),
            _ => {
                send.expect_problem(409, "line_not_sendable");
                None
            }
        }
    };
    let (id, place) = team.bed.eventually_within(60, "accepted", accepted).await;
    let delivered = || async {
        scene.health(&team.bed).await;
        let messages = scene.messages(&team.bed, &place).await;
        messages.iter().any(|found| found["id"] == id && found["status"] == "delivered").then_some(())
    };
    team.bed.eventually_within(60, "delivered", delivered).await;
}

/// Twelve lines that were connected, lost their sockets, and were told that their client version is too old.
async fn refused() -> Team {
    let options = TestBed::options()
        .env("EZW_PROVIDER_CLIENT_VERSION", "1.0-old")
        .env("EZW_LINES_CONNECTS_PER_SECOND", "2");
    let team = Team::of(fleet::plan(12), options).await;
    team.enter(&team.lines).await;
    team.until_sendable(&team.lines).await;
    let before = team.connects().await;
    team.bed.simulator().fault_all(&json!({"kind": "refuse_connects", "code": 405})).await;
    team.bed.simulator().fault_all(&json!({"kind": "drop"})).await;
    for line in &team.lines {
        let health = team.until_given_up(line).await;
        assert_axes(&health, 5, "ERROR", "failed", "blocked");
        let line = &health["line"];
        let said = (&line["reason"], &line["userAction"], &line["nextAction"]);
        assert_eq!(said, (&json!("client_outdated"), &json!("upgrade"), &json!("operator")), "{line}");
    }
    // The first of them, and one that was granted before its answer was there.
    let asked = team.connects().await - before;
    assert!((1..=2).contains(&asked), "{asked} connects");
    team
}

const REFUSED: &str = "ezw_provider_client_refused";

#[tokio::test]
async fn twelve_lines_learn_from_one_refusal_and_one_probe_brings_all_of_them_back() {
    let team = refused().await;
    assert_eq!(team.figure(REFUSED).await, 1.0);
    let asked = team.connects().await;
    for line in &team.lines {
        let health = team.bed.get("/api/v1/health").bearer(&line.token).send().await.expect_status(200);
        assert_eq!(health.text("/wakeup/outcome"), "not_wakeable");
    }
    // Claims come every second: that nothing happens can only be seen by waiting.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(team.connects().await, asked, "nobody asks again by itself");

    team.bed.simulator().clear_all_faults().await;
    let woken = team.scene(&team.lines[7]).order(&team.bed, "wakeup").await;
    assert_eq!(woken["wakeup"]["outcome"], "queued");
    team.until_sendable(&team.lines).await;
    assert_eq!(team.figure(REFUSED).await, 0.0);
    assert_eq!(team.connects().await - asked, 12, "one each");
}

#[tokio::test]
async fn a_service_with_another_client_version_takes_refused_lines_by_itself() {
    let mut team = refused().await;
    team.bed.stop_service().await;
    team.bed.simulator().clear_all_faults().await;
    team.bed.set_env("EZW_PROVIDER_CLIENT_VERSION", "2.0-new");
    team.bed.start_service().await;
    team.until_sendable(&team.lines).await;
    assert_eq!(team.figure(REFUSED).await, 0.0);
    let refused: Vec<String> = sqlx::query_scalar("select client_version from client_breakers")
        .fetch_all(team.bed.sql())
        .await
        .unwrap();
    assert_eq!(refused, ["1.0-old"], "what was said of the old version stands");
}
