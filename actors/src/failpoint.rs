//! Places where a build for tests can be told to misbehave, by `EZW_TEST_FAILPOINTS`. Other builds have none of it.
//!
//! `POINT=ACTION@LINE,LINE;…`, ACTION being `panic` or `block:SECONDS`, and `*` standing for every line.

use crate::id::LineId;

/// An actor begins.
pub(crate) const STARTED: &str = "started";
/// A session told its line something.
pub(crate) const TOLD: &str = "told";

#[cfg(not(feature = "failpoints"))]
pub(crate) fn hit(_point: &str, _line: LineId) {}

#[cfg(feature = "failpoints")]
pub(crate) use wired::hit;

#[cfg(feature = "failpoints")]
mod wired {
    use super::LineId;
    use std::{sync::OnceLock, time::Duration};

    #[derive(Debug, PartialEq, Eq)]
    pub(super) enum Action {
        Panic,
        Block(Duration),
    }

    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct Rule {
        pub(super) point: String,
        pub(super) action: Action,
        /// Empty for all.
        pub(super) lines: Vec<LineId>,
    }

    pub(super) fn parse(text: &str) -> Option<Vec<Rule>> {
        text.split(';').filter(|rule| !rule.is_empty()).map(rule).collect()
    }

    fn rule(text: &str) -> Option<Rule> {
        let (point, rest) = text.split_once('=')?;
        let (action, lines) = rest.split_once('@')?;
        let action = match action.split_once(':') {
            None if action == "panic" => Action::Panic,
            Some(("block", seconds)) => Action::Block(Duration::from_secs(seconds.parse().ok()?)),
            _ => return None,
        };
        let lines = match lines {
            "*" => Vec::new(),
            some => some.split(',').map(|id| id.parse().ok().map(LineId)).collect::<Option<_>>()?,
        };
        Some(Rule { point: point.to_owned(), action, lines })
    }

    /// Does what the environment asks for at `point` of `line`.
    #[expect(clippy::panic, reason = "that is what it is for")]
    pub(crate) fn hit(point: &str, line: LineId) {
        static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
        let rules = RULES.get_or_init(|| {
            let text = std::env::var("EZW_TEST_FAILPOINTS").unwrap_or_default();
            parse(&text).unwrap_or_else(|| panic!("EZW_TEST_FAILPOINTS cannot be read: {text}"))
        });
        let asked = rules
            .iter()
            .find(|rule| rule.point == point && (rule.lines.is_empty() || rule.lines.contains(&line)));
        match asked.map(|rule| &rule.action) {
            None => {}
            Some(Action::Panic) => panic!("failpoint {point} of line {line}"),
            Some(Action::Block(time)) => {
                tracing::warn!(%line, point, ?time, "failpoint: the thread blocks");
                std::thread::sleep(*time);
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn rules_are_read_and_nonsense_is_refused() {
            let line = LineId(uuid::Uuid::from_u128(1));
            let rules = parse(&format!("started=panic@*;told=block:15@{line}")).unwrap();
            let [first, second] = rules.as_slice() else { panic!("two rules") };
            assert_eq!(
                (first.point.as_str(), &first.action, first.lines.len()),
                ("started", &Action::Panic, 0)
            );
            assert_eq!(second.action, Action::Block(Duration::from_secs(15)));
            assert_eq!(second.lines, [line]);
            for nonsense in ["told", "told=panic", "told=burn@*", "told=block:x@*", "told=panic@line"] {
                assert_eq!(parse(nonsense), None, "{nonsense}");
            }
        }
    }
}
