//! Erasing a contact, beside what else happens to it at that moment.

use super::{
    bed::Bed,
    sending::{accepted, claim, claim_of_all, not_written, record, resolve, retry, shown, unknown},
};
use ezw::store::{
    StoreError,
    audit::Actor,
    contacts::ContactId,
    erasing::{self, Erased},
    inbound::PgInbound,
    replies::{Refusal, Target},
    resolving::{Resolution, Unresolved},
};
use ezw_actors::{
    id::{ConversationId, Generation},
    port::{Claim, InboundBatch, InboundError, InboundKind, InboundMessage, InboundSink as _},
};
use futures_util::future::join_all;
use uuid::Uuid;

const CUSTOMER: &str = "+4915112345678";

async fn contact(bed: &Bed) -> ContactId {
    let id = sqlx::query_scalar("SELECT id FROM contacts WHERE phone_number = $1").bind(CUSTOMER);
    ContactId(id.fetch_one(&bed.sql).await.unwrap())
}

async fn try_erase(bed: &Bed, contact: ContactId) -> Result<Option<Erased>, StoreError> {
    let (scope, by) = (bed.scope, Actor::User(bed.owner));
    bed.db.unit(move |conn| Box::pin(async move { erasing::erase(conn, scope, by, contact).await })).await
}

/// As the command does it: again, while others are at work on the contact.
async fn erase(bed: &Bed, contact: ContactId) -> Option<Erased> {
    loop {
        match try_erase(bed, contact).await {
            Err(StoreError::Unavailable(_)) => {}
            outcome => return outcome.unwrap(),
        }
    }
}

async fn write(bed: &Bed, id: &str, text: &str) -> Result<usize, InboundError> {
    let message = InboundMessage {
        provider_message_id: id.into(),
        phone_number: Some(CUSTOMER.into()),
        lid: Some("1@lid".into()),
        push_name: Some("Ada".into()),
        from_me: false,
        kind: InboundKind::Text(text.into()),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    let batch = InboundBatch {
        organization: bed.scope.organization,
        line: bed.line,
        generation: Generation(1),
        messages: vec![message],
    };
    PgInbound::new(bed.db.clone()).commit(batch).await
}

/// What names the person or repeats their words, wherever it is in the database.
async fn traces(bed: &Bed) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    )
    .fetch_all(&bed.sql)
    .await
    .unwrap();
    let mut traces = Vec::new();
    for table in tables {
        let found = format!(
            r#"(SELECT to_jsonb(t)::text AS row FROM "{table}" t) r WHERE row ~ '4915112345678|1@lid|Ada|secret'"#
        );
        if bed.count(&found).await > 0 {
            traces.push(table);
        }
    }
    traces
}

#[tokio::test]
async fn nothing_names_an_erased_contact_any_more_and_what_waits_for_it_is_not_sent() {
    let bed = Bed::new().await;
    write(&bed, "A", "A secret").await.unwrap();
    let reply = |key: &str| bed.accept(bed.reply(key, Target::Phone(CUSTOMER.into()), "Another secret"));
    let sent = reply("a").await.unwrap().message;
    assert_eq!(claim(&bed, claim_of_all()).await.len(), 1);
    record(&bed, vec![accepted(&sent.provider_message_id)]).await;
    let waits = reply("b").await.unwrap().message;
    let place = ConversationId(sent.conversation_id);
    bed.execute("UPDATE contacts SET display_name = 'Ada L.'").await;
    let note = "INSERT INTO notes (organization_id, id, conversation_id, author_user_id, body_text)
                SELECT organization_id, gen_random_uuid(), id, $1, 'Ada is angry' FROM conversations";
    sqlx::query(note).bind(bed.owner).execute(&bed.sql).await.unwrap();
    let image = "WITH image AS (
            INSERT INTO attachments (organization_id, id, content_type, size_bytes, sha256, storage_key)
            SELECT organization_id, gen_random_uuid(), 'image/png', 1, decode(repeat('00', 32), 'hex'), 'Ada.png'
            FROM conversations RETURNING organization_id, id)
        UPDATE messages m SET kind = 'image', attachment_id = i.id FROM image i WHERE m.direction = 'inbound'";
    bed.execute(image).await;
    assert_ne!(traces(&bed).await, Vec::<String>::new(), "the search finds what is there");
    let who = contact(&bed).await;
    let erased = erase(&bed, who).await;
    assert_eq!(erased, Some(Erased { messages: 3, attachments: 1, notes: 1, replies: 1 }));
    assert_eq!(traces(&bed).await, Vec::<String>::new());
    let timeline = super::sending::timeline(&bed, place).await;
    assert_eq!(timeline.len(), 3, "that something was said stays");
    assert!(timeline.iter().all(|one| one.body_text.is_none() && one.attachment_id.is_none()));
    assert!(timeline.iter().all(|one| one.deleted_at.is_some()));
    let failed = shown(&bed, waits.id).await;
    assert_eq!(
        (failed.status.as_str(), failed.failure_reason.as_deref()),
        ("failed", Some("contact_erased"))
    );
    assert_eq!(shown(&bed, sent.id).await.status, "sent", "what was sent was sent");
    assert_eq!(
        bed.count("audit_log WHERE event_type = 'contact.erased' AND target_type = 'contact'").await,
        1
    );
    assert_eq!(erase(&bed, who).await, None, "once");
    let refused = bed.accept(bed.reply("c", Target::Conversation(place), "Hello")).await;
    assert!(matches!(refused, Err(Refusal::NotFound)), "there is nobody to write to: {refused:?}");
    write(&bed, "B", "Me again").await.unwrap();
    assert_ne!(contact(&bed).await, who, "somebody new");
    assert_eq!(bed.count("conversations").await, 2);
}

