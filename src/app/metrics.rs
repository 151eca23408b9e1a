//! Gauges whose truth is in Postgres or changes by time alone: read at scrape, within a bound.

use crate::{
    jobs::ORPHANS,
    store::{Db, StoreError, census},
};
use ezw_actors::{
    Supervisor,
    lines::Lines,
    machine::{Lifecycle, SendState, Status},
    metric,
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use strum::IntoEnumIterator as _;

/// A scrape waits for Postgres so long; then the gauges of the last one stand, and the scrape says so.
const BOUND: Duration = Duration::from_secs(2);
const LINES: &str = "ezw_lines";
const OWNED: &str = "ezw_lines_owned";
const WAITING: &str = "ezw_connects_waiting";
const REFUSED: &str = "ezw_provider_client_refused";
const QUEUE: &str = "ezw_replies_open";
const FRESH: &str = "ezw_store_gauges_fresh";
const POOL: &str = "ezw_store_connections";
/// Open deliveries, as the API words them.
const OPEN: [&str; 3] = ["queued", "sending", "unknown"];

pub(super) fn describe() {
    metric::describe();
    metrics::describe_gauge!(
        LINES,
        "Lines of all organizations, archived ones left out, by what clients see."
    );
    metrics::describe_gauge!(OWNED, "Lines at work in this process.");
    metrics::describe_gauge!(WAITING, "Lines of this process that wait for their turn to connect.");
    metrics::describe_gauge!(
        REFUSED,
        "1 while the provider is known to refuse the client version of this process, else 0."
    );
    metrics::describe_gauge!(QUEUE, "Replies of all organizations that are not final, by status.");
    metrics::describe_gauge!(
        FRESH,
        "1 when the gauges that come from Postgres were read for this scrape, else 0."
    );
    metrics::describe_gauge!(POOL, "Connections of this process to Postgres, by use.");
    metrics::describe_counter!(ORPHANS, "Images that belonged to no message and were deleted.");
    metrics::counter!(ORPHANS).absolute(0);
}

pub(super) async fn refresh(db: Option<Db>, lines: Lines, supervisor: Option<Arc<Supervisor>>) {
    metrics::gauge!(OWNED).set(as_gauge(lines.count()));
    if let Some(supervisor) = supervisor {
        metrics::gauge!(WAITING).set(as_gauge(supervisor.waiting_to_connect()));
        metrics::gauge!(REFUSED).set(if supervisor.client_is_refused() { 1.0 } else { 0.0 });
    }
    let Some(db) = db else { return };
    let (size, idle) = db.pool_use();
    metrics::gauge!(POOL, "use" => "idle").set(as_gauge(idle));
    metrics::gauge!(POOL, "use" => "busy").set(as_gauge((size as usize).saturating_sub(idle)));
    let counting = db.run(|conn| {
        Box::pin(async move {
            let lines = census::lines(&mut *conn).await?;
            let replies = census::open_replies(conn).await?;
            Ok::<_, StoreError>((lines, replies))
        })
    });
    let counted = tokio::time::timeout(BOUND, counting).await;
    metrics::gauge!(FRESH).set(if matches!(counted, Ok(Ok(_))) { 1.0 } else { 0.0 });
    if let Ok(Ok((lines, replies))) = counted {
        set_lines(&lines);
        for status in OPEN {
            metrics::gauge!(QUEUE, "status" => status).set(count(replies.get(status).copied()));
        }
    }
}

fn set_lines(counted: &[(ezw_actors::machine::View, i64)]) {
    let mut sums: HashMap<(Status, Lifecycle, SendState), i64> = HashMap::new();
    for (view, lines) in counted {
        *sums.entry((view.status, view.lifecycle, view.send)).or_default() += lines;
    }
    // Every combination that was ever seen stays a series, at zero when empty: the label sets are small and closed.
    for lifecycle in Lifecycle::iter() {
        for (status, send) in combinations(lifecycle) {
            let lines = sums.remove(&(status, lifecycle, send));
            set(status, lifecycle, send, count(lines));
        }
    }
    for ((status, lifecycle, send), lines) in sums {
        set(status, lifecycle, send, count(Some(lines)));
    }
}

fn set(status: Status, lifecycle: Lifecycle, send: SendState, lines: f64) {
    let (status, lifecycle, send): (&'static str, &'static str, &'static str) =
        (status.into(), lifecycle.into(), send.into());
    metrics::gauge!(LINES, "status" => status, "lifecycle" => lifecycle, "send_state" => send).set(lines);
}

/// What the state table allows for a lifecycle.
fn combinations(lifecycle: Lifecycle) -> Vec<(Status, SendState)> {
    use Lifecycle as L;
    vec![match lifecycle {
        L::Starting => (Status::Init, SendState::Paused),
        L::Reconnecting | L::Connecting | L::Syncing | L::Orphaned => (Status::Launch, SendState::Paused),
        L::Pairing => (Status::Qr, SendState::Blocked),
        L::Connected => (Status::Auth, SendState::Sendable),
        L::Restricted => (Status::Auth, SendState::ReplyOnly),
        L::Degraded | L::Throttled => (Status::Auth, SendState::Paused),
        L::Replaced | L::Locked | L::Banned | L::Failed => (Status::Error, SendState::Blocked),
        L::Created | L::PairingExpired | L::LoggedOut | L::Stopped | L::Archived => {
            (Status::Stop, SendState::Blocked)
        }
    }]
}

fn count(rows: Option<i64>) -> f64 {
    rows.map_or(0.0, |rows| as_gauge(usize::try_from(rows).unwrap_or(0)))
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn as_gauge(count: usize) -> f64 {
    count as f64
}
