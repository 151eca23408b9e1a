//! Accounts that nobody wants are unlinked at the provider in the end. Each is written down before it is tried and
//! crossed out after it worked, so that neither a provider that is away nor a crash leaves a number linked for ever.

use crate::{
    backoff::store_pause,
    metric,
    port::{InboundBatch, InboundError, InboundSink, LineSession, NoMedia, OpenError, OpenSpec, Unwanted},
    shared::Shared,
};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// For one try, its turn in the connect budget included: a line that is let go waits for it.
const TRY: Duration = Duration::from_secs(20);
/// Events that may wait for nobody to hear them.
const EVENTS_AHEAD: usize = 64;

/// What else may go on with the line meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Nothing: its actor holds it for this.
    Nothing,
    /// Another attempt to link a number, which a session beside it would close. It comes first.
    Pairing,
}

/// Writes the account down, then tries once. What that does not do is left to whoever takes the row when it is due.
pub(crate) async fn in_the_end(shared: &Shared, account: &Unwanted, beside: Beside) {
    let store = &shared.ports.store;
    let mut pause = store_pause();
    loop {
        match store.unlink_later(account.clone(), shared.timings.unlink_first).await {
            Ok(true) => break,
            Ok(false) => return,
            Err(trouble) => {
                tracing::warn!(line = %account.line, %trouble, "unlinking a number waits for the store");
                tokio::time::sleep(pause.next_wait()).await;
            }
        }
    }
    attempt(shared, account, beside).await;
}

/// One try to unlink an account that is written down.
pub(crate) async fn attempt(shared: &Shared, account: &Unwanted, beside: Beside) -> bool {
    let unlinked = bounded(over_its_own_session(shared, account, beside)).await == Some(true);
    if !unlinked {
        metric::unlinking("put_off");
        return false;
    }
    metric::unlinking("done");
    if let Err(trouble) = shared.ports.store.unlinked(account).await {
        // Tried again, it will be found unlinked.
        tracing::warn!(line = %account.line, %trouble, "a number that was unlinked stays written down");
    }
    true
}

/// Unlinks over a session of the account that is open already. False when nobody knows whether it did.
pub(crate) async fn over(session: Arc<dyn LineSession>) -> bool {
    let unlinked = matches!(bounded(async move { session.logout().await }).await, Some(Ok(())));
    if unlinked {
        metric::unlinking("done");
    }
    unlinked
}

/// A connect like any other: it waits for its turn, and none is made while the provider refuses our client.
async fn over_its_own_session(shared: &Shared, account: &Unwanted, beside: Beside) -> bool {
    if shared.breaker.is_tripped() {
        return false;
    }
    shared.permits.wait(account.organization).await;
    shared.permits.pace().await;
    // As late as possible: a person may have begun one meanwhile.
    if beside == Beside::Pairing && shared.ports.store.pairing_open(account).await.unwrap_or(true) {
        return false;
    }
    let (events, mut told) = mpsc::channel(EVENTS_AHEAD);
    let spec = OpenSpec {
        organization: account.organization,
        line: account.line,
        generation: account.generation,
        credentials: Some(account.credentials.clone()),
        inbound: Arc::new(NotOurs),
        media: Arc::new(NoMedia),
    };
    match shared.ports.provider.open(spec, events).await {
        Ok(session) => {
            // Nobody needs what it tells, and it must not stand still for that before it has unlinked.
            let unheard = async {
                while told.recv().await.is_some() {}
                std::future::pending::<bool>().await
            };
            tokio::select! {
                outcome = session.logout() => outcome.is_ok(),
                never = unheard => never,
            }
        }
        Err(OpenError::Refused(class)) if class.is_unlinked() => true,
        Err(error) => {
            tracing::warn!(line = %account.line, %error, "a number could not be unlinked at the provider");
            false
        }
    }
}

/// Late or panicking, it is over all the same: dropping a session closes it.
async fn bounded<T>(call: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(TRY, AssertUnwindSafe(call).catch_unwind()).await.ok()?.ok()
}

/// What is written to an account that nobody wants is not this line's: it is neither kept nor acknowledged.
#[derive(Debug)]
struct NotOurs;

#[async_trait]
impl InboundSink for NotOurs {
    async fn commit(&self, _batch: InboundBatch) -> Result<usize, InboundError> {
        Err(InboundError::Later("the account is being unlinked".into()))
    }
}
