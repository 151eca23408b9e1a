//! What the handlers share: the world behind its lock, the media, and the two tasks that turn timers and save links.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, Semaphore, watch},
    time::{sleep, sleep_until},
};

use crate::{media::MediaStore, saved, world::World};

/// Uploads that may be in memory, unfinished, at a time.
const UPLOADS: usize = 16;
/// After a failed write of the state file.
const SAVE_AGAIN: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(crate) struct Hub(Arc<Inner>);

struct Inner {
    world: Mutex<World>,
    media: Mutex<MediaStore>,
    uploads: Semaphore,
    timers: Notify,
    links: Notify,
    saved: watch::Sender<u64>,
    state: Option<PathBuf>,
}

impl Hub {
    pub(crate) fn new(world: World, state: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            world: Mutex::new(world),
            media: Mutex::new(MediaStore::default()),
            uploads: Semaphore::new(UPLOADS),
            timers: Notify::new(),
            links: Notify::new(),
            saved: watch::Sender::new(0),
            state,
        }))
    }

    /// Does one thing to the world, then lets timers and saving follow from it.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.lock();
        let links = world.links_version();
        let answer = act(&mut world);
        let linked_anew = world.links_version() != links;
        drop(world);
        self.0.timers.notify_one();
        if linked_anew {
            self.0.links.notify_one();
        }
        answer
    }

    /// Looks without changing anything.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // A panic under the lock would be a bug of one request; the referee's book must outlive it.
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn media(&self) -> MutexGuard<'_, MediaStore> {
        self.0.media.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn uploads(&self) -> &Semaphore {
        &self.0.uploads
    }

    /// Turns the timers for as long as the process lives.
    pub(crate) async fn run_timers(self) {
        loop {
            let next = self.turn();
            let woken = self.0.timers.notified();
            match next {
                Some(next) => {
                    tokio::select! {
                        () = sleep_until(next) => {}
                        () = woken => {}
                    }
                }
                None => woken.await,
            }
        }
    }

    fn turn(&self) -> Option<tokio::time::Instant> {
        let mut world = self.lock();
        let links = world.links_version();
        let next = world.turn();
        if world.links_version() != links {
            self.0.links.notify_one();
        }
        next
    }

    /// Writes the state file after each change of linking. Changes that come while it writes share the next write.
    pub(crate) async fn run_saver(self) {
        loop {
            if self.look(World::links_version) == *self.0.saved.borrow() {
                self.0.links.notified().await;
                continue;
            }
            if !self.save().await {
                sleep(SAVE_AGAIN).await;
            }
        }
    }

    pub(crate) async fn save(&self) -> bool {
        let (version, snapshot) = self.look(World::snapshot);
        if let Some(path) = self.0.state.clone() {
            let written = tokio::task::spawn_blocking(move || saved::write(&path, &snapshot)).await;
            if let Err(error) = written.map_err(std::io::Error::other).flatten() {
                tracing::error!(%error, "the state file was not written");
                self.with(|world| world.stats.state_write_errors += 1);
                return false;
            }
        }
        self.with(|world| world.saved(version));
        self.0.saved.send_if_modified(|saved| std::mem::replace(saved, version.max(*saved)) < version);
        true
    }

    /// Waits until the links as they are now are safe.
    pub(crate) async fn links_are_saved(&self) {
        let version = self.look(World::links_version);
        // The sender lives as long as this hub.
        drop(self.0.saved.subscribe().wait_for(|saved| *saved >= version).await);
    }
}
