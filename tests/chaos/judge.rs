//! What a run under kills came to: the promises that clients hold, against the rows and against what the phone network
//! saw. Pure, so that its own tests show that it complains.

use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

/// Clocks of several processes on one machine, and the instant at which a kill is noted, agree this well.
const SLACK: TimeDelta = TimeDelta::seconds(1);
/// An attempt that the network never saw was still under way this long after its intent, on a machine that is busy.
const IN_FLIGHT: TimeDelta = TimeDelta::seconds(10);
/// The network acknowledges what it took at once: this much later the outcome was committed.
const ANSWERED: TimeDelta = TimeDelta::seconds(3);

/// A 202 that a client got. A client has one conversation and sends its next reply once the one before is promised.
#[derive(Clone, Debug)]
pub(crate) struct Promise {
    pub(crate) message: String,
    pub(crate) conversation: String,
    /// Its place among the replies of this client.
    pub(crate) number: u32,
    /// No other reply of the run has it.
    pub(crate) text: String,
    /// When the client heard of it.
    pub(crate) at: DateTime<Utc>,
}

/// The reply as the database has it in the end.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) message: String,
    pub(crate) conversation: String,
    pub(crate) seq: i64,
    pub(crate) recipient: String,
    pub(crate) provider_id: String,
    pub(crate) text: String,
    /// Of the text, as the phone network writes it.
    pub(crate) digest: String,
    pub(crate) status: String,
    pub(crate) attempt_started_at: Option<DateTime<Utc>>,
    pub(crate) unknown_since: Option<DateTime<Utc>>,
}

/// A send that the phone network took, in the order of its journal.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) provider_id: String,
    pub(crate) digest: String,
    pub(crate) to: String,
    /// Its id had come before.
    pub(crate) repeat: bool,
    pub(crate) at: DateTime<Utc>,
}

/// What was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Victim {
    Service,
    Postgres,
}

/// A kill, at the instant before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kill {
    pub(crate) victim: Victim,
    pub(crate) at: DateTime<Utc>,
}

/// All that is known of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// The capability that the phone network stated: its people see a repeated id once.
    pub(crate) drops_repeats: bool,
    pub(crate) promises: Vec<Promise>,
    pub(crate) rows: Vec<Row>,
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) kills: Vec<Kill>,
}

/// What was found, one complaint for each case.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    promised: usize,
    arrived: usize,
    repeats: usize,
    /// Unknown because of a kill, where the network does not drop repeats: allowed.
    explained: usize,
    lost: Vec<String>,
    second_ids: Vec<String>,
    duplicates: Vec<String>,
    inversions: Vec<String>,
    unexplained: Vec<String>,
    unsettled: Vec<String>,
    strangers: Vec<String>,
}

impl Verdict {
    pub(crate) fn complaints(&self) -> Vec<&str> {
        let kinds = [
            &self.lost,
            &self.second_ids,
            &self.duplicates,
            &self.inversions,
            &self.unexplained,
            &self.unsettled,
            &self.strangers,
        ];
        kinds.into_iter().flatten().map(String::as_str).collect()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} accepted, {} reached the phone network, {} of them again under their id; {} lost, {} second ids, \
             {} duplicates seen by recipients, {} order inversions, {} unknown and explained by a kill, {} unknown and \
             not explained, {} not settled, {} that nobody was promised",
            self.promised,
            self.arrived,
            self.repeats,
            self.lost.len(),
            self.second_ids.len(),
            self.duplicates.len(),
            self.inversions.len(),
            self.explained,
            self.unexplained.len(),
            self.unsettled.len(),
            self.strangers.len(),
        )
    }
}

pub(crate) fn judge(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict { promised: evidence.promises.len(), ..Verdict::default() };
    let arrivals = by_text(evidence, &mut verdict);
    judge_promises(evidence, &mut verdict);
    for row in &evidence.rows {
        judge_row(evidence, row, arrivals.get(row.digest.as_str()).map_or(&[], Vec::as_slice), &mut verdict);
    }
    judge_ids(evidence, &arrivals, &mut verdict);
    judge_order(evidence, &mut verdict);
    verdict
}

/// What the network took, by what it says: an id is only as good as the text that it carries.
fn by_text<'a>(evidence: &'a Evidence, verdict: &mut Verdict) -> HashMap<&'a str, Vec<&'a Arrival>> {
    let mut arrivals: HashMap<&str, Vec<&Arrival>> = HashMap::new();
    for arrival in &evidence.arrivals {
        arrivals.entry(arrival.digest.as_str()).or_default().push(arrival);
    }
    verdict.arrived = evidence.arrivals.iter().filter(|arrival| !arrival.repeat).count();
    verdict.repeats = evidence.arrivals.len() - verdict.arrived;
    arrivals
}

