//! Every row of the state table in actors/README.md, as health shows it after what really happened at the phone network.
//! A row that comes to the table without a scene here, or a test of its own, fails.

use super::support::{
    TestBed,
    fleet::{self, FleetLine, Linked, time},
};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::Path, sync::Mutex};

/// Rows that another test shows.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "5 ERROR | failed | blocked | restart_budget_spent | retry | wait",
        "a_session_that_dies_as_soon_as_it_is_ready_is_opened_six_times_and_then_given_up",
    ),
    (
        "5 ERROR | locked | blocked | locked | operator | open_phone",
        "a_locked_line_is_tried_after_each_of_three_cool_downs_and_then_left_to_an_operator",
    ),
    (
        "2 LAUNCH | orphaned | paused | no_owner | claim | wait",
        "a_line_of_ours_without_an_actor_is_not_sendable_and_is_taken_again",
    ),
    // Health does not speak of it: its token ended.
    (
        "0 STOP | archived | blocked | archived | none | none",
        "an_archived_line_takes_no_order_and_its_token_ends",
    ),
    // The phone network cannot make these.
    (
        "5 ERROR | failed | blocked | start_timeout | retry | wait",
        "a_start_that_takes_too_long_is_given_up_and_tried_again",
    ),
    (
        "5 ERROR | failed | blocked | poison | retry | wait",
        "a_failed_line_is_woken_through_health_once_in_five_minutes_and_keeps_its_budget",
    ),
];

const DEGRADED: &str = "4 AUTH | degraded | paused | no_proof_of_life | probe | none";

/// When a state ends by itself.
#[derive(Clone, Copy)]
enum End {
    Never,
    /// So many seconds after it began.
    In(i64),
    Sometime,
}
use End::{In, Never, Sometime};

struct Stage<'a> {
    linked: &'a Linked,
    seen: &'a Mutex<BTreeSet<String>>,
}

impl Stage<'_> {
    /// Waits until health of the token's line shows this row, with its times.
    async fn shows(&self, token: &str, row: &str, end: End) {
        self.any_shows(&[token], row, end).await;
    }

    async fn any_shows(&self, tokens: &[&str], row: &str, end: End) {
        let ask = || async {
            for token in tokens {
                let health = fleet::health(&self.linked.bed, token).await;
                // Doubted by the clock, before the actor has written it down: that has no deadline yet.
                let is_written = row_of(&health) != DEGRADED || health["line"]["deadline"].is_string();
                if row_of(&health) == row && is_written {
                    return Some(health["line"].clone());
                }
            }
            None
        };
        let line = self.linked.bed.eventually_within(90, row, ask).await;
        check_times(row, &line, end);
        self.seen.lock().unwrap().insert(row.to_owned());
    }

    async fn fault(&self, line: &FleetLine, fault: Value) {
        self.linked.fault(line, fault).await;
    }

    async fn order(&self, line: &str, order: &str, body: Value) {
        let bed = &self.linked.bed;
        let path = format!("/api/lines/{line}/{order}");
        bed.post(&path).bearer(&self.linked.owner.token).json(&body).send().await.expect_status(200);
    }

    /// The phone that shows this number scans the code, once there is one.
    async fn scan(&self, line: &str, body: Value) {
        let simulator = self.linked.bed.simulator();
        let path = format!("/v1/lines/{line}/scan");
        let scan = || async {
            let scan = simulator.call(reqwest::Method::POST, &path).json(&body).send().await;
            (scan.status == 200).then_some(())
        };
        self.linked.bed.eventually("the phone can scan", scan).await;
    }

    /// A line that was never linked, and its token.
    async fn new_line(&self) -> (String, String) {
        let line = self.linked.bed.line(&self.linked.owner).await;
        let token = self.linked.bed.line_token(&self.linked.owner, &line).await;
        (line, token)
    }
}

/// As the table writes it, without the name of the state.
fn row_of(health: &Value) -> String {
    let (status, line) = (&health["health"]["status"], &health["line"]);
    let word = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
    let words = ["lifecycleState", "effectiveSendState", "reason", "nextAction", "userAction"].map(word);
    format!("{} {} | {}", status["code"], status["text"].as_str().unwrap(), words.join(" | "))
}

