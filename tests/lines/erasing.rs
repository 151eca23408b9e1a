//! Erasing a contact on the command line, as it looks from outside.

use super::{scenes::Scene, support::TestBed};
use serde_json::{Value, json};

const CUSTOMER: &str = "+4915550002002";

#[tokio::test]
async fn an_operator_erases_a_contact_on_the_command_line() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let words = json!({"from": CUSTOMER, "text": "Where is my parcel?", "pushName": "Ada"});
    bed.simulator().inbound_of(&scene.line, &words).await;
    let conversation = scene.conversation(&bed, CUSTOMER).await;
    let place = conversation["id"].as_str().unwrap();
    // The first one is on its way for as long as nobody says that it arrived; the second one waits behind it.
    bed.simulator().fault(&scene.line, &json!({"kind": "drop_ack", "receipts": false})).await;
    let (first, _) = scene.send(&bed, "a", ("conversationId", place), "It arrives today.").await;
    scene.until_status(&bed, place, &first, "sending").await;
    let (second, _) = scene.send(&bed, "b", ("conversationId", place), "By noon.").await;
    let organization = &scene.owner.organization_id;
    let erase = |number: &str| {
        bed.ezw(&["contacts", "erase", "--organization", organization, "--phone-number", number], &[])
    };
    let done = erase(CUSTOMER);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said} {}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("3 messages emptied") && said.contains("1 replies not sent"), "{said}");
    let failed = scene.until_status(&bed, place, &second, "failed").await;
    assert_eq!(failed["failureReason"], "contact_erased");
    for message in scene.messages(&bed, place).await {
        assert_eq!(
            (&message["bodyText"], message["deletedAt"].is_string()),
            (&Value::Null, true),
            "{message}"
        );
    }
    let path = format!("/api/conversations?conversationId={place}");
    let shown = bed.get(&path).bearer(&scene.owner.token).send().await.expect_status(200).body;
    let shown = &shown["conversations"][0];
    assert_eq!(shown["contact"]["id"], conversation["contact"]["id"]);
    assert_eq!(
        (&shown["contact"]["phoneNumber"], &shown["lastMessagePreview"]),
        (&Value::Null, &Value::Null)
    );
    bed.simulator().inbound(&scene.line, CUSTOMER, "Me again").await;
    let anew = scene.conversation(&bed, CUSTOMER).await;
    assert_ne!((&anew["id"], &anew["contact"]["id"]), (&conversation["id"], &conversation["contact"]["id"]));
    assert_eq!(erase("+4915550009009").status.code(), Some(1), "nobody of this number");
    assert_eq!(bed.ezw(&["contacts", "erase", "--organization", organization], &[]).status.code(), Some(2));
}
