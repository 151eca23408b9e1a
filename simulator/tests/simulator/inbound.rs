use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{CUSTOMER, LINE, Simulator};

fn path() -> String {
    format!("/v1/lines/{LINE}/inbound")
}

#[tokio::test]
async fn an_inbound_message_comes_again_until_it_is_acknowledged() {
    let simulator = Simulator::start().await;
    simulator.post("/v1/settings", json!({"redeliverMs": 20})).await;
    let (mut link, _) = simulator.ready().await;
    let id = simulator.say("hello").await;
    let first = link.wait_for("inbound").await;
    assert_eq!(first["providerMessageId"], id.as_str());
    for member in ["type", "from", "lid", "chat", "pushName", "fromMe", "isGroup", "kind", "text", "mediaId"]
    {
        assert!(first.get(member).is_some(), "{member} in {first}");
    }
    assert_eq!(
        (&first["from"], &first["chat"], &first["kind"]),
        (&json!(CUSTOMER), &json!(CUSTOMER), &json!("text"))
    );
    for _ in 0..2 {
        assert_eq!(link.wait_for("inbound").await, first);
    }
    link.acknowledge(&[&id]).await;
    link.frames_until_pong(1).await;
    assert!(link.is_silent().await);
    assert_eq!(simulator.journal("inbound").await.len(), 1);
    assert_eq!(simulator.line().await["pendingInbound"], 0);
}

#[tokio::test]
async fn what_came_while_a_line_was_away_is_its_backlog_and_ready_waits_for_the_acks() {
    let simulator = Simulator::start().await;
    let credentials = simulator.pair().await;
    let ids = [simulator.say("one").await, simulator.say("two").await, simulator.say("three").await];
    let mut link = simulator.open(2, Some(&credentials)).await;
    assert_eq!(link.wait_for("offline").await["count"], 3);
    for (id, text) in ids.iter().zip(["one", "two", "three"]) {
        let frame = link.next().await;
        assert_eq!((&frame["providerMessageId"], &frame["text"]), (&json!(id), &json!(text)));
    }
    link.acknowledge(&[&ids[0], &ids[2]]).await;
    assert!(link.frames_until_pong(1).await.is_empty());
    assert_eq!(simulator.line().await["stage"], "syncing");
    link.acknowledge(&[&ids[1], "never sent"]).await;
    assert_eq!(link.next().await["type"], "ready");
}

#[tokio::test]
async fn an_unacknowledged_message_comes_again_in_the_next_session() {
    let simulator = Simulator::start().await;
    let (mut link, credentials) = simulator.ready().await;
    let id = simulator.say("hello").await;
    link.wait_for("inbound").await;
    drop(link);
    let mut link = simulator.open(3, Some(&credentials)).await;
    assert_eq!(link.wait_for("offline").await["count"], 1);
    assert_eq!(link.next().await["providerMessageId"], id.as_str());
}

#[tokio::test]
async fn a_long_backlog_passes_through_a_short_queue() {
    let simulator = Simulator::start().await;
    let credentials = simulator.pair().await;
    for count in 0..300 {
        simulator.say(&format!("message {count}")).await;
    }
    let mut link = simulator.open(2, Some(&credentials)).await;
    assert_eq!(link.wait_for("offline").await["count"], 300);
    for count in 0..300 {
        let frame = link.wait_for("inbound").await;
        assert_eq!(frame["text"], format!("message {count}"));
        link.acknowledge(&[frame["providerMessageId"].as_str().expect("an id")]).await;
    }
    link.wait_for("ready").await;
}

