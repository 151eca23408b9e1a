//! Health and the acceptance of a reply, each against a baseline in the same run: `make bench`.
//!
//! Health is held against a bare actix-web that answers a few bytes of JSON, acceptance against `pgbench` inserting one
//! row a transaction on the same PostgreSQL. The two sides of a pair run one after the other, in turns; figures are
//! medians over the pairs. Absolute figures are of this machine and for information; the ratios are what is looked at.
//! Everything is on: authentication, limits, logs, metrics, audit. The exit code is 1 when an answer was not the right
//! one: how fast it is fails nothing yet.

#![expect(clippy::print_stdout, reason = "what was measured is what it is for")]
#![expect(clippy::unwrap_used, reason = "a failure here ends the measurement")]

#[path = "../../tests/support/mod.rs"]
mod support;

mod hello;
mod load;
mod pgbench;

use load::{Load, Measured};
use pgbench::PgBench;
use secrecy::{ExposeSecret as _, SecretString};
use std::{process::ExitCode, time::Duration};
use support::{TestBed, fleet::Linked};

/// Replies are accepted for so many lines, each of which hands one a second on: a thousand of them would have the machine
/// deliver as fast as it accepts, and that is another figure.
const SENDING: usize = 20;
/// Of each.
const CONVERSATIONS: usize = 50;
const PAIRS: usize = 5;
const SECONDS: Duration = Duration::from_secs(4);

fn main() -> ExitCode {
    if hello::is_asked_for() {
        return hello::serve();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure())
}

/// The middle one.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

