//! The table of `line.md` as data: what a client may ever see.

use ezw_actors::machine::{
    Lifecycle as L, NextAction, Overlay, Owner, Reason as R, SendState as S, Status as St, UserAction, View,
};

pub(crate) type Row = (St, L, S, Option<R>);

pub(crate) const TABLE: &[Row] = &[
    (St::Stop, L::Created, S::Blocked, Some(R::NotPaired)),
    (St::Init, L::Starting, S::Paused, Some(R::Starting)),
    (St::Launch, L::Reconnecting, S::Paused, Some(R::ConnectBudget)),
    (St::Launch, L::Connecting, S::Paused, Some(R::Connecting)),
    (St::Launch, L::Syncing, S::Paused, Some(R::Syncing)),
    (St::Qr, L::Pairing, S::Blocked, Some(R::Pairing)),
    (St::Qr, L::Pairing, S::Blocked, Some(R::PairingCode)),
    (St::Qr, L::Pairing, S::Blocked, Some(R::PairingPasskey)),
    (St::Stop, L::PairingExpired, S::Blocked, Some(R::PairingExpired)),
    (St::Auth, L::Connected, S::Sendable, None),
    (St::Auth, L::Degraded, S::Paused, Some(R::NoProofOfLife)),
    (St::Auth, L::Throttled, S::Paused, Some(R::RateLimited)),
    (St::Auth, L::Restricted, S::ReplyOnly, Some(R::Timelock)),
    (St::Launch, L::Reconnecting, S::Paused, Some(R::Reconnecting)),
    (St::Launch, L::Reconnecting, S::Paused, Some(R::ProviderUnreachable)),
    (St::Launch, L::Orphaned, S::Paused, Some(R::NoOwner)),
    (St::Error, L::Replaced, S::Blocked, Some(R::Replaced)),
    (St::Stop, L::LoggedOut, S::Blocked, Some(R::LoggedOut)),
    (St::Stop, L::LoggedOut, S::Blocked, Some(R::PhoneMismatch)),
    (St::Stop, L::LoggedOut, S::Blocked, Some(R::PhoneInUse)),
    (St::Error, L::Locked, S::Blocked, Some(R::Locked)),
    (St::Error, L::Banned, S::Blocked, Some(R::TemporarilyBanned)),
    (St::Error, L::Banned, S::Blocked, Some(R::Banned)),
    (St::Error, L::Failed, S::Blocked, Some(R::ClientOutdated)),
    (St::Error, L::Failed, S::Blocked, Some(R::RestartBudgetSpent)),
    (St::Error, L::Failed, S::Blocked, Some(R::StartTimeout)),
    (St::Error, L::Failed, S::Blocked, Some(R::Poison)),
    (St::Stop, L::Stopped, S::Blocked, Some(R::Stopped)),
    (St::Stop, L::Stopped, S::Blocked, Some(R::BillingRestricted)),
    (St::Stop, L::Archived, S::Blocked, Some(R::Archived)),
];

pub(crate) const OWNERS: [Owner; 4] = [Owner::Gone, Owner::Alive, Owner::Here, Owner::HereStale];

/// Every overlay there is.
pub(crate) fn overlays() -> impl Iterator<Item = Overlay> {
    (0..32_u8).map(overlay)
}

pub(crate) fn overlay(number: u8) -> Overlay {
    Overlay {
        archived: number & 1 != 0,
        stopped: number & 2 != 0,
        billing_restricted: number & 4 != 0,
        owner: OWNERS[usize::from(number >> 3) % 4],
    }
}

/// The laws that every view keeps, whatever state it is of.
pub(crate) fn check(view: &View, overlay: Overlay) {
    let row = (view.status, view.lifecycle, view.send, view.reason);
    assert!(TABLE.contains(&row), "outside the table: {row:?} under {overlay:?}");
    assert_eq!(view.sendable(), view.send == S::Sendable);
    assert!(view.status == St::Auth || !view.reply_sendable(), "only AUTH may send: {view:?}");
    assert_eq!(view.reason.is_none(), view.sendable(), "a reason unless sendable");
    assert!(!view.sendable() || overlay.owner != Owner::HereStale, "sendable past staleAfter");
    let settled = matches!(view.lifecycle, L::Archived | L::Connected);
    let named = view.next != NextAction::None || view.user == UserAction::Pay;
    assert!(settled || view.deadline.is_some() || named, "nobody acts next: {view:?}");
    if let Some(until) = view.until {
        assert!(view.deadline.is_none_or(|deadline| deadline == until), "two ends: {view:?}");
    }
}
