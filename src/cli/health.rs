//! `ezw health`: the public health endpoint as a monitoring check.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::{Exit, say};

const TIMEOUT: Duration = Duration::from_secs(10);

/// Exit codes, as monitoring systems read them:
///   0  the line can send
///   1  the line can't send; the reason is printed
///   2  unknown: not reachable, token refused, or an answer that isn't one
/// With --watch the code of the last check is kept until Ctrl-C ends the command.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Address of the service
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: Url,
    /// Line token, ezw_line_…; visible to other users of this machine, prefer --token-file
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    token: Option<String>,
    /// File that holds the line token; without both, the variable EZW_LINE_TOKEN is read
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Print the whole answer as JSON
    #[arg(long)]
    json: bool,
    /// Check again every SECONDS
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    watch: Option<u64>,
    /// Also ask for a wakeup; without it nothing is changed
    #[arg(long)]
    wakeup: bool,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Exit> {
    let token = token(&arguments).map_err(|error| unknown(&error))?;
    let client =
        reqwest::Client::builder().timeout(TIMEOUT).build().map_err(|error| unknown(&error.into()))?;
    loop {
        let code = match check(&client, &arguments, &token).await {
            Ok(answer) => report(&answer, arguments.json),
            Err(error) => {
                say(&format!("UNKNOWN {error:#}"));
                2
            }
        };
        let Some(seconds) = arguments.watch else {
            return if code == 0 { Ok(()) } else { Err(Exit::Code(code)) };
        };
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
            interrupted = tokio::signal::ctrl_c() => {
                interrupted.map_err(|error| Exit::Failed(error.into()))?;
                return Err(Exit::Code(code));
            }
        }
    }
}

fn unknown(error: &anyhow::Error) -> Exit {
    say(&format!("UNKNOWN {error:#}"));
    Exit::Code(2)
}

fn token(arguments: &Arguments) -> anyhow::Result<SecretString> {
    let text = match (&arguments.token, &arguments.token_file) {
        (Some(token), _) => token.clone(),
        (None, Some(file)) => read_token(file)?,
        (None, None) => std::env::var("EZW_LINE_TOKEN")
            .map_err(|_| anyhow!("no line token: give --token-file, --token or EZW_LINE_TOKEN"))?,
    };
    let text = text.trim();
    if !text.starts_with("ezw_line_") {
        bail!("that is not a line token: it begins with ezw_line_");
    }
    Ok(text.to_owned().into())
}

fn read_token(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("the token file {} can't be read", file.display()))
}

async fn check(
    client: &reqwest::Client,
    arguments: &Arguments,
    token: &SecretString,
) -> anyhow::Result<Value> {
    let mut url = arguments.url.join("/api/v1/health").context("the address of the service")?;
    url.query_pairs_mut().append_pair("wakeup", if arguments.wakeup { "true" } else { "false" });
    let answer = client.get(url).bearer_auth(token.expose_secret()).send().await.map_err(|error| {
        anyhow!("the service is not reachable at {}: {}", arguments.url, root_cause(&error))
    })?;
    let status = answer.status();
    let body: Value =
        answer.json().await.with_context(|| format!("the answer ({status}) is not one of the service"))?;
    match status {
        StatusCode::OK => Ok(body),
        StatusCode::UNAUTHORIZED => {
            bail!("the line token is refused: revoked, rotated or of an archived line")
        }
        _ => bail!("the service answers {status}: {}", text_of(&body, "/detail").unwrap_or("no detail")),
    }
}

/// The innermost message: the outer ones repeat the URL.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn report(answer: &Value, json: bool) -> u8 {
    let sendable = answer.pointer("/line/sendable").and_then(Value::as_bool);
    say(&if json { answer.to_string() } else { summary(answer) });
    match sendable {
        Some(true) => 0,
        Some(false) => 1,
        None => 2,
    }
}

/// One line: verdict, line, state, and what makes the difference.
fn summary(answer: &Value) -> String {
    let of = |path: &str| text_of(answer, path).unwrap_or("-");
    let verdict = match answer.pointer("/line/sendable").and_then(Value::as_bool) {
        Some(true) => "OK",
        Some(false) => "NOT-SENDABLE",
        None => "UNKNOWN",
    };
    let mut line = format!(
        "{verdict} line={} status={} lifecycle={} send={}",
        of("/line/id"),
        of("/health/status/text"),
        of("/line/lifecycleState"),
        of("/line/effectiveSendState")
    );
    let details = [
        ("reason", "/line/reason"),
        ("until", "/line/until"),
        ("action", "/line/userAction"),
        ("asOf", "/line/asOf"),
    ];
    for (name, path) in details {
        if let Some(text) = text_of(answer, path).filter(|text| *text != "none") {
            line.push_str(&format!(" {name}={text}"));
        }
    }
    if let Some(depth) = answer.pointer("/line/queue/depth").and_then(Value::as_u64) {
        line.push_str(&format!(" queued={depth}"));
    }
    if answer.pointer("/wakeup/requested").and_then(Value::as_bool) == Some(true) {
        line.push_str(&format!(" wakeup={}", of("/wakeup/outcome")));
    }
    line
}

fn text_of<'a>(answer: &'a Value, path: &str) -> Option<&'a str> {
    answer.pointer(path).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_exit_code_follows_sendable_and_nothing_else() {
        assert_eq!(report(&json!({"line": {"sendable": true}}), false), 0);
        assert_eq!(report(&json!({"line": {"sendable": false}}), true), 1);
        assert_eq!(report(&json!({"line": {"lifecycleState": "connected"}}), false), 2);
    }

    #[test]
    fn the_summary_says_why_a_line_cannot_send() {
        let text = summary(&json!({
            "health": {"status": {"code": 0, "text": "STOP"}},
            "line": {"id": "L", "lifecycleState": "logged_out", "effectiveSendState": "blocked", "sendable": false,
                     "reason": "logged_out", "until": null, "userAction": "scan", "queue": {"depth": 3}},
            "wakeup": {"requested": true, "outcome": "not_wakeable"}
        }));
        assert_eq!(
            text,
            "NOT-SENDABLE line=L status=STOP lifecycle=logged_out send=blocked reason=logged_out action=scan queued=3 wakeup=not_wakeable"
        );
    }
}
