//! Facts in any order: what they come to, and that no reader ever sees a status go backwards.

use super::{
    bed::Bed,
    sending::{
        accepted, claim, claim_of_all, fence, not_written, receipt, record_by, resolve, retry, timeline,
        unknown,
    },
    support::eventually,
};
use ezw::store::{inbound::PgInbound, overdue, replies::Target, resolving::Resolution};
use ezw_actors::{
    id::{ConversationId, Fence, Generation},
    port::{Claim, Fact, InboundBatch, InboundKind, InboundMessage, InboundSink as _, ReceiptKind},
};
use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng, seq::IndexedRandom as _};
use std::collections::HashMap;
use uuid::Uuid;

/// What a reader must never see fall.
const RANKS: [&[&str]; 7] =
    [&["queued"], &["sending"], &["unknown"], &["sent"], &["failed", "expired"], &["delivered"], &["read"]];

fn rank(status: &str) -> usize {
    RANKS.iter().position(|words| words.contains(&status)).expect("a status that is known")
}

/// What the provider may tell of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Accepted,
    Delivered,
    Read,
    Failed,
}

const TOLD: [Told; 4] = [Told::Accepted, Told::Delivered, Told::Read, Told::Failed];

impl Told {
    fn fact(self, id: &str) -> Fact {
        match self {
            Self::Accepted => accepted(id),
            Self::Delivered => receipt(id, ReceiptKind::Delivered),
            Self::Read => receipt(id, ReceiptKind::Read),
            Self::Failed => receipt(id, ReceiptKind::Failed),
        }
    }

