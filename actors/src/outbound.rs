//! The window over a line's durable queue: pacing, how many replies may be under way, and what silence means.

use crate::machine::Time;
use chrono::TimeDelta;
use std::{collections::HashMap, ops::RangeInclusive};

/// Replies under way at once, each of another conversation.
pub const WINDOW: usize = 16;

/// Sends given up that a session remembers; it is degraded long before there are so many.
const GIVEN_UP_KEPT: usize = 1_024;

/// How fast a line may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pacing {
    /// Messages a second; 0 is no pacing.
    pub per_second: u32,
    /// Messages at once after a pause.
    pub burst: u32,
}

/// A reply handed over and not yet answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// Since then.
    pub since: Time,
    /// Which attempt it is.
    pub attempt: u32,
    /// The deadline it was claimed with, which is its name.
    pub deadline: Time,
    /// The adapter said that it is written. Until then the adapter's own answer tells what became of it.
    pub written: bool,
}

/// What is under way on one session, and what may follow.
#[derive(Debug)]
pub struct Window {
    pacing: Pacing,
    ack_deadline: TimeDelta,
    /// Sends still allowed now, in thousandths.
    tokens: i64,
    refilled_at: Time,
    under_way: HashMap<String, UnderWay>,
    /// Sends of this session that were given up: an acknowledgement is still owed for them.
    given_up: HashMap<String, Time>,
    unacked_since: Option<Time>,
}

impl Window {
    /// An empty window with a full burst.
    #[must_use]
    pub fn new(pacing: Pacing, ack_deadline: TimeDelta, now: Time) -> Self {
        let tokens = i64::from(pacing.burst.max(1)) * 1_000;
        Self {
            pacing,
            ack_deadline,
            tokens,
            refilled_at: now,
            under_way: HashMap::new(),
            given_up: HashMap::new(),
            unacked_since: None,
        }
    }

    fn refill(&mut self, now: Time) {
        let passed = (now - self.refilled_at).num_milliseconds().max(0);
        let gained = passed.saturating_mul(i64::from(self.pacing.per_second));
        let full = i64::from(self.pacing.burst.max(1)) * 1_000;
        self.tokens = self.tokens.saturating_add(gained).min(full);
        self.refilled_at = now;
    }

    /// How many replies may be claimed now.
    pub fn room(&mut self, now: Time) -> u32 {
        self.refill(now);
        let free = WINDOW.saturating_sub(self.under_way.len());
        let paced = if self.pacing.per_second == 0 {
            free
        } else {
            usize::try_from(self.tokens / 1_000).unwrap_or(0)
        };
        u32::try_from(free.min(paced)).unwrap_or(0)
    }

    /// When pacing allows the next one, should it be what holds them back.
    #[must_use]
    pub fn next_token_at(&self) -> Option<Time> {
        if self.pacing.per_second == 0 || self.tokens >= 1_000 || self.under_way.len() >= WINDOW {
            return None;
        }
        let missing = (1_000 - self.tokens).max(1);
        let wait = (missing + i64::from(self.pacing.per_second) - 1) / i64::from(self.pacing.per_second);
        // From the last count on: asking again must not put it off.
        Some(self.refilled_at + TimeDelta::milliseconds(wait))
    }

    /// An attempt begins.
    pub fn begin(&mut self, provider_message_id: String, attempt: u32, deadline: Time, now: Time) {
        self.tokens -= 1_000;
        let way = UnderWay { since: now, attempt, deadline, written: false };
        self.under_way.insert(provider_message_id, way);
        self.unacked_since.get_or_insert(now);
    }

    /// The adapter wrote it: an acknowledgement is owed from now on.
    pub fn written(&mut self, provider_message_id: &str, now: Time) {
        let Some(way) = self.under_way.get_mut(provider_message_id) else { return };
        let begun = std::mem::replace(&mut way.since, now);
        way.written = true;
        if self.unacked_since == Some(begun) {
            self.unacked_since = self.owed().filter(|since| *since >= begun).min();
        }
    }

