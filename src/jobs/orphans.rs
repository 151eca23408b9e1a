//! Images that belong to no message: their reply was refused as its process died, or their rows were erased. A job of its
//! own: a folder that hangs must hold up no reply's end.

use super::Jobs;
use crate::{
    media::{Media, Orphans},
    store::{Db, attachments},
};
use chrono::TimeDelta;
use ezw_actors::clock::{Clock as _, SystemClock};
use std::{fmt::Display, time::Duration};
use tokio::time::timeout;

/// Images that belonged to nobody and were deleted.
pub(crate) const ORPHANS: &str = "ezw_media_orphans_total";

/// A file without a row may still get one: an upload takes minutes at most, and its commit seconds.
const AGE: TimeDelta = TimeDelta::hours(24);
/// Between sweeps.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// After one that was not finished.
const AGAIN: Duration = Duration::from_secs(60);
/// For a folder to be read, as far as the next portion.
const LISTING: Duration = Duration::from_secs(60);
/// For Postgres to say whose a portion is.
const ASKING: Duration = Duration::from_secs(30);
/// For one file to be deleted.
const DELETING: Duration = Duration::from_secs(10);

/// The sweep stops here, and begins anew later.
struct Stopped;

pub(super) async fn run(jobs: Jobs) {
    let Some(media) = &jobs.media else { return };
    loop {
        let pause = match sweep(&jobs.db, media).await {
            Ok(()) => EVERY,
            Err(Stopped) => AGAIN,
        };
        tokio::time::sleep(pause).await;
    }
}

async fn sweep(db: &Db, media: &Media) -> Result<(), Stopped> {
    let then = SystemClock.now() - AGE;
    let mut portions = in_time(LISTING, async { media.kept_before(then) }).await?;
    loop {
        let listed = async { Ok::<_, std::convert::Infallible>(portions.recv().await) };
        match in_time(LISTING, listed).await? {
            Some(portion) => forget(db, media, portion).await?,
            None => return Ok(()),
        }
    }
}

async fn forget(db: &Db, media: &Media, portion: Orphans) -> Result<(), Stopped> {
    let Orphans { organization, storage_keys } = portion;
    if storage_keys.is_empty() {
        return Ok(());
    }
    let unnamed = db.run(move |conn| {
        Box::pin(async move { attachments::unnamed(conn, organization, &storage_keys).await })
    });
    for key in in_time(ASKING, unnamed).await? {
        // One that cannot be deleted keeps no other.
        if in_time(DELETING, media.forget(&key)).await.is_ok() {
            metrics::counter!(ORPHANS).increment(1);
        }
    }
    Ok(())
}

async fn in_time<T, E: Display>(
    limit: Duration,
    step: impl Future<Output = Result<T, E>>,
) -> Result<T, Stopped> {
    match timeout(limit, step).await {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(error)) => tracing::warn!(%error, "images of nobody are left to the next sweep"),
        Err(_elapsed) => {
            tracing::warn!(?limit, "images of nobody are left to the next sweep: no answer in time")
        }
    }
    Err(Stopped)
}
