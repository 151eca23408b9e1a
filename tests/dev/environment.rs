//! `ezw dev` as a whole.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::support::process::{Running, is_setting, service_binary};
use crate::support::{Folder, eventually};

fn environment(folder: &Path) -> Vec<(String, String)> {
    vec![
        ("EZW_DATA_DIR".into(), folder.display().to_string()),
        ("EZW_HTTP_ADDR".into(), "127.0.0.1:0".into()),
        ("EZW_METRICS_ADDR".into(), "127.0.0.1:0".into()),
    ]
}

async fn start(folder: &Folder) -> Running {
    let log = folder.0.join("dev.log");
    Running::start(&service_binary(), &["dev"], &environment(&folder.0), &log, "ezw listening on ").await
}

/// The description that `ezw dev` leaves for other programs once everything is ready.
async fn ready(folder: &Folder) -> Value {
    let file = folder.0.join("demo.json");
    eventually("the environment is ready", || async {
        std::fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str(&text).ok())
    })
    .await
}

fn ezw(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(service_binary());
    for (name, _) in std::env::vars().filter(|(name, _)| is_setting(name)) {
        command.env_remove(name);
    }
    command.envs(environment(&folder.0)).args(arguments).output().expect("our own program")
}

/// Every process below this one, however deep.
fn descendants(pid: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut open = vec![pid];
    while let Some(pid) = open.pop() {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let children = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
        for child in children.flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        {
            let child: u32 = child.parse().expect("a process id");
            if found.insert(child) {
                open.push(child);
            }
        }
    }
    found
}

async fn all_gone(processes: &BTreeSet<u32>) {
    assert!(processes.len() >= 3, "PostgreSQL, Redis and the simulator are there: {processes:?}");
    eventually("no child process is left", || async {
        processes.iter().all(|pid| !Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn dev_comes_up_describes_itself_refuses_a_twin_and_leaves_nothing_behind() {
    let folder = Folder::make();
    let running = start(&folder).await;
    let demo = ready(&folder).await;
    assert_eq!(demo["lines"].as_array().map(Vec::len), Some(2));
    for login in demo["logins"].as_array().expect("the logins") {
        let body = serde_json::json!({"email": login, "password": demo["password"]});
        let address = format!("{}/api/auth/login", demo["api"].as_str().expect("the address"));
        let answer = reqwest::Client::new().post(address).json(&body).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{login}");
    }
    let twin = ezw(&folder, &["dev"]);
    let message = String::from_utf8_lossy(&twin.stderr).into_owned();
    assert_eq!(twin.status.code(), Some(1), "{message}");
    assert!(
        message.contains("another `ezw dev`") && message.contains(&running.pid().to_string()),
        "{message}"
    );
    let children = descendants(running.pid());
    running.stop().await;
    all_gone(&children).await;
    assert!(!folder.0.join("demo.json").exists(), "a dead environment describes nothing");
}

#[tokio::test]
async fn dev_killed_without_a_goodbye_starts_again_with_its_data() {
    let folder = Folder::make();
    let running = start(&folder).await;
    let before = ready(&folder).await;
    let children = descendants(running.pid());
    running.kill9();
    all_gone(&children).await;
    std::fs::remove_file(folder.0.join("demo.json")).unwrap();
    let running = start(&folder).await;
    let after = ready(&folder).await;
    assert_eq!((&before["lines"], &before["password"]), (&after["lines"], &after["password"]));
    running.stop().await;
}

#[tokio::test]
async fn dev_stops_everything_and_says_so_when_a_part_dies() {
    let folder = Folder::make();
    let running = start(&folder).await;
    ready(&folder).await;
    let children = descendants(running.pid());
    let redis = children.iter().find(|pid| {
        std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.starts_with("redis"))
    });
    let redis = i32::try_from(*redis.expect("a Redis")).unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(redis), Signal::SIGKILL).unwrap();
    all_gone(&children).await;
    let log = folder.0.join("dev.log");
    eventually("it says which part died", || async {
        std::fs::read_to_string(&log)
            .is_ok_and(|text| text.contains("Redis ended unexpectedly"))
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_demo_walk_works_twice() {
    let folder = Folder::make();
    let running = start(&folder).await;
    ready(&folder).await;
    for round in 1..=2 {
        let output = ezw(&folder, &["dev", "demo"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "round {round}:\n{text}\n{errors}");
        assert!(text.contains("every step worked"), "round {round}:\n{text}");
    }
    running.stop().await;
}

#[tokio::test]
async fn another_node_joins_the_environment_by_its_file() {
    let folder = Folder::make();
    let running = start(&folder).await;
    ready(&folder).await;
    let with_file = format!(". {}/node.env && ", folder.0.display());
    let serve = format!(
        "{with_file} EZW_NODE_NAME=two EZW_HTTP_ADDR=127.0.0.1:0 EZW_METRICS_ADDR=127.0.0.1:0 exec {} serve",
        service_binary().display()
    );
    let (shell, log) = (Path::new("sh"), folder.0.join("two.log"));
    let two = Running::start(shell, &["-c", &serve], &[], &log, "ezw listening on ").await;
    let list = format!("{with_file} exec {} nodes --json", service_binary().display());
    let names = || async {
        let listed = Command::new("sh").args(["-c", &list]).output().expect("a shell");
        let nodes: Value = serde_json::from_slice(&listed.stdout).unwrap_or_default();
        let alive = nodes.as_array()?.iter().filter(|node| node["state"] == "alive").count();
        (alive == 2).then_some(())
    };
    eventually("two nodes take lines", names).await;
    two.stop().await;
    running.stop().await;
    assert!(!folder.0.join("node.env").exists(), "a dead environment names no addresses");
}
