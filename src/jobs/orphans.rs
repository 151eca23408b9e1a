//! Images that belong to no message: their reply was refused as its process died, or their rows were erased.

use crate::{
    media::{Media, Orphans},
    store::{Db, StoreError, attachments},
};
use chrono::TimeDelta;
use ezw_actors::{
    clock::{Clock as _, SystemClock},
    port::MediaError,
};

/// Images that belonged to nobody and were deleted.
pub(crate) const ORPHANS: &str = "ezw_media_orphans_total";

/// A file without a row may still get one: an upload takes minutes at most, and its commit seconds.
const AGE: TimeDelta = TimeDelta::hours(24);

pub(super) async fn forget(db: &Db, media: &Media) -> Result<(), StoreError> {
    match sweep(db, media).await {
        Err(Trouble::Media(error)) => {
            tracing::warn!(%error, "images of nobody are left to the next sweep");
            Ok(())
        }
        Err(Trouble::Store(error)) => Err(error),
        Ok(()) => Ok(()),
    }
}

enum Trouble {
    Store(StoreError),
    Media(MediaError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<MediaError> for Trouble {
    fn from(error: MediaError) -> Self {
        Self::Media(error)
    }
}

async fn sweep(db: &Db, media: &Media) -> Result<(), Trouble> {
    let then = SystemClock.now() - AGE;
    media.forget_halves(then).await?;
    for Orphans { organization, storage_keys } in media.kept_before(then).await? {
        let unnamed = db
            .run(move |conn| {
                Box::pin(async move { attachments::unnamed(conn, organization, &storage_keys).await })
            })
            .await?;
        for key in unnamed {
            media.forget(&key).await?;
            metrics::counter!(ORPHANS).increment(1);
        }
    }
    Ok(())
}
