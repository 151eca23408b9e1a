//! One key in many hands: a key is one reply, whoever comes first and however many come at once.

use super::{
    alone,
    support::{
        TestBed,
        client::{self, Call, Reply},
        fleet::{self, FleetLine, Linked},
    },
};
use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Instant};

const CLIENTS: u64 = 64;
const KEYS: usize = 100;

/// A line that can send, and ten conversations of it.
async fn line() -> (Linked, Vec<String>) {
    let options = TestBed::options()
        .env("EZW_HTTP_RATE_PER_SECOND", "100000")
        .env("EZW_HTTP_RATE_BURST", "100000")
        .env("EZW_LINES_PACING_PER_SECOND", "1000")
        // They queue for ten rows: on a crowded machine longer than a caller is made to wait otherwise.
        .env("EZW_HTTP_HANDLER_DEADLINE_SECONDS", "60")
        .env("EZW_DATABASE_ACQUIRE_TIMEOUT_MILLISECONDS", "30000")
        .env("EZW_DATABASE_STATEMENT_TIMEOUT_MILLISECONDS", "30000")
        .env("EZW_DATABASE_LOCK_TIMEOUT_MILLISECONDS", "20000");
    let linked = Linked::start(options, 1).await;
    linked.go().await;
    linked.until_sendable(&linked.lines[0]).await;
    let mut places = fleet::conversations(linked.bed.sql(), &linked.owner, &linked.lines, 10).await;
    (linked, places.remove(0))
}

/// What each client was answered, key by key. All go through the keys in one order, so that they meet at each.
async fn ask(linked: &Linked, body: impl Fn(u64, usize) -> Value) -> Vec<Vec<Reply>> {
    let path = format!("{}/api/lines/{}/send", linked.bed.base(), linked.lines[0].id);
    let asking = (0..CLIENTS).map(|client| {
        let (path, body) = (&path, &body);
        let caller = client::new();
        async move {
            let mut answers = Vec::new();
            for key in 0..KEYS {
                let call = Call::new(caller.post(path)).bearer(&linked.owner.token);
                let call = call.idempotency_key(&format!("key-{key}")).json(&body(client, key));
                answers.push(call.send().await);
            }
            answers
        }
    });
    let began = Instant::now();
    let answers = join_all(asking).await;
    println!("{CLIENTS} clients with {KEYS} keys each took {:?}", began.elapsed());
    answers
}

async fn count(linked: &Linked, table: &'static str) -> i64 {
    let statement = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(statement).fetch_one(linked.bed.sql()).await.unwrap()
}

async fn until_all_left(linked: &Linked, line: &FleetLine) {
    linked
        .bed
        .eventually_within(60, "all have left", || async {
            let sends = linked.bed.simulator().sends(&line.id).await;
            assert!(sends.len() <= KEYS, "{} sends", sends.len());
            (sends.iter().collect::<BTreeSet<_>>().len() == KEYS).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_keys_in_the_hands_of_sixty_four_clients_are_a_hundred_replies() {
    let _alone = alone().await;
    let (linked, places) = line().await;
    let answers = ask(
        &linked,
        |_, key| json!({"conversationId": places[key % places.len()], "bodyText": format!("Reply {key}")}),
    )
    .await;
    for key in 0..KEYS {
        let of_it: Vec<&Reply> = answers.iter().map(|client| &client[key]).collect();
        let wrong = of_it.iter().find(|reply| reply.status != 202);
        assert!(wrong.is_none(), "{key}: {wrong:?}");
        let ids: BTreeSet<String> = of_it.iter().map(|reply| reply.text("/message/id")).collect();
        assert_eq!(ids.len(), 1, "{key}: {ids:?}");
        let new = of_it.iter().filter(|reply| reply.header("Idempotency-Replayed").is_none()).count();
        assert_eq!(new, 1, "{key}: accepted once, and the others are told so");
    }
    for table in ["outbound", "messages", "idempotency", "audit_log where event_type = 'reply.accepted'"] {
        assert_eq!(count(&linked, table).await, 100, "{table}");
    }
    until_all_left(&linked, &linked.lines[0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_in_many_hands_with_different_words_is_the_reply_of_one_and_refused_to_the_others() {
    let _alone = alone().await;
    let (linked, places) = line().await;
    // Each client draws its words for each key; some draw the same.
    let words = |client: u64, key: usize| {
        let mut rng = SmallRng::seed_from_u64(client * 1_000 + u64::try_from(key).unwrap());
        format!("Words {}", rng.random_range(0..8))
    };
    let answers = ask(
        &linked,
        |client, key| json!({"conversationId": places[key % places.len()], "bodyText": words(client, key)}),
    )
    .await;
    let (mut won, mut lost) = (0, 0);
    for key in 0..KEYS {
        let mut winners = BTreeSet::new();
        for (client, answers) in (0..CLIENTS).zip(&answers) {
            let reply = &answers[key];
            match reply.status {
                202 => {
                    assert_eq!(reply.text("/message/bodyText"), words(client, key), "somebody else's words");
                    winners.insert((reply.text("/message/id"), words(client, key)));
                    won += 1;
                }
                _ => {
                    assert_eq!((reply.status, &reply.body["code"]), (409, &json!("idempotency_key_reused")));
                    lost += 1;
                }
            }
        }
        assert_eq!(winners.len(), 1, "{key}: {winners:?}");
        let (_, words_of_winner) = winners.first().unwrap();
        let refused = (0..CLIENTS).zip(&answers).filter(|(_, answers)| answers[key].status == 409);
        assert!(refused.into_iter().all(|(client, _)| words(client, key) != *words_of_winner), "{key}");
    }
    println!("{won} answers 202, {lost} answers 409");
    assert_eq!(count(&linked, "outbound").await, 100);
    until_all_left(&linked, &linked.lines[0]).await;
}
