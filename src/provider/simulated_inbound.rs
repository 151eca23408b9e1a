//! What people write, on its way in: images fetched, committed, then acknowledged, one after the other. Beside the
//! reader, so that a large image holds up no acknowledgement of a send and no sign of life.

use super::{
    simulated::{Write, text},
    simulated_frame::{Request, is_id},
    simulated_media::MediaHost,
};
use ezw_actors::{
    clock::Clock,
    id::{Generation, LineId, OrganizationId},
    metric,
    port::{
        Heard, InboundBatch, InboundError, InboundKind, InboundMessage, InboundSink, KeptImage, MediaStore,
        ProviderEvent,
    },
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};

/// A message that the rows cannot hold is delivered so often before it is passed over.
const TRIES: u8 = 3;
/// An image that is not to be had is asked for so often before its message is kept without it.
const FETCHES: u8 = 10;
/// After so long without any image, no more are asked for: a line that comes up has 180 s for all that waits for it, and
/// is better up without images than not up.
const PATIENCE: Duration = Duration::from_secs(60);
/// For so long; then they are asked for anew.
const WITHOUT: Duration = Duration::from_secs(60);
/// An image is remembered for its message for so long: much shorter than the sweep leaves it alone.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);
/// Such messages a session remembers at once.
const FAILED_KEPT: usize = 1_000;
/// Messages that may wait for those before them: more than the simulator sends without acknowledgement.
const WAITING: usize = 256;

/// A message, and where the bytes of its image are.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) message: InboundMessage,
    pub(super) media_id: Option<String>,
}

/// One message, whatever it says: an id is unique for its sender.
type Name = (String, Option<String>, Option<String>);

/// Those that wait: delivered again meanwhile, they do not wait twice.
type Pending = Arc<Mutex<HashSet<Name>>>;

/// What the intake works with.
pub(super) struct Parts {
    pub(super) organization: OrganizationId,
    pub(super) line: LineId,
    pub(super) generation: Generation,
    pub(super) inbound: Arc<dyn InboundSink>,
    pub(super) media: Arc<dyn MediaStore>,
    pub(super) host: MediaHost,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) events: mpsc::Sender<Heard>,
    pub(super) writes: mpsc::Sender<Write>,
}

/// Where the reader puts what came.
#[derive(Clone)]
pub(super) struct Inlet {
    queue: mpsc::Sender<Arrived>,
    pending: Pending,
}

impl Inlet {
    /// Puts a message in line. False when nobody takes any more.
    pub(super) async fn put(&self, arrived: Arrived) -> bool {
        // Who took them is gone, and what waits for it is delivered to another session.
        if self.queue.is_closed() {
            return false;
        }
        if !pending(&self.pending).insert(name(&arrived.message)) {
            return true;
        }
        self.queue.send(arrived).await.is_ok()
    }
}

/// Takes messages in until its inlet is gone.
pub(super) struct Intake {
    parts: Parts,
    queue: mpsc::Receiver<Arrived>,
    pending: Pending,
    /// Messages that the rows refused, and how often; they are forgotten once they are acknowledged.
    failed: HashMap<String, u8>,
    /// Messages that wait for their redelivery: what changes one waits behind it.
    waiting: HashSet<String>,
    /// Images of messages that are not committed yet, so that they are not fetched again, and since when.
    kept: HashMap<Name, (KeptImage, Instant)>,
    /// How it goes with images.
    images: Images,
}

/// Whether images are to be had. Of one line: an image that only its own line is not given costs no other line one.
enum Images {
    Come,
    /// Since then not one came.
    Fail {
        since: Instant,
    },
    /// Until then none is asked for.
    GivenUp {
        until: Instant,
    },
}

impl Images {
    fn are_given_up(&mut self, now: Instant) -> bool {
        match self {
            Self::Come | Self::Fail { .. } => false,
            Self::GivenUp { until } if now < *until => true,
            Self::GivenUp { .. } => {
                *self = Self::Come;
                false
            }
        }
    }

    /// One that was asked for at `asked` did not come.
    fn failed(&mut self, asked: Instant, now: Instant) {
        let since = match self {
            Self::Come => asked,
            Self::Fail { since } => *since,
            Self::GivenUp { .. } => return,
        };
        *self = if now.saturating_duration_since(since) >= PATIENCE {
            Self::GivenUp { until: now + WITHOUT }
        } else {
            Self::Fail { since }
        };
    }
}

pub(super) fn intake(parts: Parts) -> (Inlet, Intake) {
    let (sender, queue) = mpsc::channel(WAITING);
    let pending = Pending::default();
    let inlet = Inlet { queue: sender, pending: Arc::clone(&pending) };
    let (failed, waiting, kept) = (HashMap::new(), HashSet::new(), HashMap::new());
    (inlet, Intake { parts, queue, pending, failed, waiting, kept, images: Images::Come })
}

impl Intake {
    pub(super) async fn run(mut self) {
        while let Some(arrived) = self.queue.recv().await {
            let name = name(&arrived.message);
            let event = self.take(arrived, &name).await;
            pending(&self.pending).remove(&name);
            if self.parts.events.send(Heard { at: self.parts.clock.now(), event }).await.is_err() {
                return;
            }
        }
    }

