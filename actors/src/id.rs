//! Names of things. A line's id never stands where an organization's is meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    };
}

id!(
    /// One WhatsApp number of an organization.
    LineId
);
id!(
    /// The tenant.
    OrganizationId
);
id!(
    /// A pair, wakeup or stop command: a row of `line_commands`.
    CommandId
);
id!(
    /// An account that is to be unlinked: a row of `unlinkings`.
    UnlinkingId
);
id!(
    /// A message of an inbox.
    MessageId
);
id!(
    /// A conversation of an inbox.
    ConversationId
);
id!(
    /// One run of one process. A restart is another incarnation.
    Incarnation
);

/// The assignment of a line to an actor: grows by one with every actor start, on whatever node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub i64);

/// One session with the provider: grows by one with every open, across epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub i64);

impl Generation {
    /// The generation of the next session.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What a writer must still hold for its intent to count: the epoch alone was seen handed out twice across an
/// asynchronous failover, so the incarnation goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The tenant of the line.
    pub organization: OrganizationId,
    /// The line.
    pub line: LineId,
    /// The process that owns it.
    pub owner: Incarnation,
    /// The start that owns it.
    pub epoch: Epoch,
}
