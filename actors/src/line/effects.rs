//! What is done after a commit: calls of ports, whose answers come back as events.

use super::{LineActor, Live};
use crate::{
    backoff::store_pause,
    id::{Fence, Generation, UnlinkingId},
    machine::{Effect, Event, News},
    port::{CloseClass, Credentials, Heard, LineSession, OpenError, OpenSpec, Probe, Showing, Unwanted},
    shared::Shared,
    unlinking::{self, Beside},
};
use actix::{ActorFutureExt as _, AsyncContext as _, Context, WrapFuture as _};
use futures_util::{FutureExt as _, future::BoxFuture};
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

/// Every call of the provider has a deadline.
const PROVIDER_DEADLINE: Duration = Duration::from_secs(20);
/// Events a session may be ahead of its line.
const EVENTS_AHEAD: usize = 64;
/// How long a line without trust waits before it asks again whether it may connect.
const TRUST_RETRY: Duration = Duration::from_millis(200);

/// What the wait for a connect comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leave {
    Granted,
    /// Of a client version that is refused, to see whether it still is.
    AsProbe,
    Refused,
}

impl LineActor {
    pub(super) fn run(&mut self, effects: Vec<Effect>, ctx: &mut Context<Self>) {
        for effect in effects {
            self.run_one(effect, ctx);
        }
    }

    fn run_one(&mut self, effect: Effect, ctx: &mut Context<Self>) {
        match effect {
            Effect::RequestPermit => self.request_permit(ctx),
            Effect::Open { generation, fresh } => self.open(generation, fresh, ctx),
            Effect::Close => self.close_now(ctx),
            Effect::Logout | Effect::Unlink(_) => self.unlink_now(effect, ctx),
            Effect::Ping => self.ping(ctx),
            Effect::RequestPairingCode { phone_number } => {
                self.call(ctx, move |session| {
                    async move { session.request_pairing_code(&phone_number).await }.boxed()
                });
            }
            Effect::ShowQr(code) => {
                let feed = Arc::clone(&self.shared.ports.feed);
                let whose = self.showing();
                ctx.spawn(self.mine(async move { feed.show_qr(whose, code).await }).into_actor(self));
            }
            Effect::ShowPairingCode(code) => {
                let feed = Arc::clone(&self.shared.ports.feed);
                let whose = self.showing();
                ctx.spawn(
                    self.mine(async move { feed.show_pairing_code(whose, code).await }).into_actor(self),
                );
            }
            Effect::ShowPasskey(passkey) => {
                let feed = Arc::clone(&self.shared.ports.feed);
                let whose = self.showing();
                ctx.spawn(self.mine(async move { feed.show_passkey(whose, passkey).await }).into_actor(self));
            }
            Effect::HideCodes => self.hide_codes(),
        }
    }

    /// Every look at the clock may ask for one; the session is asked as often as it can answer.
    fn ping(&mut self, ctx: &mut Context<Self>) {
        let now = self.now();
        if self.next_ping_at().is_none_or(|due| now >= due) {
            self.pinged_at = Some(now);
            self.call(ctx, |session| async move { session.ping().await }.boxed());
        }
    }

    fn showing(&self) -> Showing {
        Showing { line: self.fence.line, epoch: self.fence.epoch, generation: self.generation }
    }

    /// A code must not outlive its pairing, so this does not depend on the actor living on.
    fn hide_codes(&self) {
        let feed = Arc::clone(&self.shared.ports.feed);
        let whose = self.showing();
        self.shared.spawn("hide pairing codes", async move { feed.hide(whose).await });
    }

    fn request_permit(&mut self, ctx: &mut Context<Self>) {
        let shared = Arc::clone(&self.shared);
        let (fence, probe) = (self.fence, self.probe);
        let work = async move {
            shared.permits.wait(fence.organization).await;
            while !shared.trust.holds(shared.ports.clock.monotonic()) {
                tokio::time::sleep(TRUST_RETRY).await;
            }
            if shared.breaker.is_tripped() {
                past_the_breaker(&shared, fence, probe).await
            } else {
                Leave::Granted
            }
        };
        self.permit = Some(ctx.spawn(self.mine(work).into_actor(self).map(|leave, line, ctx| {
            let _at_work = line.at_work();
            line.permit = None;
            line.probe_taken = leave == Leave::AsProbe;
            // For this start alone.
            line.probe = false;
            line.feed(if leave == Leave::Refused { Event::ClientRefused } else { Event::Permit }, ctx);
        })));
    }