/// A state that ends by itself says when; what is the provider's to end also says so in `until`.
fn check_times(row: &str, line: &Value, end: End) {
    let limits = ["rate_limited", "timelock", "temporarily_banned"];
    let is_limit = line["reason"].as_str().is_some_and(|reason| limits.contains(&reason));
    let is_cool_down = line["lifecycleState"] == "locked" && line["nextAction"] == "retry";
    let until = if is_limit || is_cool_down { &line["deadline"] } else { &Value::Null };
    assert_eq!(&line["until"], until, "{row}: {line}");
    match end {
        Never => assert_eq!(line["deadline"], Value::Null, "{row}: {line}"),
        Sometime => assert!(line["deadline"].is_string(), "{row}: {line}"),
        In(seconds) => {
            let after = time(&line["deadline"]) - time(&line["since"]);
            let off = (after - TimeDelta::seconds(seconds)).num_milliseconds().abs();
            assert!(off <= 2_000, "{row}: {seconds} s are wanted: {line}");
        }
    }
    assert_eq!(line["sendable"], line["effectiveSendState"] == "sendable", "{row}: {line}");
    assert_eq!(
        line["replySendable"] == true,
        line["lifecycleState"] == "connected" || line["effectiveSendState"] == "reply_only",
        "{line}"
    );
}

#[tokio::test]
async fn health_shows_every_row_of_the_state_table() {
    let seen = Mutex::default();
    tokio::join!(in_real_time(&seen), in_short_time(&seen));
    let seen = seen.into_inner().unwrap();
    let elsewhere: BTreeSet<String> = ELSEWHERE.iter().map(|(row, _)| (*row).to_owned()).collect();
    let table = rows_of_the_table();
    let missing: Vec<_> =
        table.iter().filter(|row| !seen.contains(*row) && !elsewhere.contains(*row)).collect();
    assert!(missing.is_empty(), "rows without a scene: {missing:#?}");
    let invented: Vec<_> = seen.union(&elsewhere).filter(|row| !table.contains(*row)).collect();
    assert!(invented.is_empty(), "not in the table of actors/README.md: {invented:#?}");
    let code = ["tests", "actors/tests"].map(sources).concat();
    for (row, test) in ELSEWHERE {
        assert!(code.contains(&format!("fn {test}(")), "{row}: there is no test {test}");
    }
}

fn rows_of_the_table() -> BTreeSet<String> {
    let readme = include_str!("../../actors/README.md");
    let (_, table) = readme.split_once("<!-- states:").unwrap();
    let (table, _) = table.split_once("<!-- /states -->").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")).skip(1);
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows: BTreeSet<String> = rows.map(|line| cells(line)[2..8].join(" | ")).collect();
    assert!(rows.len() > 25, "the table is read wrongly: {rows:?}");
    rows
}

fn sources(folder: &str) -> String {
    let mut waiting = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut text = String::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    text
}

/// What can be seen without waiting for a deadline.
async fn in_real_time(seen: &Mutex<BTreeSet<String>>) {
    let linked = Linked::start(TestBed::options(), 11).await;
    linked.go().await;
    let stage = &Stage { linked: &linked, seen };
    join_all(linked.lines.iter().map(|line| linked.until_sendable(line))).await;
    let [a, b, c, d, e, f, g, h, i, j, k] = linked.lines.as_slice() else { panic!("eleven lines") };
    tokio::join!(never_linked(stage), linked_elsewhere(stage, a), billing(stage), unlinked(stage, a));
    tokio::join!(limits(stage, b, c), lost(stage, d), half_way(stage, e, f), taken_over(stage, g));
    tokio::join!(locked(stage, h), banned(stage, i, j), ordered(stage, k));
    // This one stops the whole fleet.
    stage.fault(b, json!({"kind": "close", "code": 405})).await;
    stage.shows(&b.token, "5 ERROR | failed | blocked | client_outdated | operator | upgrade", Never).await;
}

async fn never_linked(stage: &Stage<'_>) {
    let (line, token) = stage.new_line().await;
    stage.order(&line, "stop", json!({})).await;
    stage.shows(&token, "0 STOP | created | blocked | not_paired | pair | scan", Never).await;
    stage.order(&line, "qr", json!({})).await;
    stage.shows(&token, "3 QR | pairing | blocked | pairing | pair | scan", In(70)).await;
    stage.scan(&line, json!({"phoneNumber": "+4915550001001", "passkey": true})).await;
    stage.shows(&token, "3 QR | pairing | blocked | pairing_passkey | pair | confirm_passkey", In(610)).await;
    stage.order(&line, "stop", json!({})).await;
    stage.shows(&token, "0 STOP | created | blocked | not_paired | pair | scan", Never).await;
    stage.order(&line, "pairing-code", json!({"phoneNumber": "+4915550001001"})).await;
    stage.shows(&token, "3 QR | pairing | blocked | pairing_code | pair | type_code", In(190)).await;
}

