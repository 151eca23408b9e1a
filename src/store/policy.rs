//! The whole matrix of who may do what, as data. Pure: `allow` answers without a look-up whether a role ever may;
//! `reach` says which objects it may do it to, and `reaches_conversation` applies that to rows read elsewhere.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a member is in their organization.
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
pub enum Role {
    /// May do everything.
    Owner,
    /// May do everything but touch owners.
    Admin,
    /// Answers customers.
    Agent,
}

/// What can be asked for by a workspace user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, IntoStaticStr, Display)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// Who am I.
    ReadSession,
    /// Lists of lines, one line, its timeline.
    SeeLines,
    /// Create, rename, archive, stop, wakeup, default assignee.
    ManageLines,
    /// QR, pairing code, passkey; needs a verified e-mail address besides.
    PairLines,
    /// Read and rotate a line's API token.
    ManageLineTokens,
    /// Who may see and send from a line.
    ManageLinePermissions,
    /// Conversations, their messages, notes and media.
    ReadInbox,
    /// Notes and contact names.
    WriteInbox,
    /// Take a conversation.
    Claim,
    /// Give a conversation to somebody, or nobody.
    Assign,
    /// Queue a reply.
    Send,
    /// Settle a reply whose outcome is not known.
    Resolve,
    /// See who is in the organization.
    ListMembers,
    /// Invite, change a role, disable.
    ManageMembers,
    /// Read what happened.
    ReadAudit,
    /// Read billing, start its recovery.
    Billing,
    /// Open the live stream; what it carries is filtered per event.
    Stream,
}

/// Which objects of the organization a role may do something to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// None: refused without a look-up.
    Nothing,
    /// All of them.
    All,
    /// Those of lines where the caller has this right.
    Lines(Right),
    /// Conversations of such lines, if they are assigned like this.
    Conversations(Right, Holder),
}

/// A right on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// `canView`.
    View,
    /// `canSend`; it includes view.
    Send,
}

/// Who may have a conversation for the caller to touch it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// The caller.
    Caller,
    /// Nobody, or the caller.
    NobodyOrCaller,
}

/// An agent's rights on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRights {
    /// May see the line and its unassigned conversations.
    pub view: bool,
    /// May send from it.
    pub send: bool,
}

/// Whether `role` ever may do `action`.
#[must_use]
pub fn allow(role: Role, action: Action) -> bool {
    reach(role, action) != Reach::Nothing
}

/// The matrix.
#[must_use]
pub fn reach(role: Role, action: Action) -> Reach {
    match role {
        Role::Owner | Role::Admin => Reach::All,
        Role::Agent => agent_reach(action),
    }
}

fn agent_reach(action: Action) -> Reach {
    match action {
        Action::ReadSession | Action::ListMembers | Action::Stream => Reach::All,
        Action::SeeLines => Reach::Lines(Right::View),
        Action::ReadInbox | Action::WriteInbox => Reach::Conversations(Right::View, Holder::NobodyOrCaller),
        Action::Claim => Reach::Conversations(Right::View, Holder::Nobody),
        Action::Assign => Reach::Conversations(Right::View, Holder::Caller),
        Action::Send | Action::Resolve => Reach::Conversations(Right::Send, Holder::NobodyOrCaller),
        Action::ManageLines
        | Action::PairLines
        | Action::ManageLineTokens
        | Action::ManageLinePermissions
        | Action::ManageMembers
        | Action::ReadAudit
        | Action::Billing => Reach::Nothing,
    }
}

/// A member in front of a line, as the rows say.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Who.
    pub user: Uuid,
    /// Their role; none when they are no member.
    pub role: Option<&'a str>,
    /// Whether they are active.
    pub status: Option<&'a str>,
    /// Their rights on the line.
    pub rights: LineRights,
}

/// Why a member may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// They are not active any more.
    MembershipInactive,
    /// What they do not see is not there for them.
    NotFound,
    /// They see it, and may not.
    Forbidden,
    /// The row names no role.
    NoRole(String),
}

