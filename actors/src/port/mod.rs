//! What a line needs from outside, as traits: each has a second implementation (see `fake`).

mod feed;
mod media;
mod provider;
mod store;

pub use feed::{Feed, Showing, ShownCode, ShownPasskey, ShownQr};
pub use media::{ByteStream, KeptImage, MediaError, MediaStore, NoMedia, Place};
pub use provider::{
    Capabilities, CloseClass, Content, Credentials, Heard, InboundBatch, InboundError, InboundKind,
    InboundMessage, InboundSink, LineProvider, LineSession, NotUnlinked, OpenError, OpenSpec, Outbound,
    ProviderEvent, ReceiptKind, SubmitError,
};
pub use store::{
    Claim, Claimed, CommandEnd, CommitError, CredentialChange, Desired, Dispatch, Fact, LineStore, Orders,
    PairRefusal, PasskeyAnswer, Probe, Settle, Standing, StoreTrouble, Transition, Unwanted,
};
