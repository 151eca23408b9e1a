//! What the state of an organization's billing allows.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// The state of billing, as the row says it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumIter,
    EnumString,
    IntoStaticStr,
    Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BillingState {
    /// Signed up, never paid.
    Pending,
    /// In order.
    Active,
    /// Late, still served.
    PastDue,
    /// Stopped for not paying.
    Restricted,
    /// Ended.
    Canceled,
}

/// What the state allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingPolicy {
    /// Lines may be paired.
    pub can_pair: bool,
    /// Replies may be sent; lines run only then.
    pub can_send: bool,
    /// Members may be invited.
    pub can_invite: bool,
}

impl BillingState {
    /// As the row says it; an organization without a row has never paid.
    #[must_use]
    pub fn read(word: Option<&str>) -> Self {
        word.and_then(|word| word.parse().ok()).unwrap_or(Self::Pending)
    }

    /// The policy of this state.
    #[must_use]
    pub fn policy(self) -> BillingPolicy {
        let (can_pair, can_send, can_invite) = match self {
            Self::Pending => (false, false, true),
            Self::Active => (true, true, true),
            Self::PastDue => (false, true, false),
            Self::Restricted | Self::Canceled => (false, false, false),
        };
        BillingPolicy { can_pair, can_send, can_invite }
    }
}
