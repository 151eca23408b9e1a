//! The provider as one plain value behind one lock: every method is synchronous, short and does no waiting. Frames
//! leave through a bounded queue per session, later things through the timers, and linking through the state file.

mod chats;
mod faults;
mod inbound;
mod line;
mod pairing;
mod receipts;
mod sends;
mod sessions;
mod timers;

use std::collections::{BTreeMap, HashMap, VecDeque};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use thiserror::Error;
use uuid::Uuid;

use self::{chats::ChatLog, line::Line, pairing::AfterSave, timers::Timers};
pub(crate) use self::{
    inbound::{Attachment, NewInbound},
    line::Linked,
    pairing::ScanSpec,
    receipts::ReceiptSpec,
    sends::ImageFact,
    sessions::{Ending, OpenSpec, Opened, Out, QUEUE},
    timers::Due,
};
use crate::{
    clock,
    fault::{Effects, FaultSet},
    journal::{Entry, Journal, Kind, Note},
    saved::{Saved, SavedLine},
    seed::Seed,
    settings::Settings,
    stats::Stats,
};

/// More lines than this are refused: an open or a fault for an unknown id makes a line.
pub(crate) const MAX_LINES: usize = 100_000;
/// Sends remembered for telling a repeat. Older ones are forgotten, and their repeat would be a first.
const MAX_SEEN: usize = 1_000_000;

/// Why a request on the control API changes nothing.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Bad(String),
    #[error("{0}")]
    NotFound(&'static str),
    #[error("{0}")]
    Conflict(&'static str),
}

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) stats: Stats,
    pub(crate) journal: Journal,
    seed: Seed,
    saved_seed: u64,
    boots: u64,
    lines: BTreeMap<Uuid, Line>,
    fleet_faults: FaultSet,
    chats: ChatLog,
    seen: Seen,
    timers: Timers,
    sessions_opened: u64,
    media_stored: u64,
    /// Counts changes of linking; the state file follows it.
    links_version: u64,
    saved_version: u64,
    after_save: VecDeque<AfterSave>,
    keeps_state: bool,
}

/// Ids of accepted sends with the recipient, oldest first out.
#[derive(Default)]
struct Seen {
    recipients: HashMap<(Uuid, String), String>,
    order: VecDeque<(Uuid, String)>,
}

impl Seen {
    fn recipient(&self, line: Uuid, id: &str) -> Option<&str> {
        self.recipients.get(&(line, id.to_owned())).map(String::as_str)
    }

    fn remember(&mut self, line: Uuid, id: &str, to: &str) {
        let key = (line, id.to_owned());
        if self.recipients.insert(key.clone(), to.to_owned()).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MAX_SEEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.recipients.remove(&oldest);
        }
    }
}

impl World {
    pub(crate) fn new(saved: Option<Saved>, seed: u64, journal: Journal, keeps_state: bool) -> Self {
        let boots = saved.as_ref().map_or(0, |saved| saved.boots);
        let mut world = Self {
            settings: Settings::default(),
            stats: Stats::default(),
            journal,
            seed: Seed::new(seed, boots),
            saved_seed: seed,
            boots: boots + 1,
            lines: BTreeMap::new(),
            fleet_faults: FaultSet::default(),
            chats: ChatLog::default(),
            seen: Seen::default(),
            timers: Timers::default(),
            sessions_opened: 0,
            media_stored: 0,
            links_version: 0,
            saved_version: 0,
            after_save: VecDeque::new(),
            keeps_state,
        };
        for line in saved.map(|saved| saved.lines).unwrap_or_default() {
            world.lines.insert(line.line_id, Line::restored(line));
        }
        for entry in world.journal.entries() {
            if let Entry { kind: Kind::Accepted, provider_message_id: Some(id), to: Some(to), .. } = entry {
                world.seen.remember(entry.line_id, id, to);
            }
        }
        world
    }

    pub(crate) fn snapshot(&self) -> (u64, Saved) {
        let linked = self.lines.values().filter_map(|line| {
            line.link.as_ref().map(|link| SavedLine {
                line_id: line.id,
                phone_number: link.phone_number.clone(),
                lid: link.lid.clone(),
                credentials: link.credentials.clone(),
            })
        });
        (self.links_version, Saved { seed: self.saved_seed, boots: self.boots, lines: linked.collect() })
    }

    pub(crate) fn links_version(&self) -> u64 {
        self.links_version
    }

    pub(crate) fn next_media_id(&mut self) -> String {
        self.media_stored += 1;
        self.seed.media_id(self.media_stored)
    }

    fn line(&self, id: Uuid) -> Result<&Line, Refusal> {
        self.lines.get(&id).ok_or(Refusal::NotFound("no such line"))
    }

    fn line_mut(&mut self, id: Uuid) -> Result<&mut Line, Refusal> {
        self.lines.get_mut(&id).ok_or(Refusal::NotFound("no such line"))
    }

    fn line_or_new(&mut self, id: Uuid) -> Result<&mut Line, Refusal> {
        if self.lines.len() >= MAX_LINES && !self.lines.contains_key(&id) {
            return Err(Refusal::Conflict("too many lines"));
        }
        Ok(self.lines.entry(id).or_insert_with(|| Line::new(id)))
    }

    fn effects(&self, id: Uuid, now: DateTime<Utc>) -> Effects {
        let none = FaultSet::default();
        Effects::of(&self.fleet_faults, self.lines.get(&id).map_or(&none, |line| &line.faults), now)
    }

    fn note(&mut self, line: Uuid, kind: Kind, mut note: Note<'_>) {
        if note.generation.is_none() {
            note.generation = self.lines.get(&line).and_then(|line| line.generation);
        }
        self.journal.append(clock::now(), line, kind, note);
    }
}

/// Opens what the command line names: journal and state file, or neither.
pub(crate) fn restore(args: &crate::cli::Args) -> anyhow::Result<World> {
    let journal = Journal::open(args.journal.as_deref(), args.journal_memory as usize)?;
    let saved = match &args.state {
        Some(path) => crate::saved::load(path)?,
        None => None,
    };
    let seed = args.seed.or(saved.as_ref().map(|saved| saved.seed));
    // A run that names no seed must not hand out the ids of the last one.
    let seed = seed.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0);
    let world = World::new(saved, seed, journal, args.state.is_some());
    if let Some(path) = &args.state {
        crate::saved::write(path, &world.snapshot().1)
            .with_context(|| format!("cannot write the state file {}", path.display()))?;
    }
    Ok(world)
}
