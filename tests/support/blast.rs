//! Five hundred lines, of which fifty die again and again while the others send: what `benches/blast_radius.rs` measures
//! and `tests/fleet/blast.rs` only judges.

use super::{
    Owner, TestBed,
    fleet::{self, FleetLine, Rest},
};
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use serde_json::json;
use sqlx::Row as _;
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

pub(crate) const WELL: usize = 450;
pub(crate) const TROUBLED: usize = 50;
/// So long replies are sent. In it a line that always dies does so five times, with pauses of 1, 2, 4 and 8 s between:
/// the sixth death is its last, so a longer time would have less of them in a second.
const SECONDS: u64 = 20;
/// Replies of all lines in a second: far from what the machine can do, so that waits are the trouble's doing.
const PER_SECOND: u64 = 25;
/// Deaths below which the trouble was no trouble.
const DEATHS_AT_LEAST: i64 = 4 * TROUBLED as i64;

pub(crate) struct Blast {
    bed: TestBed,
    owner: Owner,
    well: Vec<FleetLine>,
    troubled: Vec<FleetLine>,
    /// One of each line that is well.
    conversations: Vec<String>,
    panics: bool,
}

/// What came of one run.
pub(crate) struct Outcome {
    /// From the acceptance of a reply to its arrival at the phone network, in milliseconds, shortest first.
    pub(crate) milliseconds: Vec<i64>,
    pub(crate) deaths: i64,
    /// Replies that were lost and lines that were touched.
    pub(crate) complaints: Vec<String>,
}

impl Outcome {
    pub(crate) fn percentile(&self, percent: usize) -> i64 {
        percentile(&self.milliseconds, percent)
    }
}

/// Of figures in their order.
pub(crate) fn percentile(sorted: &[i64], percent: usize) -> i64 {
    let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or(i64::MAX)
}

impl Blast {
    /// The lines that are well are sendable; the others wait for their rows, and die at the first word of their
    /// sessions when there are `panics`.
    pub(crate) async fn start(panics: bool) -> Self {
        let mut well = fleet::plan(WELL + TROUBLED);
        let everybody = well.clone();
        let troubled = well.split_off(WELL);
        let ids: Vec<&str> = troubled.iter().map(|line| line.id.as_str()).collect();
        let mut options = TestBed::options()
            .linked(&everybody)
            // What a panic costs a program that prints the names of its functions each time is not what is asked.
            .env("RUST_BACKTRACE", "0")
            .env("EZW_LINES_CONNECTS_PER_SECOND", "50")
            .env("EZW_HTTP_RATE_PER_SECOND", "100000")
            .env("EZW_HTTP_RATE_BURST", "100000");
        if panics {
            options = options.env("EZW_TEST_FAILPOINTS", &format!("told=panic@{}", ids.join(",")));
        }
        let bed = options.start().await;
        let owner = bed.signup().await;
        let rest = Rest::released(fleet::now(bed.sql()).await);
        fleet::enter(bed.sql(), &owner, &well, &rest).await;
        let conversations = fleet::conversations(bed.sql(), &owner, &well, 1).await.concat();
        let blast = Self { bed, owner, well, troubled, conversations, panics };
        blast.until_connected().await;
        blast
    }

    async fn until_connected(&self) {
        let ask = "select count(*) from lines where state = 'connected'";
        self.bed
            .eventually_within(180, "every line that is well is connected", || async {
                let count: i64 = sqlx::query_scalar(ask).fetch_one(self.bed.sql()).await.unwrap();
                (count == WELL as i64).then_some(())
            })
            .await;
    }

    /// The other lines come, and replies leave on those that are well, evenly over them and over the time.
    pub(crate) async fn run(self) -> Outcome {
        let begun = fleet::now(self.bed.sql()).await;
        fleet::enter(self.bed.sql(), &self.owner, &self.troubled, &Rest::released(begun)).await;
        let count = usize::try_from(SECONDS * PER_SECOND).unwrap();
        let sends = join_all((0..count).map(|index| self.send(index))).await;
        let (mut sent, mut complaints) = (Vec::new(), Vec::new());
        for send in sends {
            match send {
                Ok(id) => sent.push(id),
                Err(why) => complaints.push(why),
            }
        }
        complaints.extend(self.until_settled(sent.len()).await);
        let milliseconds = self.arrivals(&sent, &mut complaints).await;
        complaints.extend(self.touched(begun).await);
        let deaths = self.deaths().await;
        if self.panics && deaths < DEATHS_AT_LEAST {
            complaints.push(format!("the trouble was none: {deaths} deaths"));
        }
        Outcome { milliseconds, deaths, complaints }
    }