async fn linked_elsewhere(stage: &Stage<'_>, other: &FleetLine) {
    let (line, token) = stage.new_line().await;
    stage.scan(&line, json!({"phoneNumber": other.phone_number})).await;
    stage.shows(&token, "0 STOP | logged_out | blocked | phone_in_use | pair | scan", Never).await;
}

async fn unlinked(stage: &Stage<'_>, line: &FleetLine) {
    stage.shows(&line.token, "4 AUTH | connected | sendable | - | none | none", Never).await;
    stage.linked.bed.simulator().unlink(&line.id).await;
    stage.shows(&line.token, "0 STOP | logged_out | blocked | logged_out | pair | scan", Never).await;
    stage.order(&line.id, "qr", json!({})).await;
    stage.scan(&line.id, json!({"phoneNumber": "+4915550009999"})).await;
    stage.shows(&line.token, "0 STOP | logged_out | blocked | phone_mismatch | pair | scan", Never).await;
}

/// Of an organization of its own: billing stops all lines of one.
async fn billing(stage: &Stage<'_>) {
    let bed = &stage.linked.bed;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let token = bed.line_token(&owner, &line).await;
    bed.pair(&owner, &line).await;
    sqlx::query("update billing set state = 'restricted' where organization_id = $1::uuid")
        .bind(&owner.organization_id)
        .execute(bed.sql())
        .await
        .unwrap();
    stage.shows(&token, "0 STOP | stopped | blocked | billing_restricted | none | pay", Never).await;
}

/// The provider says for how long, or does not: then it is a minute, or an hour.
async fn limits(stage: &Stage<'_>, slow: &FleetLine, strangers: &FleetLine) {
    stage.fault(slow, json!({"kind": "rate_limited"})).await;
    stage.shows(&slow.token, "4 AUTH | throttled | paused | rate_limited | resume | wait", In(60)).await;
    stage.fault(strangers, json!({"kind": "timelock"})).await;
    stage
        .shows(&strangers.token, "4 AUTH | restricted | reply_only | timelock | resume | wait", In(3_600))
        .await;
}

async fn lost(stage: &Stage<'_>, line: &FleetLine) {
    // The pause before the next try grows, so that it is seen in the end also on a slow machine.
    let row = "2 LAUNCH | reconnecting | paused | reconnecting | retry | none";
    tokio::select! {
        () = stage.shows(&line.token, row, Sometime) => {}
        () = dropped_whenever(stage, line, "connected") => {}
    }
}

/// The session breaks off each time the line comes so far.
async fn dropped_whenever(stage: &Stage<'_>, line: &FleetLine, state: &str) {
    loop {
        stage.linked.until(line, state, |line| line["lifecycleState"] == state).await;
        stage.fault(line, json!({"kind": "drop"})).await;
    }
}

async fn half_way(stage: &Stage<'_>, unheard: &FleetLine, unready: &FleetLine) {
    stage.fault(unheard, json!({"kind": "hang_connects"})).await;
    stage.fault(unready, json!({"kind": "hang_sync"})).await;
    for line in [unheard, unready] {
        stage.fault(line, json!({"kind": "drop"})).await;
    }
    stage.shows(&unheard.token, "2 LAUNCH | connecting | paused | connecting | connect | none", In(30)).await;
    stage.shows(&unready.token, "2 LAUNCH | syncing | paused | syncing | sync | none", In(180)).await;
    stage.linked.bed.simulator().clear_faults(&unready.id).await;
    stage.linked.until_sendable(unready).await;
}

async fn taken_over(stage: &Stage<'_>, line: &FleetLine) {
    stage.fault(line, json!({"kind": "close", "code": 440})).await;
    stage.shows(&line.token, "5 ERROR | replaced | blocked | replaced | retry | open_phone", In(30)).await;
}

async fn locked(stage: &Stage<'_>, line: &FleetLine) {
    stage.fault(line, json!({"kind": "close", "code": 403})).await;
    stage.shows(&line.token, "5 ERROR | locked | blocked | locked | retry | wait", In(300)).await;
}

async fn banned(stage: &Stage<'_>, for_a_while: &FleetLine, for_good: &FleetLine) {
    let until = "2999-01-01T00:00:00Z";
    stage.fault(for_a_while, json!({"kind": "close", "code": 402, "until": until})).await;
    stage.fault(for_good, json!({"kind": "close", "code": 406})).await;
    let row = "5 ERROR | banned | blocked | temporarily_banned | retry | wait";
    stage.shows(&for_a_while.token, row, Sometime).await;
    stage.shows(&for_good.token, "5 ERROR | banned | blocked | banned | pair | appeal", Never).await;
}