    /// Whether an attempt of this reply is under way.
    #[must_use]
    pub fn has(&self, provider_message_id: &str) -> bool {
        self.under_way.contains_key(provider_message_id)
    }

    /// Whether any attempt is under way.
    #[must_use]
    pub fn any_under_way(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// An attempt is answered: by the provider when `acknowledged`, else by us giving it up.
    pub fn end(&mut self, provider_message_id: &str, acknowledged: bool) -> Option<UnderWay> {
        let ended = self.under_way.remove(provider_message_id);
        if acknowledged {
            let late = self.given_up.remove(provider_message_id);
            // An acknowledgement speaks for the session up to the send it is for: what was handed over before and is
            // silent is that message's own fault. One for a send that is not of this session speaks for nothing.
            if let Some(from) = ended.map(|ended| ended.since).or(late) {
                self.given_up.retain(|_, since| *since > from);
                self.unacked_since = self.owed().filter(|since| *since > from).min();
            }
        } else if let Some(ended) = ended
            && self.given_up.len() < GIVEN_UP_KEPT
        {
            self.given_up.insert(provider_message_id.to_owned(), ended.since);
        }
        ended
    }

    /// When each send was handed over that lacks its acknowledgement.
    fn owed(&self) -> impl Iterator<Item = Time> + '_ {
        self.under_way.values().map(|way| way.since).chain(self.given_up.values().copied())
    }

    /// An attempt turns out never to have left: nobody owes an acknowledgement for it.
    pub fn withdraw(&mut self, provider_message_id: &str) {
        let Some(withdrawn) = self.under_way.remove(provider_message_id) else { return };
        if self.unacked_since == Some(withdrawn.since) {
            self.unacked_since = self.owed().filter(|since| *since >= withdrawn.since).min();
        }
    }

    /// Not a byte of an attempt was written: it is as if it had never begun, for the pacing too.
    pub fn unwritten(&mut self, provider_message_id: &str) {
        self.withdraw(provider_message_id);
        // No more than a full burst: the next count sees to that.
        self.tokens = self.tokens.saturating_add(1_000);
    }

    /// Attempts whose time is up.
    #[must_use]
    pub fn overdue(&self, now: Time) -> Vec<(String, Time)> {
        self.under_way
            .iter()
            .filter(|(_, way)| now >= self.due(way))
            .map(|(id, way)| (id.clone(), way.deadline))
            .collect()
    }

    /// When the next attempt's time is up.
    #[must_use]
    pub fn next_overdue(&self) -> Option<Time> {
        self.under_way.values().map(|way| self.due(way)).min()
    }

    /// A call that writes has a deadline of its own, which comes first.
    fn due(&self, way: &UnderWay) -> Time {
        if way.written { way.since + self.ack_deadline } else { way.since + self.ack_deadline * 2 }
    }

    /// The session is over: what was written has an unknown fate. What was not waits for the answer of its own call.
    pub fn abandon(&mut self) -> Vec<(String, Time)> {
        self.unacked_since = None;
        self.given_up.clear();
        self.under_way.extract_if(|_, way| way.written).map(|(id, way)| (id, way.deadline)).collect()
    }

    /// Since when the session owes an acknowledgement.
    #[must_use]
    pub fn unacked_since(&self) -> Option<Time> {
        self.unacked_since
    }
}

/// What a line knows as the answer to its claim comes back. It may be late: the process may have stood still meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The line is as it was when it claimed: what was free then may be limited now.
    pub same_version: bool,
    /// A transition is under way.
    pub committing: bool,
    /// It was told to let go.
    pub leaving: bool,
    /// Its state is one that sends.
    pub takes_replies: bool,
    /// Its session is there.
    pub has_session: bool,
    /// Its lease is trusted.
    pub trusted: bool,
}

impl Answered {
    /// Whether what was claimed goes to the provider now. Else it is handed back: not a byte of it was written.
    #[must_use]
    pub fn hands_over(self) -> bool {
        let stands = self.same_version && !self.committing && !self.leaving;
        stands && self.takes_replies && self.has_session && self.trusted
    }
}

