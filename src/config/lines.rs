//! Limits of the line actors on this node.

use super::setting::{ConfigError, Setting};
use super::source::Source;

#[derive(Debug, Clone)]
pub struct LinesConfig {
    /// Threads that run line actors.
    pub arbiters: usize,
    /// Connection attempts to the provider per second, of all nodes together.
    pub connects_per_second: u32,
    /// Messages per second of one line, and how many it may send at once after a pause.
    pub pacing_per_second: u32,
    pub pacing_burst: u32,
    /// Doorbells that wait for one line actor; one more is dropped, and polling finds what it was for within a second.
    pub mailbox: usize,
    /// Outbound messages of one line that may wait.
    pub queue_rows_per_line: u32,
    /// How many times faster than documented the deadlines and pauses of lines run.
    pub speed: u32,
}

const ARBITERS: Setting = Setting::number(
    "EZW_LINES_ARBITERS",
    "lines.arbiters",
    (2, 1, 256),
    "threads",
    "threads for line actors",
);
const CONNECTS: Setting = Setting::number(
    "EZW_LINES_CONNECTS_PER_SECOND",
    "lines.connects_per_second",
    (20, 1, 10_000),
    "connects per second",
    "connection attempts to the provider, of all nodes together; each takes its share, at least 1",
);
const PACING: Setting = Setting::number(
    "EZW_LINES_PACING_PER_SECOND",
    "lines.pacing_per_second",
    (1, 1, 1_000),
    "messages per second",
    "messages one line sends",
);
const PACING_BURST: Setting = Setting::number(
    "EZW_LINES_PACING_BURST",
    "lines.pacing_burst",
    (5, 1, 1_000),
    "messages",
    "messages one line sends at once after a pause",
);
const MAILBOX: Setting = Setting::number(
    "EZW_LINES_MAILBOX",
    "lines.mailbox",
    (64, 8, 65_536),
    "messages",
    "messages that wait for one line actor; one more is dropped, and polling within a second finds what it was for",
);
const QUEUE: Setting = Setting::number(
    "EZW_LINES_QUEUE_ROWS_PER_LINE",
    "lines.queue_rows_per_line",
    (10_000, 10, 1_000_000),
    "messages",
    "outbound messages of one line that may wait",
);

const SPEED: Setting = Setting::number(
    "EZW_LINES_SPEED",
    "lines.speed",
    (1, 1, 200),
    "times",
    "how much faster than documented deadlines and pauses of lines run; for rehearsals with the simulated provider",
);

pub(super) const SETTINGS: &[Setting] = &[ARBITERS, CONNECTS, PACING, PACING_BURST, MAILBOX, QUEUE, SPEED];

impl LinesConfig {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        Ok(Self {
            arbiters: source.number(&ARBITERS)?,
            connects_per_second: source.number(&CONNECTS)?,
            pacing_per_second: source.number(&PACING)?,
            pacing_burst: source.number(&PACING_BURST)?,
            mailbox: source.number(&MAILBOX)?,
            queue_rows_per_line: source.number(&QUEUE)?,
            speed: source.number(&SPEED)?,
        })
    }
}
