//! What comes in from the provider: kept, or not acknowledged.

use super::bed::Bed;
use ezw::store::{inbound::PgInbound, replies::Target};
use ezw_actors::{
    id::Generation,
    machine::Time,
    port::{InboundBatch, InboundError, InboundKind, InboundMessage, InboundSink as _, KeptImage},
};
use std::collections::BTreeSet;
use uuid::Uuid;

const CUSTOMER: &str = "+4915112345678";

fn message(id: &str, text: &str) -> InboundMessage {
    InboundMessage {
        provider_message_id: id.into(),
        phone_number: Some(CUSTOMER.into()),
        lid: None,
        push_name: None,
        from_me: false,
        kind: InboundKind::Text(text.into()),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
    }
}

async fn commit(bed: &Bed, message: InboundMessage) -> Result<usize, InboundError> {
    let batch = InboundBatch {
        organization: bed.scope.organization,
        line: bed.line,
        generation: Generation(1),
        messages: vec![message],
    };
    PgInbound::new(bed.db.clone()).commit(batch).await
}

#[tokio::test]
async fn only_what_no_row_can_hold_is_given_up() {
    let bed = Bed::new().await;
    for code in ["25006", "58030", "XX000", "42703", "0A000", "53100", "40001"] {
        bed.fail_writes("messages", code).await;
        let refused = commit(&bed, message("A", "Hello")).await;
        assert!(matches!(refused, Err(InboundError::Later(_))), "{code}: {refused:?}");
    }
    for code in ["22021", "23514"] {
        bed.fail_writes("messages", code).await;
        let refused = commit(&bed, message("A", "Hello")).await;
        assert!(matches!(refused, Err(InboundError::Never(_))), "{code}: {refused:?}");
    }
    bed.execute("DROP TRIGGER fail ON messages").await;
    assert!(matches!(commit(&bed, message("A", "a\0b")).await, Err(InboundError::Never(_))));
    assert_eq!(commit(&bed, message("A", "Hello")).await.unwrap(), 1);
    // A schema that is not this program's, for a while.
    bed.execute("ALTER TABLE messages RENAME TO messages_of_tomorrow").await;
    assert!(matches!(commit(&bed, message("B", "Hello")).await, Err(InboundError::Later(_))));
}

fn image(id: &str) -> InboundMessage {
    let image = KeptImage {
        storage_key: format!("a/{}", Uuid::now_v7()),
        content_type: "image/png".into(),
        size_bytes: 40,
        sha256: [7; 32],
    };
    InboundMessage { kind: InboundKind::Image { image: Some(image), caption: None }, ..message(id, "") }
}

fn delete(id: &str, target: &str) -> InboundMessage {
    InboundMessage { kind: InboundKind::Delete { target: target.into() }, ..message(id, "") }
}

fn edit(id: &str, target: &str, text: &str) -> InboundMessage {
    let kind = InboundKind::Edit { target: target.into(), text: text.into() };
    InboundMessage { kind, ..message(id, "") }
}

#[tokio::test]
async fn what_is_taken_back_is_deleted_also_without_words_and_its_image_goes() {
    let bed = Bed::new().await;
    let unsupported =
        InboundMessage { kind: InboundKind::Unsupported("sticker".into()), ..message("STICKER", "") };
    for sent in [message("TEXT", "Hello"), image("IMAGE"), image("OTHER"), unsupported] {
        assert_eq!(commit(&bed, sent).await.unwrap(), 1);
    }
    assert_eq!(commit(&bed, edit("E", "OTHER", "A caption")).await.unwrap(), 1);
    assert_eq!(bed.count("attachments").await, 2);
    bed.execute("DELETE FROM live_events").await;
    for target in ["TEXT", "IMAGE", "STICKER"] {
        assert_eq!(commit(&bed, delete("D", target)).await.unwrap(), 1, "{target}");
        assert_eq!(commit(&bed, delete("D", target)).await.unwrap(), 0, "{target} is deleted already");
        assert_eq!(commit(&bed, edit("E", target, "Again")).await.unwrap(), 0, "{target} stays deleted");
    }
    let deleted = "messages WHERE deleted_at IS NOT NULL AND body_text IS NULL AND attachment_id IS NULL";
    assert_eq!(bed.count(deleted).await, 3);
    assert_eq!(bed.count("live_events").await, 3);
    let left = "attachments a JOIN messages m ON m.attachment_id = a.id AND m.provider_message_id = 'OTHER'";
    assert_eq!((bed.count("attachments").await, bed.count(left).await), (1, 1));
}

#[tokio::test]
async fn changes_of_what_nobody_said_make_no_contact_and_no_conversation() {
    let bed = Bed::new().await;
    for change in [delete("D", "A"), edit("E", "A", "Hello")] {
        assert_eq!(commit(&bed, change).await.unwrap(), 0);
    }
    assert_eq!((bed.count("contacts").await, bed.count("conversations").await), (0, 0));
}

#[tokio::test]
async fn an_echo_settles_a_reply_once_and_tells_so() {
    let bed = Bed::new().await;
    let accepted = bed.accept(bed.reply("k", Target::Phone(CUSTOMER.into()), "Hello")).await.unwrap();
    bed.execute(
        "UPDATE outbound SET status = 'unknown', attempts = 2, epoch = 1, unknown_since = now(), failure_code = 429",
    )
    .await;
    bed.execute("DELETE FROM live_events").await;
    let echo = InboundMessage { from_me: true, ..message(&accepted.message.provider_message_id, "Hello") };
    assert_eq!(commit(&bed, echo.clone()).await.unwrap(), 0, "no second message");
    let settled = "outbound WHERE status = 'sent' AND settled_at IS NOT NULL
        AND failure_reason IS NULL AND failure_code IS NULL";
    assert_eq!(bed.count(settled).await, 1);
    assert_eq!(bed.count("receipts WHERE kind = 'accepted' AND generation = 1").await, 1);
    assert_eq!(bed.count("live_events WHERE type = 'message.updated'").await, 1);
    // Shown again, on every device and after every reconnect: nothing is written for what is known.
    let versions = || async {
        let rows: Vec<(String, Time)> =
            sqlx::query_as("SELECT xmin::text, updated_at FROM outbound").fetch_all(&bed.sql).await.unwrap();
        rows.into_iter().collect::<BTreeSet<_>>()
    };
    let before = versions().await;
    assert_eq!(commit(&bed, echo).await.unwrap(), 0);
    assert_eq!(versions().await, before);
    assert_eq!(bed.count("live_events").await, 1);
    assert_eq!(bed.count("messages").await, 1);
}

#[tokio::test]
async fn what_the_owner_edits_or_takes_back_was_sent_and_is_not_sent_again() {
    let bed = Bed::new().await;
    for (key, change) in [("edited", true), ("deleted", false)] {
        let accepted = bed.accept(bed.reply(key, Target::Phone(CUSTOMER.into()), key)).await.unwrap();
        bed.execute(
            "UPDATE outbound SET status = 'unknown', attempts = 1, epoch = 1, unknown_since = now() WHERE status = 'queued'",
        )
        .await;
        let id = &accepted.message.provider_message_id;
        let change = if change { edit("E", id, "Better") } else { delete("D", id) };
        assert_eq!(commit(&bed, InboundMessage { from_me: true, ..change }).await.unwrap(), 1, "{key}");
    }
    assert_eq!(bed.count("outbound WHERE status = 'sent' AND settled_at IS NOT NULL").await, 2);
    assert_eq!(bed.count("receipts WHERE kind = 'accepted'").await, 2);
}