/// What the provider's refusal of a send means for the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Never again.
    Final {
        /// Our word for it.
        reason: &'static str,
    },
    /// Later.
    Later,
}

/// What it means for the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// It is to send more slowly.
    Throttled,
    /// It may write to nobody new.
    Restricted,
}

/// Codes that the provider refuses a send with, and what they come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalCodes {
    /// The first and the last.
    pub codes: RangeInclusive<i32>,
    /// What the reply comes to.
    pub refusal: Refusal,
    /// What the line comes to, if anything.
    pub limit: Option<Limit>,
}

const fn codes(first: i32, last: i32, refusal: Refusal, limit: Option<Limit>) -> RefusalCodes {
    RefusalCodes { codes: RangeInclusive::new(first, last), refusal, limit }
}

/// The codes that mean something of their own. The table of the README is made from it.
pub const REFUSALS: [RefusalCodes; 5] = [
    codes(400, 400, Refusal::Final { reason: "message_malformed" }, None),
    codes(429, 429, Refusal::Later, Some(Limit::Throttled)),
    codes(463, 463, Refusal::Final { reason: "new_contact_refused" }, Some(Limit::Restricted)),
    codes(479, 479, Refusal::Final { reason: "message_not_supported" }, None),
    codes(500, 599, Refusal::Later, None),
];

/// What every other code means: a refusal that nobody knows is not tried again.
pub const OTHER_REFUSAL: Refusal = Refusal::Final { reason: "provider_rejected" };

/// Reads a refusal's code: what it means for the reply, and for the line.
#[must_use]
pub fn refusal(code: i32) -> (Refusal, Option<Limit>) {
    let known = REFUSALS.iter().find(|known| known.codes.contains(&code));
    known.map_or((OTHER_REFUSAL, None), |known| (known.refusal, known.limit))
}

