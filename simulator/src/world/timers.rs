//! What happens later. One queue for all lines; one task (see `hub`) sleeps until the first is due.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;
use uuid::Uuid;

use super::{World, receipts::Receipt};

#[derive(Debug)]
pub(crate) enum Due {
    /// A QR shown by this session has run out.
    QrOver {
        line: Uuid,
        session: u64,
        wave: u32,
    },
    /// Nobody answered the passkey challenge.
    PasskeyOver {
        line: Uuid,
        session: u64,
    },
    AutoScan {
        line: Uuid,
        session: u64,
    },
    Ack {
        line: Uuid,
        session: u64,
        provider_message_id: String,
        text: String,
    },
    Receipt {
        line: Uuid,
        receipt: Receipt,
    },
    /// Receipts kept back for reordering leave at last.
    FlushHeld {
        line: Uuid,
    },
    /// Whatever is still unacknowledged comes again.
    Redeliver {
        line: Uuid,
        session: u64,
    },
    /// The outgoing queue was short of room; the rest follows.
    Pump {
        line: Uuid,
    },
}

#[derive(Default)]
pub(super) struct Timers {
    due: BTreeMap<(Instant, u64), Due>,
    count: u64,
}

impl World {
    pub(super) fn after(&mut self, delay: Duration, due: Due) {
        self.timers.count += 1;
        let key = (Instant::now() + delay, self.timers.count);
        self.timers.due.insert(key, due);
    }

    pub(super) fn after_ms(&mut self, ms: u64, due: Due) {
        self.after(Duration::from_millis(ms), due);
    }

    /// Does what is due and says when to come back.
    pub(crate) fn turn(&mut self) -> Option<Instant> {
        let now = Instant::now();
        while let Some(first) = self.timers.due.first_entry() {
            if first.key().0 > now {
                break;
            }
            let due = first.remove();
            self.fire(due);
        }
        self.timers.due.first_key_value().map(|(key, _)| key.0)
    }

    fn fire(&mut self, due: Due) {
        match due {
            Due::QrOver { line, session, wave } => self.qr_over(line, session, wave),
            Due::PasskeyOver { line, session } => self.passkey_over(line, session),
            Due::AutoScan { line, session } => self.auto_scan(line, session),
            Due::Ack { line, session, provider_message_id, text } => {
                self.late_ack(line, session, &provider_message_id, text);
            }
            Due::Receipt { line, receipt } => self.issue_receipt(line, receipt),
            Due::FlushHeld { line } => self.flush_held(line),
            Due::Redeliver { line, session } => self.redeliver(line, session),
            Due::Pump { line } => self.pump(line),
        }
    }
}
