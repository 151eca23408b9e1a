//! The end of a line: what stops at once, what the phone network is told, and what stays readable.

use super::{
    people::agent,
    support::{Owner, TestBed, client::Reply},
};
use serde_json::{Value, json};

async fn archive(bed: &TestBed, owner: &Owner, line: &str) -> Reply {
    bed.post(&format!("/api/lines/{line}/archive")).bearer(&owner.token).send().await
}

/// What the phone network knows of the line.
async fn at_the_provider(bed: &TestBed, line: &str) -> Value {
    let lines = bed.simulator().lines().await;
    lines.into_iter().find(|known| known["lineId"] == line).unwrap_or_default()
}

async fn until_unlinked(bed: &TestBed, line: &str) {
    bed.eventually("unlinked at the provider", || async {
        let known = at_the_provider(bed, line).await;
        (known["linked"] == false && known["connected"] == false).then_some(())
    })
    .await;
}

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Row {
    state: String,
    owned: bool,
    accounts: i64,
    due: bool,
    epoch: i64,
}

async fn row(bed: &TestBed, line: &str) -> Row {
    sqlx::query_as(
        "select state, owner_incarnation is not null as owned, isfinite(next_start_at) as due, epoch,
             (select count(*) from line_credentials c where c.line_id = l.id) as accounts
         from lines l where id = $1::uuid",
    )
    .bind(line)
    .fetch_one(bed.sql())
    .await
    .unwrap()
}

async fn until_at_rest(bed: &TestBed, line: &str) -> Row {
    bed.eventually("let go for good", || async {
        let row = row(bed, line).await;
        (!row.owned && !row.due && row.accounts == 0).then_some(row)
    })
    .await
}

async fn ids(bed: &TestBed, owner: &Owner, query: &str) -> Vec<String> {
    let listed = bed.get(&format!("/api/lines{query}")).bearer(&owner.token).send().await.expect_status(200);
    listed.list("/lines").iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_archived_line_is_unlinked_and_its_number_is_free() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let number = bed.pair(&owner, &line).await;
    let colleague = agent(&bed, &owner).await;
    let refused = bed.post(&format!("/api/lines/{line}/archive")).bearer(&colleague.token).send().await;
    refused.expect_problem(403, "forbidden");
    let first = archive(&bed, &owner, &line).await.expect_status(200);
    assert_eq!(first.text("/line/lifecycleState"), "archived");
    assert_eq!(first.body["line"]["status"], json!({"code": 0, "text": "STOP"}));
    assert_eq!(
        (first.text("/line/effectiveSendState"), first.text("/line/reason")),
        ("blocked".into(), "archived".into())
    );
    assert!(first.body["line"]["archivedAt"].is_string());
    until_unlinked(&bed, &line).await;
    assert_eq!(until_at_rest(&bed, &line).await.state, "logged_out");
    let again = archive(&bed, &owner, &line).await.expect_status(200);
    assert_eq!(again.body, archive(&bed, &owner, &line).await.expect_status(200).body);
    for member in ["id", "displayName", "phoneNumber", "lifecycleState", "reason", "archivedAt", "createdAt"]
    {
        assert_eq!(first.body["line"][member], again.body["line"][member], "{member}");
    }
    let history = bed.get(&format!("/api/lines/{line}/timeline")).bearer(&owner.token).send().await;
    let history = history.expect_status(200).list("/transitions");
    assert_eq!((&history[0]["to"], &history[0]["event"]), (&json!("logged_out"), &json!("ordered")));
    let audited: i64 = sqlx::query_scalar(
        "select count(*) from audit_log where event_type = 'line.archived' and target_id = $1",
    )
    .bind(&line)
    .fetch_one(bed.sql())
    .await
    .unwrap();
    assert_eq!(audited, 1);
    // The same phone, scanned for another line.
    let other = bed.line(&owner).await;
    bed.eventually("the phone can scan", || async {
        (bed.simulator().scan(&other, &number).await == 200).then_some(())
    })
    .await;
    bed.eventually("sendable", || async {
        (bed.shown_line(&owner, &other).await["sendable"] == true).then_some(())
    })
    .await;
    assert_eq!(ids(&bed, &owner, "").await, std::slice::from_ref(&other));
    assert_eq!(ids(&bed, &owner, "?includeArchived=true").await, [other, line.clone()]);
    assert_eq!(ids(&bed, &owner, &format!("?lineId={line}")).await, [line]);
}