/// The pause before the next attempt: 1, 2, 4, 8, 16 s, with jitter.
#[must_use]
pub fn retry_pause(attempt: u32, jitter: f64) -> TimeDelta {
    crate::backoff::spread(TimeDelta::seconds(1_i64 << attempt.saturating_sub(1).min(4)), 0.2, jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Time {
        chrono::DateTime::from_timestamp_millis(1_700_000_000_000 + milliseconds).unwrap()
    }

    /// Handed over and written at once.
    fn hand_over(window: &mut Window, id: impl Into<String>, milliseconds: i64) {
        let id = id.into();
        window.begin(id.clone(), 1, at(milliseconds), at(milliseconds));
        window.written(&id, at(milliseconds));
    }

    fn window(pacing: Pacing) -> Window {
        Window::new(pacing, TimeDelta::seconds(20), at(0))
    }

    #[test]
    fn refused_for_now_a_reply_waits_twice_as_long_each_time() {
        let middle: Vec<i64> = (1..=6).map(|attempt| retry_pause(attempt, 0.5).num_milliseconds()).collect();
        assert_eq!(middle, [1_000, 2_000, 4_000, 8_000, 16_000, 16_000]);
        for jitter in [0.0, 0.999] {
            let spread = retry_pause(3, jitter).num_milliseconds() - 4_000;
            assert!((700..=800).contains(&spread.abs()), "{spread}");
        }
    }

    #[test]
    fn a_burst_goes_at_once_and_then_one_a_second() {
        let mut window = window(Pacing { per_second: 1, burst: 5 });
        assert_eq!(window.room(at(0)), 5);
        for n in 0..5 {
            hand_over(&mut window, format!("m{n}"), 0);
        }
        assert_eq!(window.room(at(999)), 0);
        assert_eq!(window.next_token_at(), Some(at(1_000)));
        assert_eq!(window.next_token_at(), Some(at(1_000)), "asking again does not put it off");
        assert_eq!(window.room(at(1_000)), 1);
    }

    #[test]
    fn what_was_not_written_gives_its_turn_back_and_no_more_than_that() {
        let mut window = window(Pacing { per_second: 1, burst: 2 });
        hand_over(&mut window, "sent", 0);
        for id in ["first", "second", "third"] {
            window.begin(id.into(), 1, at(0), at(0));
            window.unwritten(id);
            assert_eq!(window.room(at(0)), 1, "{id}");
        }
        window.begin("refused".into(), 1, at(0), at(0));
        window.withdraw("refused");
        assert_eq!(window.room(at(0)), 0, "the provider was asked");
        assert_eq!(window.room(at(60_000)), 2, "a full burst at most");
    }

    #[test]
    fn the_window_bounds_what_is_under_way_even_without_pacing() {
        let mut window = window(Pacing { per_second: 0, burst: 0 });
        assert_eq!(window.room(at(0)) as usize, WINDOW);
        for n in 0..WINDOW {
            hand_over(&mut window, n.to_string(), 0);
        }
        assert_eq!(window.room(at(60_000)), 0);
    }

    #[test]
    fn one_silent_message_with_later_acks_does_not_accuse_the_session() {
        let mut window = window(Pacing { per_second: 0, burst: 0 });
        hand_over(&mut window, "silent", 0);
        hand_over(&mut window, "later", 10);
        hand_over(&mut window, "last", 20);
        assert_eq!(window.unacked_since(), Some(at(0)));
        window.end("later", true);
        assert_eq!(
            window.unacked_since(),
            Some(at(20)),
            "only what was handed over after the acknowledged one"
        );
        window.end("last", true);
        assert_eq!(window.unacked_since(), None);
        assert_eq!(window.overdue(at(20_000)), [("silent".to_owned(), at(0))]);
    }

    #[test]
    fn what_never_left_accuses_nobody() {
        let mut window = window(Pacing { per_second: 0, burst: 0 });
        hand_over(&mut window, "first", 0);
        hand_over(&mut window, "second", 10);
        window.withdraw("first");
        assert_eq!(window.unacked_since(), Some(at(10)));
        window.withdraw("second");
        assert_eq!(window.unacked_since(), None);
        window.withdraw("second");
        assert_eq!(window.overdue(at(60_000)), []);
    }

    #[test]
    fn a_late_acknowledgement_does_not_speak_for_younger_sends_that_were_given_up_too() {
        let mut window = window(Pacing { per_second: 0, burst: 0 });
        for (id, since) in [("first", 0), ("second", 5_000), ("third", 10_000)] {
            hand_over(&mut window, id, since);
            window.end(id, false);
        }
        assert_eq!(window.unacked_since(), Some(at(0)));
        window.end("first", true);
        assert_eq!(window.unacked_since(), Some(at(5_000)));
        window.end("of an older session", true);
        assert_eq!(window.unacked_since(), Some(at(5_000)));
        window.end("third", true);
        assert_eq!(window.unacked_since(), None, "the second one's silence is its own fault");
    }

    #[test]
    fn giving_a_message_up_does_not_count_as_an_acknowledgement() {
        let mut window = window(Pacing { per_second: 0, burst: 0 });
        hand_over(&mut window, "m", 0);
        window.end("m", false);
        assert_eq!(window.unacked_since(), Some(at(0)));
        assert_eq!(window.abandon(), []);
        assert_eq!(window.unacked_since(), None, "a new session starts with a clean sheet");
    }

    #[test]
    fn what_is_not_written_yet_is_neither_overdue_nor_lost_with_its_session() {
        let mut window = window(Pacing { per_second: 0, burst: 0 });
        window.begin("slow".into(), 1, at(20_000), at(0));
        hand_over(&mut window, "gone", 10);
        assert_eq!(window.overdue(at(39_999)), [("gone".to_owned(), at(10))]);
        assert_eq!(window.abandon(), [("gone".to_owned(), at(10))]);
        assert!(window.has("slow"));
        window.written("slow", at(15_000));
        assert_eq!(
            window.next_overdue(),
            Some(at(35_000)),
            "its acknowledgement is owed since it was written"
        );
        window.withdraw("slow");
        assert_eq!(window.abandon(), []);
    }
}
