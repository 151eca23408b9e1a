//! Whose rows a store function may touch: its first argument, always.

use ezw_actors::id::OrganizationId;

/// One organization's rows and no others. Made by authentication, or by a row that names its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrgScope {
    /// The tenant.
    pub organization: OrganizationId,
}

impl OrgScope {
    /// The scope of `organization`.
    #[must_use]
    pub fn of(organization: OrganizationId) -> Self {
        Self { organization }
    }
}
