//! Counts since the start. Connects also by second, over the last ten minutes.

use std::collections::VecDeque;

use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;

const SECONDS_KEPT: usize = 600;

#[derive(Clone, Serialize)]
pub(crate) struct Second {
    pub(crate) at: DateTime<Utc>,
    pub(crate) count: u32,
}

#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connects {
    /// Every `open`, whatever became of it.
    pub(crate) total: u64,
    pub(crate) refused: u64,
    pub(crate) per_second: VecDeque<Second>,
}

#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sends {
    pub(crate) accepted: u64,
    pub(crate) repeats: u64,
    pub(crate) rejected: u64,
    /// Taken off the wire by a fault and never accepted.
    pub(crate) swallowed: u64,
    /// Came on a session that was over already, and reached nobody.
    pub(crate) late: u64,
    /// Repeats that the recipient saw as a second message.
    pub(crate) visible_duplicates: u64,
}

#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InboundCounts {
    pub(crate) posted: u64,
    pub(crate) delivered: u64,
    pub(crate) redelivered: u64,
    pub(crate) acked: u64,
    pub(crate) pending: u64,
}

#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stats {
    pub(crate) connects: Connects,
    pub(crate) sends: Sends,
    pub(crate) inbound: InboundCounts,
    pub(crate) receipts: u64,
    /// Receipts lost because a line was away for too long.
    pub(crate) receipts_dropped: u64,
    /// Sessions closed because the service did not read.
    pub(crate) overflows: u64,
    pub(crate) bad_frames: u64,
    pub(crate) state_write_errors: u64,
}

impl Stats {
    /// Counts one `open`; says how many this second has had, with this one.
    pub(crate) fn connect(&mut self, now: DateTime<Utc>) -> u32 {
        self.connects.total += 1;
        let at = now.trunc_subsecs(0);
        let bins = &mut self.connects.per_second;
        match bins.back_mut() {
            Some(last) if last.at == at => last.count += 1,
            _ => {
                if bins.len() >= SECONDS_KEPT {
                    bins.pop_front();
                }
                bins.push_back(Second { at, count: 1 });
            }
        }
        bins.back().map_or(0, |last| last.count)
    }
}
