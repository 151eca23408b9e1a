//! Sessions: opening, replacing, ending, and the way of a frame into a session's queue.

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Due, World};
use crate::{
    clock,
    fault::Fault,
    frames::{Capabilities, MAX_IMAGE_BYTES, ServerFrame},
    journal::{Kind, Note},
};

/// Frames that may wait for a service that reads slowly. One more and the session is closed with 503.
pub(crate) const QUEUE: usize = 1_024;
/// Room kept free for answers when a backlog is poured into the queue.
pub(super) const ROOM: usize = 256;

#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// A `closed` frame, then the WebSocket's own close.
    Close { code: u16, until: Option<DateTime<Utc>>, reason: Option<String> },
    /// The connection breaks off without a word: at once, or after the frames that are on their way.
    Drop { at_once: bool },
}

impl Ending {
    pub(crate) fn close(code: u16, reason: &str) -> Self {
        Self::Close { code, until: None, reason: Some(reason.to_owned()) }
    }
}

/// What a session's writer is handed.
#[derive(Debug)]
pub(crate) enum Out {
    Text(String),
    Binary(Vec<u8>),
    End(Ending),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Pairing,
    /// Logged in; this many inbound messages of the backlog are still unacknowledged.
    Syncing(usize),
    Ready,
}

impl Stage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pairing => "pairing",
            Self::Syncing(_) => "syncing",
            Self::Ready => "ready",
        }
    }
}

pub(super) struct Session {
    pub(super) key: u64,
    pub(super) generation: i64,
    pub(super) stage: Stage,
    pub(super) redelivery_armed: bool,
    queue: mpsc::Sender<Out>,
    /// Works when the queue is full. Room for one: a session ends once.
    cut: mpsc::Sender<Ending>,
    garbage: u64,
}

pub(crate) struct OpenSpec {
    pub(crate) line: Uuid,
    pub(crate) generation: i64,
    pub(crate) credentials: Option<String>,
    pub(crate) queue: mpsc::Sender<Out>,
    pub(crate) cut: mpsc::Sender<Ending>,
}

pub(crate) enum Opened {
    /// The key that the session's later frames carry.
    Session(u64),
    Refused(Ending),
    /// Nobody will ever answer.
    Silence,
}

impl World {
    pub(crate) fn open(&mut self, spec: OpenSpec) -> Opened {
        let now = clock::now();
        let this_second = self.stats.connect(now);
        let effects = self.effects(spec.line, now);
        if effects.hang_connects || effects.half_open {
            return Opened::Silence;
        }
        let refusal = match effects.refuse_connects {
            Some((code, until)) => {
                Some(Ending::Close { code, until, reason: Some("connects are refused".to_owned()) })
            }
            None if self.settings.connects_per_second_cap.is_some_and(|cap| this_second > cap) => {
                Some(Ending::close(503, "too many connects in this second"))
            }
            None => self.line_or_new(spec.line).err().map(|error| Ending::close(503, &error.to_string())),
        };
        if let Some(ending) = refusal {
            self.stats.connects.refused += 1;
            return Opened::Refused(ending);
        }
        self.admit(spec)
    }

    fn admit(&mut self, spec: OpenSpec) -> Opened {
        let OpenSpec { line: id, generation, credentials, queue, cut } = spec;
        let linked = self.lines.get(&id).and_then(|line| line.link.as_ref());
        let known = credentials.is_none() || linked.map(|link| &link.credentials) == credentials.as_ref();
        if !known {
            self.stats.connects.refused += 1;
            return Opened::Refused(Ending::close(401, "these credentials are not linked"));
        }
        self.end(id, Ending::close(440, "another session took over"));
        self.sessions_opened += 1;
        let key = self.sessions_opened;
        let stage = if credentials.is_some() { Stage::Syncing(0) } else { Stage::Pairing };
        if let Some(line) = self.lines.get_mut(&id) {
            line.generation = Some(generation);
            line.session =
                Some(Session { key, generation, stage, redelivery_armed: false, queue, cut, garbage: 0 });
        }
        self.note(id, Kind::Connect, Note { detail: Some(stage.name()), ..Note::default() });
        self.hello(id);
        match stage {
            Stage::Pairing => self.begin_pairing(id, key),
            Stage::Syncing(_) | Stage::Ready => self.log_in(id),
        }
        Opened::Session(key)
    }

