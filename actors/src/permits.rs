//! The connect budget: so many connects a second for the whole fleet, of which this process has its share. A fleet
//! that lost its network comes back in order instead of in a storm that gets numbers banned.
//!
//! Turns are evenly spaced and none is saved up. Organizations take turns, and the lines of one are first come, first
//! served: a tenant with a thousand lines does not hold up one with two. Who waits never times out.

use crate::{id::OrganizationId, machine::Time};
use chrono::TimeDelta;
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};

/// Connects that bunch up on their way from the permit to the socket are drawn apart to this share of the spacing, so
/// that no second sees more than a tenth above the budget.
const PACE: f64 = 1.0 / 1.1;

/// Hands out turns.
#[derive(Debug)]
pub(crate) struct Permits {
    /// Connects a second, of the whole fleet.
    budget: u32,
    /// Live processes that share it.
    nodes: AtomicU32,
    queue: Mutex<Queue>,
    /// When the last socket opened; first come, first served.
    gate: tokio::sync::Mutex<Option<Instant>>,
    asked: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: HashMap<OrganizationId, VecDeque<oneshot::Sender<()>>>,
    /// Organizations that wait, in the order of their turns.
    order: VecDeque<OrganizationId>,
    count: usize,
    next_turn: Option<Instant>,
}

