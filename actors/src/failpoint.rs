//! Places where a build for tests can be told to misbehave, by `EZW_TEST_FAILPOINTS`. Other builds have none of it.
//!
//! `POINT=ACTION@LINE,LINE#N;…`, ACTION being `panic`, `block:SECONDS` or `kill`, and `*` standing for every line. With
//! `#N` only the Nth time that the point is reached by one of these lines, else each time. `kill` ends the process at that
//! instruction: nothing is unwound, flushed or told.

use crate::id::LineId;

/// An actor begins.
pub(crate) const STARTED: &str = "started";
/// A session told its line something.
pub(crate) const TOLD: &str = "told";
/// A line is about to ask for replies: nothing says yet that one of them leaves.
pub(crate) const BEFORE_INTENT: &str = "before_intent";
/// It is committed that replies leave, and none was handed over yet.
pub(crate) const AFTER_INTENT: &str = "after_intent";
/// A reply is being handed over.
pub(crate) const IN_CALL: &str = "in_call";
/// The provider has it, and did not answer yet.
pub(crate) const WRITTEN: &str = "written";
/// The provider said that it took a reply, and nothing of that is kept yet.
pub(crate) const ACKNOWLEDGED: &str = "acknowledged";
/// A reply is accepted for good, and neither its line nor whoever asked knows.
pub const ACCEPTED: &str = "accepted";
/// What became of a reply is committed, and nobody was told.
pub const RECORDED: &str = "recorded";
/// A receipt is written down and not merged, inside the transaction that does both.
pub const MERGING: &str = "in_receipt_merge";

/// Does nothing here: this build has no failpoints.
#[cfg(not(feature = "failpoints"))]
pub fn hit(_point: &str, _line: LineId) {}

/// Just the call: this build has no failpoints.
#[cfg(not(feature = "failpoints"))]
pub(crate) async fn within<F: Future>(_point: &str, _line: LineId, call: F) -> F::Output {
    call.await
}

#[cfg(feature = "failpoints")]
pub use wired::hit;
#[cfg(feature = "failpoints")]
pub(crate) use wired::within;

#[cfg(feature = "failpoints")]
mod wired {
    use super::LineId;
    use std::{
        pin::pin,
        sync::{
            OnceLock,
            atomic::{AtomicU64, Ordering},
        },
        task::Poll,
        time::Duration,
    };

    #[derive(Debug, PartialEq, Eq)]
    pub(super) enum Action {
        Panic,
        Block(Duration),
        Kill,
    }

    #[derive(Debug)]
    pub(super) struct Rule {
        pub(super) point: String,
        pub(super) action: Action,
        /// Empty for all.
        pub(super) lines: Vec<LineId>,
        /// None for each time.
        pub(super) nth: Option<u64>,
        reached: AtomicU64,
    }

    impl Rule {
        pub(super) fn asks(&self, point: &str, line: LineId) -> bool {
            let here = self.point == point && (self.lines.is_empty() || self.lines.contains(&line));
            here && self.nth.is_none_or(|nth| self.reached.fetch_add(1, Ordering::Relaxed) + 1 == nth)
        }
    }

    pub(super) fn parse(text: &str) -> Option<Vec<Rule>> {
        text.split(';').filter(|rule| !rule.is_empty()).map(rule).collect()
    }

    fn rule(text: &str) -> Option<Rule> {
        let (point, rest) = text.split_once('=')?;
        let (action, lines) = rest.split_once('@')?;
        let action = match action.split_once(':') {
            None if action == "panic" => Action::Panic,
            None if action == "kill" => Action::Kill,
            Some(("block", seconds)) => Action::Block(Duration::from_secs(seconds.parse().ok()?)),
            _ => return None,
        };
        let (lines, nth) = match lines.split_once('#') {
            None => (lines, None),
            Some((lines, nth)) => (lines, Some(nth.parse().ok().filter(|nth| *nth > 0)?)),
        };
        let lines = match lines {
            "*" => Vec::new(),
            some => some.split(',').map(|id| id.parse().ok().map(LineId)).collect::<Option<_>>()?,
        };
        Some(Rule { point: point.to_owned(), action, lines, nth, reached: AtomicU64::new(0) })
    }

    /// Does what the environment asks for at `point` of `line`.
    #[expect(clippy::panic, reason = "that is what it is for")]
    pub fn hit(point: &str, line: LineId) {
        static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
        let rules = RULES.get_or_init(|| {
            let text = std::env::var("EZW_TEST_FAILPOINTS").unwrap_or_default();
            parse(&text).unwrap_or_else(|| panic!("EZW_TEST_FAILPOINTS cannot be read: {text}"))
        });
        let asked = rules.iter().find(|rule| rule.asks(point, line));
        match asked.map(|rule| &rule.action) {
            None => {}
            Some(Action::Panic) => panic!("failpoint {point} of line {line}"),
            Some(Action::Block(time)) => {
                tracing::warn!(%line, point, ?time, "failpoint: the thread blocks");
                std::thread::sleep(*time);
            }
            // Like SIGKILL of this very instruction: no destructor and no other thread has a say any more.
            Some(Action::Kill) => std::process::abort(),
        }
    }

    /// Hits `point` when `call` has begun and not ended.
    pub(crate) async fn within<F: Future>(point: &str, line: LineId, call: F) -> F::Output {
        let mut call = pin!(call);
        match futures_util::poll!(call.as_mut()) {
            Poll::Ready(output) => output,
            Poll::Pending => {
                hit(point, line);
                call.await
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn rules_are_read_and_nonsense_is_refused() {
            let line = LineId(uuid::Uuid::from_u128(1));
            let rules = parse(&format!("started=panic@*;told=block:15@{line};in_call=kill@*#3")).unwrap();
            let [first, second, third] = rules.as_slice() else { panic!("three rules") };
            assert_eq!(
                (first.point.as_str(), &first.action, first.lines.len(), first.nth),
                ("started", &Action::Panic, 0, None)
            );
            assert_eq!(second.action, Action::Block(Duration::from_secs(15)));
            assert_eq!(second.lines, [line]);
            assert_eq!((&third.action, third.lines.len(), third.nth), (&Action::Kill, 0, Some(3)));
            for nonsense in [
                "told",
                "told=panic",
                "told=burn@*",
                "told=block:x@*",
                "told=panic@line",
                "told=kill@*#0",
                "told=kill@*#x",
            ] {
                assert!(parse(nonsense).is_none(), "{nonsense}");
            }
        }

        #[test]
        fn the_nth_time_is_asked_for_once_and_without_a_number_each_time() {
            let (line, other) = (LineId(uuid::Uuid::from_u128(1)), LineId(uuid::Uuid::from_u128(2)));
            let rules = parse(&format!("told=panic@{line}#2;told=panic@{other}")).unwrap();
            assert!(!rules[0].asks("told", other) && !rules[0].asks("started", line), "neither is counted");
            let asked: Vec<bool> = (0..4).map(|_| rules[0].asks("told", line)).collect();
            assert_eq!(asked, [false, true, false, false]);
            assert!(rules[1].asks("told", other) && rules[1].asks("told", other));
        }
    }
}