    fn hello(&mut self, id: Uuid) {
        let capabilities = Capabilities {
            pairing: ["qr", "code", "passkey"],
            client_message_ids: true,
            drops_repeated_ids: self.settings.dedupe_repeated_ids,
            max_image_bytes: MAX_IMAGE_BYTES,
            acceptance_acks: true,
            delivery_receipts: true,
            free_text_window_hours: None,
        };
        self.push(id, &ServerFrame::Hello { capabilities, client_version: env!("CARGO_PKG_VERSION") });
    }

    fn log_in(&mut self, id: Uuid) {
        let withheld = self.effects(id, clock::now()).no_inbound;
        let Some(line) = self.lines.get_mut(&id) else { return };
        line.in_flight = 0;
        let count = if withheld { 0 } else { line.inbound.len() };
        for (at, pending) in line.inbound.iter_mut().enumerate() {
            pending.backlog = at < count;
        }
        if let Some(session) = &mut line.session {
            session.stage = Stage::Syncing(count);
        }
        self.push(id, &ServerFrame::LoggedIn);
        self.push(id, &ServerFrame::Offline { count });
        self.pump(id);
        self.ready_if_drained(id);
    }

    pub(super) fn ready_if_drained(&mut self, id: Uuid) {
        let effects = self.effects(id, clock::now());
        if self.stage(id) != Some(Stage::Syncing(0)) || effects.hang_sync {
            return;
        }
        self.push(id, &ServerFrame::Ready);
        let Some(session) = self.lines.get_mut(&id).and_then(|line| line.session.as_mut()) else { return };
        session.stage = Stage::Ready;
        if effects.garbage_frames == Some(true) {
            self.push_garbage(id);
        }
        if let Some(until) = effects.rate_limited {
            self.push(id, &ServerFrame::RateLimited { until });
        }
        if let Some(until) = effects.timelock {
            self.push(id, &ServerFrame::Restricted { until });
        }
        self.strike(id);
    }

    /// A drop or close that was asked for while nobody was connected.
    fn strike(&mut self, id: Uuid) {
        let waiting = self.lines.get_mut(&id).and_then(|line| line.faults.take_one_shot());
        if let Some(fault) = waiting {
            // In its turn, or a `ready` just said would be lost with it.
            self.end_by_fault(id, fault, false);
        }
    }

    pub(super) fn end_by_fault(&mut self, id: Uuid, fault: Fault, at_once: bool) {
        match fault {
            Fault::Close { code, until, reason } => {
                if code == 401 {
                    self.unlink(id);
                }
                self.end(id, Ending::Close { code, until, reason });
            }
            _ => self.end(id, Ending::Drop { at_once }),
        }
    }

    /// Whether this is still the line's session: a replaced one may have frames on the way.
    pub(super) fn is_current(&self, id: Uuid, key: u64) -> bool {
        self.session(id).is_some_and(|session| session.key == key)
    }

    pub(super) fn session(&self, id: Uuid) -> Option<&Session> {
        self.lines.get(&id).and_then(|line| line.session.as_ref())
    }