/// Each promise has its row, in the order of the client; each row and each arrival was promised.
fn judge_promises(evidence: &Evidence, verdict: &mut Verdict) {
    let rows: HashMap<&str, &Row> = evidence.rows.iter().map(|row| (row.message.as_str(), row)).collect();
    let mut orders: BTreeMap<&str, Vec<(u32, i64)>> = BTreeMap::new();
    for promise in &evidence.promises {
        match rows.get(promise.message.as_str()) {
            Some(row) if row.text == promise.text && row.conversation == promise.conversation => {
                orders.entry(&promise.conversation).or_default().push((promise.number, row.seq));
            }
            Some(row) => verdict.lost.push(format!("{promise:?} was promised and became {row:?}")),
            None => verdict.lost.push(format!("{promise:?} has no row")),
        }
    }
    for (conversation, mut order) in orders {
        order.sort_unstable();
        let inverted = order.windows(2).filter(|pair| pair[0].1 >= pair[1].1);
        let complaint = |pair| format!("{conversation} keeps its client's order badly: {pair:?}");
        verdict.inversions.extend(inverted.map(complaint));
    }
    let promised: BTreeSet<&str> = evidence.promises.iter().map(|promise| promise.message.as_str()).collect();
    let strangers = evidence.rows.iter().filter(|row| !promised.contains(row.message.as_str()));
    verdict.strangers.extend(strangers.map(|row| format!("{row:?} was promised to nobody")));
    let known: BTreeSet<&str> = evidence.rows.iter().map(|row| row.digest.as_str()).collect();
    let strangers = evidence.arrivals.iter().filter(|arrival| !known.contains(arrival.digest.as_str()));
    verdict.strangers.extend(strangers.map(|arrival| format!("{arrival:?} has no row")));
}

fn judge_row(evidence: &Evidence, row: &Row, arrivals: &[&Arrival], verdict: &mut Verdict) {
    match row.status.as_str() {
        "sent" | "delivered" | "read" if arrivals.is_empty() => {
            verdict.lost.push(format!("{row:?} never reached the phone network"));
        }
        "sent" | "delivered" | "read" => {}
        "unknown" if evidence.drops_repeats => {
            verdict.unsettled.push(format!("{row:?} could be sent again and was not"));
        }
        "unknown" if evidence.kills.iter().any(|kill| explains(*kill, row, arrivals)) => {
            verdict.explained += 1
        }
        "unknown" => verdict.unexplained.push(format!("{row:?} is unknown, and no kill tells why")),
        "queued" | "sending" => verdict.unsettled.push(format!("{row:?} is not settled")),
        // Nothing refused it and its time was long.
        _ => verdict.lost.push(format!("{row:?} was given up")),
    }
    if let Some(astray) = arrivals.iter().find(|arrival| arrival.to != row.recipient) {
        verdict.strangers.push(format!("{row:?} went to somebody else: {astray:?}"));
    }
    let seen = arrivals.iter().filter(|arrival| !arrival.repeat || !evidence.drops_repeats).count();
    if seen > 1 {
        verdict.duplicates.push(format!("{row:?} was seen {seen} times: {arrivals:?}"));
    }
}

/// The attempt was under way at the kill, and nobody was sure of it after.
fn explains(kill: Kill, row: &Row, arrivals: &[&Arrival]) -> bool {
    let (Some(started), Some(since)) = (row.attempt_started_at, row.unknown_since) else { return false };
    let over = arrivals.iter().map(|arrival| arrival.at + ANSWERED).max().unwrap_or(started + IN_FLIGHT);
    started <= kill.at + SLACK && kill.at <= over && kill.at <= since + SLACK
}

/// One id for a message and one message for a text, in the rows and at the network.
fn judge_ids(evidence: &Evidence, arrivals: &HashMap<&str, Vec<&Arrival>>, verdict: &mut Verdict) {
    let mut ids: BTreeMap<&str, (&str, BTreeSet<&str>)> = BTreeMap::new();
    for row in &evidence.rows {
        let found = ids.entry(&row.digest).or_insert_with(|| (&row.text, BTreeSet::new()));
        found.1.insert(&row.provider_id);
    }
    for (digest, (text, mut ids)) in ids {
        let taken = arrivals.get(digest).into_iter().flatten();
        ids.extend(taken.map(|arrival| arrival.provider_id.as_str()));
        if ids.len() > 1 {
            verdict.second_ids.push(format!("`{text}` has the ids {ids:?}"));
        }
    }
}

