//! Who is at work in this process.

use crate::{
    id::{Fence, Incarnation, LineId},
    line::{LineActor, Ring, Shutdown},
    lines::{Doorbell, Peek},
    trust::Trust,
};
use actix::Addr;
use arc_swap::{ArcSwap, ArcSwapOption};
use dashmap::{DashMap, mapref::entry::Entry};
use std::{
    sync::{Arc, Mutex, OnceLock},
    time::Instant,
};
use tokio::sync::Notify;

/// One line at work here.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) addr: OnceLock<Addr<LineActor>>,
    pub(crate) peek: ArcSwap<Peek>,
}

/// Lines at work here, by id.
#[derive(Debug)]
pub(crate) struct Registry {
    slots: DashMap<LineId, Arc<Slot>>,
    /// Lines whose actor died, to be started anew; at most one entry a line.
    dead: Mutex<Vec<Fence>>,
    pub(crate) died: Notify,
    /// Rung when a line that is not at work here has something to do.
    pub(crate) unowned: Notify,
    pub(crate) trust: Arc<Trust>,
    /// Lines that wait for their restart.
    pub(crate) restarting: DashMap<LineId, ()>,
    /// Who this process is among the nodes.
    pub(crate) incarnation: ArcSwapOption<Incarnation>,
}

impl Registry {
    pub(crate) fn new(trust: Arc<Trust>) -> Self {
        Self {
            slots: DashMap::new(),
            dead: Mutex::new(Vec::new()),
            died: Notify::new(),
            unowned: Notify::new(),
            trust,
            restarting: DashMap::new(),
            incarnation: ArcSwapOption::empty(),
        }
    }

    pub(crate) fn peek(&self, line: LineId, now: Instant) -> Option<Peek> {
        let mut peek = **self.slots.get(&line)?.peek.load();
        peek.trusted = self.trust.holds(now);
        Some(peek)
    }

    pub(crate) fn ring(&self, line: LineId, bell: Doorbell) {
        let Some(slot) = self.slots.get(&line).map(|slot| Arc::clone(&slot)) else {
            self.unowned.notify_one();
            return;
        };
        // A full mailbox loses the doorbell, not the row: polling finds it within a second.
        if let Some(addr) = slot.addr.get() {
            let _ = addr.try_send(Ring(bell));
        }
    }

    /// Takes the place of a line; none when it is taken already.
    pub(crate) fn enter(&self, line: LineId, peek: Peek) -> Option<Arc<Slot>> {
        match self.slots.entry(line) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                let slot = Arc::new(Slot { addr: OnceLock::new(), peek: ArcSwap::from_pointee(peek) });
                place.insert(Arc::clone(&slot));
                Some(slot)
            }
        }
    }

    /// Gives the place up. `again` is set when its actor died.
    pub(crate) fn leave(&self, line: LineId, slot: &Arc<Slot>, again: Option<Fence>) {
        if again.is_some() {
            self.restarting.insert(line, ());
        }
        self.slots.remove_if(&line, |_, held| Arc::ptr_eq(held, slot));
        if let Some(fence) = again {
            self.dead.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(fence);
            self.died.notify_one();
        }
    }

    pub(crate) fn take_dead(&self) -> Vec<Fence> {
        std::mem::take(&mut *self.dead.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    pub(crate) fn has_slot(&self, line: LineId) -> bool {
        self.slots.contains_key(&line)
    }

    /// Whether an actor of the line is at work here, or about to be.
    pub(crate) fn holds(&self, line: LineId) -> bool {
        self.slots.contains_key(&line) || self.restarting.contains_key(&line)
    }

    pub(crate) fn ids(&self) -> Vec<LineId> {
        self.slots.iter().map(|slot| *slot.key()).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Tells every actor to end, `fenced` ones without another write. Answers how many could not be told.
    pub(crate) fn tell_all(&self, how: Shutdown) -> usize {
        let addrs: Vec<_> = self.slots.iter().filter_map(|slot| slot.addr.get().cloned()).collect();
        addrs.into_iter().filter(|addr| addr.try_send(how).is_err()).count()
    }
}
