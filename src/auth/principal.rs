//! The two kinds of callers, after their token was found good and their rows were read.

use super::policy::{Action, Role, needs_verified_email};
use crate::store::OrgScope;
use ezw_actors::{id::OrganizationId, machine::Time};
use serde::{Deserialize, Serialize};
use std::fmt;
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub Uuid);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a membership is in its life.
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
pub enum MembershipStatus {
    /// Asked to join.
    Invited,
    /// May work.
    Active,
    /// May do nothing any more.
    Disabled,
}

/// A workspace user with an active membership: the caller of every workspace endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub user: UserId,
    /// Their address, lower case.
    pub email: String,
    /// Whether they proved that it is theirs.
    pub email_verified: bool,
    /// What colleagues see.
    pub display_name: String,
    /// Their one organization.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// What they are in it.
    pub role: Role,
    /// When the token presented ends.
    pub expires_at: Time,
}

impl Principal {
    /// The rows this caller's organization owns.
    #[must_use]
    pub fn scope(&self) -> OrgScope {
        OrgScope::of(self.organization)
    }

    /// Whether the address is proved as far as `action` needs it.
    #[must_use]
    pub fn address_suffices(&self, action: Action) -> bool {
        self.email_verified || !needs_verified_email(action)
    }
}
