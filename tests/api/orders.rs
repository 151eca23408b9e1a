//! The rows "pair" and "stop" of the command table, through the outer door, a state at a time. What an archived line
//! answers is in `archive.rs`, who may order in `lines.rs`.

use super::{
    scenes::{closed, order, rest, resting, until, until_sendable},
    support::{Owner, TestBed, client::Reply},
};
use serde_json::{Value, json};

const LATER: &str = "2099-01-01T00:00:00Z";

fn number() -> String {
    format!("+49156{:09}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000)
}

async fn ask(bed: &TestBed, owner: &Owner, line: &str, way: &str) -> Reply {
    let call = bed.post(&format!("/api/lines/{line}/{way}")).bearer(&owner.token);
    let call = if way == "pairing-code" { call.json(&json!({"phoneNumber": number()})) } else { call };
    call.send().await
}

/// Either way of linking is refused like this.
async fn assert_not_paired(bed: &TestBed, owner: &Owner, line: &str, status: u16, code: &str) -> Reply {
    ask(bed, owner, line, "pairing-code").await.expect_problem(status, code);
    ask(bed, owner, line, "qr").await.expect_problem(status, code)
}

async fn stop(bed: &TestBed, owner: &Owner, line: &str) -> Value {
    let stopped = bed.post(&format!("/api/lines/{line}/stop")).bearer(&owner.token).send().await;
    stopped.expect_status(200).body["line"].clone()
}

/// How often this was written down about the line.
async fn audited(bed: &TestBed, line: &str, event: &str) -> i64 {
    sqlx::query_scalar("select count(*) from audit_log where target_id = $1 and event_type = $2")
        .bind(line)
        .bind(event)
        .fetch_one(bed.sql())
        .await
        .unwrap()
}

async fn created(bed: &TestBed, owner: &Owner) -> String {
    let line = bed.line(owner).await;
    // Making a line asks for its code; called off before a node takes the line, it would be taken for nothing.
    until(bed, owner, &line, "pairing").await;
    order(bed, owner, &line, "stop").await;
    until(bed, owner, &line, "created").await;
    line
}

async fn pairing_expired(bed: &TestBed, owner: &Owner) -> String {
    let line = created(bed, owner).await;
    bed.simulator().settings(&json!({"qrTtlMs": {"first": 60, "next": 30}})).await;
    order(bed, owner, &line, "qr").await;
    until(bed, owner, &line, "pairing_expired").await;
    bed.simulator().settings(&json!({"qrTtlMs": {"first": 60_000, "next": 20_000}})).await;
    line
}

async fn given_up(bed: &TestBed, owner: &Owner) -> String {
    let failed = json!({"state": "failed", "reason": "restart_budget_spent", "retry_at": LATER});
    resting(bed, owner, failed).await
}

async fn locked_for_good(bed: &TestBed, owner: &Owner) -> String {
    resting(bed, owner, json!({"state": "locked", "until": null})).await
}

fn close(code: u16) -> Value {
    json!({"kind": "close", "code": code})
}

fn ban() -> Value {
    json!({"kind": "close", "code": 402, "until": LATER})
}

/// Asks for a code to scan, sees that one command stands for whatever is asked meanwhile, and calls it off: the line is
/// what it was. Then links it with a code to type.
async fn pairs_anew(bed: &TestBed, owner: &Owner, line: &str) {
    let before = bed.shown_line(owner, line).await;
    let lifecycle = before["lifecycleState"].as_str().unwrap();
    let orders = audited(bed, line, "line.stopped").await;
    let asked = ask(bed, owner, line, "qr").await.expect_status(200);
    assert_eq!(asked.text("/command/kind"), "pair", "{lifecycle}");
    until(bed, owner, line, "pairing").await;
    for way in ["qr", "pairing-code"] {
        let again = ask(bed, owner, line, way).await.expect_status(200);
        assert_eq!(again.text("/command/id"), asked.text("/command/id"), "{lifecycle}");
        assert_eq!(again.body["pairingCode"], Value::Null, "the open one is to scan");
    }
    stop(bed, owner, line).await;
    let image = bed.get(&format!("/api/lines/{line}/qr")).bearer(&owner.token).send().await;
    image.expect_problem(404, "not_found");
    until(bed, owner, line, lifecycle).await;
    let after = bed.shown_line(owner, line).await;
    assert_eq!((&after["reason"], &after["until"]), (&before["reason"], &before["until"]), "{lifecycle}");
    assert_eq!(audited(bed, line, "line.stopped").await, orders, "the pairing was stopped, not the line");
    let own = before["phoneNumber"].as_str().map_or_else(number, str::to_owned);
    let body = json!({"phoneNumber": own});
    let code = bed
        .eventually("a code", || async {
            let asked = bed.post(&format!("/api/lines/{line}/pairing-code")).bearer(&owner.token);
            asked.json(&body).send().await.expect_status(200).body["pairingCode"].as_str().map(str::to_owned)
        })
        .await;
    let phone = bed.simulator().call(reqwest::Method::POST, &format!("/v1/lines/{line}/pairing-code"));
    phone.json(&json!({"code": code, "phoneNumber": own})).send().await.expect_status(200);
    until_sendable(bed, owner, line).await;
}

#[tokio::test]
async fn a_line_that_was_never_linked_or_is_not_any_more_is_paired_and_has_nothing_to_stop() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let lines = [
        created(&bed, &owner).await,
        pairing_expired(&bed, &owner).await,
        closed(&bed, &owner, close(401), "logged_out").await,
        closed(&bed, &owner, close(406), "banned").await,
    ];
    for line in &lines {
        let before = bed.shown_line(&owner, line).await;
        let stopped = stop(&bed, &owner, line).await;
        for member in ["lifecycleState", "reason", "until", "version"] {
            assert_eq!(stopped[member], before[member], "{member}");
        }
        assert_eq!(audited(&bed, line, "line.stopped").await, 0, "{before}");
        pairs_anew(&bed, &owner, line).await;
    }
}

