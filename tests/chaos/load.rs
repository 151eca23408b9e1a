//! Clients that send steadily and take nothing but a 202 for an answer: what is refused, or not answered, is asked for
//! again under its key. An error is not a "no", and a key that was accepted stays accepted. Like people who see what
//! became of their last replies, they do not write on and on where nothing leaves.

use super::{
    judge::Promise,
    support::{
        client::{self, Call},
        fleet::Linked,
    },
};
use ezw_actors::{
    clock::{Clock as _, SystemClock},
    task,
};
use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sqlx::PgPool;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

/// Replies of all clients in a second, when the service answers.
const PER_SECOND: f64 = 30.0;
/// Where so many replies of a client wait to leave, it writes no other: a head of unknown fate holds them up, and kills
/// come faster than its time.
const WAITING: i64 = 3;
/// Between two looks at what waits.
const LOOK: Duration = Duration::from_millis(500);
/// Before a key is asked for again.
const AGAIN: Duration = Duration::from_millis(200);
/// The longest a key may have to wait for its 202, all kills included.
const PATIENCE: Duration = Duration::from_secs(180);

/// How often clients were answered so: a status, and the code of a refusal; `refused` connects; what broke off is `none`.
pub(crate) type Answers = Arc<Mutex<BTreeMap<String, u64>>>;

type Waiting = Arc<Mutex<HashMap<String, i64>>>;

/// One client for each conversation.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    answers: Answers,
    clients: Vec<JoinHandle<Option<Vec<Promise>>>>,
    _look: AbortOnDropHandle<Option<()>>,
}

struct Client {
    http: reqwest::Client,
    /// The nodes, one of which is asked.
    nodes: Vec<String>,
    path: String,
    token: String,
    conversation: String,
    /// Which client it is.
    index: usize,
    pause: Duration,
    rng: StdRng,
    over: Arc<AtomicBool>,
    waiting: Waiting,
    answers: Answers,
}

impl Load {
    /// `conversations` line by line; each reply is given to one of `nodes`.
    pub(crate) fn start(linked: &Linked, nodes: &[String], conversations: &[Vec<String>], seed: u64) -> Self {
        let (over, answers) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let waiting = Waiting::default();
        let looks = look(linked.bed.sql().clone(), Arc::clone(&waiting));
        let look = AbortOnDropHandle::new(task::spawn("look at what waits", looks));
        let places = linked.lines.iter().zip(conversations);
        let places = places.flat_map(|(line, places)| places.iter().map(|place| (&line.id, place)));
        let places: Vec<_> = places.collect();
        let pause = Duration::from_secs_f64(places.len() as f64 / PER_SECOND);
        let http = client::new();
        let clients = places.into_iter().enumerate().map(|(index, (line, conversation))| {
            let client = Client {
                http: http.clone(),
                nodes: nodes.to_vec(),
                path: format!("/api/lines/{line}/send"),
                token: linked.owner.token.clone(),
                conversation: conversation.clone(),
                index,
                pause,
                rng: StdRng::seed_from_u64(seed ^ (index as u64 + 1) << 32),
                over: Arc::clone(&over),
                waiting: Arc::clone(&waiting),
                answers: Arc::clone(&answers),
            };
            task::spawn("a client of the run", client.run())
        });
        let clients = clients.collect();
        Self { over, answers, clients, _look: look }
    }

    /// What clients were told so far.
    pub(crate) fn answers(&self) -> BTreeMap<String, u64> {
        self.answers.lock().unwrap().clone()
    }

    /// No new keys; every promise, once each key that was begun has one.
    pub(crate) async fn stop(self) -> Vec<Promise> {
        self.over.store(true, Ordering::Relaxed);
        let ended = join_all(self.clients).await;
        let answers = self.answers.lock().unwrap();
        println!("answers to clients: {answers:?}");
        ended.into_iter().flat_map(|client| client.unwrap().expect("a client that panicked")).collect()
    }
}

/// What waits is looked at over and over; while PostgreSQL is away, nothing is news.
async fn look(sql: PgPool, waiting: Waiting) {
    let ask =
        "select conversation_id, count(*) from outbound where status in ('queued', 'sending') group by 1";
    loop {
        if let Ok(counts) = sqlx::query_as::<_, (Uuid, i64)>(ask).fetch_all(&sql).await {
            let counts = counts.into_iter().map(|(conversation, count)| (conversation.to_string(), count));
            *waiting.lock().unwrap() = counts.collect();
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Client {
    async fn run(mut self) -> Vec<Promise> {
        let mut promises = Vec::new();
        for number in 0.. {
            loop {
                let pause = self.pause.mul_f64(self.rng.random_range(0.5..1.5));
                tokio::time::sleep(pause).await;
                if self.over.load(Ordering::Relaxed) {
                    return promises;
                }
                if self.may_write() {
                    break;
                }
            }
            promises.push(self.until_promised(number).await);
        }
        promises
    }

    fn may_write(&self) -> bool {
        self.waiting.lock().unwrap().get(&self.conversation).is_none_or(|waiting| *waiting < WAITING)
    }

    async fn until_promised(&mut self, number: u32) -> Promise {
        let text = format!("client {}, reply {number}", self.index);
        let key = format!("{}-{number}", self.index);
        let body = json!({"conversationId": self.conversation, "bodyText": text});
        let begun = Instant::now();
        loop {
            let node = self.rng.random_range(0..self.nodes.len());
            let url = format!("{}{}", self.nodes[node], self.path);
            let call = Call::new(self.http.post(url)).bearer(&self.token).idempotency_key(&key);
            let answer = call.json(&body).try_send().await;
            let told = match &answer {
                Ok(reply) => match reply.body["code"].as_str() {
                    Some(code) => format!("{} {code}", reply.status),
                    None => reply.status.to_string(),
                },
                Err(error) if error.is_connect() => "refused".to_owned(),
                Err(_) => "none".to_owned(),
            };
            *self.answers.lock().unwrap().entry(told).or_default() += 1;
            match answer {
                Ok(reply) if reply.status == 202 => {
                    let message = reply.text("/message/id");
                    let (conversation, at) = (self.conversation.clone(), SystemClock.now());
                    return Promise { message, conversation, number, text, at };
                }
                Ok(reply) => assert!(
                    begun.elapsed() < PATIENCE,
                    "no 202 for {key} within {PATIENCE:?}, the last answer is {}",
                    reply.raw
                ),
                Err(error) => {
                    assert!(begun.elapsed() < PATIENCE, "no 202 for {key} within {PATIENCE:?}: {error}");
                }
            }
            tokio::time::sleep(AGAIN.mul_f64(self.rng.random_range(0.5..1.5))).await;
        }
    }
}