#[tokio::test]
async fn an_archived_line_takes_no_order_and_its_token_ends() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    let token = bed.line_token(&owner, &line).await;
    archive(&bed, &owner, &line).await.expect_status(200);
    bed.get("/api/v1/health").bearer(&token).send().await.expect_problem(401, "invalid_token");
    let path = |order: &str| format!("/api/lines/{line}/{order}");
    for order in ["qr", "stop", "wakeup", "api-token"] {
        let refused = bed.post(&path(order)).bearer(&owner.token).send().await;
        refused.expect_problem(409, "line_archived");
    }
    let code =
        bed.post(&path("pairing-code")).bearer(&owner.token).json(&json!({"phoneNumber": "+4915550001001"}));
    code.send().await.expect_problem(409, "line_archived");
    let name =
        bed.patch(&format!("/api/lines/{line}")).bearer(&owner.token).json(&json!({"displayName": "x"}));
    name.send().await.expect_problem(409, "line_archived");
    let held = bed.get(&path("api-token")).bearer(&owner.token).send().await.expect_status(200);
    assert_eq!(held.body, json!({"token": null}));
    bed.get(&path("qr")).bearer(&owner.token).send().await.expect_problem(404, "not_found");
    let body = json!({"recipientPhoneNumber": "+4915550002002", "bodyText": "Hello"});
    let sent = bed.post(&path("send")).bearer(&owner.token).idempotency_key("k").json(&body).send().await;
    let refused = sent.expect_problem(409, "line_not_sendable");
    assert_eq!(refused.body["line"]["lifecycleState"], "archived");
}

#[tokio::test]
async fn replies_that_wait_fail_with_their_line_and_what_was_said_stays_readable() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    // The first reply is on its way for good; the second of its conversation waits behind it.
    bed.simulator().fault(&line, &json!({"kind": "no_acks"})).await;
    let send = async |key: &str| {
        let body = json!({"recipientPhoneNumber": "+4915550002002", "bodyText": key});
        let call = bed.post(&format!("/api/lines/{line}/send")).bearer(&owner.token).idempotency_key(key);
        call.json(&body).send().await.expect_status(202)
    };
    let first = send("first").await;
    let messages = format!("/api/conversations/{}/messages", first.text("/conversation/id"));
    let status_of = async |message: &str| {
        let listed =
            bed.get(&messages).bearer(&owner.token).send().await.expect_status(200).list("/messages");
        listed.into_iter().find(|found| found["id"] == message).unwrap()
    };
    bed.eventually("the first is on its way", || async {
        (status_of(&first.text("/message/id")).await["status"] == "sending").then_some(())
    })
    .await;
    let second = send("second").await;
    archive(&bed, &owner, &line).await.expect_status(200);
    let failed = status_of(&second.text("/message/id")).await;
    assert_eq!((&failed["status"], &failed["failureReason"]), (&json!("failed"), &json!("line_archived")));
    until_unlinked(&bed, &line).await;
    bed.eventually("nobody knows how far the first got", || async {
        (status_of(&first.text("/message/id")).await["status"] == "unknown").then_some(())
    })
    .await;
    // An accepted key stays accepted, also on a line that is gone.
    assert_eq!(send("second").await.header("Idempotency-Replayed"), Some("true"));
}

#[tokio::test]
async fn a_line_that_nobody_owns_is_unlinked_too_and_then_never_taken_again() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    bed.post(&format!("/api/lines/{line}/stop")).bearer(&owner.token).send().await.expect_status(200);
    let before = bed
        .eventually("let go", || async {
            let row = row(&bed, &line).await;
            (!row.owned).then_some(row)
        })
        .await;
    assert_eq!((before.accounts, &at_the_provider(&bed, &line).await["linked"]), (1, &json!(true)));
    archive(&bed, &owner, &line).await.expect_status(200);
    until_unlinked(&bed, &line).await;
    let rest = until_at_rest(&bed, &line).await;
    assert_eq!((rest.state.as_str(), rest.epoch), ("logged_out", before.epoch + 1));
    // Lines are claimed meanwhile, and this one is not among them.
    let other = bed.line(&owner).await;
    bed.pair(&owner, &other).await;
    assert_eq!(row(&bed, &line).await, rest);
}

#[tokio::test]
async fn a_code_that_is_shown_goes_with_its_line() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let path = format!("/api/lines/{line}/qr");
    bed.eventually("an image", || async {
        (bed.get(&path).bearer(&owner.token).send().await.status == 200).then_some(())
    })
    .await;
    archive(&bed, &owner, &line).await.expect_status(200);
    bed.get(&path).bearer(&owner.token).send().await.expect_problem(404, "not_found");
    bed.eventually("nothing to scan", || async {
        (bed.simulator().scan(&line, "+4915550001001").await == 404).then_some(())
    })
    .await;
    assert_eq!(until_at_rest(&bed, &line).await.state, "created");
    let command: (String, Option<String>) =
        sqlx::query_as("select state, reason from line_commands where line_id = $1::uuid")
            .bind(&line)
            .fetch_one(bed.sql())
            .await
            .unwrap();
    assert_eq!(command, ("failed".to_owned(), Some("archived".to_owned())));
}

#[tokio::test]
async fn a_scan_that_meets_an_archive_links_nothing() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    for round in 0..5 {
        let line = bed.line(&owner).await;
        bed.eventually("a code to scan", || async {
            (at_the_provider(&bed, &line).await["qr"].is_object()).then_some(())
        })
        .await;
        let number = format!("+491555000200{round}");
        let (archived, _) = tokio::join!(archive(&bed, &owner, &line), bed.simulator().scan(&line, &number));
        archived.expect_status(200);
        until_at_rest(&bed, &line).await;
        until_unlinked(&bed, &line).await;
        assert_eq!(bed.shown_line(&owner, &line).await["lifecycleState"], "archived");
    }
}