impl Permits {
    /// `budget` connects a second in the fleet, at least one.
    #[must_use]
    pub(crate) fn new(budget: u32) -> Self {
        Self {
            budget: budget.max(1),
            nodes: AtomicU32::new(1),
            queue: Mutex::default(),
            gate: tokio::sync::Mutex::default(),
            asked: Notify::new(),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many live processes share the budget from now on.
    pub(crate) fn share(&self, nodes: u32) {
        self.nodes.store(nodes.max(1), Ordering::Relaxed);
    }

    /// At least one a second, whatever the number of processes: a fleet that connects nothing helps nobody.
    fn spacing(&self) -> Duration {
        let share = f64::from(self.budget) / f64::from(self.nodes.load(Ordering::Relaxed));
        Duration::from_secs_f64(1.0 / share.max(1.0))
    }

    /// How many wait for their turn.
    #[must_use]
    pub(crate) fn waiting(&self) -> usize {
        self.queue().count
    }

    /// When a turn could be expected that is asked for now.
    #[must_use]
    pub(crate) fn expected(&self, now: Time) -> Time {
        let queue = self.queue();
        let ahead = u32::try_from(queue.count).unwrap_or(u32::MAX);
        let until_next =
            queue.next_turn.map_or(Duration::ZERO, |turn| turn.saturating_duration_since(Instant::now()));
        drop(queue);
        let wait = until_next.saturating_add(self.spacing().saturating_mul(ahead));
        now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX / 2)
    }

    /// Waits for a turn. Who stops waiting uses up none.
    pub(crate) async fn wait(&self, organization: OrganizationId) {
        let (turn, granted) = oneshot::channel();
        {
            let mut queue = self.queue();
            let line = queue.waiting.entry(organization).or_default();
            line.push_back(turn);
            if line.len() == 1 {
                queue.order.push_back(organization);
            }
            queue.count += 1;
        }
        self.asked.notify_one();
        // Only a process that ends drops the queue.
        let _ = granted.await;
    }

    /// Waits until the socket may open: granted turns keep their distance also when a busy machine let them bunch up.
    /// Counted from when the one before really went: instants that were handed out ahead would all pass in a stall.
    pub(crate) async fn pace(&self) {
        let mut last = self.gate.lock().await;
        if let Some(at) = *last {
            tokio::time::sleep_until(at + self.spacing().mul_f64(PACE)).await;
        }
        *last = Some(Instant::now());
    }

    /// Grants turns, as long as the process runs.
    pub(crate) async fn grant(&self) {
        loop {
            let turn = { self.queue().next_turn };
            if let Some(turn) = turn {
                tokio::time::sleep_until(turn).await;
            }
            if self.grant_next(Instant::now()) {
                continue;
            }
            self.asked.notified().await;
        }
    }

    /// Grants the next turn; false when nobody waits.
    fn grant_next(&self, now: Instant) -> bool {
        let spacing = self.spacing();
        let mut queue = self.queue();
        while let Some(waiter) = queue.pop() {
            if waiter.send(()).is_ok() {
                let due = queue.next_turn.map_or(now, |turn| turn.max(now));
                queue.next_turn = Some(due + spacing);
                return true;
            }
        }
        false
    }
}

impl Queue {
    /// The first of the organization whose turn it is, which then goes to the end of the order.
    fn pop(&mut self) -> Option<oneshot::Sender<()>> {
        let organization = self.order.pop_front()?;
        let line = self.waiting.get_mut(&organization)?;
        let waiter = line.pop_front();
        if line.is_empty() {
            self.waiting.remove(&organization);
        } else {
            self.order.push_back(organization);
        }
        self.count -= usize::from(waiter.is_some());
        waiter
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::task::JoinSet;
    use uuid::Uuid;

    fn organization(number: u128) -> OrganizationId {
        OrganizationId(Uuid::from_u128(number))
    }

    /// Who asked, in the order of the grants, and when each came.
    async fn granted(permits: &Arc<Permits>, asking: &[u128]) -> (Vec<u128>, Vec<u128>) {
        let start = Instant::now();
        let mut waits = JoinSet::new();
        for &who in asking {
            let held = Arc::clone(permits);
            waits.spawn(async move {
                held.wait(organization(who)).await;
                (start.elapsed().as_millis(), who)
            });
            tokio::task::yield_now().await;
        }
        let grants = Arc::clone(permits);
        let mut got = tokio::select! {
            got = waits.join_all() => got,
            () = grants.grant() => Vec::new(),
        };
        got.sort_unstable();
        got.into_iter().map(|(at, who)| (who, at)).unzip()
    }

    #[tokio::test(start_paused = true)]
    async fn organizations_take_turns_and_turns_are_evenly_spaced() {
        let permits = Arc::new(Permits::new(20));
        let (order, at) = granted(&permits, &[1, 1, 1, 1, 2, 2]).await;
        assert_eq!(order, [1, 2, 1, 2, 1, 1]);
        assert_eq!(at, [0, 50, 100, 150, 200, 250]);
        tokio::time::sleep(Duration::from_secs(60)).await;
        let (_, at) = granted(&permits, &[1, 1]).await;
        assert_eq!(at, [0, 50], "a pause saves up no turns");
    }

    #[tokio::test(start_paused = true)]
    async fn the_budget_is_shared_among_the_nodes_and_never_less_than_one_a_second() {
        let permits = Arc::new(Permits::new(20));
        permits.share(4);
        assert_eq!(granted(&permits, &[1, 1]).await.1, [0, 200]);
        permits.share(1_000);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(granted(&permits, &[1, 1]).await.1, [0, 1_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_uses_up_no_turn() {
        let permits = Arc::new(Permits::new(20));
        {
            let gone = permits.wait(organization(1));
            tokio::pin!(gone);
            assert!(futures_util::poll!(gone.as_mut()).is_pending());
        }
        assert_eq!(permits.waiting(), 1);
        let (order, at) = granted(&permits, &[2, 3]).await;
        assert_eq!((order, at), (vec![2, 3], vec![0, 50]));
        assert_eq!(permits.waiting(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_expected_is_what_comes() {
        let permits = Arc::new(Permits::new(20));
        let now = Time::UNIX_EPOCH;
        assert_eq!(permits.expected(now), now);
        granted(&permits, &[1]).await;
        assert_eq!(permits.expected(now), now + TimeDelta::milliseconds(50));
    }

    #[tokio::test(start_paused = true)]
    async fn sockets_that_bunch_up_are_drawn_apart() {
        let permits = Permits::new(20);
        let start = Instant::now();
        for _ in 0..23 {
            permits.pace().await;
        }
        let fastest = start.elapsed();
        assert!(fastest >= Duration::from_millis(990), "{fastest:?} for 23 connects");
    }
}
