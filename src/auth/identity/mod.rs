//! Who signs people in. The local provider keeps passwords in Postgres; an outside one (Cognito) stands behind the
//! same port and leaves those tables empty.

mod address;
mod local;
mod password;
mod refresh;
mod throttle;

pub use address::{EmailAddress, WeakPassword, acceptable_password};
pub use local::{LocalIdentity, LocalSettings};
pub use password::{Passwords, PasswordsBusy};

use super::id_token::{IdTokenError, Identified, KeyError};
use crate::store::StoreError;
use async_trait::async_trait;
use jsonwebtoken::jwk::JwkSet;
use secrecy::SecretString;
use std::fmt;
use thiserror::Error;

/// What a person gets for signing in.
pub struct Tokens {
    /// The bearer token of the workspace API.
    pub id_token: String,
    /// Exchanged once for the next pair.
    pub refresh_token: String,
    /// Seconds the ID token lives.
    pub expires_in: u32,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

/// How a sign-in with a right password ends.
#[derive(Debug)]
pub enum SignIn {
    /// Signed in.
    Done(Tokens),
    /// A new password must be chosen; the session proves that the old one was right.
    NewPasswordRequired {
        /// Comes back with the new password.
        session: SecretString,
    },
}

/// Why somebody was not signed in.
#[derive(Debug, Error)]
pub enum IdentityError {
    /// Unknown address or wrong password: nobody learns which.
    #[error("wrong address or password")]
    InvalidCredentials,
    /// The refresh token or challenge session is unknown, used or over.
    #[error("unknown, used or expired token")]
    InvalidToken,
    /// Right password, but the membership is over.
    #[error("membership not active")]
    MembershipInactive,
    /// Too many wrong passwords; none is looked at for a while.
    #[error("locked for {seconds} s")]
    Locked {
        /// How long.
        seconds: u64,
    },
    /// More sign-ins wait than may.
    #[error("too many sign-ins at once")]
    Busy,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect.
    #[error("{0}")]
    Broken(String),
}

impl From<PasswordsBusy> for IdentityError {
    fn from(_: PasswordsBusy) -> Self {
        Self::Busy
    }
}

impl From<KeyError> for IdentityError {
    fn from(error: KeyError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// What a new person's password becomes.
pub struct Enrolled {
    /// The hash to keep with the account; none when the provider keeps it itself.
    pub password_hash: Option<String>,
}

impl fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolled")
    }
}

/// Signs people in and out, and checks their ID tokens.
#[async_trait]
pub trait IdentityProvider: Send + Sync + fmt::Debug {
    /// Signs in with address and password.
    ///
    /// # Errors
    /// As [`IdentityError`] says.
    async fn sign_in(&self, email: &EmailAddress, password: SecretString) -> Result<SignIn, IdentityError>;

    /// Answers a NEW_PASSWORD_REQUIRED challenge.
    ///
    /// # Errors
    /// As [`IdentityError`] says.
    async fn choose_password(
        &self,
        session: SecretString,
        new_password: SecretString,
    ) -> Result<Tokens, IdentityError>;

    /// Exchanges a refresh token; a second exchange of the same one ends the whole family.
    ///
    /// # Errors
    /// As [`IdentityError`] says.
    async fn refresh(&self, refresh_token: SecretString) -> Result<Tokens, IdentityError>;

    /// Ends the family of a refresh token; one that is unknown is ended already.
    ///
    /// # Errors
    /// When the provider does not answer.
    async fn sign_out(&self, refresh_token: SecretString) -> Result<(), IdentityError>;

    /// Prepares the account of a new person.
    ///
    /// # Errors
    /// When the provider does not take it.
    async fn enroll(&self, email: &EmailAddress, password: SecretString) -> Result<Enrolled, IdentityError>;

    /// Whom an ID token names.
    ///
    /// # Errors
    /// When it is not good now.
    async fn verify(&self, id_token: &str) -> Result<Identified, IdTokenError>;

    /// The public keys, if they are ours to publish.
    fn jwks(&self) -> Option<&JwkSet>;
}
