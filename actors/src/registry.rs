//! Who is at work in this process.

use crate::{
    id::LineId,
    lines::{Doorbell, Peek},
};
use dashmap::DashMap;

/// Lines owned here, by id.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    slots: DashMap<LineId, Peek>,
}

impl Registry {
    pub(crate) fn peek(&self, line: LineId) -> Option<Peek> {
        self.slots.get(&line).map(|slot| *slot)
    }

    pub(crate) fn ring(&self, line: LineId, bell: Doorbell) {
        tracing::trace!(%line, ?bell, "ring");
    }
}
