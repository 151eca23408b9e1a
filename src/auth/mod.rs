//! Who calls, and what they may do. Tokens identify; role, status and permissions are read from Postgres each time.

pub mod id_token;
pub mod identity;
pub mod last_used;
pub mod line_token;
pub mod principal;
pub mod secret;
pub mod verification;

// The matrix stands below the store, because accepting a reply decides by it under the lock that keeps its facts true.
pub use crate::store::policy;

pub use id_token::IdTokens;
pub use last_used::LastUsed;
pub use policy::{Action, Role};
pub use principal::{MembershipStatus, Principal, UserId};