async fn measure() -> ExitCode {
    let lines = std::env::var("EZW_TEST_BENCH_LINES").map_or(1_000, |count| count.parse().unwrap());
    let options = TestBed::options()
        .env("EZW_LINES_CONNECTS_PER_SECOND", "500")
        .env("EZW_HTTP_RATE_PER_SECOND", "100000")
        .env("EZW_HTTP_RATE_BURST", "1000000");
    let linked = Linked::start(options, lines).await;
    linked.go().await;
    let ask = "select count(*) from lines where state = 'connected'";
    linked
        .bed
        .eventually_within(600, "all lines are connected", || async {
            let count: i64 = sqlx::query_scalar(ask).fetch_one(linked.bed.sql()).await.unwrap();
            (usize::try_from(count).unwrap() == lines).then_some(())
        })
        .await;
    println!("{lines} lines, {PAIRS} pairs of {} s each; medians", SECONDS.as_secs());
    let mut wrong = health(&linked).await;
    wrong += accept(&linked).await;
    if wrong > 0 {
        println!("wrong: {wrong} answers were not the right ones");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Against hello, at 64 connections.
async fn health(linked: &Linked) -> u64 {
    let hello = hello::Hello::start();
    let tokens: Vec<String> = linked.lines.iter().map(|line| line.token.clone()).collect();
    let polls = Load {
        address: linked.bed.base().trim_start_matches("http://").to_owned(),
        server: linked.bed.service_pid(),
        connections: 64,
        right: 200,
        request: Box::new(move |index| {
            let token = &tokens[index % tokens.len()];
            format!(
                "GET /api/v1/health?wakeup=false HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
            )
        }),
    };
    let greetings = Load {
        address: hello.address.clone(),
        server: hello.pid(),
        connections: 64,
        right: 200,
        request: Box::new(|_| "GET / HTTP/1.1\r\nHost: bench\r\n\r\n".to_owned()),
    };
    // Both sides have been asked before they are measured.
    greetings.run(Duration::from_secs(1)).await;
    polls.run(Duration::from_secs(2)).await;
    let mut pairs = Vec::new();
    for pair in 0..PAIRS {
        pairs.push(match pair % 2 {
            0 => (greetings.run(SECONDS).await, polls.run(SECONDS).await),
            _ => {
                let health = polls.run(SECONDS).await;
                (greetings.run(SECONDS).await, health)
            }
        });
    }
    show("hello, 64 connections", pairs.iter().map(|(hello, _)| hello));
    show("health, 64 connections", pairs.iter().map(|(_, health)| health));
    let ratio = |of: fn(&Measured) -> f64| {
        median(pairs.iter().map(|(hello, health)| of(health) / of(hello)).collect())
    };
    println!("  health / hello: requests {:.2} (goal 0.65)", ratio(Measured::per_second));
    println!("  health / hello: server CPU a request {:.2} (goal 1.6)", ratio(Measured::cpu_microseconds));
    println!("  health / hello: p99 {:.2} (goal 2)", ratio(|side| side.percentile(99.0)));
    pairs.iter().map(|(hello, health)| hello.wrong + health.wrong).sum()
}

fn show<'a>(what: &str, runs: impl Iterator<Item = &'a Measured> + Clone) {
    let middle = |of: fn(&Measured) -> f64| median(runs.clone().map(of).collect());
    println!(
        "{what}: {:.0} a second, p50 {:.2} ms, p99 {:.2} ms, {:.0} us of server CPU each",
        middle(Measured::per_second),
        middle(|run| run.percentile(50.0)) / 1_000.0,
        middle(|run| run.percentile(99.0)) / 1_000.0,
        middle(Measured::cpu_microseconds),
    );
}

/// Against one-row inserts of pgbench at 64 clients, and a lone sender against a lone client of it.
async fn accept(linked: &Linked) -> u64 {
    let lines = &linked.lines[..linked.lines.len().min(SENDING)];
    let conversations =
        support::fleet::conversations(linked.bed.sql(), &linked.owner, lines, CONVERSATIONS).await;
    // One line after the other, and no conversation twice in a row.
    let places: Vec<(String, String)> = (0..CONVERSATIONS)
        .flat_map(|nth| {
            lines.iter().zip(&conversations).map(move |(line, of)| (line.id.clone(), of[nth].clone()))
        })
        .collect();
    let url: SecretString = linked.bed.database_url();
    let pgbench = PgBench::prepare(linked.bed.sql(), url.expose_secret().to_owned()).await;
    let mut wrong = 0;
    for (connections, clients, goals) in
        [(64, 64, "1.0, 1"), (256, 64, "1.5, none"), (1, 1, "none, 3 by p50")]
    {
        let sends = sends(linked, &places, connections);
        sends.run(Duration::from_secs(1)).await;
        let mut pairs = Vec::new();
        for _ in 0..PAIRS {
            pairs.push((pgbench.run(clients, SECONDS), sends.run(SECONDS).await));
        }
        let tps = median(pairs.iter().map(|(insert, _)| insert.per_second).collect());
        let p99 = median(pairs.iter().map(|(insert, _)| insert.percentile(99.0)).collect()) / 1_000.0;
        println!("pgbench, one row a transaction, {clients} clients: {tps:.0} a second, p99 {p99:.2} ms");
        show(&format!("accept, {connections} connections"), pairs.iter().map(|(_, sends)| sends));
        let ratio = |of: &dyn Fn(&pgbench::Inserted, &Measured) -> f64| {
            median(pairs.iter().map(|(insert, sends)| of(insert, sends)).collect())
        };
        println!(
            "  accept / pgbench: a second {:.2}, p50 {:.2}, p99 {:.2} (goals a second, p99: {goals})",
            ratio(&|insert, sends| sends.per_second() / insert.per_second),
            ratio(&|insert, sends| sends.percentile(50.0) / insert.percentile(50.0)),
            ratio(&|insert, sends| sends.percentile(99.0) / insert.percentile(99.0)),
        );
        wrong += pairs.iter().map(|(_, sends)| sends.wrong).sum::<u64>();
    }
    wrong
}

fn sends(linked: &Linked, places: &[(String, String)], connections: usize) -> Load {
    let token = linked.owner.token.clone();
    let places = places.to_vec();
    let run = uuid::Uuid::now_v7().simple().to_string();
    Load {
        address: linked.bed.base().trim_start_matches("http://").to_owned(),
        server: linked.bed.service_pid(),
        connections,
        right: 202,
        request: Box::new(move |index| {
            let (line, conversation) = &places[index % places.len()];
            let body = format!(
                "{{\"conversationId\":\"{conversation}\",\"bodyText\":\"Your parcel arrives today.\"}}"
            );
            format!(
                "POST /api/lines/{line}/send HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
                 Idempotency-Key: {run}-{connections}-{index}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        }),
    }
}
