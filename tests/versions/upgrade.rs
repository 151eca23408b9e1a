//! This version takes over from the previous release, which was killed at work: over its rows, through the outer door.

use super::{
    previous,
    support::{PASSWORD, TestBed, fleet::health, process::service_binary},
};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Of a lease, of an attempt that is given up for unknown, and of the wait before it goes again.
const PATIENCE: u64 = 180;
/// What runs again by itself on the new version: what was on its way, and what the old version was refused for.
const GOES_ON: &str =
    "select id from lines where archived_at is null and stopped_at is null and desired = 'running'
         and (state in ('starting', 'waiting_permit', 'connecting', 'syncing', 'connected', 'degraded', 'reconnecting')
              or state_detail ->> 'reason' = 'client_outdated')";

struct Upgraded {
    bed: TestBed,
    /// Lines that ran, or would have.
    lines: Vec<Uuid>,
    /// Replies that had no end.
    open: Vec<Uuid>,
    /// Of these, those whose attempt was under way.
    sending: Vec<Uuid>,
}

impl Upgraded {
    async fn start() -> Self {
        let database = previous::database_of_just_now().await;
        database.migrate(&service_binary());
        let sql = super::support::database::pool(&database.url).await;
        let lines = ids(&sql, GOES_ON).await;
        let open = "select message_id from outbound where settled_at is null";
        let sending = "select message_id from outbound where status = 'sending'";
        let (open, sending) = (ids(&sql, open).await, ids(&sql, sending).await);
        sql.close().await;
        assert!(
            lines.len() >= 5 && sending.len() >= 4 && open.len() >= 12,
            "the rows are not those of a release at work"
        );
        let bed = TestBed::options()
            .prepared(database)
            .simulator_state(previous::SIMULATOR.to_owned())
            .env("EZW_LINES_CONNECTS_PER_SECOND", "100")
            .start()
            .await;
        Self { bed, lines, open, sending }
    }

    async fn count(&self, ask: &'static str, ids: &[Uuid]) -> usize {
        let count: i64 = sqlx::query_scalar(ask).bind(ids).fetch_one(self.bed.sql()).await.unwrap();
        usize::try_from(count).unwrap()
    }
}

async fn ids(sql: &PgPool, ask: &'static str) -> Vec<Uuid> {
    sqlx::query_scalar(ask).fetch_all(sql).await.unwrap()
}

#[tokio::test]
async fn this_version_takes_over_what_the_previous_release_was_at_work_on() {
    let upgraded = Upgraded::start().await;
    let bed = &upgraded.bed;
    let login = bed.login(&previous::notes().owner, PASSWORD).await.expect_status(200);
    let token = login.text("/idToken");
    lines_run_again(&upgraded, &token).await;
    replies_arrive_once_and_in_order(&upgraded).await;
    the_rest_is_as_it_was(&upgraded, &token).await;
    // And it goes on: a customer writes, and is answered.
    let listed =
        bed.get("/api/lines?limit=100").bearer(&token).send().await.expect_status(200).list("/lines");
    let line = listed.iter().find(|line| line["sendable"] == true).expect("a line that can send");
    let line = line["id"].as_str().unwrap();
    bed.simulator().inbound(line, "+4915559999999", "Hello, new version").await;
    let body = json!({"recipientPhoneNumber": "+4915559999999", "bodyText": "Hello"});
    let send = bed.post(&format!("/api/lines/{line}/send")).bearer(&token).idempotency_key("new").json(&body);
    let message: Uuid = send.send().await.expect_status(202).text("/message/id").parse().unwrap();
    bed.eventually("it is delivered", || async {
        let ask = "select count(*) from outbound where message_id = any ($1) and status = 'delivered'";
        (upgraded.count(ask, &[message]).await == 1).then_some(())
    })
    .await;
}