    /// The reply of this number, at its time; the message's id.
    async fn send(&self, index: usize) -> Result<String, String> {
        let at = Duration::from_millis(1_000 / PER_SECOND) * u32::try_from(index).unwrap();
        tokio::time::sleep(at).await;
        // Neighbours in the list are neighbours on a thread no more than others; every line gets its turn.
        let line = index % WELL;
        let path = format!("/api/lines/{}/send", self.well[line].id);
        let body = json!({"conversationId": self.conversations[line], "bodyText": "Hello"});
        let key = format!("blast-{index}");
        let call = self.bed.post(&path).bearer(&self.owner.token).idempotency_key(&key).json(&body);
        match call.try_send().await {
            Ok(reply) if reply.status == 202 => Ok(reply.text("/message/id")),
            Ok(reply) => Err(format!("a reply was refused: {}", reply.raw)),
            Err(error) => Err(format!("a reply got no answer: {error}")),
        }
    }

    /// Waits until all of them are with the phone network.
    async fn until_settled(&self, count: usize) -> Option<String> {
        let ask = "select count(*) from outbound where status in ('sent', 'delivered', 'read')";
        for _ in 0..600 {
            let arrived: i64 = sqlx::query_scalar(ask).fetch_one(self.bed.sql()).await.unwrap();
            if usize::try_from(arrived).unwrap() == count {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Some(format!("after a minute not all of {count} replies have left"))
    }

    /// By the clocks of the service and of the phone network, which are one here.
    async fn arrivals(&self, sent: &[String], complaints: &mut Vec<String>) -> Vec<i64> {
        let journal = self.bed.simulator().whole_journal().await;
        let mut arrived: HashMap<String, Vec<DateTime<Utc>>> = HashMap::new();
        for entry in journal.iter().filter(|entry| entry["kind"] == "accepted") {
            let id = entry["providerMessageId"].as_str().unwrap().to_owned();
            arrived.entry(id).or_default().push(entry["at"].as_str().unwrap().parse().unwrap());
        }
        let ids: Vec<Uuid> = sent.iter().map(|id| id.parse().unwrap()).collect();
        let ask = "select provider_message_id, accepted_at from outbound where message_id = any ($1)";
        let rows = sqlx::query(ask).bind(&ids).fetch_all(self.bed.sql()).await.unwrap();
        let mut milliseconds = Vec::with_capacity(rows.len());
        for row in rows {
            let (id, accepted_at): (String, DateTime<Utc>) =
                (row.get("provider_message_id"), row.get("accepted_at"));
            match arrived.get(&id).map(Vec::as_slice) {
                Some([at]) => milliseconds.push((*at - accepted_at).num_milliseconds()),
                other => complaints.push(format!("the reply {id} arrived {other:?}")),
            }
        }
        milliseconds.sort_unstable();
        milliseconds
    }

    /// Lines that are well and were started anew, changed their state, or cannot send.
    async fn touched(&self, begun: DateTime<Utc>) -> Vec<String> {
        let ids: Vec<Uuid> = self.well.iter().map(|line| line.id.parse().unwrap()).collect();
        let moved = sqlx::query(
            "select line_id, array_agg(to_state order by version) as road from line_transitions
             where line_id = any ($1) and at > $2 group by line_id",
        );
        let moved = moved.bind(&ids).bind(begun).fetch_all(self.bed.sql()).await.unwrap();
        let moved = moved.iter().map(|row| {
            let (line, road): (Uuid, Vec<String>) = (row.get("line_id"), row.get("road"));
            format!("the line {line} went {road:?}")
        });
        let mut touched: Vec<String> = moved.collect();
        let restarted: Vec<Uuid> =
            sqlx::query_scalar("select id from lines where id = any ($1) and epoch <> 1")
                .bind(&ids)
                .fetch_all(self.bed.sql())
                .await
                .unwrap();
        touched.extend(restarted.iter().map(|line| format!("the line {line} was started anew")));
        let listed = self.bed.get("/api/lines").bearer(&self.owner.token).send().await.expect_status(200);
        let sendable = listed.list("/lines");
        let sendable = sendable.iter().filter(|line| line["sendable"] == true);
        let sendable: Vec<&str> = sendable.filter_map(|line| line["id"].as_str()).collect();
        let not = self.well.iter().filter(|line| !sendable.contains(&line.id.as_str()));
        touched.extend(not.map(|line| format!("the line {} is not sendable", line.id)));
        touched
    }

    async fn deaths(&self) -> i64 {
        let ask = "select coalesce(sum((history ->> 'deaths')::bigint), 0)::bigint from lines";
        sqlx::query_scalar(ask).fetch_one(self.bed.sql()).await.unwrap()
    }
}
