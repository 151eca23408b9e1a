//! Setting and clearing faults, and what follows at once for a session that is open.

use uuid::Uuid;

use super::{Refusal, World, sessions::Stage};
use crate::{clock, fault::Fault, frames::ServerFrame};

impl World {
    /// Says whether it took effect on an open session already.
    pub(crate) fn set_fault(&mut self, id: Uuid, fault: Fault) -> Result<bool, Refusal> {
        fault.check().map_err(Refusal::Bad)?;
        let line = self.line_or_new(id)?;
        let connected = line.session.is_some();
        if fault.is_one_shot() && connected {
            self.end_by_fault(id, fault, true);
            return Ok(true);
        }
        line.faults.set(fault.clone());
        self.announce(id, &fault);
        Ok(connected)
    }

    /// For every line, also those that connect later; one-shot faults only for those connected now.
    pub(crate) fn set_fleet_fault(&mut self, fault: &Fault) -> Result<usize, Refusal> {
        fault.check().map_err(Refusal::Bad)?;
        let connected: Vec<Uuid> =
            self.lines.values().filter(|line| line.session.is_some()).map(|line| line.id).collect();
        if !fault.is_one_shot() {
            self.fleet_faults.set(fault.clone());
        }
        for id in &connected {
            if fault.is_one_shot() {
                self.end_by_fault(*id, fault.clone(), true);
            } else {
                self.announce(*id, fault);
            }
        }
        Ok(connected.len())
    }

    /// What the provider says by itself when a fault begins.
    fn announce(&mut self, id: Uuid, fault: &Fault) {
        match fault {
            Fault::GarbageFrames { after_ready } if !*after_ready || self.stage(id) == Some(Stage::Ready) => {
                self.push_garbage(id);
            }
            Fault::RateLimited { until } if self.stage(id) == Some(Stage::Ready) => {
                self.push(id, &ServerFrame::RateLimited { until: *until });
            }
            Fault::Timelock { until } if self.stage(id) == Some(Stage::Ready) => {
                self.push(id, &ServerFrame::Restricted { until: *until });
            }
            _ => {}
        }
    }

    pub(super) fn stage(&self, id: Uuid) -> Option<Stage> {
        self.session(id).map(|session| session.stage)
    }

    pub(crate) fn clear_faults(&mut self, id: Uuid, kind: Option<&str>) -> Result<usize, Refusal> {
        let cleared = self.line_mut(id)?.faults.clear(kind);
        self.flush_held(id);
        self.pump(id);
        self.ready_if_drained(id);
        Ok(cleared)
    }

    /// The fleet's faults and every line's own.
    pub(crate) fn clear_all_faults(&mut self, kind: Option<&str>) -> usize {
        let mut cleared = self.fleet_faults.clear(kind);
        let ids: Vec<Uuid> = self.lines.keys().copied().collect();
        for id in ids {
            cleared += self.clear_faults(id, kind).unwrap_or(0);
        }
        cleared
    }

    pub(crate) fn describe_fleet_faults(&self) -> Vec<serde_json::Value> {
        self.fleet_faults.describe("all", clock::now())
    }
}
