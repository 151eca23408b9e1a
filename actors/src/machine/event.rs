//! What can happen to a line.

use super::state::{Pairing, Time};
use crate::{
    id::Generation,
    lines::Evidence,
    port::{CloseClass, Credentials, Orders, PairRefusal, ShownCode, ShownPasskey, ShownQr},
};
use strum::{EnumDiscriminants, EnumIter, IntoEnumIterator as _, IntoStaticStr};

/// Everything a line answers to. Facts about messages are not here: they change no state.
#[derive(Clone, Debug, PartialEq, EnumDiscriminants)]
#[strum_discriminants(name(EventKind), vis(pub(self)), derive(EnumIter, IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
pub enum Event {
    /// The actor is loaded.
    Started(StartFacts),
    /// The connect budget grants a connect.
    Permit,
    /// The provider refused this client version to another line: it is not asked again.
    ClientRefused,
    /// The session could not be opened: nobody there.
    Unreachable {
        /// The session that was to be.
        generation: Generation,
    },
    /// A session tells something.
    Session {
        /// Which session.
        generation: Generation,
        /// What.
        news: News,
    },
    /// Time passed.
    Tick(Evidence),
    /// The pair command of this attempt is not open any more.
    PairEnded,
    /// Orders changed.
    Ordered(Orders),
    /// A person wants it to try now.
    Woken,
    /// The number that was paired cannot be the line's.
    PairRefused {
        /// Why.
        why: PairRefusal,
        /// The account that was paired.
        credentials: Credentials,
    },
    /// This process lets its lines go.
    Released,
}

/// What a session tells, as far as states care.
#[derive(Clone, Debug, PartialEq, EnumDiscriminants)]
#[strum_discriminants(name(NewsKind), vis(pub(self)), derive(EnumIter, IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
pub enum News {
    /// A code to scan.
    PairingQr(ShownQr),
    /// A code to type.
    PairingCode(ShownCode),
    /// A passkey to confirm.
    PasskeyRequired(ShownPasskey),
    /// All codes shown.
    PairingExhausted,
    /// Linked.
    Paired {
        /// The number.
        phone_number: String,
        /// The account.
        credentials: Credentials,
    },
    /// Linking failed.
    PairFailed {
        /// The provider's word for it.
        reason: String,
    },
    /// The account was accepted.
    LoggedIn,
    /// Sends are taken.
    Ready,
    /// Slow down.
    RateLimited {
        /// Until then, when told.
        until: Option<Time>,
    },
    /// No new contacts.
    Restricted {
        /// Until then, when told.
        until: Option<Time>,
    },
    /// Over.
    Closed(CloseClass),
}

/// What the rows say when an actor starts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StartFacts {
    /// There is a stored account.
    pub has_credentials: bool,
    /// Orders.
    pub orders: Orders,
    /// The open pair command: its id, and the number when it asks for a pairing code.
    pub pair: Option<(crate::id::CommandId, Option<String>)>,
    /// An operator's wakeup: budgets start anew.
    pub reset_budget: bool,
    /// The actor before this one died; its death is counted in the history.
    pub died: bool,
    /// The start before this one took too long.
    pub late: bool,
    /// When the owner before this one was last known to be alive, when that is past: what was healthy until then was
    /// not healthy while nobody was at work.
    pub lived_until: Option<Time>,
}

impl Event {
    /// The event's name, as `line_transitions` keeps it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Session { news, .. } => NewsKind::from(news).into(),
            other => EventKind::from(other).into(),
        }
    }
}

/// How a process comes by a line: the transition to `starting` that the rows make before there is an actor to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Taking {
    /// Nobody alive had it.
    Claimed,
    /// Its actor died here.
    Restarted,
}

/// Every name that the event of a transition can have: as `line_transitions` keeps it, and clients read it.
pub fn event_names() -> impl Iterator<Item = &'static str> {
    let own = EventKind::iter().filter(|kind| *kind != EventKind::Session).map(Into::into);
    own.chain(NewsKind::iter().map(Into::into)).chain(Taking::iter().map(Into::into))
}

/// The attempt to pair that `facts` ask for, from the resting state `before`.
pub(super) fn pairing(facts: &StartFacts, before: super::state::RestingState) -> Option<Pairing> {
    facts.pair.clone().map(|(command, code_for)| Pairing { command, code_for, before })
}
