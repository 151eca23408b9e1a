//! What comes in from the provider: kept, or not acknowledged.

use super::bed::Bed;
use ezw::store::inbound::PgInbound;
use ezw_actors::{
    id::Generation,
    port::{InboundBatch, InboundError, InboundKind, InboundMessage, InboundSink as _},
};

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
