//! Archiving beside what else happens to a line at that moment.

use super::bed::Bed;
use ezw::store::{
    archive::{self, Archive},
    deliveries,
    replies::{Refusal, Target},
};
use ezw_actors::{
    clock::{Clock as _, SystemClock},
    id::{Epoch, Fence, Generation, Incarnation},
    machine::StateName,
    port::Fact,
};
use futures_util::future::join_all;
use strum::IntoEnumIterator as _;

async fn archive(bed: &Bed) -> Archive {
    let (scope, by, line) = (bed.scope, bed.owner, bed.line);
    bed.db
        .unit(move |conn| Box::pin(async move { archive::archive(conn, scope, by, line).await }))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_line_is_archived_in_every_state_and_once() {
    let bed = Bed::new().await;
    for state in StateName::iter() {
        bed.execute("UPDATE lines SET archived_at = NULL, desired = 'stopped'").await;
        let detail = match state {
            StateName::Starting => {
                r#"{"state":"starting","deadline":"2026-01-01T00:00:00Z","from":{"state":"created"}}"#.to_owned()
            }
            StateName::WaitingPermit => r#"{"state":"waiting_permit","purpose":{"for":"resume"}}"#.to_owned(),
            StateName::Pairing => {
                r#"{"state":"pairing","generation":1,"deadline":"2026-01-01T00:00:00Z","step":{"step":"code"},
                    "pairing":{"command":"00000000-0000-0000-0000-000000000001","code_for":null,"before":{"was":"created"}}}"#
                    .to_owned()
            }
            // What the others need is in all of them; what they do not know they pass over.
            _ => format!(
                r#"{{"state":"{state}","generation":1,"purpose":{{"for":"resume"}},"reason":"{}",
                    "deadline":"2026-01-01T00:00:00Z","until":"2026-01-01T00:00:00Z","retry_at":"2026-01-01T00:00:00Z",
                    "since":"2026-01-01T00:00:00Z"}}"#,
                match state {
                    StateName::Failed => "poison",
                    StateName::LoggedOut => "logged_out",
                    _ => "connection_lost",
                }
            ),
        };
        bed.set_state(&detail).await;
        let both = join_all([archive(&bed), archive(&bed)]).await;
        let changed = both.iter().filter(|one| **one == Archive::Done { changed: true }).count();
        assert_eq!(changed, 1, "{state}: {both:?}");
        assert_eq!(
            bed.count("lines WHERE archived_at IS NOT NULL AND desired = 'stopped'").await,
            1,
            "{state}"
        );
    }
}

#[tokio::test]
async fn a_reply_is_accepted_before_an_archive_and_fails_with_it_or_is_refused_after_it() {
    let bed = Bed::new().await;
    let targets: Vec<String> = (0..10).map(|n| format!("+49151000000{n:02}")).collect();
    let accepts =
        targets.iter().map(|phone| bed.accept(bed.reply(phone, Target::Phone(phone.clone()), "Hello")));
    let (archived, accepted) = tokio::join!(archive(&bed), join_all(accepts));
    assert_eq!(archived, Archive::Done { changed: true });
    let (kept, refused): (Vec<_>, Vec<_>) = accepted.into_iter().partition(Result::is_ok);
    assert!(refused.iter().all(|one| matches!(one, Err(Refusal::LineNotSendable(_)))), "{refused:?}");
    assert_eq!(bed.count("outbound").await, i64::try_from(kept.len()).unwrap());
    assert_eq!(bed.count("outbound WHERE status <> 'failed' OR failure_reason <> 'line_archived'").await, 0);
}

#[tokio::test]
async fn a_reply_that_comes_back_to_the_queue_of_an_archived_line_fails_there() {
    let bed = Bed::new().await;
    for (key, number) in [("a", "+4915100000001"), ("b", "+4915100000002")] {
        bed.accept(bed.reply(key, Target::Phone(number.into()), "Hello")).await.unwrap();
    }
    bed.execute(
        "UPDATE outbound SET status = 'sending', attempts = 1, epoch = 1, attempt_started_at = now(), deadline_at = now()",
    )
    .await;
    assert_eq!(archive(&bed).await, Archive::Done { changed: true });
    assert_eq!(bed.count("outbound WHERE status = 'sending'").await, 2, "their outcome is still to come");
    let ids: Vec<String> =
        sqlx::query_scalar("SELECT provider_message_id FROM outbound").fetch_all(&bed.sql).await.unwrap();
    let owner: uuid::Uuid =
        sqlx::query_scalar("SELECT owner_incarnation FROM lines").fetch_one(&bed.sql).await.unwrap();
    let fence = Fence {
        organization: bed.scope.organization,
        line: bed.line,
        owner: Incarnation(owner),
        epoch: Epoch(1),
    };
    let deadline =
        sqlx::query_scalar("SELECT max(deadline_at) FROM outbound").fetch_one(&bed.sql).await.unwrap();
    let facts = [
        Fact::Retry {
            provider_message_id: ids[0].clone(),
            deadline,
            code: 429,
            next_attempt_at: SystemClock.now(),
        },
        Fact::NotWritten { provider_message_id: ids[1].clone(), deadline, not_before: None },
    ];
    let record = bed.db.unit(move |conn| {
        Box::pin(async move { deliveries::record(conn, fence, Generation(1), &facts).await })
    });
    record.await.unwrap();
    assert_eq!(bed.count("outbound WHERE status = 'failed' AND failure_reason = 'line_archived'").await, 2);
}
