//! A feed and an inbound sink that remember what they were given.

use super::lock;
use crate::{
    id::LineId,
    port::{Feed, InboundBatch, InboundError, InboundSink, Showing, ShownCode, ShownPasskey, ShownQr},
};
use async_trait::async_trait;
use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
};

/// What a person would see now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownThing {
    /// A QR code.
    Qr(ShownQr),
    /// A code to type.
    Code(ShownCode),
    /// A challenge to answer.
    Passkey(ShownPasskey),
}

/// Shows in memory.
#[derive(Debug, Default)]
pub struct RecordingFeed {
    shown: Mutex<HashMap<Showing, ShownThing>>,
    hidden: Mutex<Vec<Showing>>,
}

impl RecordingFeed {
    /// What is shown for this session now.
    #[must_use]
    pub fn shown(&self, whose: Showing) -> Option<ShownThing> {
        lock(&self.shown).get(&whose).cloned()
    }

    /// How many things are shown now.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.shown).len()
    }

    /// What was taken back, in order.
    #[must_use]
    pub fn hidden(&self) -> Vec<Showing> {
        lock(&self.hidden).clone()
    }
}

#[async_trait]
impl Feed for RecordingFeed {
    async fn show_qr(&self, whose: Showing, code: ShownQr) {
        lock(&self.shown).insert(whose, ShownThing::Qr(code));
    }

    async fn show_pairing_code(&self, whose: Showing, code: ShownCode) {
        lock(&self.shown).insert(whose, ShownThing::Code(code));
    }

    async fn show_passkey(&self, whose: Showing, passkey: ShownPasskey) {
        lock(&self.shown).insert(whose, ShownThing::Passkey(passkey));
    }

    async fn hide(&self, whose: Showing) {
        lock(&self.shown).remove(&whose);
        lock(&self.hidden).push(whose);
    }
}

/// Line, number, alias, id: what makes a message the same one.
type Seen = (LineId, Option<String>, Option<String>, String);

/// Commits inbound messages to memory, each once.
#[derive(Debug, Default)]
pub struct RecordingInbound {
    batches: Mutex<Vec<InboundBatch>>,
    seen: Mutex<HashSet<Seen>>,
    failing: Mutex<Option<String>>,
}

impl RecordingInbound {
    /// Everything that was committed, repeats included.
    #[must_use]
    pub fn batches(&self) -> Vec<InboundBatch> {
        lock(&self.batches).clone()
    }

    /// Refuses commits for this reason from now on, or no more.
    pub fn fail(&self, why: Option<&str>) {
        *lock(&self.failing) = why.map(str::to_owned);
    }
}

#[async_trait]
impl InboundSink for RecordingInbound {
    async fn commit(&self, batch: InboundBatch) -> Result<usize, InboundError> {
        if let Some(why) = lock(&self.failing).clone() {
            return Err(InboundError::Later(why));
        }
        let mut seen = lock(&self.seen);
        let fresh = batch
            .messages
            .iter()
            .filter(|message| {
                seen.insert((
                    batch.line,
                    message.phone_number.clone(),
                    message.lid.clone(),
                    message.provider_message_id.clone(),
                ))
            })
            .count();
        lock(&self.batches).push(batch);
        Ok(fresh)
    }
}
