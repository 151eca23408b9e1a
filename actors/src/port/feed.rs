//! Where short-lived pairing secrets go: never into the truth.

use crate::{
    id::{Epoch, Generation, LineId},
    machine::Time,
};
use async_trait::async_trait;
use std::fmt;

/// A QR code to scan. `Debug` hides what it encodes.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownQr {
    /// What it encodes.
    pub payload: String,
    /// 1 for the first.
    pub wave: u8,
    /// How many there will be.
    pub waves: u8,
    /// When it stops working.
    pub expires_at: Time,
}

impl fmt::Debug for ShownQr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShownQr").field("wave", &self.wave).finish_non_exhaustive()
    }
}

/// A code to type on the phone. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownCode {
    /// The code.
    pub code: String,
    /// When it stops working.
    pub expires_at: Time,
}

impl fmt::Debug for ShownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShownCode").finish_non_exhaustive()
    }
}

/// A passkey challenge that waits for its answer. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownPasskey {
    /// What to answer.
    pub challenge: String,
    /// When it stops working.
    pub expires_at: Time,
}

impl fmt::Debug for ShownPasskey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShownPasskey").finish_non_exhaustive()
    }
}

/// Whose codes these are: a reader takes both numbers from the row, so an old session's code is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Showing {
    /// The line.
    pub line: LineId,
    /// The start.
    pub epoch: Epoch,
    /// The session.
    pub generation: Generation,
}

/// The transient store of pairing codes. It may be away: then nothing is shown and nothing else changes.
#[async_trait]
pub trait Feed: Send + Sync + fmt::Debug {
    /// Shows a QR code until it expires.
    async fn show_qr(&self, whose: Showing, code: ShownQr);
    /// Shows a pairing code until it expires.
    async fn show_pairing_code(&self, whose: Showing, code: ShownCode);
    /// Shows a passkey challenge until it expires, instead of the codes before it.
    async fn show_passkey(&self, whose: Showing, passkey: ShownPasskey);
    /// Takes back what is shown.
    async fn hide(&self, whose: Showing);
}
