//! Row locks: FOR SHARE beside FOR SHARE, everything else alone; first come, first served. Advisory locks of sessions.

use super::rows::LOCKABLE;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Share,
    Update,
}

/// What a transaction got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grip {
    Held,
    Waits,
    Skipped,
}

#[derive(Clone, Debug, Default)]
struct Lock {
    share: u64,
    update: Option<usize>,
    waiting: Vec<(usize, Mode)>,
}

impl Lock {
    fn is_free_for(&self, slot: usize, mode: Mode) -> bool {
        let others = self.share & !(1 << slot);
        match mode {
            Mode::Share => self.update.is_none_or(|holder| holder == slot),
            Mode::Update => self.update.is_none_or(|holder| holder == slot) && others == 0,
        }
    }

    fn give(&mut self, slot: usize, mode: Mode) {
        match mode {
            Mode::Share => self.share |= 1 << slot,
            Mode::Update => self.update = Some(slot),
        }
    }
}

/// Locks of rows, by transaction: at most 64 of these at a time.
#[derive(Debug)]
pub(crate) struct Locks {
    rows: Vec<Lock>,
    /// Rows in which something is held or waited for.
    used: u64,
}

impl Locks {
    pub(crate) fn none() -> Self {
        Self { rows: vec![Lock::default(); LOCKABLE], used: 0 }
    }

    pub(crate) fn take(&mut self, slot: usize, row: usize, mode: Mode, skips: bool) -> Grip {
        let lock = &mut self.rows[row];
        let held = match mode {
            Mode::Share => lock.share & (1 << slot) != 0 || lock.update == Some(slot),
            Mode::Update => lock.update == Some(slot),
        };
        if held {
            return Grip::Held;
        }
        if lock.is_free_for(slot, mode) {
            lock.give(slot, mode);
            self.used |= 1 << row;
            return Grip::Held;
        }
        if skips {
            return Grip::Skipped;
        }
        lock.waiting.push((slot, mode));
        Grip::Waits
    }

    /// The transaction is over. Answers those that got what they waited for.
    pub(crate) fn release(&mut self, slot: usize) -> Vec<usize> {
        let mut granted = Vec::new();
        let mut used = self.used;
        while used != 0 {
            let row = used.trailing_zeros() as usize;
            used &= used - 1;
            let lock = &mut self.rows[row];
            lock.share &= !(1 << slot);
            lock.update = lock.update.filter(|holder| *holder != slot);
            if !lock.waiting.is_empty() {
                lock.waiting.retain(|(waiting, _)| *waiting != slot);
                while let Some(&(next, mode)) = lock.waiting.first() {
                    if !lock.is_free_for(next, mode) {
                        break;
                    }
                    lock.waiting.remove(0);
                    lock.give(next, mode);
                    granted.push(next);
                }
            }
            if lock.share == 0 && lock.update.is_none() {
                self.used &= !(1 << row);
            }
        }
        granted
    }
}