#[tokio::test]
async fn a_line_that_was_given_up_taken_over_or_locked_for_good_is_paired_anew() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    for line in [given_up(&bed, &owner).await, locked_for_good(&bed, &owner).await] {
        pairs_anew(&bed, &owner, &line).await;
    }
    let replaced = closed(&bed, &owner, close(440), "replaced").await;
    pairs_anew(&bed, &owner, &replaced).await;
}

#[tokio::test]
async fn a_line_at_rest_that_is_linked_is_stopped_and_then_not_paired() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let lines = [
        given_up(&bed, &owner).await,
        locked_for_good(&bed, &owner).await,
        closed(&bed, &owner, close(440), "replaced").await,
    ];
    for line in &lines {
        let orders = audited(&bed, line, "line.stopped").await;
        for _ in ["a stop", "nothing more"] {
            let stopped = stop(&bed, &owner, line).await;
            assert_eq!(
                (&stopped["lifecycleState"], &stopped["reason"]),
                (&json!("stopped"), &json!("stopped"))
            );
            assert_eq!(audited(&bed, line, "line.stopped").await, orders + 1);
        }
        assert_not_paired(&bed, &owner, line, 409, "line_already_paired").await;
    }
}

#[tokio::test]
async fn a_cool_down_is_not_shortened_by_pairing_nor_by_a_stop() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let lines =
        [closed(&bed, &owner, close(403), "locked").await, closed(&bed, &owner, ban(), "banned").await];
    for line in &lines {
        let until = bed.shown_line(&owner, line).await["until"].clone();
        assert!(until.is_string());
        for _ in ["as it is", "stopped"] {
            let refused = assert_not_paired(&bed, &owner, line, 409, "cooling_down").await;
            assert_eq!(refused.body["until"], until);
            let stopped = stop(&bed, &owner, line).await;
            assert_eq!(stopped["lifecycleState"], "stopped");
        }
    }
}

#[tokio::test]
async fn a_linked_line_at_work_is_not_paired_and_stops_at_the_phone_network_too() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let scenes: [(&str, &[Value]); 5] = [
        ("connected", &[]),
        ("throttled", &[json!({"kind": "rate_limited", "until": LATER})]),
        ("restricted", &[json!({"kind": "timelock", "until": LATER})]),
        ("reconnecting", &[json!({"kind": "refuse_connects"}), json!({"kind": "drop"})]),
        ("connecting", &[json!({"kind": "hang_connects"}), json!({"kind": "drop"})]),
    ];
    for (lifecycle, faults) in scenes {
        let line = bed.line(&owner).await;
        bed.pair(&owner, &line).await;
        for fault in faults {
            bed.simulator().fault(&line, fault).await;
        }
        until(&bed, &owner, &line, lifecycle).await;
        assert_not_paired(&bed, &owner, &line, 409, "line_already_paired").await;
        assert_eq!(stop(&bed, &owner, &line).await["lifecycleState"], "stopped", "{lifecycle}");
        bed.eventually("its session is closed", || async {
            let lines = bed.simulator().lines().await;
            lines.iter().any(|l| l["lineId"] == json!(line) && l["connected"] == false).then_some(())
        })
        .await;
        assert_eq!(bed.shown_line(&owner, &line).await["lifecycleState"], "stopped");
    }
}

#[tokio::test]
async fn a_linked_line_that_nobody_owns_is_not_paired_and_stops_whatever_it_was_doing() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = resting(&bed, &owner, json!({"state": "connected", "generation": 1})).await;
    let resume = json!({"for": "resume"});
    for state in [
        json!({"state": "connected", "generation": 1}),
        json!({"state": "starting", "deadline": LATER, "from": {"state": "connected", "generation": 1}}),
        json!({"state": "waiting_permit", "purpose": resume}),
        json!({"state": "connecting", "generation": 1, "purpose": resume, "deadline": LATER}),
        json!({"state": "syncing", "generation": 1, "deadline": LATER}),
        json!({"state": "degraded", "generation": 1, "deadline": LATER}),
        json!({"state": "throttled", "generation": 1, "until": LATER}),
        json!({"state": "restricted", "generation": 1, "until": LATER}),
        json!({"state": "reconnecting", "reason": "connection_lost", "retry_at": LATER, "since": LATER}),
    ] {
        rest(&bed, &line, &state).await;
        assert_eq!(bed.shown_line(&owner, &line).await["lifecycleState"], "orphaned", "{state}");
        assert_not_paired(&bed, &owner, &line, 409, "line_already_paired").await;
        assert_eq!(stop(&bed, &owner, &line).await["lifecycleState"], "stopped", "{state}");
    }
}

#[tokio::test]
async fn while_billing_restricts_nothing_is_paired_and_lines_still_stop() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let never = created(&bed, &owner).await;
    let linked = bed.line(&owner).await;
    bed.pair(&owner, &linked).await;
    sqlx::query("update billing set state = 'restricted'").execute(bed.sql()).await.unwrap();
    for line in [&never, &linked] {
        assert_not_paired(&bed, &owner, line, 403, "billing_restricted").await;
        stop(&bed, &owner, line).await;
    }
    assert_eq!(audited(&bed, &never, "line.stopped").await, 0);
    assert_eq!(audited(&bed, &linked, "line.stopped").await, 1);
}
