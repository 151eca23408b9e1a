//! Hints and pairing images: what clients see at once. Postgres numbers and keeps the hints; Redis only carries "look
//! now" between processes and holds images for their few seconds. Everything here works on without Redis, slower,
//! except the images.

pub mod event;
mod hub;
pub mod qr;
mod redis;
mod sequencer;
mod stream;

pub use event::Event;
pub use hub::{Live, STREAMS_PER_USER, SubscribeError, Subscription};
pub use qr::{PasskeyChallenge, QrError, QrImage, QrStore};
pub use redis::{Redis, RedisError};
pub use stream::frames;
