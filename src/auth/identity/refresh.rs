//! Refresh tokens: each is exchanged once. Using one again means that two parties have it, and nobody can tell which
//! is the thief: the whole family ends and its person signs in again.

use super::{IdentityError, local::LocalIdentity};
use crate::{
    auth::secret::{SecretHash, mint, well_formed},
    store::{StoreError, sessions},
};
use chrono::TimeDelta;
use ezw_actors::machine::Time;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

const PREFIX: &str = "ezw_refresh_";
/// 40 letters of base 62: 238 random bits.
const LETTERS: usize = 40;

/// A new refresh token and the row that keeps it.
pub(super) struct Minted {
    pub(super) plaintext: String,
    pub(super) row: sessions::NewRefresh,
}

enum Exchange {
    Done { user: Uuid },
    Refused,
}

impl LocalIdentity {
    /// A token of `family`, or of a new one.
    pub(super) fn mint_refresh(&self, user: Uuid, family: Option<Uuid>, now: Time) -> Minted {
        let plaintext = mint(PREFIX, LETTERS, &self.random);
        let id = self.random.id(now);
        let row = sessions::NewRefresh {
            id,
            family_id: family.unwrap_or(id),
            user_id: user,
            hash: SecretHash::of(&plaintext).0,
            now,
            expires_at: now + TimeDelta::days(i64::from(self.settings.refresh_token_days)),
        };
        Minted { plaintext, row }
    }

    /// Exchanges `token` for another of its family and says whose it is.
    pub(super) async fn exchange(&self, token: &SecretString) -> Result<(Uuid, String), IdentityError> {
        let hash = hash_of(token).ok_or(IdentityError::InvalidToken)?;
        let now = self.clock.now();
        let next = self.mint_refresh(Uuid::nil(), None, now);
        let (plaintext, row) = (next.plaintext, next.row);
        let exchange = self.db.unit(move |conn| {
            Box::pin(async move {
                let Some(found) = sessions::lock_refresh(conn, hash.as_slice()).await? else {
                    return Ok::<_, StoreError>(Exchange::Refused);
                };
                if found.used_at.is_some() && found.revoked_at.is_none() {
                    sessions::revoke_family(conn, found.family_id, now).await?;
                    tracing::warn!(user = %found.user_id, family = %found.family_id, "a refresh token was used twice");
                }
                if found.used_at.is_some() || found.revoked_at.is_some() || found.expires_at <= now {
                    // Ok, because the revocation must be committed.
                    return Ok(Exchange::Refused);
                }
                sessions::mark_used(conn, found.id, now).await?;
                let row = sessions::NewRefresh { user_id: found.user_id, family_id: found.family_id, ..row };
                sessions::add_refresh(conn, &row).await?;
                Ok(Exchange::Done { user: found.user_id })
            })
        });
        match exchange.await? {
            Exchange::Done { user } => Ok((user, plaintext)),
            Exchange::Refused => Err(IdentityError::InvalidToken),
        }
    }

    /// Ends the family of `token`, if it is known.
    pub(super) async fn end_family(&self, token: &SecretString) -> Result<(), IdentityError> {
        let Some(hash) = hash_of(token) else { return Ok(()) };
        let now = self.clock.now();
        let ended = self.db.unit(move |conn| {
            Box::pin(async move {
                if let Some(found) = sessions::lock_refresh(conn, hash.as_slice()).await? {
                    sessions::revoke_family(conn, found.family_id, now).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        Ok(ended.await?)
    }
}

fn hash_of(token: &SecretString) -> Option<SecretHash> {
    let text = token.expose_secret();
    well_formed(text, PREFIX, LETTERS).then(|| SecretHash::of(text))
}
