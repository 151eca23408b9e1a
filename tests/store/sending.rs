//! The bed's line, sending: what its actor would ask of the store.

use super::bed::Bed;
use ezw::store::{
    deliveries,
    messages::{self, Message},
    resolving::{self, Order, Resolution, Resolved, Unresolved},
};
use ezw_actors::{
    clock::{Clock as _, SystemClock},
    id::{ConversationId, Epoch, Fence, Generation, Incarnation, MessageId},
    machine::Time,
    port::{Claim, Dispatch, Fact, ReceiptKind},
};
use uuid::Uuid;

/// Of the start that the rows name now.
pub(crate) async fn fence(bed: &Bed) -> Fence {
    let (owner, epoch): (Uuid, i64) =
        sqlx::query_as("SELECT owner_incarnation, epoch FROM lines").fetch_one(&bed.sql).await.unwrap();
    Fence {
        organization: bed.scope.organization,
        line: bed.line,
        owner: Incarnation(owner),
        epoch: Epoch(epoch),
    }
}

pub(crate) fn claim_of_all() -> Claim {
    Claim {
        max: 1_000,
        reply_only: false,
        drops_repeats: false,
        settled: true,
        resend_after: chrono::TimeDelta::zero(),
        unknown_blocks: chrono::TimeDelta::seconds(60),
        deadline: SystemClock.now() + chrono::TimeDelta::seconds(20),
    }
}

pub(crate) async fn claim(bed: &Bed, claim: Claim) -> Vec<Dispatch> {
    let fence = fence(bed).await;
    let claimed =
        bed.db.run(move |conn| Box::pin(async move { deliveries::claim(conn, fence, claim).await }));
    claimed.await.unwrap().expect("the line is not fenced")
}

pub(crate) async fn record_by(bed: &Bed, fence: Fence, generation: i64, mut facts: Vec<Fact>) {
    for fact in &mut facts {
        name(bed, fact).await;
    }
    let recorded = bed.db.unit(move |conn| {
        Box::pin(async move { deliveries::record(conn, fence, Generation(generation), &facts).await })
    });
    recorded.await.unwrap();
}

/// What speaks of an attempt, and does not name it, speaks of the one that is under way.
pub(crate) async fn name(bed: &Bed, fact: &mut Fact) {
    let id = fact.provider_message_id().to_owned();
    let (Fact::Retry { deadline, .. } | Fact::NotWritten { deadline, .. } | Fact::Unknown { deadline, .. }) =
        fact
    else {
        return;
    };
    if *deadline == UNNAMED {
        let claimed: Option<Time> =
            sqlx::query_scalar("SELECT deadline_at FROM outbound WHERE provider_message_id = $1")
                .bind(id)
                .fetch_one(&bed.sql)
                .await
                .unwrap();
        *deadline = claimed.unwrap_or(UNNAMED);
    }
}

const UNNAMED: Time = Time::UNIX_EPOCH;

pub(crate) async fn record(bed: &Bed, facts: Vec<Fact>) {
    record_by(bed, fence(bed).await, 1, facts).await;
}

pub(crate) fn accepted(id: &str) -> Fact {
    Fact::Accepted { provider_message_id: id.into(), at: SystemClock.now() }
}

pub(crate) fn receipt(id: &str, kind: ReceiptKind) -> Fact {
    Fact::Receipt { provider_message_id: id.into(), kind, at: SystemClock.now() }
}

pub(crate) fn retry(id: &str) -> Fact {
    let next_attempt_at = SystemClock.now();
    Fact::Retry { provider_message_id: id.into(), deadline: UNNAMED, code: 503, next_attempt_at }
}

pub(crate) fn not_written(id: &str) -> Fact {
    Fact::NotWritten { provider_message_id: id.into(), deadline: UNNAMED, not_before: None }
}

pub(crate) fn unknown(id: &str) -> Fact {
    Fact::Unknown { provider_message_id: id.into(), deadline: UNNAMED }
}

/// As the API shows it.
pub(crate) async fn shown(bed: &Bed, message: Uuid) -> Message {
    let (scope, id) = (bed.scope, MessageId(message));
    let found = bed.db.run(move |conn| Box::pin(async move { messages::get(conn, scope, id).await }));
    found.await.unwrap().expect("the message is there")
}

/// A conversation as the API shows it.
pub(crate) async fn timeline(bed: &Bed, conversation: ConversationId) -> Vec<Message> {
    let scope = bed.scope;
    let list = bed.db.run(move |conn| {
        Box::pin(async move { messages::list(conn, scope, conversation, None, 10_000).await })
    });
    list.await.unwrap()
}

pub(crate) async fn resolve(
    bed: &Bed,
    message: Uuid,
    resolution: Resolution,
) -> Result<Resolved, Unresolved> {
    let order = Order { user: bed.owner, message: MessageId(message), resolution, lines: bed.lines.clone() };
    let scope = bed.scope;
    bed.db.unit(move |conn| Box::pin(async move { resolving::resolve(conn, scope, &order).await })).await
}
