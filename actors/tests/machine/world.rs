//! A line with its rows and its provider, shrunk to what the machine can tell apart, and the laws checked at each step.

use super::{samples, view_table};
use chrono::TimeDelta;
use ezw_actors::{
    Timings,
    command::{PairAdmission, Situation, WakeupBy, WakeupOutcome, admit_pair, admit_wakeup},
    id::{CommandId, Generation},
    lines::Evidence,
    machine::{
        Decision, Effect, Event, Facts, History, LineState, Moment, News, Overlay, Owner, Purpose,
        StartFacts, StateName, Time, decide, view,
    },
    port::{CredentialChange, Desired, Orders},
};
use uuid::Uuid;

/// What may happen next. The number chooses among the kinds of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// What a working world would do.
    Progress,
    /// The session says something.
    News(usize),
    /// An older session says something.
    OldNews(usize),
    /// The session could not be opened.
    Unreachable,
    /// A permit.
    Permit,
    /// Time passes up to the deadline; signs of life or none.
    Deadline(bool),
    /// A little time passes without a sign of life.
    Silence,
    /// A long healthy time passes.
    Healthy,
    /// The pair command ends.
    PairEnds,
    /// The number turns out to be on another line.
    PhoneInUse,
    /// Orders.
    Orders(u8),
    /// The node lets the line go.
    Release,
    /// The actor dies.
    Die,
    /// A person asks to pair.
    Pair,
    /// A wakeup by an operator, or through health.
    Wakeup(bool),
}

/// Counted once: a test that runs steps makes sure.
const KINDS_OF_NEWS: usize = 21;