    /// Committed first, acknowledged then. What could not be committed is delivered again.
    async fn take(&mut self, arrived: Arrived, name: &Name) -> ProviderEvent {
        let Arrived { mut message, media_id } = arrived;
        // As it came: any other than its own id would acknowledge nothing.
        let id = message.provider_message_id.clone();
        let line = self.parts.line;
        if message.kind == InboundKind::Group {
            metrics::counter!(metric::INBOUND_IGNORED).increment(1);
            self.acknowledge(id).await;
            return ProviderEvent::InboundCommitted { new: 0 };
        }
        let nobody = message.phone_number.is_none() && message.lid.is_none();
        if nobody || !is_id(&id) {
            tracing::warn!(%line, nobody, "an inbound message whose sender or id cannot be kept is passed over");
            return self.pass_over(id).await;
        }
        if self.would_overtake(&message) {
            return ProviderEvent::Frame;
        }
        if let (InboundKind::Image { image, .. }, Some(media_id)) = (&mut message.kind, media_id) {
            match self.image(name, &media_id).await {
                Some(fetched) => *image = fetched,
                None => return self.wait(id),
            }
        }
        let batch = InboundBatch {
            organization: self.parts.organization,
            line,
            generation: self.parts.generation,
            messages: vec![message],
        };
        match self.parts.inbound.commit(batch).await {
            Ok(new) => {
                self.forget(&id, name);
                self.acknowledge(id).await;
                ProviderEvent::InboundCommitted { new }
            }
            Err(error @ InboundError::Never(_)) if self.tries(&id) >= TRIES => {
                tracing::error!(%line, %error, "an inbound message cannot be kept and is passed over");
                self.forget(&id, name);
                self.pass_over(id).await
            }
            Err(error) => {
                tracing::warn!(%line, %error, "an inbound message waits for its redelivery");
                self.wait(id)
            }
        }
    }

    /// Whether it changes a message that is not committed yet. It comes again too, and changed nothing if it came first.
    fn would_overtake(&self, message: &InboundMessage) -> bool {
        let (InboundKind::Edit { target, .. } | InboundKind::Delete { target }) = &message.kind else {
            return false;
        };
        let its = (target.clone(), message.phone_number.clone(), message.lid.clone());
        self.waiting.contains(target) || pending(&self.pending).contains(&its)
    }

    fn wait(&mut self, id: String) -> ProviderEvent {
        if self.waiting.len() < FAILED_KEPT {
            self.waiting.insert(id);
        }
        ProviderEvent::Frame
    }

    /// It is settled.
    fn forget(&mut self, id: &str, name: &Name) {
        self.failed.remove(id);
        self.waiting.remove(id);
        self.kept.remove(name);
    }

    /// The image of a message, kept; inside it none, when there is none to be had. None when it is to be tried again.
    async fn image(&mut self, name: &Name, media_id: &str) -> Option<Option<KeptImage>> {
        let asked = self.parts.clock.monotonic();
        self.kept.retain(|_, (_, since)| asked.saturating_duration_since(*since) < REMEMBERED);
        if let Some((image, _)) = self.kept.get(name) {
            return Some(Some(image.clone()));
        }
        if self.images.are_given_up(asked) {
            return self.without_image(name);
        }
        let Parts { organization, line, media, host, .. } = &self.parts;
        match host.fetch(&**media, *organization, media_id).await {
            Ok(image) => {
                self.images = Images::Come;
                self.failed.remove(&name.0);
                // A commit whose answer is lost may have been one: the next try must bring the same image.
                if let Some(image) = image.clone().filter(|_| self.kept.len() < FAILED_KEPT) {
                    self.kept.insert(name.clone(), (image, asked));
                }
                Some(image)
            }
            Err(error) => {
                tracing::warn!(%line, %error, "an image did not come in");
                let now = self.parts.clock.monotonic();
                self.images.failed(asked, now);
                let enough = self.tries(&name.0) >= FETCHES || self.images.are_given_up(now);
                if enough { self.without_image(name) } else { None }
            }
        }
    }

    fn without_image(&mut self, name: &Name) -> Option<Option<KeptImage>> {
        let line = self.parts.line;
        tracing::error!(%line, "an image is not to be had: its message is kept without it");
        self.failed.remove(&name.0);
        Some(None)
    }

    async fn pass_over(&self, id: String) -> ProviderEvent {
        metrics::counter!(metric::INBOUND_PASSED_OVER).increment(1);
        self.acknowledge(id).await;
        ProviderEvent::Frame
    }

    async fn acknowledge(&self, id: String) {
        let (written, _) = oneshot::channel();
        let frame = text(&Request::InboundAck { provider_message_ids: vec![id] });
        // A session that ends here delivers it again to the next one, which finds it committed.
        let _ = self.parts.writes.send(Write { frame, written }).await;
    }

    /// How often this message failed, this time included. One that never succeeds must not keep the backlog, and with
    /// it the line, from ever being ready. One too many to be remembered counts from when there is room: those before
    /// it are passed over soon.
    fn tries(&mut self, id: &str) -> u8 {
        if self.failed.len() >= FAILED_KEPT && !self.failed.contains_key(id) {
            return 0;
        }
        let tries = self.failed.entry(id.to_owned()).or_default();
        *tries = tries.saturating_add(1);
        *tries
    }
}

fn name(message: &InboundMessage) -> Name {
    (message.provider_message_id.clone(), message.phone_number.clone(), message.lid.clone())
}

fn pending(pending: &Pending) -> std::sync::MutexGuard<'_, HashSet<Name>> {
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}