#[tokio::test]
async fn what_was_on_its_way_to_an_erased_contact_gets_its_outcome_and_is_not_tried_again() {
    let bed = Bed::new().await;
    let mut replies = Vec::new();
    for n in 0..4 {
        // Each on its way at once, so each in a conversation of its own; then all of one contact.
        let number = format!("+49151000000{n:02}");
        replies.push(
            bed.accept(bed.reply(&number, Target::Phone(number.clone()), "Hello")).await.unwrap().message,
        );
    }
    assert_eq!(claim(&bed, claim_of_all()).await.len(), 4);
    let contacts: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM contacts").fetch_all(&bed.sql).await.unwrap();
    for one in contacts {
        let erased = erase(&bed, ContactId(one)).await.unwrap();
        assert_eq!(erased.replies, 0, "on its way");
    }
    let id = |n: usize| replies[n].provider_message_id.as_str();
    record(&bed, vec![accepted(id(0)), retry(id(1)), not_written(id(2)), unknown(id(3))]).await;
    let mut shown_all = Vec::new();
    for reply in &replies {
        let shown = shown(&bed, reply.id).await;
        shown_all.push((shown.status, shown.failure_reason.unwrap_or_default()));
    }
    let erased = ("failed".to_owned(), "contact_erased".to_owned());
    let wanted =
        [("sent".to_owned(), String::new()), erased.clone(), erased, ("unknown".to_owned(), String::new())];
    assert_eq!(shown_all, wanted);
    let all = Claim { drops_repeats: true, ..claim_of_all() };
    assert!(claim(&bed, all).await.is_empty(), "its words are gone, and so is its recipient");
    let refused = resolve(&bed, replies[3].id, Resolution::Resend).await;
    assert!(matches!(refused, Err(Unresolved::Final)), "{refused:?}");
    assert!(resolve(&bed, replies[3].id, Resolution::Discard).await.unwrap().changed);
}

#[tokio::test]
async fn what_is_written_while_a_contact_is_erased_is_erased_with_it_or_of_a_new_contact() {
    let bed = Bed::new().await;
    for round in 0..12 {
        write(&bed, &format!("first-{round}"), "Before").await.unwrap();
        let who = contact(&bed).await;
        let (bed, ids) = (&bed, (0..6).map(|n| format!("{round}-{n}")).collect::<Vec<_>>());
        let inbound = join_all(ids.iter().map(|id| async move {
            // Delivered again until it is taken.
            while write(bed, id, "Meanwhile").await.is_err() {}
        }));
        let replies = join_all(ids.iter().map(|id| async move {
            let reply = bed.reply(id, Target::Phone(CUSTOMER.into()), "Meanwhile");
            match bed.accept(reply).await {
                Ok(_) | Err(Refusal::NotFound | Refusal::Store(StoreError::Unavailable(_))) => {}
                Err(other) => panic!("{other:?}"),
            }
        }));
        let (erased, _, _) = tokio::join!(erase(bed, who), inbound, replies);
        assert!(erased.is_some(), "{round}");
    }
    let left =
        "messages m JOIN conversations v ON v.id = m.conversation_id JOIN contacts c ON c.id = v.contact_id
                WHERE c.erased_at IS NOT NULL AND m.body_text IS NOT NULL";
    assert_eq!(bed.count(left).await, 0, "words of an erased contact");
    let named = "contacts WHERE erased_at IS NOT NULL AND (phone_number IS NOT NULL OR lid IS NOT NULL OR push_name IS NOT NULL)";
    assert_eq!(bed.count(named).await, 0);
    let queued =
        "outbound o JOIN conversations v ON v.id = o.conversation_id JOIN contacts c ON c.id = v.contact_id
                  WHERE c.erased_at IS NOT NULL AND (o.status = 'queued' OR o.recipient IS NOT NULL)";
    assert_eq!(bed.count(queued).await, 0, "replies to an erased contact");
    assert_eq!(bed.count("messages WHERE direction = 'inbound'").await, 12 * 7, "nothing was lost");
}
