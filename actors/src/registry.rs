//! Who is at work in this process.

use crate::{
    arbiters::Pulse,
    id::{Fence, Incarnation, LineId},
    line::{LineActor, Ring, Shutdown},
    lines::{Doorbell, Elsewhere, Peek},
    port::LineSession,
    trust::Trust,
};
use actix::Addr;
use arc_swap::{ArcSwap, ArcSwapOption};
use dashmap::{DashMap, mapref::entry::Entry};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};
use tokio::sync::{Notify, mpsc};

/// One line at work here.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) fence: Fence,
    pub(crate) addr: OnceLock<Addr<LineActor>>,
    pub(crate) peek: ArcSwap<Peek>,
    /// The thread it runs on.
    pub(crate) pulse: Arc<Pulse>,
    /// The actor waits for the store, which is never given up.
    pub(crate) committing: AtomicBool,
    /// The actor committed something.
    pub(crate) begun: AtomicBool,
    /// Its session, for who must close it when the actor cannot.
    session: Mutex<Option<Arc<dyn LineSession>>>,
    /// Its end was reported, by the actor's own or by who gave it up.
    over: AtomicBool,
}

impl Slot {
    pub(crate) fn new(fence: Fence, peek: Peek, pulse: Arc<Pulse>) -> Self {
        Self {
            fence,
            addr: OnceLock::new(),
            peek: ArcSwap::from_pointee(peek),
            pulse,
            committing: AtomicBool::new(false),
            begun: AtomicBool::new(false),
            session: Mutex::default(),
            over: AtomicBool::new(false),
        }
    }

    fn session(&self) -> MutexGuard<'_, Option<Arc<dyn LineSession>>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn holds_session(&self, session: Option<Arc<dyn LineSession>>) {
        *self.session() = session;
    }
}

/// How an actor ended that was not told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    /// It died, or blocked its thread, or let a deadline pass: counted toward quarantine.
    Counted,
    /// It went down with its thread, through no fault of its own.
    Innocent,
    /// It never got to work.
    Late,
}

/// An actor that is gone and not replaced yet.
#[derive(Debug)]
pub(crate) struct Dead {
    pub(crate) fence: Fence,
    pub(crate) death: Death,
    /// What it can no longer close.
    pub(crate) session: Option<Arc<dyn LineSession>>,
}

/// Lines at work here, by id.
#[derive(Debug)]
pub(crate) struct Registry {
    slots: DashMap<LineId, Arc<Slot>>,
    /// Lines whose actor is gone, to be started anew; at most one entry a line.
    dead: Mutex<Vec<Dead>>,
    pub(crate) died: Notify,
    /// Rung when a line that is not at work here has something to do.
    pub(crate) unowned: Notify,
    /// Where doorbells of lines that are not at work here go.
    pub(crate) elsewhere: ArcSwapOption<mpsc::Sender<Elsewhere>>,
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
            elsewhere: ArcSwapOption::empty(),
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
        if self.ring_here(line, bell) {
            return;
        }
        match bell {
            // Accepted for a line that somebody owns: there is nothing to claim.
            Doorbell::Outbound | Doorbell::Clock => {}
            Doorbell::Command | Doorbell::Orders => self.unowned.notify_one(),
        }
        if let Some(elsewhere) = &*self.elsewhere.load() {
            let _ = elsewhere.try_send((line, bell));
        }
    }

    /// False when the line is not at work here.
    pub(crate) fn ring_here(&self, line: LineId, bell: Doorbell) -> bool {
        let Some(slot) = self.slot(line) else { return false };
        // A full mailbox loses the doorbell, not the row: polling finds it within a second.
        if let Some(addr) = slot.addr.get() {
            let _ = addr.try_send(Ring(bell));
        }
        true
    }

    /// Takes the place of a line; none when it is taken already.
    pub(crate) fn enter(&self, slot: Slot) -> Option<Arc<Slot>> {
        match self.slots.entry(slot.fence.line) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                let slot = Arc::new(slot);
                place.insert(Arc::clone(&slot));
                Some(slot)
            }
        }
    }

    /// Gives the place up, once; `death` is set when its actor was not told to end.
    fn end(&self, slot: &Arc<Slot>, death: Option<Death>) -> bool {
        if slot.over.swap(true, Ordering::SeqCst) {
            return false;
        }
        let line = slot.fence.line;
        if death.is_some() {
            self.restarting.insert(line, ());
        }
        self.slots.remove_if(&line, |_, held| Arc::ptr_eq(held, slot));
        if let Some(death) = death {
            let dead = Dead { fence: slot.fence, death, session: slot.session().take() };
            self.dead.lock().unwrap_or_else(PoisonError::into_inner).push(dead);
            self.died.notify_one();
        }
        true
    }

    /// The actor is gone. Answers whether that is news.
    pub(crate) fn leave(&self, slot: &Arc<Slot>, died: bool) -> bool {
        self.end(slot, died.then_some(Death::Counted))
    }

    /// Gives an actor up that does not answer any more. Should it ever come back, its fence is not valid.
    pub(crate) fn abandon(&self, slot: &Arc<Slot>, death: Death) {
        self.end(slot, Some(death));
    }

    /// The same for an actor whose line was taken anew already. Answers the session that it can no longer close.
    pub(crate) fn dismiss(&self, slot: &Arc<Slot>) -> Option<Arc<dyn LineSession>> {
        if self.end(slot, None) { slot.session().take() } else { None }
    }

    pub(crate) fn take_dead(&self) -> Vec<Dead> {
        std::mem::take(&mut *self.dead.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn slot(&self, line: LineId) -> Option<Arc<Slot>> {
        self.slots.get(&line).map(|slot| Arc::clone(&slot))
    }

    pub(crate) fn slots(&self) -> Vec<Arc<Slot>> {
        self.slots.iter().map(|slot| Arc::clone(&slot)).collect()
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
