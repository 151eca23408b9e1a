//! One client's stream: what it missed, then what comes, as server-sent events.

use super::{event, hub::Subscription};
use actix_web::web::Bytes;
use ezw_actors::machine::Time;
use futures_util::{Stream, stream};
use std::{collections::VecDeque, convert::Infallible, time::Duration};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};
use tokio_util::sync::CancellationToken;

/// Between signs of life on a quiet stream.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// First of all: come back after two seconds.
const RETRY: &[u8] = b"retry: 2000\n\n";
const COMMENT: &[u8] = b": alive\n\n";

struct Client {
    subscription: Subscription,
    /// The process was asked to stop: an open stream would hold it up until its patience ends.
    stopping: CancellationToken,
    waiting: VecDeque<Bytes>,
    /// The last number this client has, shown or not meant for it.
    after: i64,
    heartbeat: Interval,
    ends_at: Instant,
    closing: bool,
}

/// The frames of `subscription`, until its member may not see anything any more, its token ends, it falls too far
/// behind, or the process stops.
pub fn frames(
    subscription: Subscription,
    token_ends_at: Time,
    stopping: CancellationToken,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let left = (token_ends_at - subscription.clock.now()).to_std().unwrap_or_default();
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut client = Client {
        after: subscription.replay.after,
        waiting: VecDeque::from([Bytes::from_static(RETRY)]),
        heartbeat,
        ends_at: Instant::now() + left,
        closing: false,
        stopping,
        subscription,
    };
    client.queue_missed();
    stream::unfold(client, |mut client| async move {
        let frame = client.next().await?;
        Some((Ok(frame), client))
    })
}

impl Client {
    fn queue_missed(&mut self) {
        let replay = &mut self.subscription.replay;
        let access = self.subscription.access.borrow_and_update().clone();
        let missed = std::mem::take(&mut replay.missed);
        self.waiting
            .extend(missed.into_iter().filter(|event| event.is_for(&access)).map(|event| event.frame));
        if replay.gap {
            self.waiting.push_back(event::gap(replay.after, self.subscription.clock.now()));
        }
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(frame);
            }
            if self.closing {
                return None;
            }
            self.wait().await;
        }
    }

    async fn wait(&mut self) {
        let subscription = &mut self.subscription;
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => self.closing = true,
            () = subscription.shutdown.cancelled() => self.closing = true,
            () = tokio::time::sleep_until(self.ends_at) => self.closing = true,
            changed = subscription.access.changed() => {
                self.closing = changed.is_err() || !subscription.access.borrow_and_update().active;
            }
            event = subscription.events.recv() => match event {
                Ok(event) if event.seq > self.after => {
                    self.after = event.seq;
                    if event.is_for(&subscription.access.borrow()) {
                        self.waiting.push_back(event.frame.clone());
                    }
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.drop_slow(),
                Err(RecvError::Closed) => self.closing = true,
            },
            _ = self.heartbeat.tick() => self.waiting.push_back(Bytes::from_static(COMMENT)),
        }
    }

    /// Too far behind to catch up here: told so, and sent away to come back.
    fn drop_slow(&mut self) {
        self.waiting.push_back(event::gap(self.after, self.subscription.clock.now()));
        self.closing = true;
    }
}
