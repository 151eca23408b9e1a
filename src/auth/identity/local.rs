//! The local identity provider: passwords in Postgres, tokens signed with the nodes' shared key.

use super::{
    EmailAddress, Enrolled, IdentityError, IdentityProvider, Passwords, SignIn, Tokens,
    throttle::{lock_after, seconds_left},
};
use crate::{
    auth::{
        id_token::{IdTokenError, IdTokens, Identified, Subject},
        policy::Role,
        principal::{MembershipStatus, UserId},
        secret::{SecretHash, mint, well_formed},
    },
    random::Random,
    store::{Db, login_failures, people, sessions},
};
use async_trait::async_trait;
use chrono::TimeDelta;
use ezw_actors::{clock::Clock, id::OrganizationId, machine::Time, task};
use jsonwebtoken::jwk::JwkSet;
use secrecy::{ExposeSecret as _, SecretString};
use std::{fmt::Debug, sync::Arc};
use uuid::Uuid;

const SESSION_PREFIX: &str = "ezw_session_";
const SESSION_LETTERS: usize = 30;
/// How long a challenge may be answered.
const SESSION_MINUTES: i64 = 15;

/// Settings of the provider.
#[derive(Clone, Copy, Debug)]
pub struct LocalSettings {
    /// Life of a refresh token.
    pub refresh_token_days: u32,
}

/// Passwords in Postgres.
#[derive(Debug)]
pub struct LocalIdentity {
    pub(super) db: Db,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Random,
    pub(super) settings: LocalSettings,
    tokens: IdTokens,
    passwords: Passwords,
}

impl LocalIdentity {
    /// Makes the provider.
    #[must_use]
    pub fn new(
        db: Db,
        tokens: IdTokens,
        passwords: Passwords,
        settings: LocalSettings,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> Self {
        Self { db, clock, random, settings, tokens, passwords }
    }

    /// Checks the password in a task of its own: a caller who leaves in the middle leaves no right password counted as a
    /// wrong one.
    async fn right_credential(
        &self,
        email: &EmailAddress,
        password: SecretString,
    ) -> Result<people::CredentialRow, IdentityError> {
        let check = Check {
            db: self.db.clone(),
            passwords: self.passwords.clone(),
            email: email.clone(),
            now: self.clock.now(),
        };
        let checked = task::spawn("check a password", check.run(password)).await;
        let ended = || IdentityError::Broken("the check of a password ended early".to_owned());
        checked.ok().flatten().ok_or_else(ended)?
    }

    /// Opens a challenge. The session carries its user, so that it is found by an index.
    async fn challenge(&self, user: Uuid) -> Result<SignIn, IdentityError> {
        let now = self.clock.now();
        let secret = mint(SESSION_PREFIX, SESSION_LETTERS, &self.random);
        let code = sessions::NewCode {
            id: self.random.id(now),
            user_id: user,
            purpose: sessions::Purpose::NewPassword,
            hash: SecretHash::of(&secret).0,
            now,
            expires_at: now + TimeDelta::minutes(SESSION_MINUTES),
        };
        let kept = self
            .db
            .unit(move |conn| Box::pin(async move { sessions::replace_code(conn, &code, None).await }));
        kept.await?;
        Ok(SignIn::NewPasswordRequired { session: format!("{}.{secret}", user.simple()).into() })
    }

    /// The pair of tokens of a new sign-in.
    async fn issue(&self, user: Uuid) -> Result<Tokens, IdentityError> {
        let now = self.clock.now();
        let refresh = self.mint_refresh(user, None, now);
        let row = refresh.row;
        let member = self.db.unit(move |conn| {
            Box::pin(async move {
                let member = active_member(conn, user).await?;
                sessions::add_refresh(conn, &row).await?;
                Ok::<_, IdentityError>(member)
            })
        });
        self.pair(&member.await?, refresh.plaintext, now)
    }

    fn pair(
        &self,
        member: &people::MemberRow,
        refresh_token: String,
        now: Time,
    ) -> Result<Tokens, IdentityError> {
        let role: Role =
            member.role.parse().map_err(|_| IdentityError::Broken(format!("no role {}", member.role)))?;
        let subject = Subject {
            user: UserId(member.user_id),
            email: member.email.clone(),
            organization: OrganizationId(member.organization_id),
            role,
        };
        let id_token = self.tokens.sign(&subject, now)?;
        Ok(Tokens { id_token, refresh_token, expires_in: self.tokens.life_seconds() })
    }
}

/// One password, on its way to be checked.
struct Check {
    db: Db,
    passwords: Passwords,
    email: EmailAddress,
    now: Time,
}

impl Check {
    /// With the same work, the same rows and the same answers for an address nobody has.
    async fn run(self, password: SecretString) -> Result<people::CredentialRow, IdentityError> {
        let address = SecretHash::of(self.email.as_str());
        // The place in the queue comes first: a try that is turned away there was not a wrong one.
        let turn = self.passwords.turn()?;
        let found = self.count_try(address).await?;
        let kept = found.as_ref().map(|credential| credential.password_hash.clone());
        let right = self.passwords.check(turn, password, kept).await?;
        let credential = found.filter(|_| right).ok_or(IdentityError::InvalidCredentials)?;
        let forgotten = self
            .db
            .run(move |conn| Box::pin(async move { login_failures::forget(conn, address.as_slice()).await }));
        forgotten.await?;
        Ok(credential)
    }

