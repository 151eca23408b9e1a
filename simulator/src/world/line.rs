//! One WhatsApp number as the provider knows it, and how the control API shows it.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    World,
    inbound::Pending,
    pairing::Pairing,
    receipts::Receipt,
    sessions::{Session, Stage},
};
use crate::{clock, fault::FaultSet, saved::SavedLine};

/// What pairing gave a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Linked {
    pub(crate) phone_number: String,
    pub(crate) lid: String,
    pub(crate) credentials: String,
}

pub(super) struct Line {
    pub(super) id: Uuid,
    pub(super) link: Option<Linked>,
    pub(super) session: Option<Session>,
    /// The key and the generation of the session before.
    pub(super) over: Option<(u64, i64)>,
    /// Of the newest session, open or not.
    pub(super) generation: Option<i64>,
    pub(super) pairing: Option<Pairing>,
    pub(super) faults: FaultSet,
    /// Inbound messages not acknowledged yet, oldest first; those in flight are a prefix.
    pub(super) inbound: VecDeque<Pending>,
    pub(super) in_flight: usize,
    /// Receipts for a session that isn't there.
    pub(super) receipts: VecDeque<Receipt>,
    /// Receipts kept back so that they can leave in the wrong order.
    pub(super) held: Vec<Receipt>,
    pairings: u64,
    inbound_ids: u64,
}

impl Line {
    pub(super) fn new(id: Uuid) -> Self {
        Self {
            id,
            link: None,
            session: None,
            over: None,
            generation: None,
            pairing: None,
            faults: FaultSet::default(),
            inbound: VecDeque::new(),
            in_flight: 0,
            receipts: VecDeque::new(),
            held: Vec::new(),
            pairings: 0,
            inbound_ids: 0,
        }
    }

    pub(super) fn restored(saved: SavedLine) -> Self {
        let SavedLine { line_id, phone_number, lid, credentials } = saved;
        Self { link: Some(Linked { phone_number, lid, credentials }), ..Self::new(line_id) }
    }

    /// A number for the next thing that pairing makes: QR payload, code, challenge, credentials.
    pub(super) fn next_pairing(&mut self) -> u64 {
        self.pairings += 1;
        self.pairings
    }

    pub(super) fn next_inbound(&mut self) -> u64 {
        self.inbound_ids += 1;
        self.inbound_ids
    }

    /// What was on its way to a device that is no longer linked is gone.
    pub(super) fn forget_deliveries(&mut self) -> usize {
        self.receipts.clear();
        self.held.clear();
        self.in_flight = 0;
        std::mem::take(&mut self.inbound).len()
    }

    pub(super) fn stage(&self) -> Option<Stage> {
        self.session.as_ref().map(|session| session.stage)
    }
}

impl World {
    pub(crate) fn describe_lines(&self, only: Option<Uuid>, limit: usize) -> Value {
        let now = clock::now();
        let shown = self.lines.values().filter(|line| only.is_none_or(|only| line.id == only)).take(limit);
        json!({
            "lines": shown.map(|line| self.describe(line, now)).collect::<Vec<_>>(),
            "total": self.lines.len(),
        })
    }

    fn describe(&self, line: &Line, now: DateTime<Utc>) -> Value {
        let mut faults = line.faults.describe("line", now);
        faults.extend(self.fleet_faults.describe("all", now));
        let pairing = line.pairing.as_ref();
        json!({
            "lineId": line.id,
            "linked": line.link.is_some(),
            "connected": line.session.is_some(),
            "stage": line.stage().map(Stage::name),
            "generation": line.generation,
            "phoneNumber": line.link.as_ref().map(|link| &link.phone_number),
            "lid": line.link.as_ref().map(|link| &link.lid),
            "qr": pairing.and_then(Pairing::qr),
            "pairingCode": pairing.and_then(Pairing::code),
            "passkey": pairing.and_then(Pairing::passkey),
            "pendingInbound": line.inbound.len(),
            "faults": faults,
        })
    }

    pub(crate) fn describe_stats(&self) -> Value {
        let lines = self.lines.values();
        let linked = lines.clone().filter(|line| line.link.is_some()).count();
        let connected = lines.clone().filter(|line| line.session.is_some()).count();
        let mut stats = serde_json::to_value(&self.stats).unwrap_or(Value::Null);
        if let Value::Object(members) = &mut stats {
            let counts = json!({"known": self.lines.len(), "linked": linked, "connected": connected});
            members.insert("lines".to_owned(), counts);
            members.insert("duplicates".to_owned(), json!(self.stats.sends.visible_duplicates));
            members.insert(
                "journal".to_owned(),
                json!({
                    "firstSeq": self.journal.first_seq(),
                    "lastSeq": self.journal.last_seq(),
                    "fileErrors": self.journal.file_errors,
                }),
            );
        }
        stats
    }
}