    fn status(self) -> &'static str {
        match self {
            Self::Accepted => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

/// Every order of one to four of them, each as often as there is room: 340.
fn orders() -> Vec<Vec<Told>> {
    let mut all: Vec<Vec<Told>> = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..4 {
        let longest = all[from..].to_vec();
        from = all.len();
        all.extend(
            longest.iter().flat_map(|order| TOLD.iter().map(|told| [order.as_slice(), &[*told]].concat())),
        );
    }
    all.split_off(1)
}

/// Replies of one conversation: each message, and its id at the provider.
async fn replies(bed: &Bed, count: usize) -> (ConversationId, Vec<(Uuid, String)>) {
    let conversation = bed.conversation("+4915100000001").await;
    bed.execute("UPDATE conversations SET last_inbound_at = now()").await;
    let mut replies = Vec::new();
    for n in 0..count {
        let reply = bed.reply(&format!("k{n}"), Target::Conversation(conversation), "Hello");
        let message = bed.accept(reply).await.unwrap().message;
        replies.push((message.id, message.provider_message_id));
    }
    (conversation, replies)
}

/// Watches what a reader sees.
#[derive(Default)]
struct Reader {
    seen: HashMap<Uuid, String>,
}

impl Reader {
    /// Looks as the API does, and complains of whatever fell since the last look.
    async fn look(&mut self, bed: &Bed, conversation: ConversationId, after: &str) {
        for message in timeline(bed, conversation).await {
            let before = self.seen.insert(message.id, message.status.clone());
            let fell = before.as_ref().is_some_and(|before| rank(before) > rank(&message.status));
            assert!(!fell, "after {after} {} went from {before:?} to {}", message.id, message.status);
        }
    }
}

#[tokio::test]
async fn whatever_order_facts_come_in_a_status_never_falls_and_the_highest_wins() {
    for from in ["sending", "unknown"] {
        let bed = Bed::new().await;
        let orders = orders();
        assert_eq!(orders.len(), 340);
        let (conversation, replies) = replies(&bed, orders.len()).await;
        let begin = format!(
            "UPDATE outbound SET status = '{from}', attempts = 1, epoch = 1, attempt_started_at = now(), deadline_at = now(),
                unknown_since = CASE WHEN '{from}' = 'unknown' THEN now() END"
        );
        bed.execute(&begin).await;
        let mut reader = Reader::default();
        reader.look(&bed, conversation, "the beginning").await;
        let fence = fence(&bed).await;
        for step in 0..4 {
            let told =
                orders.iter().zip(&replies).filter_map(|(order, (_, id))| Some(order.get(step)?.fact(id)));
            // Each time another session tells.
            let generation = i64::try_from(step).unwrap() + 1;
            record_by(&bed, fence, generation, told.collect()).await;
            reader.look(&bed, conversation, &format!("step {step}")).await;
        }
        for (order, (message, _)) in orders.iter().zip(&replies) {
            let highest = order.iter().map(|told| told.status()).max_by_key(|status| rank(status)).unwrap();
            assert_eq!(reader.seen[message], highest, "{from}, then {order:?}");
        }
        // Appended, each once for each session that told it; nothing is written over.
        let told: usize = orders.iter().map(Vec::len).sum();
        assert_eq!(bed.count("receipts").await, i64::try_from(told).unwrap());
    }
}

/// Everything that can happen to replies, in any order, by starts old and new.
#[tokio::test]
async fn no_reader_sees_a_status_fall_whatever_happens_to_replies_meanwhile() {
    let from = std::env::var("EZW_TEST_SEED").ok().map_or(1, |seed| seed.parse().unwrap());
    for seed in from..from + 3 {
        println!("seed {seed}");
        live(&Bed::new().await, SmallRng::seed_from_u64(seed)).await;
    }
}

async fn live(bed: &Bed, mut rng: SmallRng) {
    let mut places = Vec::new();
    let mut replies = Vec::new();
    for n in 0..12 {
        let place = bed.conversation(&format!("+49151000000{n:02}")).await;
        bed.execute("UPDATE conversations SET last_inbound_at = now()").await;
        for m in 0..2 {
            let reply = bed.reply(&format!("k{n}-{m}"), Target::Conversation(place), "Hello");
            let message = bed.accept(reply).await.unwrap().message;
            replies.push((message.id, message.provider_message_id));
        }
        places.push(place);
    }
    let (mut reader, mut told) = (Reader::default(), HashMap::<Uuid, usize>::new());
    let first = fence(bed).await;
    for step in 0..40 {
        let done = happen(bed, &mut rng, first, &replies, &mut told).await;
        for place in &places {
            reader.look(bed, *place, &format!("step {step}, {done}")).await;
        }
    }
    for (message, least) in told {
        let status = &reader.seen[&message];
        assert!(rank(status) >= least, "{message} is {status}, and more was told of it");
    }
}

/// One thing; what it was.
async fn happen(
    bed: &Bed,
    rng: &mut SmallRng,
    first: Fence,
    replies: &[(Uuid, String)],
    told: &mut HashMap<Uuid, usize>,
) -> String {
    let one = replies.choose(rng).unwrap();
    match rng.random_range(0..12) {
        0..4 => {
            let drops_repeats = rng.random_bool(0.5);
            let claimed =
                claim(bed, Claim { max: rng.random_range(1..12), drops_repeats, ..claim_of_all() }).await;
            format!("a claim of {}", claimed.len())
        }
        4..8 => {
            let facts: Vec<Fact> = (0..6).map(|_| fact(rng, replies, told)).collect();
            let now = fence(bed).await;
            // Also from a start that is long over.
            let fence = if rng.random_bool(0.2) { first } else { now };
            let what = format!("{facts:?}");
            record_by(bed, fence, rng.random_range(1..4), facts).await;
            what
        }
        8 => {
            bed.execute("UPDATE lines SET epoch = epoch + 1").await;
            bed.execute(
                "UPDATE outbound SET deadline_at = now() - interval '1 minute' WHERE deadline_at IS NOT NULL",
            )
            .await;
            bed.db.run(|conn| Box::pin(overdue::rescue_abandoned(conn))).await.unwrap();
            "another start".into()
        }
        9 => {
            sqlx::query("UPDATE outbound SET expires_at = now() WHERE message_id = $1 AND status = 'queued'")
                .bind(one.0)
                .execute(&bed.sql)
                .await
                .unwrap();
            bed.db.run(|conn| Box::pin(overdue::expire_replies(conn))).await.unwrap();
            "an expiry".into()
        }
        10 => {
            let outcome = resolve(bed, one.0, Resolution::Resend).await.map(|resolved| resolved.changed);
            format!("an order to send again: {outcome:?}")
        }
        _ => {
            // Seldom: what is given up is of no more interest.
            if rng.random_bool(0.7) {
                return "nothing".into();
            }
            let outcome = resolve(bed, one.0, Resolution::Discard).await.map(|resolved| resolved.changed);
            format!("an order to give up: {outcome:?}")
        }
    }
}

fn fact(rng: &mut SmallRng, replies: &[(Uuid, String)], told: &mut HashMap<Uuid, usize>) -> Fact {
    let (message, id) = replies.choose(rng).unwrap();
    let own = [retry(id), not_written(id), unknown(id)];
    if rng.random_bool(0.6) {
        return own.choose(rng).unwrap().clone();
    }
    let said = *TOLD.choose(rng).unwrap();
    let least = told.entry(*message).or_default();
    *least = (*least).max(rank(said.status()));
    said.fact(id)
}

/// What the owner typed on the phone, as the provider shows it to the line.
async fn echo(bed: &Bed, id: &str) -> usize {
    let message = InboundMessage {
        provider_message_id: id.into(),
        phone_number: Some("+4915112345678".into()),
        lid: None,
        push_name: None,
        from_me: true,
        kind: InboundKind::Text("Typed on the phone".into()),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    let batch = InboundBatch {
        organization: bed.scope.organization,
        line: bed.line,
        generation: Generation(1),
        messages: vec![message],
    };
    PgInbound::new(bed.db.clone()).commit(batch).await.unwrap()
}

#[tokio::test]
async fn a_receipt_that_comes_before_the_message_it_is_for_counts_once_the_message_is_there() {
    let bed = Bed::new().await;
    let fence = fence(&bed).await;
    for (n, order) in orders().iter().filter(|order| !order.contains(&Told::Accepted)).enumerate() {
        let id = format!("typed-{n}");
        for (step, told) in order.iter().enumerate() {
            record_by(&bed, fence, i64::try_from(step).unwrap() + 1, vec![told.fact(&id)]).await;
        }
        assert_eq!(echo(&bed, &id).await, 1);
        let highest = order.iter().map(|told| told.status()).max_by_key(|status| rank(status)).unwrap();
        let status: String = sqlx::query_scalar("SELECT status FROM outbound WHERE provider_message_id = $1")
            .bind(&id)
            .fetch_one(&bed.sql)
            .await
            .unwrap();
        assert_eq!(status, highest, "{order:?}");
    }
}

#[tokio::test]
async fn a_receipt_and_the_message_it_is_for_that_come_at_once_find_each_other() {
    let bed = Bed::new().await;
    let fence = fence(&bed).await;
    for round in 0..8 {
        let ids: Vec<String> = (0..16).map(|n| format!("typed-{round}-{n}")).collect();
        let echoes = join_all(ids.iter().map(|id| echo(&bed, id)));
        let receipts = join_all(ids.iter().map(|id| record_by(&bed, fence, 1, vec![Told::Read.fact(id)])));
        tokio::join!(echoes, receipts);
    }
    assert_eq!(bed.count("outbound").await, 128);
    assert_eq!(
        bed.count("outbound WHERE status <> 'read'").await,
        0,
        "a receipt was written and never merged"
    );
}

/// The lock that [`a_receipt_and_the_message_it_is_for_that_come_at_once_find_each_other`] needs, seen at work.
#[tokio::test]
async fn a_receipt_waits_for_the_message_that_is_being_written_just_then() {
    let bed = Bed::new().await;
    // The echo's transaction stands still after it wrote the message.
    let held = "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END $$";
    bed.execute(held).await;
    bed.execute("CREATE TRIGGER hold AFTER INSERT ON outbound FOR EACH ROW EXECUTE FUNCTION hold()").await;
    let mut gate = bed.sql.acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(7)").execute(&mut *gate).await.unwrap();
    let fence = fence(&bed).await;
    let waiting = |count: i64| {
        let bed = &bed;
        move || async move {
            let waiting = bed.count("pg_locks WHERE locktype = 'advisory' AND NOT granted").await;
            (waiting == count).then_some(())
        }
    };
    let others = async {
        eventually("the message is written", waiting(1)).await;
        let receipt = record_by(&bed, fence, 1, vec![Told::Delivered.fact("typed")]);
        let open = async {
            eventually("the receipt waits", waiting(2)).await;
            sqlx::query("SELECT pg_advisory_unlock(7)").execute(&mut *gate).await.unwrap();
        };
        tokio::join!(receipt, open);
    };
    let (echoed, ()) = tokio::join!(echo(&bed, "typed"), others);
    assert_eq!(echoed, 1);
    assert_eq!(bed.count("outbound WHERE status = 'delivered'").await, 1);
}