    pub(super) fn call<F>(&self, ctx: &mut Context<Self>, call: F)
    where
        F: FnOnce(Arc<dyn LineSession>) -> BoxFuture<'static, ()>,
    {
        let Some(live) = &self.live else { return };
        let generation = live.generation;
        let call = call(Arc::clone(&live.session));
        let bounded = tokio::time::timeout(PROVIDER_DEADLINE, AssertUnwindSafe(call).catch_unwind());
        ctx.spawn(self.mine(bounded).into_actor(self).map(move |called, line, ctx| {
            // No answer shows as missing evidence.
            if let Ok(Err(_panic)) = called {
                line.adapter_died(generation, CloseClass::AdapterDied, ctx);
            }
        }));
    }

    /// The adapter panicked in a call: nobody knows what its session is worth now.
    pub(super) fn adapter_died(
        &mut self,
        generation: Generation,
        class: CloseClass,
        ctx: &mut Context<Self>,
    ) {
        let _at_work = self.at_work();
        tracing::error!(line = %self.fence.line, "the provider's adapter panicked in a call");
        if self.live.as_ref().is_some_and(|live| live.generation == generation) {
            self.close_now(ctx);
        }
        self.feed(Event::Session { generation, news: News::Closed(class) }, ctx);
    }

    fn open(&mut self, generation: Generation, fresh: bool, ctx: &mut Context<Self>) {
        let old = self.close_session();
        let spec = OpenSpec {
            organization: self.fence.organization,
            line: self.fence.line,
            generation,
            credentials: if fresh { None } else { self.credentials.clone() },
            inbound: Arc::clone(&self.shared.ports.inbound),
            media: Arc::clone(&self.shared.ports.media),
        };
        let shared = Arc::clone(&self.shared);
        let (events, told) = mpsc::channel(EVENTS_AHEAD);
        // Not on this thread: who waits at the gate of all lines must not depend on one of them.
        let opening = self.shared.spawn("open a session", async move {
            if let Some(old) = old {
                old.await;
            }
            shared.permits.pace().await;
            if !shared.trust.holds(shared.ports.clock.monotonic()) {
                // It stood still: the line may be another's, whose session this one would end.
                return Err(OpenError::Unreachable("the lease is not trusted".into()));
            }
            let opening = AssertUnwindSafe(shared.ports.provider.open(spec, events)).catch_unwind();
            match tokio::time::timeout(PROVIDER_DEADLINE, opening).await {
                Ok(Ok(opened)) => opened,
                Ok(Err(_panic)) => Err(OpenError::Refused(CloseClass::AdapterDied)),
                Err(_elapsed) => Err(OpenError::Unreachable("no hello in time".into())),
            }
        });
        // A line that ends does not want it any more.
        let opening = AbortOnDropHandle::new(opening);
        let work = async move {
            let died = || Err(OpenError::Refused(CloseClass::AdapterDied));
            opening.await.ok().flatten().unwrap_or_else(died)
        };
        ctx.spawn(
            self.mine(work)
                .into_actor(self)
                .map(move |opened, line, ctx| line.opened(generation, opened, told, ctx)),
        );
    }

    fn opened(
        &mut self,
        generation: Generation,
        opened: Result<Arc<dyn LineSession>, OpenError>,
        told: mpsc::Receiver<Heard>,
        ctx: &mut Context<Self>,
    ) {
        let _at_work = self.at_work();
        match opened {
            Ok(session) if self.state.generation() == Some(generation) && !self.ending => {
                self.evidence.last_frame_at = Some(self.now());
                self.pinged_at = None;
                self.guard.slot.holds_session(Some(Arc::clone(&session)));
                self.unwritten.clear();
                self.live = Some(Live { generation, session, ready_at: None });
                let whose = (Arc::clone(&self.shared), self.fence);
                let forward = super::session::forward(ctx.address(), generation, told, whose);
                self.shared.spawn("forward a session's events", forward);
            }
            // The line went on without it.
            Ok(session) => {
                self.shared.spawn("close a late session", async move { session.close().await });
            }
            Err(OpenError::Unreachable(why)) => {
                tracing::warn!(line = %self.fence.line, %why, "the provider cannot be reached");
                self.feed(Event::Unreachable { generation }, ctx);
            }
            Err(OpenError::Refused(class)) => {
                self.feed(Event::Session { generation, news: News::Closed(class) }, ctx);
            }
        }
        self.schedule(ctx);
    }