/// Every step there is.
pub(crate) fn steps() -> Vec<Step> {
    let mut all = vec![
        Step::Progress,
        Step::Unreachable,
        Step::Permit,
        Step::Deadline(true),
        Step::Deadline(false),
        Step::Silence,
        Step::Healthy,
        Step::PairEnds,
        Step::PhoneInUse,
        Step::Orders(0),
        Step::Orders(1),
        Step::Orders(2),
        Step::Orders(4),
        Step::Release,
        Step::Die,
        Step::Pair,
        Step::Wakeup(true),
        Step::Wakeup(false),
    ];
    all.extend((0..KINDS_OF_NEWS).map(Step::News));
    all.extend([0, 4, 8].map(Step::OldNews));
    all
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) state: LineState,
    pub(crate) history: History,
    pub(crate) phone: Option<String>,
    pub(crate) account: bool,
    pub(crate) generation: Generation,
    /// The session that is open at the provider.
    pub(crate) session: Option<Generation>,
    pub(crate) pair: Option<CommandId>,
    pub(crate) wakeup: Option<bool>,
    pub(crate) orders: Orders,
    pub(crate) desired: Desired,
    pub(crate) due: Option<Time>,
    pub(crate) owned: bool,
    died: bool,
    commands: u128,
    pub(crate) now: Time,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            state: LineState::Created,
            history: History::default(),
            phone: None,
            account: false,
            generation: Generation(0),
            session: None,
            pair: None,
            wakeup: None,
            orders: Orders::default(),
            desired: Desired::Stopped,
            due: Some(samples::now()),
            owned: false,
            died: false,
            commands: 0,
            now: samples::now(),
        }
    }

    pub(crate) fn step(&mut self, step: Step) {
        self.now += TimeDelta::seconds(1);
        match step {
            Step::Pair => self.ask_to_pair(),
            Step::Wakeup(operator) => self.ask_to_wake(operator),
            Step::Orders(bits) => self.order(bits),
            Step::Die => self.die(),
            Step::Progress => self.progress(),
            Step::PairEnds => {
                if self.pair.take().is_some() && self.owned && self.state.pairing().is_some() {
                    self.feed(&Event::PairEnded);
                }
            }
            Step::Deadline(_) | Step::Healthy if !self.owned => {
                self.now = self.state.deadline().unwrap_or(self.now).max(self.now) + TimeDelta::minutes(10);
            }
            _ if !self.owned => {}
            Step::Deadline(alive) => {
                self.now = self.state.deadline().unwrap_or(self.now).max(self.now);
                let evidence = if alive { samples::alive(self.now) } else { Evidence::default() };
                self.feed(&Event::Tick(evidence));
            }
            Step::Silence => {
                let silent = samples::alive(self.now - TimeDelta::seconds(61));
                self.feed(&Event::Tick(silent));
            }
            Step::Healthy => {
                self.now += TimeDelta::seconds(700);
                self.feed(&Event::Tick(samples::alive(self.now)));
            }
            Step::News(which) => self.told(which),
            Step::OldNews(which) => {
                let generation = Generation(self.generation.0 - 1);
                self.feed(&Event::Session { generation, news: news(which) });
            }
            Step::Unreachable => {
                self.session = None;
                self.feed(&Event::Unreachable { generation: self.generation });
            }
            Step::Permit => self.feed(&Event::Permit),
            Step::PhoneInUse => {
                // Only an attempt to pair can find that out.
                if self.state.pairing().is_some() && self.session.is_some() {
                    self.feed(&Event::PairRefused {
                        why: ezw_actors::port::PairRefusal::PhoneInUse,
                        credentials: ezw_actors::port::Credentials(vec![1]),
                    });
                    assert!(
                        self.state.pairing().is_none(),
                        "a number in use ends the attempt: {:?}",
                        self.state
                    );
                }
            }
            Step::Release => self.feed(&Event::Released),
        }
    }

    fn told(&mut self, which: usize) {
        let news = news(which);
        if self.session.is_none() {
            return;
        }
        if matches!(news, News::Closed(_)) {
            self.session = None;
        }
        self.feed(&Event::Session { generation: self.generation, news });
    }

    /// What comes next when nothing goes wrong.
    fn progress(&mut self) {
        if !self.owned {
            if self.desired == Desired::Stopped || self.due.is_none() {
                self.ask_to_pair();
            }
            return self.claim();
        }
        let session = |news| Event::Session { generation: self.generation, news };
        let event = match &self.state {
            LineState::Starting { .. } => return self.start(),
            LineState::WaitingPermit { .. } => Event::Permit,
            LineState::Connecting { purpose: Purpose::Resume, .. } => session(News::LoggedIn),
            LineState::Connecting { purpose: Purpose::Pair { .. }, .. } => {
                session(News::PairingQr(samples::qr(1)))
            }
            LineState::Pairing { .. } => session(samples::news()[4].1.clone()),
            LineState::Syncing { .. } => session(News::Ready),
            _ => return self.step(Step::Deadline(true)),
        };
        self.feed(&event);
    }

    fn overlay(&self) -> Overlay {
        Overlay {
            archived: self.orders.archived,
            stopped: self.orders.stopped,
            billing_restricted: self.orders.billing_restricted,
            owner: if self.owned { Owner::Alive } else { Owner::Gone },
        }
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            state: &self.state,
            overlay: self.overlay(),
            pair_open: self.pair.is_some(),
            wakeup_open: self.wakeup.is_some(),
            last_wakeup_at: None,
        }
    }

    fn ask_to_pair(&mut self) {
        if let PairAdmission::New { .. } = admit_pair(self.now, &self.situation()) {
            self.commands += 1;
            self.pair = Some(CommandId(Uuid::from_u128(self.commands)));
        }
    }

    fn ask_to_wake(&mut self, operator: bool) {
        let by = if operator { WakeupBy::Operator } else { WakeupBy::Health };
        let admission = admit_wakeup(self.now, by, &self.situation());
        if admission.clears_stop {
            self.orders.stopped = false;
        }
        if admission.outcome == WakeupOutcome::Queued {
            self.wakeup = Some(admission.resets_budget);
            if operator && self.phone.is_some() {
                self.desired = Desired::Running;
            }
            if admission.resets_budget && self.owned && matches!(self.state, LineState::Reconnecting { .. }) {
                self.feed(&Event::Woken);
                assert_eq!(self.state.name(), StateName::WaitingPermit);
            }
        }
    }

    fn order(&mut self, bits: u8) {
        let archived = self.orders.archived || bits & 1 != 0;
        let orders = Orders { archived, stopped: bits & 2 != 0, billing_restricted: bits & 4 != 0 };
        self.orders = orders;
        if archived || orders.stopped {
            self.desired = Desired::Stopped;
        }
        if archived {
            (self.pair, self.wakeup) = (None, None);
        }
        if self.owned {
            self.feed(&Event::Ordered(orders));
        }
    }

    /// The actor is gone; so is its session. The node takes the line again, or another does.
    fn die(&mut self) {
        if self.owned {
            self.session = None;
            self.owned = false;
            self.died = true;
            self.history = self.history.died(Timings::REAL.healthy, self.now);
            self.take();
        }
    }

    fn claim(&mut self) {
        if self.orders.archived {
            // Only to unlink the number of a line that nobody owned when it was archived.
            if self.account {
                self.died = false;
                self.take();
            }
            return;
        }
        let asked = self.pair.is_some() || self.wakeup.is_some();
        if self.orders.any() || !(asked || self.desired == Desired::Running) {
            return;
        }
        if !asked {
            let Some(due) = self.due else { return };
            self.now = self.now.max(due);
        }
        self.died = false;
        self.take();
    }

    fn take(&mut self) {
        let from = match std::mem::replace(&mut self.state, LineState::Created) {
            LineState::Starting { from, .. } => from,
            other => Box::new(other),
        };
        self.state = LineState::Starting { from, deadline: self.now + TimeDelta::seconds(45) };
        self.owned = true;
    }

    fn start(&mut self) {
        let facts = StartFacts {
            has_credentials: self.account,
            orders: self.orders,
            pair: self.pair.map(|command| (command, None)),
            reset_budget: self.wakeup == Some(true),
            died: self.died,
            late: false,
            lived_until: None,
        };
        self.feed(&Event::Started(facts));
    }

    fn feed(&mut self, event: &Event) {
        let facts = Facts {
            history: &self.history,
            phone_number: self.phone.as_deref(),
            generation: self.generation,
            moment: Moment { now: self.now, jitter: 0.5 },
            grant_at: self.now,
            timings: &Timings::REAL,
        };
        let decision = decide(&self.state, &facts, event);
        self.check(event, &decision);
        self.adopt(decision);
    }

    fn check(&self, event: &Event, decision: &Decision) {
        let told_by = match event {
            Event::Session { generation, .. } | Event::Unreachable { generation } => Some(*generation),
            _ => None,
        };
        if told_by.is_some_and(|theirs| self.state.generation() != Some(theirs)) {
            let unwanted = matches!(event, Event::Session { news: News::Paired { .. }, .. });
            let unlinks = |effect: &Effect| unwanted && matches!(effect, Effect::Unlink(_));
            assert!(
                !decision.writes(&self.state, &self.history) && decision.effects.iter().all(unlinks),
                "stale {event:?} did something"
            );
        }
        let next = &decision.next;
        assert!(
            decision.changes.release.is_none()
                || !next.needs_owner()
                || next.name() == StateName::Reconnecting,
            "let go as {next:?}"
        );
        assert!(
            decision.changes.release.is_some() || next.needs_owner(),
            "an owner rests on {next:?} without letting go, on {event:?}"
        );
        self.check_pairing_ends(event, decision);
        if let (LineState::LoggedOut { .. }, false) = (next, self.account_after(decision)) {
            assert_ne!(self.desired_after(decision), Desired::Running, "logged out, yet to run");
        }
        if let (LineState::Starting { from, .. }, LineState::WaitingPermit { purpose: Purpose::Resume, .. }) =
            (&self.state, next)
        {
            let waits = from.deadline().is_none()
                && matches!(from.name(), StateName::Replaced | StateName::Locked | StateName::Banned);
            assert!(!waits || self.wakeup == Some(true), "only a person leads on from {from:?}");
        }
        // Only an owner that says so may turn a pause that ends by itself into one that needs a person.
        if let (LineState::Starting { from, .. }, Event::Released) = (&self.state, event)
            && !from.needs_owner()
        {
            assert_eq!(next, &**from, "a line that was claimed and let go is what it was");
        }
    }

    fn check_pairing_ends(&self, event: &Event, decision: &Decision) {
        let Some(pairing) = self.state.pairing() else { return };
        let goes_on = decision.next.pairing().is_some_and(|next| next.command == pairing.command);
        let settled = decision.changes.settle.iter().any(|settle| settle.command == pairing.command);
        let by_others = matches!(event, Event::Released | Event::PairEnded);
        assert!(goes_on || settled || by_others, "{event:?} left the pair command open: {:?}", decision.next);
        assert!(!(goes_on && settled), "settled though it goes on");
    }

    fn account_after(&self, decision: &Decision) -> bool {
        match decision.changes.credentials {
            Some(CredentialChange::Keep(_)) => true,
            Some(CredentialChange::Drop) => false,
            None => self.account,
        }
    }

    fn desired_after(&self, decision: &Decision) -> Desired {
        decision.changes.desired.unwrap_or(self.desired)
    }

    fn adopt(&mut self, decision: Decision) {
        self.account = self.account_after(&decision);
        if !self.orders.stopped && !self.orders.archived {
            self.desired = self.desired_after(&decision);
        }
        for settle in &decision.changes.settle {
            self.pair = self.pair.filter(|open| *open != settle.command);
        }
        if decision.changes.settle_wakeups.is_some() {
            self.wakeup = None;
        }
        if decision.changes.phone_number.is_some() {
            self.phone.clone_from(&decision.changes.phone_number);
        }
        if let Some(generation) = decision.changes.generation {
            assert_eq!(generation, self.generation.next(), "generations grow by one");
            self.generation = generation;
        }
        for effect in &decision.effects {
            match effect {
                Effect::Open { generation, fresh } => {
                    assert_eq!(self.session, None, "opened beside an open session");
                    assert!(*fresh || self.account, "opened without an account");
                    self.session = Some(*generation);
                }
                Effect::Close | Effect::Logout | Effect::Unlink(_) => self.session = None,
                _ => {}
            }
        }
        if let Some(due) = decision.changes.release {
            assert_eq!(self.session, None, "let go with an open session: {:?}", decision.next);
            self.owned = false;
            self.due = due;
        }
        self.state = decision.next;
        self.history = decision.history;
        self.laws();
    }

    /// What holds at every moment.
    fn laws(&self) {
        if let LineState::LoggedOut { .. } = self.state {
            assert!(!self.account, "an account kept after logging out");
        }
        let open = matches!(
            self.state.name(),
            StateName::Syncing
                | StateName::Connected
                | StateName::Degraded
                | StateName::Throttled
                | StateName::Restricted
        );
        assert!(!open || self.phone.is_some(), "open without a number");
        let overlay = self.overlay();
        view_table::check(&view(&self.state, overlay), overlay);
    }

    /// The state and the history read back from the row are the same.
    pub(crate) fn round_trip(&self) {
        let row = serde_json::to_string(&self.state).unwrap();
        assert_eq!(serde_json::from_str::<LineState>(&row).unwrap(), self.state, "{row}");
        let history = serde_json::to_string(&self.history).unwrap();
        assert_eq!(serde_json::from_str::<History>(&history).unwrap(), self.history, "{history}");
    }
}

fn news(which: usize) -> News {
    thread_local! {
        static NEWS: Vec<News> = samples::news().into_iter().map(|(_, news)| news).collect();
    }
    NEWS.with(|all| all[which % all.len()].clone())
}
