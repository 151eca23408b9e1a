//! Callers that are gone before their answer, while the database is slow: the hazard is a connection that goes back to
//! the pool inside a transaction, where it takes the next caller's acknowledged write along.

use super::{
    alone, number,
    support::{
        TestBed,
        fleet::{self, Linked},
    },
};
use futures_util::{StreamExt as _, stream};
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use serde_json::json;
use std::{
    collections::BTreeMap,
    ops::Range,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use uuid::Uuid;

/// Callers at once.
const CALLERS: usize = 16;
/// Each answer of the database is late by as much at most, and a reply takes a dozen.
const SLOWEST: Duration = Duration::from_millis(6);

/// Who hears every answer.
const PATIENT: Duration = Duration::from_secs(60);

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// Not all of it was said.
    CutOffSpeaking,
    /// All of it was said, and the answer not heard.
    CutOffWaiting,
    /// Accepted, and the caller knows.
    Acknowledged(Uuid),
    /// Another answer.
    Refused(u16),
}

/// Says it, or a part of it, waits as long as chance will have it, at most until its patience is over, and is gone.
async fn ask(address: &str, request: &[u8], patience: Duration, mut rng: SmallRng) -> End {
    let mut socket = TcpStream::connect(address).await.unwrap();
    // Most are gone like a process that was killed (RST): the service drops what it was doing for them, wherever that was.
    // The others only stop talking (FIN), and it goes on.
    if rng.random_bool(0.8) {
        socket.set_zero_linger().unwrap();
    }
    if patience < PATIENT && rng.random_bool(0.1) {
        socket.write_all(&request[..rng.random_range(0..request.len())]).await.ok();
        return End::CutOffSpeaking;
    }
    socket.write_all(request).await.ok();
    let mut answer = Vec::new();
    let patience = if patience < PATIENT { patience.mul_f64(rng.random()) } else { patience };
    let heard = tokio::time::timeout(patience, socket.read_to_end(&mut answer)).await;
    if !matches!(heard, Ok(Ok(_))) || answer.is_empty() {
        return End::CutOffWaiting;
    }
    let text = String::from_utf8_lossy(&answer);
    let status: u16 = text.split(' ').nth(1).unwrap().parse().unwrap();
    match (status, text.split_once(r#""message":{"id":""#)) {
        (202, Some((_, rest))) => End::Acknowledged(rest[..36].parse().unwrap()),
        _ => End::Refused(status),
    }
}

fn request(linked: &Linked, place: &str, key: usize) -> Vec<u8> {
    let body = json!({"conversationId": place, "bodyText": format!("Reply {key}")}).to_string();
    format!(
        "POST /api/lines/{}/send HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Idempotency-Key: cut-{key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        linked.lines[0].id,
        linked.owner.token,
        body.len()
    )
    .into_bytes()
}

/// Asks with each key, so many at once.
async fn crowd(
    linked: &Linked,
    places: &[String],
    keys: Range<usize>,
    patience: Duration,
    seed: u64,
) -> Vec<End> {
    let address = linked.bed.base().trim_start_matches("http://");
    stream::iter(keys)
        .map(|key| {
            let request = request(linked, &places[key % places.len()], key);
            let rng = SmallRng::seed_from_u64(seed.wrapping_mul(1_000_003) + u64::try_from(key).unwrap());
            async move { ask(address, &request, patience, rng).await }
        })
        .buffer_unordered(CALLERS)
        .collect()
        .await
}

/// Connections of the service that are inside a transaction and do nothing there.
async fn idle_in_transaction(linked: &Linked) -> i64 {
    let idle = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name like 'ezw %' and state like 'idle in transaction%'";
    sqlx::query_scalar(idle).fetch_one(linked.bed.sql()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_cut_off_leave_no_transaction_open_and_lose_no_acknowledged_reply() {
    let _alone = alone().await;
    let requests = usize::try_from(number("EZW_TEST_CUTOFFS", 1_000)).unwrap();
    let seed = u64::from(number("EZW_TEST_SEED", 1));
    let options = TestBed::options()
        .way_to_database()
        .env("EZW_HTTP_RATE_PER_SECOND", "100000")
        .env("EZW_HTTP_RATE_BURST", "100000")
        .env("EZW_LINES_QUEUE_ROWS_PER_LINE", "100000")
        // What is left open stays open, for all to see.
        .env("EZW_DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MILLISECONDS", "60000");
    let linked = Linked::start(options, 1).await;
    linked.go().await;
    linked.until_sendable(&linked.lines[0]).await;
    let places = fleet::conversations(linked.bed.sql(), &linked.owner, &linked.lines, 200).await.remove(0);
    linked.bed.way().slow_down(SLOWEST);
    // How long an answer takes here: who is gone after half of that, or twice as long, was cut off at any moment of it.
    let began = Instant::now();
    let first = crowd(&linked, &places, 0..96, PATIENT, seed).await;
    assert!(first.iter().all(|end| matches!(end, End::Acknowledged(_))), "{first:?}");
    let patience = began.elapsed() * u32::try_from(CALLERS).unwrap() / 96 * 2;
    let began = Instant::now();
    let ends = crowd(&linked, &places, 96..96 + requests, patience, seed).await;
    let acknowledged: Vec<Uuid> = ends
        .iter()
        .filter_map(|end| if let End::Acknowledged(id) = end { Some(*id) } else { None })
        .collect();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for end in &ends {
        let word =
            if let End::Acknowledged(_) = end { "Acknowledged".to_owned() } else { format!("{end:?}") };
        *told.entry(word).or_default() += 1;
    }
    println!("{requests} requests (seed {seed}, patience {patience:?}) in {:?}: {told:?}", began.elapsed());
    assert!(acknowledged.len() * 20 > requests, "too few were answered to prove anything: {told:?}");
    assert!(
        told.get("CutOffWaiting").is_some_and(|cut| cut * 20 > requests),
        "too few were cut off: {told:?}"
    );
    linked.bed.way().slow_down(Duration::ZERO);
    linked
        .bed
        .eventually("no connection is left inside a transaction", || async {
            (idle_in_transaction(&linked).await == 0).then_some(())
        })
        .await;
    judge(&linked, &acknowledged).await;
}

async fn judge(linked: &Linked, acknowledged: &[Uuid]) {
    let sql = linked.bed.sql();
    let kept = "select count(*) from unnest($1::uuid[]) as a (id)
        join messages m on m.id = a.id join outbound o on o.message_id = a.id join idempotency i on i.message_id = a.id";
    let kept: i64 = sqlx::query_scalar(kept).bind(acknowledged).fetch_one(sql).await.unwrap();
    assert_eq!(usize::try_from(kept).unwrap(), acknowledged.len(), "an acknowledged reply is missing");
    // Whatever was cut off is there as a whole or not at all.
    let halves: (i64, i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from messages where direction = 'outbound'), (select count(*) from outbound),
            (select count(*) from idempotency), (select count(*) from audit_log where event_type = 'reply.accepted')",
    )
    .fetch_one(sql)
    .await
    .unwrap();
    println!("{} were acknowledged, {} were written", acknowledged.len(), halves.0);
    assert!(halves.0 == halves.1 && halves.1 == halves.2 && halves.2 == halves.3, "{halves:?}");
    // And the pool is whole: as many at once as it has connections, twice over.
    let path = format!("/api/conversations?lineId={}", linked.lines[0].id);
    let asks = (0..32).map(|_| linked.bed.get(&path).bearer(&linked.owner.token).send());
    for reply in futures_util::future::join_all(asks).await {
        reply.expect_status(200);
    }
}
