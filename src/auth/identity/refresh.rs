//! Refresh tokens: each is exchanged once. Using one again means that two parties have it, and nobody can tell which
//! is the thief: the whole family ends and its person signs in again.
//!
//! One exception: an answer can be lost on its way. Who presents a token again within [`GRACE_SECONDS`] of its exchange,
//! while what it was exchanged for has not been used, gets a fresh successor. The one before is taken back: should
//! it be presented after all, both answers arrived, so two parties have the token, and the family ends.

use super::{
    IdentityError,
    local::{LocalIdentity, active_member},
};
use crate::{
    auth::secret::{SecretHash, mint, well_formed},
    store::{StoreError, people::MemberRow, sessions},
};
use chrono::TimeDelta;
use ezw_actors::machine::Time;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::PgConnection;
use uuid::Uuid;

const PREFIX: &str = "ezw_refresh_";
/// 40 letters of base 62: 238 random bits.
const LETTERS: usize = 40;
/// How long an exchange may be repeated.
const GRACE_SECONDS: i64 = 10;

/// A new refresh token and the row that keeps it.
pub(super) struct Minted {
    pub(super) plaintext: String,
    pub(super) row: sessions::NewRefresh,
}

enum Exchange {
    Done(Box<MemberRow>),
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
    pub(super) async fn exchange(&self, token: &SecretString) -> Result<(MemberRow, String), IdentityError> {
        let hash = hash_of(token).ok_or(IdentityError::InvalidToken)?;
        let now = self.clock.now();
        let next = self.mint_refresh(Uuid::nil(), None, now);
        let (plaintext, row) = (next.plaintext, next.row);
        let exchange = self.db.unit(move |conn| {
            Box::pin(async move {
                let found = sessions::lock_refresh(conn, hash.as_slice()).await?;
                let Some(found) = found.filter(|found| found.revoked_at.is_none()) else {
                    return Ok(Exchange::Refused);
                };
                if !may_exchange(conn, &found, now).await? {
                    // Ok, because a revocation must be committed.
                    return Ok(Exchange::Refused);
                }
                // Before anything is given for it: an error leaves the token as it was.
                let member = active_member(conn, found.user_id).await?;
                let row = sessions::NewRefresh { user_id: found.user_id, family_id: found.family_id, ..row };
                sessions::mark_used(conn, found.id, row.id, now).await?;
                sessions::add_refresh(conn, &row).await?;
                Ok::<_, IdentityError>(Exchange::Done(Box::new(member)))
            })
        });
        match exchange.await? {
            Exchange::Done(member) => Ok((*member, plaintext)),
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

/// Whether the token is exchanged, now or again. Reuse ends its family.
async fn may_exchange(
    conn: &mut PgConnection,
    found: &sessions::RefreshRow,
    now: Time,
) -> Result<bool, StoreError> {
    let Some(used_at) = found.used_at else { return Ok(found.expires_at > now) };
    let in_time = now - used_at <= TimeDelta::seconds(GRACE_SECONDS) && found.expires_at > now;
    if let Some(successor) = found.successor_id
        && in_time
        && sessions::take_back(conn, successor, now).await?
    {
        return Ok(true);
    }
    sessions::revoke_family(conn, found.family_id, now).await?;
    tracing::warn!(user = %found.user_id, family = %found.family_id, "a refresh token was used twice");
    Ok(false)
}

fn hash_of(token: &SecretString) -> Option<SecretHash> {
    let text = token.expose_secret();
    well_formed(text, PREFIX, LETTERS).then(|| SecretHash::of(text))
}
