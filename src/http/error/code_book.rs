//! Every code with its status, its meaning and what the caller does about it: the table of the README.

use super::Code;
use strum::IntoEnumIterator as _;

/// One line of the code book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The word a program switches on.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened.
    pub meaning: &'static str,
    /// What the caller does.
    pub what_to_do: &'static str,
}

/// The whole code book, in the order of the statuses.
#[must_use]
pub fn code_book() -> Vec<Entry> {
    let mut entries: Vec<Entry> = Code::iter().map(Code::entry).collect();
    entries.sort_by_key(|entry| (entry.status, entry.code));
    entries
}

impl Code {
    pub(super) fn entry(self) -> Entry {
        let (status, meaning) = self.status_and_meaning();
        Entry { code: self.into(), status, meaning, what_to_do: self.what_to_do() }
    }

    /// The one place where a status is chosen.
    fn status_and_meaning(self) -> (u16, &'static str) {
        match self {
            Self::InvalidRequest => (400, "Invalid request"),
            Self::InvalidCode => (400, "Invalid code"),
            Self::InvalidMedia => (400, "Invalid media"),
            Self::BearerRequired => (401, "Bearer token required"),
            Self::InvalidToken => (401, "Invalid token"),
            Self::InvalidCredentials => (401, "Invalid credentials"),
            Self::MembershipInactive => (403, "Membership not active"),
            Self::Forbidden => (403, "Not allowed"),
            Self::BillingRestricted => (403, "Restricted by billing"),
            Self::EmailUnverified => (403, "E-mail address not verified"),
            Self::InvalidLink => (403, "Link not valid"),
            Self::LineSlotLimit => (403, "No line slot left"),
            Self::SeatLimit => (403, "No seat left"),
            Self::NotFound => (404, "Not found"),
            Self::MethodNotAllowed => (405, "Method not allowed"),
            Self::RequestTimeout => (408, "Body too slow"),
            Self::ChallengeRequired => (409, "Challenge required"),
            Self::AlreadySetUp => (409, "Already set up"),
            Self::LineNotSendable => (409, "Line not sendable"),
            Self::IdempotencyKeyReused => (409, "Idempotency key reused"),
            Self::VersionConflict => (409, "Version conflict"),
            Self::AlreadyAssigned => (409, "Already assigned"),
            Self::LineAlreadyPaired => (409, "Line already paired"),
            Self::CoolingDown => (409, "Cooling down"),
            Self::LineArchived => (409, "Line archived"),
            Self::MessageFinal => (409, "Message final"),
            Self::PermissionsImplied => (409, "Permissions implied by role"),
            Self::AlreadyMember => (409, "Already a member"),
            Self::LastOwner => (409, "Last owner"),
            Self::UserUnavailable => (409, "User unavailable"),
            Self::BillingNotRestricted => (409, "Billing not restricted"),
            Self::PayloadTooLarge => (413, "Body too large"),
            Self::UnsupportedMediaType => (415, "Unsupported content type"),
            Self::RateLimited => (429, "Rate limited"),
            Self::TooManyAttempts => (429, "Too many failed sign-ins"),
            Self::NewContactLimit => (429, "New contact limit"),
            Self::QueueFull => (429, "Queue full"),
            Self::HeaderFieldsTooLarge => (431, "Headers too large"),
            Self::Internal => (500, "Internal error"),
            Self::LiveUpdatesUnavailable => (500, "Live updates unavailable"),
            Self::StoreNotConfigured => (501, "Store not configured"),
            Self::MediaNotConfigured => (501, "Media store not configured"),
            Self::LiveUpdatesNotConfigured => (501, "Live updates not configured"),
            Self::BillingNotConfigured => (501, "Billing not configured"),
            Self::StoreUnavailable => (503, "Store unavailable"),
            Self::IdentityNotConfigured => (503, "Identity provider not configured"),
            Self::IdentityUnavailable => (503, "Identity provider unavailable"),
            Self::QrStoreUnavailable => (503, "QR store unavailable"),
            Self::MediaUnavailable => (503, "Media store unavailable"),
            Self::BillingUnavailable => (503, "Billing provider unavailable"),
            Self::HandlerDeadline => (503, "Deadline passed"),
            Self::Overloaded => (503, "Overloaded"),
        }
    }

    fn what_to_do(self) -> &'static str {
        match self {
            Self::InvalidRequest => "Correct the fields in errors.",
            Self::InvalidCode => "Ask for a new code.",
            Self::InvalidMedia => "Send one JPEG, PNG or WebP within the limits.",
            Self::InvalidLink => "Ask for a new address of the image.",
            Self::BearerRequired | Self::InvalidToken => "Sign in or refresh; for a line token, rotate it.",
            Self::InvalidCredentials => "Check address and password.",
            Self::MembershipInactive | Self::Forbidden => "Ask an owner or admin of the organization.",
            Self::BillingRestricted => "Recover billing.",
            Self::EmailUnverified => "Verify the e-mail address.",
            Self::LineSlotLimit => "Archive a line or get more slots.",
            Self::SeatLimit => "Disable a member or get more seats.",
            Self::NotFound => "Check the id and what the caller may see.",
            Self::MethodNotAllowed => "Use a method of the Allow header.",
            Self::RequestTimeout => "Send the whole request again.",
            Self::ChallengeRequired => "Sign in with session and what the challenge asks for.",
            Self::AlreadySetUp => "Sign in.",
            Self::LineNotSendable => "Look at line, then act on it or send again later.",
            Self::IdempotencyKeyReused => "Use a new key for a new request.",
            Self::VersionConflict | Self::AlreadyAssigned => "Read it again, decide again.",
            Self::LineAlreadyPaired => "Wake the line up instead.",
            Self::CoolingDown => "Wait until the time given.",
            Self::LineArchived => "Use another line.",
            Self::MessageFinal => "Read the message; one on its way can be settled once it is unknown.",
            Self::PermissionsImplied => "Change the role instead.",
            Self::AlreadyMember => "Change the membership instead.",
            Self::LastOwner => "Make somebody else an owner first.",
            Self::UserUnavailable => "Use another address.",
            Self::BillingNotRestricted => "Nothing.",
            Self::PayloadTooLarge => "Send less.",
            Self::UnsupportedMediaType => {
                "Send application/json (a reply also as multipart/form-data), not compressed."
            }
            Self::NewContactLimit => "Wait; support lines are not for cold lists.",
            Self::HeaderFieldsTooLarge => "Send fewer or shorter headers.",
            Self::Internal => "Try again with the same idempotency key; report the request id.",
            Self::LiveUpdatesUnavailable => "Reconnect later, poll meanwhile.",
            Self::LiveUpdatesNotConfigured => "Poll.",
            Self::StoreNotConfigured
            | Self::MediaNotConfigured
            | Self::BillingNotConfigured
            | Self::IdentityNotConfigured => "Ask whoever runs the deployment.",
            Self::QueueFull | Self::StoreUnavailable | Self::MediaUnavailable | Self::HandlerDeadline => {
                "Try again after Retry-After seconds, with the same idempotency key."
            }
            Self::RateLimited
            | Self::TooManyAttempts
            | Self::IdentityUnavailable
            | Self::QrStoreUnavailable
            | Self::BillingUnavailable
            | Self::Overloaded => "Try again after Retry-After seconds.",
        }
    }
}
