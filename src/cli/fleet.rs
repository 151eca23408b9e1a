//! `ezw nodes` and `ezw lines`: who owns what, by the rows.

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::time::{Duration, Instant};
use uuid::Uuid;

use super::{Exit, say};
use crate::config::Config;
use crate::store::{
    Db, StoreError,
    fleet::{self, Filter, Move, NodeRow, OwnedLine},
};

/// Lines read at once.
const PAGE: i64 = 1_000;
/// For a line to let go and be taken by its new node; past it any node takes it.
const MOVE_PATIENCE: Duration = Duration::from_secs(15);
/// Between two looks at whether it is there.
const LOOK: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub(super) struct Nodes {
    /// Print one JSON array
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Lines {
    #[command(subcommand)]
    order: Option<Order>,
    /// Only the lines of this organization
    #[arg(long, value_name = "ID")]
    organization: Option<Uuid>,
    /// Only the lines of the node of this name
    #[arg(long, value_name = "NAME")]
    node: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Order {
    /// Move a running line to another node: it closes its session there, and opens it here
    Move(MoveLine),
}

#[derive(Debug, Args)]
struct MoveLine {
    /// The line's id
    line: Uuid,
    /// The name of the node that shall own it
    node: String,
}

fn database(config: &Config, name: &str) -> Result<Db, Exit> {
    let Some(database) = &config.database else {
        return Err(Exit::Usage(anyhow!("DATABASE_URL is missing: name the database of the nodes")));
    };
    Ok(Db::new(database, name, tokio::runtime::Handle::current()).map_err(anyhow::Error::from)?)
}

fn json(value: &impl Serialize) -> Result<String, Exit> {
    Ok(serde_json::to_string(value).context("it cannot be written as JSON")?)
}

pub(super) async fn nodes(arguments: Nodes, config: Config) -> Result<(), Exit> {
    let db = database(&config, "ezw nodes")?;
    let nodes = db.run(|conn| Box::pin(fleet::nodes(conn))).await.context("the nodes cannot be read")?;
    if arguments.json {
        say(&json(&nodes)?);
        return Ok(());
    }
    say(
        "STATE       NAME                     HEARTBEAT  LINES  CONNECTED  LOCK  VERSION   STARTED               INCARNATION",
    );
    for node in nodes {
        say(&shown_node(&node));
    }
    Ok(())
}

fn shown_node(node: &NodeRow) -> String {
    format!(
        "{:<10}  {:<24} {:>8.1}s  {:>5}  {:>9}  {:<4}  {:<8}  {}  {}",
        node.state,
        node.name,
        node.heartbeat_age_seconds,
        node.lines,
        node.connected,
        if node.holds_lock { "yes" } else { "no" },
        node.version,
        node.started_at.format("%Y-%m-%dT%H:%M:%SZ"),
        node.incarnation,
    )
}

pub(super) async fn lines(arguments: Lines, config: Config) -> Result<(), Exit> {
    let db = database(&config, "ezw lines")?;
    if let Some(Order::Move(order)) = arguments.order {
        return move_line(order, &db).await;
    }
    let mut filter =
        Filter { organization: arguments.organization, node: arguments.node, page: (None, PAGE) };
    if !arguments.json {
        say(
            "LINE                                  STATE            EPOCH  WAITING  HEARTBEAT  NODE                     NAME",
        );
    }
    loop {
        let asked = filter.clone();
        let lines = db.run(move |conn| Box::pin(async move { fleet::lines(conn, &asked).await })).await;
        let lines = lines.context("the lines cannot be read")?;
        for line in &lines {
            say(&if arguments.json { json(line)? } else { shown_line(line) });
        }
        match lines.last() {
            Some(last) if i64::try_from(lines.len()).is_ok_and(|count| count == PAGE) => {
                filter.page.0 = Some(last.id);
            }
            Some(_) | None => return Ok(()),
        }
    }
}

fn shown_line(line: &OwnedLine) -> String {
    let heartbeat = match line.heartbeat_age_seconds {
        _ if line.owner_dead => "dead".to_owned(),
        Some(age) => format!("{age:.1}s"),
        None => "-".to_owned(),
    };
    format!(
        "{}  {:<15}  {:>5}  {:>7}  {heartbeat:>9}  {:<24} {}",
        line.id,
        line.state,
        line.epoch,
        line.queue_depth,
        line.node.as_deref().unwrap_or("-"),
        line.display_name,
    )
}

async fn move_line(order: MoveLine, db: &Db) -> Result<(), Exit> {
    let MoveLine { line, node } = order;
    let to = node.clone();
    let ordered =
        db.unit(move |conn| Box::pin(async move { fleet::order_move(conn, line, &to, MOVE_PATIENCE).await }));
    let ordered: Result<Move, StoreError> = ordered.await;
    let target = match ordered.context("the line cannot be moved")? {
        Move::Ordered(target) => target,
        Move::ThereAlready => {
            say(&format!("{node} owns line {line} already"));
            return Ok(());
        }
        Move::NotRunning => {
            return Err(Exit::Failed(anyhow!("nobody runs line {line} now: whoever takes it first has it")));
        }
        Move::NoLine => return Err(Exit::Failed(anyhow!("there is no line {line}, or it is archived"))),
        Move::NoNode => {
            return Err(Exit::Failed(anyhow!(
                "no node of the name {node} takes lines: `ezw nodes` lists them"
            )));
        }
    };
    let began = Instant::now();
    while began.elapsed() < MOVE_PATIENCE {
        let owner = db.run(move |conn| Box::pin(fleet::owner_of(conn, line))).await;
        match owner.context("the line cannot be read")? {
            Some((Some(owner), epoch)) if owner == target => {
                say(&format!("{node} owns line {line}, epoch {epoch}"));
                return Ok(());
            }
            Some(_) => tokio::time::sleep(LOOK).await,
            None => return Err(Exit::Failed(anyhow!("line {line} is gone"))),
        }
    }
    Err(Exit::Failed(anyhow!(
        "line {line} did not move to {node} within {} s: its owner did not let it go, or {node} did not take it; `ezw lines` says \
         whose it is",
        MOVE_PATIENCE.as_secs()
    )))
}