#[tokio::test]
async fn every_kind_of_inbound_arrives_as_what_it_is() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    let mut arrives = async |body: Value| {
        simulator.post(&path(), body).await;
        let frame = link.wait_for("inbound").await;
        link.acknowledge(&[frame["providerMessageId"].as_str().expect("an id")]).await;
        frame
    };
    let text = arrives(json!({"from": CUSTOMER, "lid": "77@lid", "text": "hi", "pushName": "Ann"})).await;
    assert_eq!((&text["lid"], &text["pushName"]), (&json!("77@lid"), &json!("Ann")));

    let edit = arrives(json!({"from": CUSTOMER, "kind": "edit", "text": "hi!"})).await;
    assert_eq!((&edit["kind"], &edit["targetMessageId"]), (&json!("edit"), &text["providerMessageId"]));
    let delete = arrives(json!({"from": CUSTOMER, "kind": "delete", "targetMessageId": "X"})).await;
    assert_eq!((&delete["kind"], &delete["targetMessageId"]), (&json!("delete"), &json!("X")));

    let image = arrives(json!({"from": CUSTOMER, "imageBase64": "/9j/AA==", "caption": "look"})).await;
    assert_eq!((&image["kind"], &image["text"]), (&json!("image"), &json!("look")));
    assert_eq!(image["mediaContentType"], "image/jpeg");
    let media = image["mediaId"].as_str().expect("media");
    let got = reqwest::get(format!("http://{}/v1/media/{media}", simulator.address)).await.expect("media");
    assert_eq!(got.bytes().await.expect("bytes").as_ref(), [0xFF, 0xD8, 0xFF, 0x00]);

    let lid_only = arrives(json!({"lid": "88@lid", "text": "who am I"})).await;
    assert_eq!((&lid_only["from"], &lid_only["chat"]), (&Value::Null, &json!("88@lid")));
    let audio = arrives(json!({"from": CUSTOMER, "kind": "audio"})).await;
    assert_eq!((&audio["kind"], &audio["text"]), (&json!("audio"), &Value::Null));
    let group = arrives(json!({"from": CUSTOMER, "kind": "group", "text": "all"})).await;
    assert_eq!((&group["isGroup"], &group["kind"]), (&json!(true), &json!("text")));
    let own = arrives(json!({"from": CUSTOMER, "fromPhone": true, "text": "mine"})).await;
    assert_eq!((&own["fromMe"], &own["chat"]), (&json!(true), &json!(CUSTOMER)));
    assert_eq!(own["from"], simulator.line().await["phoneNumber"]);
}

#[tokio::test]
async fn an_id_can_be_repeated_on_purpose() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    for _ in 0..2 {
        let body = json!({"from": CUSTOMER, "text": "again", "providerMessageId": "3AFF"});
        assert_eq!(simulator.post(&path(), body).await["providerMessageId"], "3AFF");
        assert_eq!(link.wait_for("inbound").await["providerMessageId"], "3AFF");
        link.acknowledge(&["3AFF"]).await;
    }
}

#[tokio::test]
async fn a_bad_inbound_request_is_refused() {
    let simulator = Simulator::start().await;
    assert_eq!(
        simulator.refused(&path(), json!({"from": CUSTOMER, "text": "x"})).await,
        StatusCode::NOT_FOUND
    );
    simulator.open(1, None).await.wait_for("pairingQr").await;
    assert_eq!(
        simulator.refused(&path(), json!({"from": CUSTOMER, "text": "x"})).await,
        StatusCode::CONFLICT
    );
    simulator.pair().await;
    for bad in [
        json!({"text": "x"}),
        json!({"from": "someone", "text": "x"}),
        json!({"from": CUSTOMER}),
        json!({"from": CUSTOMER, "text": "x", "colour": "red"}),
        json!({"from": CUSTOMER, "kind": "dance"}),
        json!({"from": CUSTOMER, "kind": "image"}),
        json!({"from": CUSTOMER, "imageBase64": "?"}),
        json!([]),
    ] {
        assert_eq!(simulator.refused(&path(), bad.clone()).await, StatusCode::BAD_REQUEST, "{bad}");
    }
    let missing = json!({"from": CUSTOMER, "mediaId": "none"});
    assert_eq!(simulator.refused(&path(), missing).await, StatusCode::NOT_FOUND);
    let nothing_to_edit = json!({"from": CUSTOMER, "kind": "edit", "text": "x"});
    assert_eq!(simulator.refused(&path(), nothing_to_edit).await, StatusCode::CONFLICT);
}
