//! Who reads. Owners and admins see all of their organization; an agent sees the lines where `canView` holds (it does
//! unless a permission row says otherwise), and of their conversations the unassigned ones and their own.

use uuid::Uuid;

/// The person for whom rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub user: Uuid,
    /// An owner or admin.
    pub sees_all: bool,
}
