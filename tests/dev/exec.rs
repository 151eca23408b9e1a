//! `ezw dev exec`.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::process::{is_setting, service_binary};

fn exec(script: &str) -> Output {
    let mut command = Command::new(service_binary());
    for (name, _) in std::env::vars().filter(|(name, _)| is_setting(name)) {
        command.env_remove(name);
    }
    command.args(["dev", "exec", "--", "sh", "-c", script]).output().expect("our own program")
}

#[test]
fn exec_gives_the_command_two_servers_and_passes_its_exit_code_on() {
    let output = exec("echo $EZW_TEST_DATABASE_URL; echo $EZW_TEST_REDIS_URL; exit 7");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("postgres://ezw:"));
    assert!(lines.next().unwrap().starts_with("redis://default:"));
}

#[test]
fn exec_reports_a_command_that_a_signal_ended_as_a_shell_does() {
    assert_eq!(exec("kill -TERM $$").status.code(), Some(128 + 15));
    assert_eq!(exec("exit 0").status.code(), Some(0));
}

#[test]
fn exec_leaves_no_folder_and_no_server() {
    let output = exec("ls -d ${TMPDIR:-/tmp}/ezw-exec-*/postgres; cat /proc/$PPID/task/*/children");
    let text = String::from_utf8(output.stdout).unwrap();
    let folders: Vec<&str> = text.lines().filter(|line| line.ends_with("/postgres")).collect();
    let children: Vec<&str> =
        text.lines().flat_map(str::split_whitespace).filter(|w| !w.contains('/')).collect();
    assert!(!folders.is_empty() && children.len() >= 3, "{text}");
    // Folders of other runs may be there; ours is gone when no server of ours is left to use it.
    for child in children {
        assert!(!Path::new(&format!("/proc/{child}")).exists(), "process {child} is left");
    }
}