async fn lines_run_again(upgraded: &Upgraded, token: &str) {
    let bed = &upgraded.bed;
    let wanted: BTreeSet<String> = upgraded.lines.iter().map(Uuid::to_string).collect();
    bed.eventually_within(PATIENCE, "the lines can send", || async {
        let path = "/api/lines?limit=100";
        let listed = bed.get(path).bearer(token).send().await.expect_status(200).list("/lines");
        let sendable = listed.iter().filter(|line| line["sendable"] == true);
        let sendable: BTreeSet<String> =
            sendable.filter_map(|line| line["id"].as_str().map(str::to_owned)).collect();
        wanted.is_subset(&sendable).then_some(())
    })
    .await;
    for token in previous::notes().tokens {
        let said = health(bed, &token).await;
        assert_eq!(said["line"]["sendable"], true, "{said}");
    }
    let taken = "select count(*) from lines where id = any ($1) and epoch > 1";
    assert_eq!(upgraded.count(taken, &upgraded.lines).await, upgraded.lines.len(), "each under a new epoch");
}

/// The phones have not seen any of them: whatever the previous release handed over was to phones that are gone.
async fn replies_arrive_once_and_in_order(upgraded: &Upgraded) {
    let bed = &upgraded.bed;
    let arrived = "select count(*) from outbound where message_id = any ($1) and status in ('sent', 'delivered', 'read')";
    bed.eventually_within(PATIENCE, "what had no end is delivered", || async {
        (upgraded.count(arrived, &upgraded.open).await == upgraded.open.len()).then_some(())
    })
    .await;
    let unknown = "select count(*) from outbound where message_id = any ($1) and unknown_since is not null and attempts > 1";
    assert_eq!(
        upgraded.count(unknown, &upgraded.sending).await,
        upgraded.sending.len(),
        "unknown, then sent again"
    );
    let rows: Vec<(String, Uuid, i64)> = sqlx::query_as(
        "select provider_message_id, conversation_id, seq from outbound where message_id = any ($1)",
    )
    .bind(&upgraded.open)
    .fetch_all(bed.sql())
    .await
    .unwrap();
    let places: BTreeMap<String, (Uuid, i64)> =
        rows.into_iter().map(|(id, conversation, seq)| (id, (conversation, seq))).collect();
    let journal = bed.simulator().whole_journal().await;
    let mut orders: BTreeMap<Uuid, Vec<i64>> = BTreeMap::new();
    for entry in journal.iter().filter(|entry| entry["kind"] == "accepted" || entry["kind"] == "repeat") {
        let place = entry["providerMessageId"].as_str().and_then(|id| places.get(id));
        let (conversation, seq) = place.expect("a reply that was open");
        orders.entry(*conversation).or_default().push(*seq);
    }
    assert_eq!(orders.values().map(Vec::len).sum::<usize>(), places.len(), "each once: {orders:?}");
    assert!(orders.values().all(|order| order.is_sorted()), "in their order: {orders:?}");
}

async fn the_rest_is_as_it_was(upgraded: &Upgraded, token: &str) {
    let bed = &upgraded.bed;
    let states: Vec<String> = sqlx::query_scalar(
        "select distinct state from lines where state in ('banned', 'locked', 'logged_out', 'created')",
    )
    .fetch_all(bed.sql())
    .await
    .unwrap();
    assert_eq!(states.len(), 4, "at rest, and left there: {states:?}");
    let orphans = "select count(*) from receipts r where cardinality($1) >= 0 and not exists
                       (select 1 from messages m where m.provider_message_id = r.provider_message_id)";
    assert_eq!(upgraded.count(orphans, &[]).await, 0);
    let conversations = bed.get("/api/conversations").bearer(token).send().await.expect_status(200);
    let conversations = conversations.list("/conversations");
    assert!(conversations.len() >= 8, "{conversations:?}");
    for conversation in conversations {
        let path = format!("/api/conversations/{}/messages", conversation["id"].as_str().unwrap());
        bed.get(&path).bearer(token).send().await.expect_status(200);
    }
    let readyz = bed.get("/readyz").send().await.expect_status(200);
    assert_ne!(readyz.body, Value::Null);
}
