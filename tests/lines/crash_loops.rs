//! What ends sessions again and again, and how often a line comes back for more. The phone network's journal is the
//! judge: it has every session that was ever admitted.

use super::support::{
    Options, TestBed,
    fleet::{FleetLine, Linked, now, time},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::time::Duration;

/// Long enough that a try which must not come would have come, and short enough for a test.
const QUIET: Duration = Duration::from_secs(3);

/// Deadlines of lines run so many times faster.
fn faster(speed: u32) -> Options {
    TestBed::options().env("EZW_LINES_SPEED", &speed.to_string())
}

fn is(state: &str) -> impl Fn(&Value) -> bool {
    move |line| line["lifecycleState"] == state
}

fn for_an_operator(line: &Value) -> bool {
    line["nextAction"] == "operator"
}

/// No session was admitted for a while, nor asked for.
async fn nothing_comes(linked: &Linked, line: &FleetLine) {
    let asked = || async { linked.bed.simulator().stats().await["connects"]["total"].clone() };
    let before = (linked.connects(line).await, asked().await);
    tokio::time::sleep(QUIET).await;
    assert_eq!((linked.connects(line).await, asked().await), before, "it was tried again");
}

/// Closes each session of the line with this code, until health says so. (A fault that waits for a session could be used
/// up by one that the line has given up already.)
async fn close_until(linked: &Linked, line: &FleetLine, code: u16, says: impl Fn(&Value) -> bool) -> Value {
    loop {
        let ended = |line: &Value| says(line) || line["lifecycleState"] == "connected";
        let line_now = linked.until(line, "connected or closed", ended).await;
        if says(&line_now) {
            return line_now;
        }
        linked.fault(line, json!({"kind": "close", "code": code})).await;
        linked.until(line, "closed", |line| line["lifecycleState"] != "connected").await;
    }
}

async fn deaths(linked: &Linked, line: &FleetLine) -> i64 {
    let counted = "select coalesce((history ->> 'deaths')::bigint, 0) from lines where id = $1::uuid";
    sqlx::query_scalar(counted).bind(&line.id).fetch_one(linked.bed.sql()).await.unwrap()
}

#[tokio::test]
async fn a_session_that_dies_as_soon_as_it_is_ready_is_opened_six_times_and_then_given_up() {
    let linked = Linked::start(TestBed::options(), 1).await;
    let line = &linked.lines[0];
    linked.fault(line, json!({"kind": "garbage_frames", "afterReady": true})).await;
    linked.go().await;
    let failed = linked.until(line, "given up", is("failed")).await;
    assert_eq!((&failed["reason"], &failed["nextAction"]), (&json!("restart_budget_spent"), &json!("retry")));
    let pause = time(&failed["deadline"]) - time(&failed["since"]);
    assert!((pause - TimeDelta::minutes(5)).num_seconds().abs() <= 1, "{failed}");
    assert_eq!((linked.connects(line).await.len(), deaths(&linked, line).await), (6, 6));
    let ready = linked.transitions(line).await.iter().filter(|(_, to, _)| to == "connected").count();
    assert_eq!(ready, 6, "each of them was ready before it died");
    nothing_comes(&linked, line).await;
}

#[tokio::test]
async fn a_line_that_was_given_up_is_tried_once_at_its_time_and_given_up_at_the_first_death() {
    let linked = Linked::start(faster(12), 1).await;
    let line = &linked.lines[0];
    linked.fault(line, json!({"kind": "garbage_frames"})).await;
    linked.go().await;
    let failed = linked.until(line, "given up", is("failed")).await;
    let (since, retry_at) = (time(&failed["since"]), time(&failed["deadline"]));
    assert_eq!((linked.connects(line).await.len(), deaths(&linked, line).await), (6, 6));
    let again = |line: &Value| is("failed")(line) && line["since"] != failed["since"];
    let again = linked.until(line, "given up again", again).await;
    let connects = linked.connects(line).await;
    assert_eq!(connects.len(), 7, "one attempt, for the budget is spent: {connects:?}");
    assert!(connects[5] <= since && connects[6] >= retry_at, "{connects:?} {failed}");
    // The next pause is three times as long.
    let pause = |failed: &Value| time(&failed["deadline"]) - time(&failed["since"]);
    assert!(pause(&again) > pause(&failed) * 2, "{failed} {again}");
    nothing_comes(&linked, line).await;
}

#[tokio::test]
async fn closes_of_the_network_never_end_in_quarantine() {
    let linked = Linked::start(faster(40), 1).await;
    let (line, simulator) = (&linked.lines[0], linked.bed.simulator());
    linked.go().await;
    linked.until_sendable(line).await;
    let closes = async |code: Option<u16>| {
        let journal = simulator.journal(&line.id).await;
        let ended = |entry: &&Value| match code {
            Some(code) => entry["code"] == code,
            None => entry["detail"] == "dropped",
        };
        journal.iter().filter(|entry| entry["kind"] == "close").filter(ended).count()
    };
    for code in
        [Some(408), Some(428), Some(500), Some(503), None, None, Some(503), Some(500), Some(428), Some(408)]
    {
        let before = closes(code).await;
        // At once, or when the next session is ready.
        linked
            .fault(line, code.map_or(json!({"kind": "drop"}), |code| json!({"kind": "close", "code": code})))
            .await;
        let closed = || async { (closes(code).await > before).then_some(()) };
        linked.bed.eventually_within(60, "closed", closed).await;
    }
    for _ in 0..2 {
        let refused = || async { simulator.stats().await["connects"]["refused"].as_u64().unwrap() };
        let before = refused().await;
        linked.fault(line, json!({"kind": "refuse_connects"})).await;
        linked.fault(line, json!({"kind": "drop"})).await;
        let again = || async { (refused().await > before).then_some(()) };
        linked.bed.eventually_within(60, "refused", again).await;
        simulator.clear_faults(&line.id).await;
    }
    linked.until_sendable(line).await;
    assert_eq!(deaths(&linked, line).await, 0);
    let failed = linked.transitions(line).await.into_iter().any(|(_, to, _)| to == "failed");
    assert!(!failed, "the weather was taken for a fault of the line");
}

#[tokio::test]
async fn a_banned_line_makes_no_attempt_any_more() {
    let mut linked = Linked::start(faster(20), 2).await;
    linked.go().await;
    for line in &linked.lines {
        linked.until_sendable(line).await;
    }
    let (banned, other) = (linked.lines[0].clone(), linked.lines[1].clone());
    linked.fault(&banned, json!({"kind": "close", "code": 406})).await;
    let said = linked.until(&banned, "banned", is("banned")).await;
    assert_eq!(
        (&said["until"], &said["deadline"], &said["userAction"]),
        (&Value::Null, &Value::Null, &json!("appeal"))
    );
    let before = linked.connects(&banned).await;
    // Pollers, operators, and a process that starts anew ask in vain.
    let polled = linked.bed.get("/api/v1/health").bearer(&banned.token).send().await.expect_status(200);
    assert_eq!(polled.body["wakeup"]["outcome"], "not_wakeable");
    assert_eq!(linked.order(&banned, "wakeup").await["wakeup"]["outcome"], "not_wakeable");
    linked.bed.restart_service().await;
    linked.until_sendable(&other).await;
    nothing_comes(&linked, &banned).await;
    assert_eq!(linked.connects(&banned).await, before);
}

#[tokio::test]
async fn a_temporarily_banned_line_makes_one_attempt_after_its_time() {
    let linked = Linked::start(faster(20), 1).await;
    let line = &linked.lines[0];
    linked.go().await;
    linked.until_sendable(line).await;
    let until = now(linked.bed.sql()).await + TimeDelta::seconds(3);
    linked.fault(line, json!({"kind": "close", "code": 402, "until": until})).await;
    let banned = linked.until(line, "banned", is("banned")).await;
    assert_eq!(banned["reason"], "temporarily_banned");
    let (told, before) = (time(&banned["until"]), linked.connects(line).await.len());
    assert!(
        told >= until && told <= until + TimeDelta::seconds(6),
        "put off by two minutes at most: {banned}"
    );
    // The second ban comes with that attempt.
    linked.fault(line, json!({"kind": "close", "code": 402, "until": "2999-01-01T00:00:00Z"})).await;
    let again = |line: &Value| is("banned")(line) && time(&line["until"]) > told;
    linked.until(line, "banned again", again).await;
    let connects = linked.connects(line).await;
    assert_eq!(connects.len(), before + 1, "{connects:?}");
    assert!(connects[before] >= told, "{connects:?} before {told}");
    nothing_comes(&linked, line).await;
}

#[tokio::test]
async fn a_locked_line_is_tried_after_each_of_three_cool_downs_and_then_left_to_an_operator() {
    // 3, 9 and 36 seconds.
    let linked = Linked::start(faster(100), 1).await;
    let line = &linked.lines[0];
    linked.go().await;
    let mut cool_downs: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for minutes in [5, 15, 60] {
        let anew = |line: &Value| {
            is("locked")(line) && cool_downs.last().is_none_or(|last| time(&line["since"]) > last.1)
        };
        let locked = close_until(&linked, line, 403, anew).await;
        let (since, until) = (time(&locked["since"]), time(&locked["until"]));
        assert_eq!((until - since).num_milliseconds() / 100, minutes * 60 * 10 / 100, "{locked}");
        cool_downs.push((since, until));
    }
    let last = close_until(&linked, line, 403, |line| is("locked")(line) && for_an_operator(line)).await;
    assert_eq!((&last["until"], &last["userAction"]), (&Value::Null, &json!("open_phone")));
    nothing_comes(&linked, line).await;
    // A slow machine may need two connects for one attempt; none of them is in a cool-down.
    let connects = linked.connects(line).await;
    for (since, until) in &cool_downs {
        let within: Vec<_> = connects.iter().filter(|at| *at > since && *at < until).collect();
        assert!(within.is_empty(), "within {since} to {until}: {within:?}");
    }
    let tries = linked
        .transitions(line)
        .await
        .into_iter()
        .filter(|(from, to, _)| from == "locked" && to == "starting");
    assert_eq!(tries.count(), 3);
}

#[tokio::test]
async fn a_line_that_was_taken_over_tries_once_to_come_back() {
    let linked = Linked::start(faster(15), 1).await;
    let line = &linked.lines[0];
    linked.go().await;
    linked.until_sendable(line).await;
    let before = linked.connects(line).await.len();
    linked.fault(line, json!({"kind": "close", "code": 440})).await;
    let replaced = linked.until(line, "taken over", is("replaced")).await;
    assert_eq!((&replaced["nextAction"], &replaced["userAction"]), (&json!("retry"), &json!("open_phone")));
    linked.fault(line, json!({"kind": "close", "code": 440})).await;
    linked.until(line, "taken over again", |line| is("replaced")(line) && for_an_operator(line)).await;
    let connects = linked.connects(line).await;
    assert_eq!(connects.len(), before + 1, "{connects:?}");
    assert!(connects[before] >= time(&replaced["deadline"]), "{connects:?} {replaced}");
    nothing_comes(&linked, line).await;
}