/// What the network took for the first time, conversation by conversation, in the order of acceptance.
fn judge_order(evidence: &Evidence, verdict: &mut Verdict) {
    let rows: HashMap<&str, &Row> = evidence.rows.iter().map(|row| (row.digest.as_str(), row)).collect();
    let mut latest: HashMap<&str, i64> = HashMap::new();
    for arrival in evidence.arrivals.iter().filter(|arrival| !arrival.repeat) {
        let Some(row) = rows.get(arrival.digest.as_str()) else { continue };
        let before = latest.entry(&row.conversation).or_insert(0);
        if row.seq < *before {
            verdict.inversions.push(format!("{row:?} arrived after number {before} of its conversation"));
        }
        *before = row.seq.max(*before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "conversation";

    fn second(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    fn promise(number: u32) -> Promise {
        let text = format!("reply {number}");
        Promise {
            message: format!("message {number}"),
            conversation: PLACE.into(),
            number,
            text,
            at: second(10),
        }
    }

    fn row(number: u32, status: &str) -> Row {
        Row {
            message: format!("message {number}"),
            conversation: PLACE.into(),
            seq: i64::from(number) + 1,
            recipient: "customer".into(),
            provider_id: format!("id {number}"),
            text: format!("reply {number}"),
            digest: format!("digest {number}"),
            status: status.into(),
            attempt_started_at: Some(second(10)),
            unknown_since: (status == "unknown").then(|| second(25)),
        }
    }

    fn arrival(number: u32) -> Arrival {
        Arrival {
            provider_id: format!("id {number}"),
            digest: format!("digest {number}"),
            to: "customer".into(),
            repeat: false,
            at: second(11),
        }
    }

    fn repeat(number: u32) -> Arrival {
        Arrival { repeat: true, ..arrival(number) }
    }

    fn killed(at: i64) -> Vec<Kill> {
        vec![Kill { victim: Victim::Service, at: second(at) }]
    }

    /// Three replies that went as promised.
    fn well() -> Evidence {
        Evidence {
            drops_repeats: true,
            promises: (0..3).map(promise).collect(),
            rows: vec![row(0, "read"), row(1, "delivered"), row(2, "sent")],
            arrivals: (0..3).map(arrival).collect(),
            kills: killed(11),
        }
    }

    /// The figures in their order: lost, second ids, duplicates, inversions, unexplained, unsettled, strangers.
    fn figures(evidence: &Evidence) -> [usize; 7] {
        let verdict = judge(evidence);
        let figures = [
            verdict.lost.len(),
            verdict.second_ids.len(),
            verdict.duplicates.len(),
            verdict.inversions.len(),
            verdict.unexplained.len(),
            verdict.unsettled.len(),
            verdict.strangers.len(),
        ];
        assert_eq!(verdict.complaints().len(), figures.iter().sum::<usize>());
        figures
    }

    #[test]
    fn a_run_that_keeps_its_promises_is_not_complained_of() {
        assert_eq!(figures(&well()), [0; 7]);
        let shown = judge(&well()).to_string();
        assert!(shown.starts_with("3 accepted, 3 reached the phone network, 0 of them again"), "{shown}");
    }

    #[test]
    fn a_promise_without_a_row_or_without_an_arrival_or_given_up_is_lost() {
        let mut no_row = well();
        no_row.rows.remove(2);
        no_row.arrivals.remove(2);
        assert_eq!(figures(&no_row), [1, 0, 0, 0, 0, 0, 0]);
        let mut not_there = well();
        not_there.arrivals.remove(1);
        assert_eq!(figures(&not_there), [1, 0, 0, 0, 0, 0, 0]);
        for status in ["failed", "expired", "no status of ours"] {
            let mut given_up = well();
            given_up.rows[2].status = status.into();
            assert_eq!(figures(&given_up), [1, 0, 0, 0, 0, 0, 0], "{status}");
        }
        let mut another_text = well();
        another_text.promises[2].text = "what was asked for".into();
        assert_eq!(figures(&another_text), [1, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_second_id_is_found_in_the_rows_and_at_the_network() {
        let mut at_the_network = well();
        at_the_network.arrivals.push(Arrival { provider_id: "another".into(), ..arrival(2) });
        assert_eq!(figures(&at_the_network), [0, 1, 1, 0, 0, 0, 0], "and it is seen twice");
        let mut other_there = well();
        other_there.arrivals[2].provider_id = "another".into();
        assert_eq!(figures(&other_there), [0, 1, 0, 0, 0, 0, 0]);
        // A key that was accepted twice: the client holds one of the two.
        let mut in_the_rows = well();
        in_the_rows.rows.push(Row {
            message: "twin".into(),
            seq: 4,
            provider_id: "another".into(),
            ..row(2, "sent")
        });
        assert_eq!(figures(&in_the_rows), [0, 1, 0, 0, 0, 0, 1], "and nobody was promised it");
    }

    #[test]
    fn a_repeat_is_a_duplicate_only_where_people_see_it() {
        let mut again = well();
        again.arrivals.push(repeat(0));
        assert_eq!(figures(&again), [0; 7]);
        again.drops_repeats = false;
        assert_eq!(figures(&again), [0, 0, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn an_order_is_inverted_where_the_network_or_the_queue_turns_it_round() {
        let mut arrived = well();
        arrived.arrivals.swap(1, 2);
        assert_eq!(figures(&arrived), [0, 0, 0, 1, 0, 0, 0]);
        let mut last_first = well();
        last_first.arrivals.rotate_right(1);
        assert_eq!(figures(&last_first), [0, 0, 0, 2, 0, 0, 0], "two came after the last one");
        let mut queued = well();
        (queued.rows[1].seq, queued.rows[2].seq) = (3, 2);
        queued.arrivals.swap(1, 2);
        assert_eq!(figures(&queued), [0, 0, 0, 1, 0, 0, 0], "not as the client sent them");
        let mut two_places = well();
        two_places.promises[2].conversation = "elsewhere".into();
        two_places.rows[2].conversation = "elsewhere".into();
        two_places.arrivals.rotate_right(1);
        assert_eq!(figures(&two_places), [0; 7], "conversations have an order each");
    }

    #[test]
    fn an_unknown_reply_is_a_complaint_where_repeats_are_dropped() {
        let mut open = well();
        open.rows[1].status = "unknown".into();
        assert_eq!(figures(&open), [0, 0, 0, 0, 0, 1, 0]);
        for status in ["queued", "sending"] {
            open.rows[1].status = status.into();
            assert_eq!(figures(&open), [0, 0, 0, 0, 0, 1, 0], "{status}");
        }
    }

    #[test]
    fn a_reply_in_another_conversation_or_to_somebody_else_is_a_fault() {
        let mut astray = well();
        astray.rows[1].conversation = "another".into();
        assert_eq!(figures(&astray), [1, 0, 0, 0, 0, 0, 0]);
        let mut astray = well();
        astray.arrivals[1].to = "somebody else".into();
        assert_eq!(figures(&astray), [0, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn an_unknown_reply_is_explained_by_a_kill_during_its_attempt_and_by_nothing_else() {
        let mut open = well();
        open.drops_repeats = false;
        open.rows[1] = row(1, "unknown");
        // Begun at 10, taken and acknowledged at 11, unknown since 25.
        for (kill, allowed) in [(8, false), (9, true), (11, true), (14, true), (15, false), (40, false)] {
            open.kills = killed(kill);
            assert_eq!(figures(&open), [0, 0, 0, 0, usize::from(!allowed), 0, 0], "a kill at {kill}");
            assert_eq!(judge(&open).explained, usize::from(allowed));
        }
        open.kills = vec![Kill { victim: Victim::Postgres, at: second(11) }];
        assert_eq!(figures(&open), [0; 7]);
        open.rows[1].unknown_since = Some(second(9));
        assert_eq!(figures(&open), [0, 0, 0, 0, 1, 0, 0], "unknown before the kill");
        open.kills.clear();
        assert_eq!(figures(&open), [0, 0, 0, 0, 1, 0, 0]);
        // Nobody knows whether it arrived; it may not have.
        open.kills = killed(11);
        open.rows[1] = row(1, "unknown");
        open.arrivals.remove(1);
        assert_eq!(figures(&open), [0; 7]);
        for (kill, allowed) in [(20, true), (21, false)] {
            open.kills = killed(kill);
            assert_eq!(judge(&open).explained, usize::from(allowed), "never taken, and a kill at {kill}");
        }
    }

    #[test]
    fn what_nobody_was_promised_is_told() {
        let mut more = well();
        more.rows.push(row(3, "sent"));
        more.arrivals.push(arrival(3));
        assert_eq!(figures(&more), [0, 0, 0, 0, 0, 0, 1]);
        let mut from_nowhere = well();
        from_nowhere.arrivals.push(arrival(9));
        assert_eq!(figures(&from_nowhere), [0, 0, 0, 0, 0, 0, 1]);
    }
}