    fn close_now(&mut self, ctx: &mut Context<Self>) {
        self.abandon_under_way(ctx);
        if let Some(closing) = self.close_session() {
            self.shared.spawn("close a session", closing);
        }
    }

    fn unlink_now(&mut self, effect: Effect, ctx: &mut Context<Self>) {
        self.abandon_under_way(ctx);
        // Goes on by itself.
        drop(self.unlink(effect, Beside::Pairing));
    }

    /// Takes the session away; the future closes it.
    pub(super) fn close_session(&mut self) -> Option<BoxFuture<'static, ()>> {
        let session = self.live.take()?.session;
        self.guard.slot.holds_session(None);
        self.publish();
        Some(bounded(async move { session.close().await }).boxed())
    }

    /// The same, of a line that is another's by now.
    pub(super) fn close_session_listening(&mut self, patience: Duration) -> Option<BoxFuture<'static, ()>> {
        let session = self.live.take()?.session;
        self.guard.slot.holds_session(None);
        Some(bounded(async move { session.close_listening(patience).await }).boxed())
    }

    /// Takes the session away; the future unlinks the account: over this session where it still can, else over one
    /// opened for that alone, now or later.
    fn unlink(&mut self, effect: Effect, beside: Beside) -> Option<BoxFuture<'static, ()>> {
        let (session, credentials) = match effect {
            Effect::Unlink(credentials) => (None, Some(credentials)),
            // The session of an attempt to pair is not of the account that is stored, if one is.
            _ if self.state.pairing().is_some() => (None, self.credentials.clone()),
            _ => (self.live.take().map(|live| live.session), self.credentials.clone()),
        };
        if session.is_none() && credentials.is_none() {
            return self.close_session();
        }
        self.guard.slot.holds_session(None);
        let closing = self.close_session();
        let shared = Arc::clone(&self.shared);
        let unwanted = credentials.map(|credentials| unwanted(self.fence, self.generation, credentials));
        let work = async move {
            if let Some(closing) = closing {
                closing.await;
            }
            if let Some(session) = session
                && unlinking::over(session).await
            {
                return;
            }
            if let Some(unwanted) = unwanted {
                unlinking::in_the_end(&shared, &unwanted, beside).await;
            }
        };
        // Begun, it goes on, whatever becomes of the line.
        let unlinking = self.shared.spawn("unlink a number", work);
        Some(unlinking.map(drop).boxed())
    }

    /// Does what of `effects` closes the session, before the commit that lets the line go.
    pub(super) fn close_by(
        &mut self,
        effects: &mut Vec<Effect>,
        ctx: &mut Context<Self>,
    ) -> Option<BoxFuture<'static, ()>> {
        let ends = |effect: &mut Effect| matches!(effect, Effect::Close | Effect::Logout | Effect::Unlink(_));
        let ending = effects.extract_if(.., ends).last();
        self.abandon_under_way(ctx);
        match ending {
            Some(unlink @ (Effect::Logout | Effect::Unlink(_))) => self.unlink(unlink, Beside::Nothing),
            _ => self.close_session(),
        }
    }
}

/// Only a person's start asks, and only when no other did within a minute.
async fn past_the_breaker(shared: &Shared, fence: Fence, probe: bool) -> Leave {
    if !probe {
        return Leave::Refused;
    }
    let mut pause = store_pause();
    loop {
        match shared.ports.store.take_probe(fence).await {
            Ok(Probe::Taken) => return Leave::AsProbe,
            Ok(Probe::Spent) => return Leave::Refused,
            Ok(Probe::NotNeeded) => return Leave::Granted,
            Err(trouble) => {
                tracing::warn!(line = %fence.line, %trouble, "a probe waits for the store");
                tokio::time::sleep(pause.next_wait()).await;
            }
        }
    }
}

/// An account of the line that is to be unlinked; its session comes after the last one.
pub(super) fn unwanted(fence: Fence, last: Generation, credentials: Credentials) -> Unwanted {
    Unwanted {
        id: UnlinkingId(Uuid::now_v7()),
        organization: fence.organization,
        line: fence.line,
        generation: last.next(),
        credentials,
    }
}

/// Late or panicking, it is over all the same: dropping a session closes it.
async fn bounded(call: impl Future<Output = ()>) {
    let _ = tokio::time::timeout(PROVIDER_DEADLINE, AssertUnwindSafe(call).catch_unwind()).await;
}
