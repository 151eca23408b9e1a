use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{LINE, Simulator};

#[tokio::test]
async fn bad_control_input_is_refused_with_a_reason() {
    let simulator = Simulator::start().await;
    assert_eq!(simulator.refused("/v1/lines/not-a-line/scan", json!({})).await, StatusCode::BAD_REQUEST);
    for action in ["scan", "unlink", "receipts", "pairing-code"] {
        let body = match action {
            "receipts" => json!({"providerMessageId": "x", "kind": "read"}),
            "pairing-code" => json!({"code": "ABCD-EFGH", "phoneNumber": "+4915111111111"}),
            _ => json!({}),
        };
        let path = format!("/v1/lines/{LINE}/{action}");
        assert_eq!(simulator.refused(&path, body).await, StatusCode::NOT_FOUND, "{action}");
        assert_eq!(simulator.refused(&path, json!("text")).await, StatusCode::BAD_REQUEST, "{action}");
    }
    simulator.open(1, None).await.wait_for("pairingQr").await;
    let scan = format!("/v1/lines/{LINE}/scan");
    assert_eq!(simulator.refused(&scan, json!({"phoneNumber": "12"})).await, StatusCode::BAD_REQUEST);
    let (status, _) = simulator.call(Method::GET, "/v1/nowhere", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = simulator.call(Method::GET, "/v1/journal?after=x", None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _) = simulator.call(Method::GET, "/v1/media/none", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn settings_change_one_by_one_and_nonsense_changes_nothing() {
    let simulator = Simulator::start().await;
    let before = simulator.get("/v1/settings").await;
    for bad in [json!({"colour": 1}), json!({"redeliverMs": -1}), json!({"autoScan": "yes"}), json!([])] {
        assert_eq!(simulator.refused("/v1/settings", bad.clone()).await, StatusCode::BAD_REQUEST, "{bad}");
    }
    assert_eq!(simulator.get("/v1/settings").await, before);
    simulator.post("/v1/settings", json!({"autoRead": true})).await;
    let after = simulator.get("/v1/settings").await;
    assert_eq!((&after["autoRead"], &after["redeliverMs"]), (&json!(true), &before["redeliverMs"]));
}

#[tokio::test]
async fn frames_that_make_no_sense_close_the_link_with_a_reason() {
    let simulator = Simulator::start().await;
    let mut link = simulator.link().await;
    link.send(json!({"type": "ping", "nonce": 1})).await;
    assert_eq!(link.wait_for_close(400).await["reason"], "the first frame must be open");
    let mut credentials = simulator.pair().await;
    for bad in ["not json", r#"{"type":"dance"}"#, r#"{"type":"send"}"#, r#"{"type":"open","lineId":"x"}"#] {
        let mut link = simulator.logged_in(2, &credentials).await;
        link.send_raw(bad).await;
        let reason = link.wait_for_close(400).await["reason"].as_str().map(str::to_owned);
        assert!(reason.is_some_and(|reason| reason.starts_with("bad frame: ")), "{bad}");
    }
    credentials.push('x');
    simulator.open(3, Some(&credentials)).await.wait_for_close(401).await;
}

#[tokio::test]
async fn a_frame_above_the_limit_closes_the_link() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    link.text("3EB0AA", &"x".repeat(1_100_000)).await;
    link.wait_for_end().await;
    assert!(simulator.journal("accepted").await.is_empty());
}

#[tokio::test]
async fn other_sites_are_refused() {
    let simulator = Simulator::start().await;
    let url = format!("http://{}/v1/lines", simulator.address);
    let ask = async |header: &str, value: &str| {
        let request = reqwest::Client::new().get(&url).header(header, value);
        request.send().await.expect("an answer").status()
    };
    assert_eq!(ask("Origin", "http://elsewhere.example").await, StatusCode::FORBIDDEN);
    assert_eq!(ask("Origin", "null").await, StatusCode::FORBIDDEN);
    assert_eq!(ask("Host", "rebound.example").await, StatusCode::FORBIDDEN);
    assert_eq!(ask("Origin", &format!("http://{}", simulator.address)).await, StatusCode::OK);
}

#[tokio::test]
async fn the_page_is_one_file_with_a_policy() {
    let simulator = Simulator::start().await;
    let page = reqwest::get(format!("http://{}/", simulator.address)).await.expect("a page");
    let policy = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    let html = page.text().await.expect("html");
    for unsafe_way in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "src=\"http", "href=\"http"]
    {
        assert!(!html.contains(unsafe_way), "{unsafe_way}");
    }
}

#[tokio::test]
async fn the_journal_is_paged_and_filtered() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    for id in ["a", "b", "c"] {
        link.text(id, "x").await;
        link.wait_for("accepted").await;
    }
    let all = simulator.get("/v1/journal").await;
    let all = all["entries"].as_array().expect("entries");
    let page = simulator.get("/v1/journal?after=2&limit=2").await;
    assert_eq!(page["entries"].as_array().expect("entries")[..], all[2..4]);
    assert_eq!(simulator.get(&format!("/v1/journal?lineId={LINE}&limit=1")).await["entries"][0], all[0]);
    let other = uuid::Uuid::from_u128(99);
    assert_eq!(simulator.get(&format!("/v1/journal?lineId={other}")).await["entries"], json!([]));
}

#[tokio::test]
async fn stats_count_what_happened() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    link.text("a", "x").await;
    link.wait_for("accepted").await;
    let stats = simulator.get("/v1/stats").await;
    assert_eq!(stats["sends"]["accepted"], 1);
    assert_eq!(stats["connects"]["total"], 2);
    let seconds = stats["connects"]["perSecond"].as_array().expect("seconds");
    assert_eq!(seconds.iter().filter_map(|second| second["count"].as_u64()).sum::<u64>(), 2);
    assert_eq!(stats["lines"], json!({"known": 1, "linked": 1, "connected": 1}));
    assert_eq!(simulator.get("/healthz").await, json!({"status": "ok"}));
    assert_eq!(simulator.get("/v1/lines").await["lines"][0]["faults"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn a_service_that_does_not_read_is_closed_and_its_own_frames_are_still_taken() {
    let simulator = Simulator::start().await;
    let (mut link, credentials) = simulator.ready().await;
    // Far more than the sockets hold, so that the rest waits in the queue.
    for _ in 0..130 {
        simulator.say(&"x".repeat(60_000)).await;
    }
    for nonce in 0..2_000 {
        link.send(json!({"type": "ping", "nonce": nonce})).await;
    }
    simulator.until("/v1/stats", |stats| stats["overflows"] == 1).await;
    assert_eq!(simulator.line().await["connected"], false);
    let closes = simulator.journal("close").await;
    assert_eq!(closes.last().map(|entry| &entry["code"]), Some(&json!(503)));
    let mut link = simulator.open(3, Some(&credentials)).await;
    assert_eq!(link.wait_for("offline").await["count"], 130);
}

#[tokio::test]
async fn a_service_that_is_killed_is_gone_and_has_said_nothing_wrong() {
    let simulator = Simulator::start().await;
    let (link, _) = simulator.ready().await;
    drop(link);
    simulator.until("/v1/stats", |stats| stats["lines"]["connected"] == 0).await;
    let closes = simulator.journal("close").await;
    let last = closes.last().expect("a close");
    assert_eq!(
        (&last["code"], &last["detail"], &last["generation"]),
        (&Value::Null, &json!("gone"), &json!(2))
    );
    assert_eq!(simulator.get("/v1/stats").await["badFrames"], 0);
}