/// Stopped and woken up, by way of a start that the store holds up.
async fn ordered(stage: &Stage<'_>, line: &FleetLine) {
    stage.order(&line.id, "stop", json!({})).await;
    stage.shows(&line.token, "0 STOP | stopped | blocked | stopped | wakeup | none", Never).await;
    let bed = &stage.linked.bed;
    let free = "select version from lines where id = $1::uuid and owner_incarnation is null";
    let version: i64 = bed
        .eventually("let go", || async {
            sqlx::query_scalar(free).bind(&line.id).fetch_optional(bed.sql()).await.unwrap()
        })
        .await;
    // The claim writes the next version; who writes the one after waits for this transaction.
    let mut held = bed.sql().begin().await.unwrap();
    // Without the foreign key's own lock on the line, which the claim would pass by.
    sqlx::query("set local session_replication_role = replica").execute(&mut *held).await.unwrap();
    sqlx::query(
        "insert into line_transitions
             (organization_id, line_id, version, from_state, to_state, event, epoch, state_detail)
         values ($1::uuid, $2::uuid, $3, 'starting', 'starting', 'held', 0, '{}')",
    )
    .bind(&stage.linked.owner.organization_id)
    .bind(&line.id)
    .bind(version + 2)
    .execute(&mut *held)
    .await
    .unwrap();
    stage.order(&line.id, "wakeup", json!({})).await;
    stage.shows(&line.token, "1 INIT | starting | paused | starting | start | none", In(45)).await;
    held.rollback().await.unwrap();
    stage.linked.until_sendable(line).await;
}

/// What ends at deadlines, which run twenty times faster here; and one connect a second, so that lines wait for it.
async fn in_short_time(seen: &Mutex<BTreeSet<String>>) {
    let options = TestBed::options().env("EZW_LINES_SPEED", "20").env("EZW_LINES_CONNECTS_PER_SECOND", "1");
    let linked = Linked::start(options, 5).await;
    let stage = &Stage { linked: &linked, seen };
    let short = json!({"qrTtlMs": {"first": 100, "next": 100}});
    linked.bed.simulator().settings(&short).await;
    linked.go().await;
    let tokens: Vec<&str> = linked.lines.iter().map(|line| line.token.as_str()).collect();
    stage
        .any_shows(&tokens, "2 LAUNCH | reconnecting | paused | connect_budget | connect | none", Sometime)
        .await;
    let [silent, taken, unheard, unready, _] = linked.lines.as_slice() else { panic!("five lines") };
    linked.until_sendable(silent).await;
    stage.fault(silent, json!({"kind": "half_open"})).await;
    stage.shows(&silent.token, DEGRADED, In(3)).await;
    linked.until_sendable(taken).await;
    stage.fault(taken, json!({"kind": "close", "code": 440})).await;
    linked.until(taken, "taken over", |line| line["lifecycleState"] == "replaced").await;
    stage.fault(taken, json!({"kind": "close", "code": 440})).await;
    stage.shows(&taken.token, "5 ERROR | replaced | blocked | replaced | operator | open_phone", Never).await;
    let (_, token) = stage.new_line().await;
    stage.shows(&token, "0 STOP | pairing_expired | blocked | pairing_expired | pair | scan", Never).await;
    tokio::join!(unreachable(stage, unheard), lost_for_long(stage, unready));
}

/// After three minutes, which are nine seconds here, a person is told.
async fn unreachable(stage: &Stage<'_>, line: &FleetLine) {
    stage.linked.until_sendable(line).await;
    stage.fault(line, json!({"kind": "hang_connects"})).await;
    stage.fault(line, json!({"kind": "drop"})).await;
    for user in ["none", "open_phone"] {
        let row = format!("2 LAUNCH | reconnecting | paused | provider_unreachable | retry | {user}");
        stage.shows(&line.token, &row, Sometime).await;
    }
}

async fn lost_for_long(stage: &Stage<'_>, line: &FleetLine) {
    stage.linked.until_sendable(line).await;
    stage.fault(line, json!({"kind": "hang_sync"})).await;
    stage.fault(line, json!({"kind": "drop"})).await;
    let row = "2 LAUNCH | reconnecting | paused | reconnecting | retry | open_phone";
    tokio::select! {
        () = stage.shows(&line.token, row, Sometime) => {}
        () = dropped_whenever(stage, line, "syncing") => {}
    }
}
