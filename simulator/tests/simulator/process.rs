//! The process: its files, its end, and starting again.

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

use crate::support::{DEADLINE, Dir, LINE, Simulator};

fn arguments(dir: &Dir) -> Vec<String> {
    let file = |name| dir.file(name).display().to_string();
    let words = ["--seed", "7", "--state", &file("state.json"), "--journal", &file("journal.jsonl")];
    words.map(str::to_owned).to_vec()
}

async fn start(dir: &Dir) -> Simulator {
    let arguments = arguments(dir);
    Simulator::start_with(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await
}

fn journal(dir: &Dir) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.file("journal.jsonl")).expect("the journal");
    text.lines().map(|line| serde_json::from_str(line).expect("an entry")).collect()
}

async fn kill(mut simulator: Simulator) {
    simulator.process.kill().await.expect("killed");
}

async fn ends_well(simulator: &mut Simulator) {
    let status = timeout(DEADLINE, simulator.process.wait()).await.expect("in time").expect("status");
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn links_survive_a_sigkill_right_after_pairing() {
    let dir = Dir::new();
    let simulator = start(&dir).await;
    let credentials = simulator.pair().await;
    let number = simulator.line().await["phoneNumber"].clone();
    kill(simulator).await;

    let simulator = start(&dir).await;
    assert_eq!(simulator.line().await["phoneNumber"], number);
    simulator.logged_in(2, &credentials).await;
    simulator.post(&format!("/v1/lines/{LINE}/unlink"), json!({})).await;
    kill(simulator).await;

    let simulator = start(&dir).await;
    simulator.open(3, Some(&credentials)).await.wait_for_close(401).await;
}

#[tokio::test]
async fn the_journal_file_is_appended_to_and_numbered_without_gaps() {
    let dir = Dir::new();
    let simulator = start(&dir).await;
    let (mut link, credentials) = simulator.ready().await;
    link.text("3EB0AA", "hello").await;
    link.wait_for("receipt").await;
    let before = simulator.get("/v1/journal").await["entries"].as_array().cloned().expect("entries");
    kill(simulator).await;
    assert_eq!(journal(&dir), before);

    let simulator = start(&dir).await;
    let mut link = simulator.logged_in(3, &credentials).await;
    link.text("3EB0AA", "hello").await;
    link.wait_for("accepted").await;
    assert_eq!(simulator.journal("repeat").await.len(), 1, "an id of before the restart is known");
    kill(simulator).await;

    let after = journal(&dir);
    assert_eq!(after[..before.len()], before[..]);
    let numbers: Vec<u64> = after.iter().filter_map(|entry| entry["seq"].as_u64()).collect();
    assert_eq!(numbers, (1..=after.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn ids_do_not_come_again_after_a_restart() {
    let dir = Dir::new();
    let simulator = start(&dir).await;
    simulator.pair().await;
    let first = simulator.say("one").await;
    kill(simulator).await;
    let simulator = start(&dir).await;
    assert_ne!(simulator.say("two").await, first);
}

#[tokio::test]
async fn sigterm_says_goodbye_and_keeps_the_state() {
    let dir = Dir::new();
    let mut simulator = start(&dir).await;
    let (mut link, credentials) = simulator.ready().await;
    let id = simulator.process.id().expect("running").to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill");
    assert!(sent.success());
    link.wait_for_close(503).await;
    ends_well(&mut simulator).await;
    start(&dir).await.logged_in(3, &credentials).await;
    assert!(dir.path().read_dir().expect("the directory").count() <= 2, "no temporary file is left");
}

#[tokio::test]
async fn the_simulator_ends_with_its_parent_when_asked_to() {
    let mut simulator = Simulator::start_with(&["--exit-with-parent"]).await;
    let mut stdin = simulator.process.stdin.take().expect("stdin");
    stdin.write_all(b"still here\n").await.expect("written");
    simulator.get("/healthz").await;
    drop(stdin);
    ends_well(&mut simulator).await;
}

#[tokio::test]
async fn a_damaged_state_file_stops_the_start() {
    let dir = Dir::new();
    std::fs::write(dir.file("state.json"), "{").expect("damage");
    let command = Command::new(env!("CARGO_BIN_EXE_ezw-simulator"))
        .args(["--listen", "127.0.0.1:0"])
        .args(arguments(&dir))
        .kill_on_drop(true)
        .output();
    let output = timeout(DEADLINE, command).await.expect("in time").expect("run");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("state file"));
}

#[tokio::test]
async fn hundreds_of_lines_pair_at_once_and_all_are_in_the_state_file() {
    const LINES: u128 = 300;
    let dir = Dir::new();
    let simulator = start(&dir).await;
    simulator.post("/v1/settings", json!({"autoScan": true})).await;
    let paired = (0..LINES).map(|line| {
        let simulator = &simulator;
        async move {
            let line = uuid::Uuid::from_u128(line);
            let mut link = simulator.open_line(line, 1, None).await;
            let paired = link.wait_for("paired").await;
            (line, paired["credentials"].as_str().map(str::to_owned), paired["phoneNumber"].to_string())
        }
    });
    let paired = futures_util::future::join_all(paired).await;
    kill(simulator).await;
    let numbers: std::collections::HashSet<&String> = paired.iter().map(|(_, _, number)| number).collect();
    assert_eq!(numbers.len(), paired.len());

    let simulator = start(&dir).await;
    let back = paired.iter().map(|(line, credentials, _)| {
        let simulator = &simulator;
        async move {
            let mut link = simulator.open_line(*line, 2, credentials.as_deref()).await;
            link.wait_for("ready").await;
            link
        }
    });
    let open = futures_util::future::join_all(back).await;
    let stats = simulator.get("/v1/stats").await;
    assert_eq!(stats["lines"], json!({"known": 300, "linked": 300, "connected": open.len()}));
}
