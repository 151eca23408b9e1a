//! How many images come in at once on each node: those of callers and those of customers apart, so that neither holds
//! the other up.

use ezw_actors::{
    id::OrganizationId,
    port::{MediaError, Place},
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Semaphore;

/// Of callers. One more is told to come again.
const UPLOADS: usize = 32;
/// Of callers of one tenant: many slow ones leave room for the others.
const UPLOADS_EACH: usize = 8;
/// Of customers. One more waits.
const INBOUND: usize = 16;

/// Held while an image comes in.
pub(super) type Turn = Box<dyn fmt::Debug + Send + Sync>;

type Shares = Arc<Mutex<HashMap<OrganizationId, usize>>>;

#[derive(Clone, Debug)]
pub(super) struct Places {
    uploads: Arc<Semaphore>,
    shares: Shares,
    inbound: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        let (uploads, inbound) = (Semaphore::new(UPLOADS), Semaphore::new(INBOUND));
        Self { uploads: Arc::new(uploads), shares: Shares::default(), inbound: Arc::new(inbound) }
    }
}

impl Places {
    pub(super) fn upload(&self, organization: OrganizationId) -> Option<Turn> {
        let share = Share::take(&self.shares, organization)?;
        let place = Arc::clone(&self.uploads).try_acquire_owned().ok()?;
        Some(Box::new((share, place)))
    }

    pub(super) async fn inbound(&self) -> Result<Place, MediaError> {
        let place = Arc::clone(&self.inbound).acquire_owned().await;
        place.map(Place).map_err(|closed| MediaError::Trouble(closed.to_string()))
    }
}

/// One of those that a tenant may have.
#[derive(Debug)]
struct Share {
    shares: Shares,
    organization: OrganizationId,
}

impl Share {
    fn take(shares: &Shares, organization: OrganizationId) -> Option<Self> {
        let mut counts = counts(shares);
        let count = counts.entry(organization).or_default();
        if *count >= UPLOADS_EACH {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Self { shares: Arc::clone(shares), organization })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut counts = counts(&self.shares);
        let left = counts.get(&self.organization).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            counts.remove(&self.organization);
        } else {
            counts.insert(self.organization, left);
        }
    }
}

fn counts(shares: &Shares) -> MutexGuard<'_, HashMap<OrganizationId, usize>> {
    shares.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_tenant_has_eight_uploads_at_once_and_customers_images_have_places_of_their_own() {
        let places = Places::default();
        let of = |tenant: u128| places.upload(OrganizationId(Uuid::from_u128(tenant)));
        let mut held: Vec<Turn> = (0..8).map(|_| of(1).unwrap()).collect();
        assert!(of(1).is_none(), "a ninth of one tenant");
        held.extend((2..5).flat_map(|tenant| (0..8).map(move |_| tenant)).map(|tenant| of(tenant).unwrap()));
        assert!(of(5).is_none(), "one more than all may have");
        let inbound = places.inbound().await.unwrap();
        held.remove(0);
        held.push(of(1).unwrap());
        assert!(of(1).is_none());
        drop((held, inbound));
        assert!(counts(&places.shares).is_empty());
        assert!(of(5).is_some());
    }
}