    /// Counts the try as a wrong one before its password is looked at: many at once are not all the first, and what
    /// is written does not depend on whether somebody has the address.
    async fn count_try(&self, address: SecretHash) -> Result<Option<people::CredentialRow>, IdentityError> {
        let now = self.now;
        let email = self.email.as_str().to_owned();
        let tried = self.db.unit(move |conn| {
            Box::pin(async move {
                let Some(failures) = login_failures::count(conn, address.as_slice(), now).await? else {
                    let until = login_failures::locked_until(conn, address.as_slice()).await?;
                    return Err(IdentityError::Locked { seconds: seconds_left(until, now).unwrap_or(1) });
                };
                if let Some(until) = lock_after(failures, now) {
                    login_failures::lock(conn, address.as_slice(), until).await?;
                }
                Ok(people::credential_by_email(conn, &email).await?)
            })
        });
        tried.await
    }
}

pub(super) async fn active_member(
    conn: &mut sqlx::PgConnection,
    user: Uuid,
) -> Result<people::MemberRow, IdentityError> {
    let member = people::member_by_user(conn, user).await?.ok_or(IdentityError::InvalidToken)?;
    if member.status == MembershipStatus::Active.to_string() {
        Ok(member)
    } else {
        Err(IdentityError::MembershipInactive)
    }
}

fn read_session(session: &SecretString) -> Option<(Uuid, SecretHash)> {
    let (user, secret) = session.expose_secret().split_once('.')?;
    let user = if user.len() == 32 { Uuid::try_parse(user).ok()? } else { return None };
    well_formed(secret, SESSION_PREFIX, SESSION_LETTERS).then(|| (user, SecretHash::of(secret)))
}

#[async_trait]
impl IdentityProvider for LocalIdentity {
    async fn sign_in(&self, email: &EmailAddress, password: SecretString) -> Result<SignIn, IdentityError> {
        let credential = self.right_credential(email, password).await?;
        if credential.must_change {
            return self.challenge(credential.user_id).await;
        }
        Ok(SignIn::Done(self.issue(credential.user_id).await?))
    }

    async fn choose_password(
        &self,
        session: SecretString,
        new_password: SecretString,
    ) -> Result<Tokens, IdentityError> {
        let (user, hash) = read_session(&session).ok_or(IdentityError::InvalidToken)?;
        let password_hash = self.passwords.hash(new_password).await?;
        let now = self.clock.now();
        let chosen = self.db.unit(move |conn| {
            Box::pin(async move {
                let purpose = sessions::Purpose::NewPassword;
                // The session is too long to guess: wrong tries are not limited, or a stranger could use them up.
                if !sessions::consume_code_of(conn, user, purpose, hash.as_slice(), now, i32::MAX).await? {
                    return Err(IdentityError::InvalidToken);
                }
                people::choose_password(conn, user, &password_hash, now).await?;
                Ok(())
            })
        });
        chosen.await?;
        self.issue(user).await
    }

    async fn refresh(&self, refresh_token: SecretString) -> Result<Tokens, IdentityError> {
        let (member, next) = self.exchange(&refresh_token).await?;
        self.pair(&member, next, self.clock.now())
    }

    async fn sign_out(&self, refresh_token: SecretString) -> Result<(), IdentityError> {
        self.end_family(&refresh_token).await
    }

    async fn enroll(&self, _: &EmailAddress, password: SecretString) -> Result<Enrolled, IdentityError> {
        Ok(Enrolled { password_hash: Some(self.passwords.hash(password).await?) })
    }

    async fn verify(&self, id_token: &str) -> Result<Identified, IdTokenError> {
        self.tokens.verify(id_token, self.clock.now())
    }

    fn jwks(&self) -> Option<&JwkSet> {
        Some(self.tokens.jwks())
    }
}