impl Member<'_> {
    /// Whether they may do this to a conversation that `holder` has.
    ///
    /// # Errors
    /// Why not.
    pub fn may(self, action: Action, holder: Option<Uuid>) -> Result<(), Denied> {
        if self.status != Some("active") {
            return Err(Denied::MembershipInactive);
        }
        let named = self.role.unwrap_or_default();
        let role: Role = named.parse().map_err(|_| Denied::NoRole(named.to_owned()))?;
        let reaches = |action| reaches_conversation(reach(role, action), self.rights, self.user, holder);
        match (reaches(Action::ReadInbox), reaches(action)) {
            (false, _) => Err(Denied::NotFound),
            (true, false) => Err(Denied::Forbidden),
            (true, true) => Ok(()),
        }
    }
}

/// Whether an action needs the caller's e-mail address to be verified.
#[must_use]
pub fn needs_verified_email(action: Action) -> bool {
    action == Action::PairLines
}

/// Whether `reach` covers a conversation held by `holder` on a line on which the caller has `rights`.
#[must_use]
pub fn reaches_conversation(reach: Reach, rights: LineRights, caller: Uuid, holder: Option<Uuid>) -> bool {
    let held = |wanted| match wanted {
        Holder::Nobody => holder.is_none(),
        Holder::Caller => holder == Some(caller),
        Holder::NobodyOrCaller => holder.is_none_or(|holder| holder == caller),
    };
    match reach {
        Reach::Nothing => false,
        Reach::All => true,
        Reach::Lines(right) => has(right, rights),
        Reach::Conversations(right, wanted) => has(right, rights) && held(wanted),
    }
}

fn has(right: Right, rights: LineRights) -> bool {
    match right {
        Right::View => rights.view,
        Right::Send => rights.view && rights.send,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator as _;

    const ME: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);
    const DEFAULT: LineRights = LineRights { view: true, send: true };

    #[test]
    fn owners_and_admins_reach_everything() {
        for action in Action::iter() {
            for role in [Role::Owner, Role::Admin] {
                assert_eq!(reach(role, action), Reach::All, "{role} {action}");
            }
        }
    }

    #[test]
    fn an_agent_never_manages() {
        let never: Vec<_> = Action::iter().filter(|action| !allow(Role::Agent, *action)).collect();
        let expected = [
            Action::ManageLines,
            Action::PairLines,
            Action::ManageLineTokens,
            Action::ManageLinePermissions,
            Action::ManageMembers,
            Action::ReadAudit,
            Action::Billing,
        ];
        assert_eq!(never, expected);
    }

    /// The rows of the contract's table for an agent: action, then who may hold the conversation (nobody, me, other),
    /// then whether view alone is enough.
    #[test]
    fn an_agent_reaches_conversations_as_the_contract_says() {
        let rows = [
            (Action::ReadInbox, [true, true, false], true),
            (Action::WriteInbox, [true, true, false], true),
            (Action::Claim, [true, false, false], true),
            (Action::Assign, [false, true, false], true),
            (Action::Send, [true, true, false], false),
            (Action::Resolve, [true, true, false], false),
        ];
        let view_only = LineRights { view: true, send: false };
        for (action, held, view_is_enough) in rows {
            for (holder, expected) in [None, Some(ME), Some(OTHER)].into_iter().zip(held) {
                let it = reach(Role::Agent, action);
                let reaches = |rights| reaches_conversation(it, rights, ME, holder);
                assert_eq!(reaches(DEFAULT), expected, "{action} {holder:?}");
                assert_eq!(reaches(view_only), expected && view_is_enough, "{action} {holder:?} view only");
                assert!(!reaches(LineRights { view: false, send: false }), "{action} {holder:?} hidden");
            }
        }
    }

    #[test]
    fn only_pairing_needs_a_verified_address() {
        let needing: Vec<_> = Action::iter().filter(|action| needs_verified_email(*action)).collect();
        assert_eq!(needing, [Action::PairLines]);
    }
}
