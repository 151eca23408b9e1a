//! Clients that send steadily and take nothing but a 202 for an answer: what is refused, or not answered, is asked for
//! again under its key. An error is not a "no", and a key that was accepted stays accepted.

use super::{
    judge::Promise,
    support::{
        client::{self, Call},
        fleet::Linked,
    },
};
use ezw_actors::task;
use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// Replies of all clients in a second, when the service answers.
const PER_SECOND: f64 = 30.0;
/// Before a key is asked for again.
const AGAIN: Duration = Duration::from_millis(200);
/// The longest a key may have to wait for its 202, all kills included.
const PATIENCE: Duration = Duration::from_secs(180);

/// One client for each conversation.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    answers: Arc<Mutex<BTreeMap<String, u64>>>,
    clients: Vec<JoinHandle<Option<Vec<Promise>>>>,
}

struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
    conversation: String,
    /// Which client it is.
    index: usize,
    pause: Duration,
    rng: StdRng,
    over: Arc<AtomicBool>,
    answers: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Load {
    /// `conversations` line by line.
    pub(crate) fn start(linked: &Linked, conversations: &[Vec<String>], seed: u64) -> Self {
        let (over, answers) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let places = linked.lines.iter().zip(conversations);
        let places = places.flat_map(|(line, places)| places.iter().map(|place| (&line.id, place)));
        let places: Vec<_> = places.collect();
        let pause = Duration::from_secs_f64(places.len() as f64 / PER_SECOND);
        let http = client::new();
        let clients = places.into_iter().enumerate().map(|(index, (line, conversation))| {
            let client = Client {
                http: http.clone(),
                url: format!("{}/api/lines/{line}/send", linked.bed.base()),
                token: linked.owner.token.clone(),
                conversation: conversation.clone(),
                index,
                pause,
                rng: StdRng::seed_from_u64(seed ^ (index as u64 + 1) << 32),
                over: Arc::clone(&over),
                answers: Arc::clone(&answers),
            };
            task::spawn("a client of the run", client.run())
        });
        let clients = clients.collect();
        Self { over, answers, clients }
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

impl Client {
    async fn run(mut self) -> Vec<Promise> {
        let mut promises = Vec::new();
        for number in 0.. {
            let pause = self.pause.mul_f64(self.rng.random_range(0.5..1.5));
            tokio::time::sleep(pause).await;
            if self.over.load(Ordering::Relaxed) {
                break;
            }
            promises.push(self.until_promised(number).await);
        }
        promises
    }

    async fn until_promised(&mut self, number: u32) -> Promise {
        let text = format!("client {}, reply {number}", self.index);
        let key = format!("{}-{number}", self.index);
        let body = json!({"conversationId": self.conversation, "bodyText": text});
        let begun = Instant::now();
        loop {
            let call = Call::new(self.http.post(&self.url)).bearer(&self.token).idempotency_key(&key);
            let answer = call.json(&body).try_send().await;
            let told = answer.as_ref().map_or("none".to_owned(), |reply| reply.status.to_string());
            *self.answers.lock().unwrap().entry(told).or_default() += 1;
            match answer {
                Ok(reply) if reply.status == 202 => {
                    let message = reply.text("/message/id");
                    return Promise { message, conversation: self.conversation.clone(), number, text };
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
