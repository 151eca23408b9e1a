//! Receipts: issued once, kept for a line that is away as a provider does, and doubled or swapped by the faults.

use std::time::Duration;

use serde::Deserialize;
use uuid::Uuid;

use super::{Due, Refusal, World, sessions::Stage};
use crate::{
    clock,
    frames::{ReceiptKind, ServerFrame},
    journal::{Kind, Note},
};

const MAX_KEPT: usize = 10_000;
/// `reorder_receipts` waits this long for a second receipt to swap with.
const REORDER_FOR: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) provider_message_id: String,
    pub(crate) kind: ReceiptKind,
    pub(crate) from: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReceiptSpec {
    pub(crate) provider_message_id: String,
    pub(crate) kind: ReceiptKind,
}

impl World {
    /// The customer's phone reports on a message by hand.
    pub(crate) fn report(&mut self, id: Uuid, spec: ReceiptSpec) -> Result<(), Refusal> {
        self.line(id)?;
        let ReceiptSpec { provider_message_id, kind } = spec;
        let from = self.seen.recipient(id, &provider_message_id);
        let from = from.ok_or(Refusal::NotFound("no such message was accepted"))?.to_owned();
        self.issue_receipt(id, Receipt { provider_message_id, kind, from });
        Ok(())
    }

    pub(super) fn issue_receipt(&mut self, id: Uuid, receipt: Receipt) {
        // An unlinked device gets none, and "WhatsApp" keeps none for it.
        let now = clock::now();
        let effects = self.effects(id, now);
        if self.lines.get(&id).is_none_or(|line| line.link.is_none()) {
            return;
        }
        // With the acks lost and the receipts as well, the service learns nothing at all about a send.
        if effects.drop_ack == Some(false) {
            self.stats.receipts_dropped += 1;
            return;
        }
        self.stats.receipts += 1;
        self.chats.mark(id, &receipt.from, &receipt.provider_message_id, receipt.kind);
        let note = Note {
            provider_message_id: Some(&receipt.provider_message_id),
            to: Some(&receipt.from),
            detail: Some(receipt.kind.name()),
            ..Note::default()
        };
        self.note(id, Kind::Receipt, note);
        if effects.reorder_receipts {
            self.hold(id, receipt);
        } else {
            self.deliver(id, receipt);
        }
    }

    fn hold(&mut self, id: Uuid, receipt: Receipt) {
        let Some(line) = self.lines.get_mut(&id) else { return };
        line.held.push(receipt);
        if line.held.len() == 1 {
            self.after(REORDER_FOR, Due::FlushHeld { line: id });
        } else {
            self.flush_held(id);
        }
    }

    /// Newest first: `read` before its `delivered`.
    pub(super) fn flush_held(&mut self, id: Uuid) {
        let held = self.lines.get_mut(&id).map(|line| std::mem::take(&mut line.held)).unwrap_or_default();
        for receipt in held.into_iter().rev() {
            self.deliver(id, receipt);
        }
    }

    fn deliver(&mut self, id: Uuid, receipt: Receipt) {
        let logged_in = self.stage(id).is_some_and(|stage| stage != Stage::Pairing);
        let none_waiting = self.lines.get(&id).is_some_and(|line| line.receipts.is_empty());
        if logged_in && none_waiting && self.push_receipt(id, &receipt) {
            return;
        }
        let Some(line) = self.lines.get_mut(&id) else { return };
        if line.receipts.len() >= MAX_KEPT {
            line.receipts.pop_front();
            self.stats.receipts_dropped += 1;
        }
        line.receipts.push_back(receipt);
    }

    fn push_receipt(&mut self, id: Uuid, receipt: &Receipt) -> bool {
        let ids = [receipt.provider_message_id.as_str()];
        let Receipt { kind, from, .. } = receipt;
        let frame = ServerFrame::Receipt { provider_message_ids: &ids, kind: *kind, at: clock::now(), from };
        let pushed = self.push(id, &frame);
        if pushed && self.effects(id, clock::now()).duplicate_receipts {
            self.push(id, &frame);
        }
        pushed
    }

    /// Those kept while the line was away, as far as there is room now.
    pub(super) fn pump_receipts(&mut self, id: Uuid) {
        while self.has_room(id) {
            let Some(receipt) = self.lines.get_mut(&id).and_then(|line| line.receipts.pop_front()) else {
                return;
            };
            if !self.push_receipt(id, &receipt) {
                if let Some(line) = self.lines.get_mut(&id) {
                    line.receipts.push_front(receipt);
                }
                return;
            }
        }
        if self.session(id).is_some() && self.lines.get(&id).is_some_and(|line| !line.receipts.is_empty()) {
            self.pump_later(id);
        }
    }
}