    /// Ends the session, if there is one. A half-open one is told nothing and stays open, silent.
    pub(super) fn end(&mut self, id: Uuid, ending: Ending) {
        let half_open = self.effects(id, clock::now()).half_open;
        let Some(line) = self.lines.get_mut(&id) else { return };
        let Some(session) = line.session.take() else { return };
        line.over = Some((session.key, session.generation));
        line.pairing = None;
        line.in_flight = 0;
        let (code, detail) = match &ending {
            Ending::Close { code, reason, .. } => (Some(*code), reason.clone()),
            Ending::Drop { .. } => (None, Some("dropped".to_owned())),
        };
        self.note(id, Kind::Close, Note { code, detail: detail.as_deref(), ..Note::default() });
        match ending {
            Ending::Drop { at_once: true } => drop(session.cut.try_send(ending)),
            Ending::Close { .. } if half_open => {}
            in_turn => {
                if let Err(mpsc::error::TrySendError::Full(Out::End(late))) =
                    session.queue.try_send(Out::End(in_turn))
                {
                    drop(session.cut.try_send(late));
                }
            }
        }
    }

    /// The socket has gone, for whatever reason.
    pub(crate) fn gone(&mut self, id: Uuid, key: u64) {
        if !self.is_current(id, key) {
            return;
        }
        if let Some(line) = self.lines.get_mut(&id) {
            line.over = line.session.take().map(|session| (session.key, session.generation));
            line.pairing = None;
            line.in_flight = 0;
        }
        self.note(id, Kind::Close, Note { detail: Some("gone"), ..Note::default() });
    }

    pub(crate) fn end_all(&mut self) {
        let open: Vec<Uuid> =
            self.lines.values().filter(|line| line.session.is_some()).map(|line| line.id).collect();
        for id in open {
            self.end(id, Ending::close(503, "the simulator stops"));
        }
    }

    pub(crate) fn end_session(&mut self, id: Uuid, key: u64, ending: Ending) {
        if self.is_current(id, key) {
            self.end(id, ending);
        }
    }

    pub(crate) fn ping(&mut self, id: Uuid, key: u64, nonce: i64) {
        if self.is_current(id, key) {
            self.push(id, &ServerFrame::Pong { nonce });
        }
    }

    pub(crate) fn answers(&self, id: Uuid) -> bool {
        !self.effects(id, clock::now()).half_open
    }

    /// False when the frame was not put on the wire.
    pub(super) fn push(&mut self, id: Uuid, frame: &ServerFrame<'_>) -> bool {
        self.push_text(id, frame.text())
    }

    pub(super) fn push_text(&mut self, id: Uuid, text: String) -> bool {
        let effects = self.effects(id, clock::now());
        if effects.half_open {
            return false;
        }
        let still_sane = effects.garbage_frames == Some(true) && self.stage(id) != Some(Stage::Ready);
        if effects.garbage_frames.is_some() && !still_sane {
            self.push_garbage(id);
        }
        self.enqueue(id, Out::Text(text))
    }

    /// Four ways of making no sense, in turn.
    pub(super) fn push_garbage(&mut self, id: Uuid) {
        let Some(session) = self.lines.get_mut(&id).and_then(|line| line.session.as_mut()) else { return };
        session.garbage += 1;
        let garbage = match session.garbage % 4 {
            1 => Out::Text("%!garbage".to_owned()),
            2 => Out::Text("{\"type\":\"inbound\",\"providerMessageId\":".to_owned()),
            3 => Out::Text("{\"type\":\"garbage\",\"nonce\":\"?\"}".to_owned()),
            _ => Out::Binary(vec![0, 159, 146, 150]),
        };
        self.enqueue(id, garbage);
    }

    fn enqueue(&mut self, id: Uuid, out: Out) -> bool {
        let Some(session) = self.session(id) else { return false };
        match session.queue.try_send(out) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Closed(_)) => false,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.stats.overflows += 1;
                self.end(id, Ending::close(503, "the outgoing queue is full"));
                false
            }
        }
    }

    /// Whether the queue has room for bulk beside the answers.
    pub(super) fn has_room(&self, id: Uuid) -> bool {
        self.session(id).is_some_and(|session| session.queue.capacity() > ROOM)
    }

    pub(super) fn pump_later(&mut self, id: Uuid) {
        self.after_ms(50, Due::Pump { line: id });
    }
}
