//! ID tokens of the local identity provider: ES256 and nothing else, one issuer, one audience. A token says who its
//! bearer is; what they may do is read from Postgres at every request.

use super::{policy::Role, principal::UserId};
use ezw_actors::{id::OrganizationId, machine::Time};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;
use uuid::Uuid;

/// How far the clocks of two nodes may differ when a token's start is checked.
const SKEW_SECONDS: i64 = 30;
const TOKEN_USE: &str = "id";

/// Why the keys cannot be used.
#[derive(Debug, Error)]
#[error("the signing key cannot be used: {0}; it must be EC P-256 in a PKCS#8 PEM")]
pub struct KeyError(#[from] jsonwebtoken::errors::Error);

/// Why a token is not accepted. For the log: a caller only learns that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdTokenError {
    /// Not a token of ours at all.
    #[error("malformed, or another algorithm")]
    Malformed,
    /// Signed with a key that is not accepted (any more).
    #[error("unknown key")]
    UnknownKey,
    /// Signature, issuer, audience or use is wrong.
    #[error("wrong signature, issuer, audience or use")]
    Wrong,
    /// Over.
    #[error("expired")]
    Expired,
    /// Not begun.
    #[error("not valid yet")]
    TooEarly,
}

/// Whom a good token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identified {
    /// The person.
    pub user: UserId,
    /// When the token ends.
    pub expires_at: Time,
}

/// Who signs in. Role and organization are told to the client; the service never reads them back.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The person.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// Their organization.
    pub organization: OrganizationId,
    /// What they are in it now.
    pub role: Role,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    token_use: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(default)]
    email: String,
    #[serde(default)]
    organization_id: Option<OrganizationId>,
    #[serde(default)]
    role: Option<Role>,
}

/// Signs and checks ID tokens.
pub struct IdTokens {
    signing: EncodingKey,
    header: Header,
    /// The signing key, and the one before while keys are exchanged.
    accepted: Vec<(String, DecodingKey)>,
    jwks: JwkSet,
    validation: Validation,
    issuer: String,
    audience: String,
    life_seconds: u32,
}

impl fmt::Debug for IdTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.accepted.iter().map(|(kid, _)| kid).collect();
        f.debug_struct("IdTokens").field("issuer", &self.issuer).field("keys", &keys).finish_non_exhaustive()
    }
}

impl IdTokens {
    /// Reads the keys: the first signs, all are accepted.
    ///
    /// # Errors
    /// When a key is not EC P-256 in a PKCS#8 PEM.
    pub fn new(
        signing_pem: &str,
        previous_pem: Option<&str>,
        issuer: &str,
        audience: &str,
        life_seconds: u32,
    ) -> Result<Self, KeyError> {
        let signing = EncodingKey::from_ec_pem(signing_pem.as_bytes())?;
        let mut keys = vec![public_key(&signing)?];
        if let Some(pem) = previous_pem {
            keys.push(public_key(&EncodingKey::from_ec_pem(pem.as_bytes())?)?);
        }
        let mut header = Header::new(Algorithm::ES256);
        header.kid = keys.first().and_then(|key| key.common.key_id.clone());
        let accepted = keys.iter().map(accepted_key).collect::<Result<_, _>>()?;
        Ok(Self {
            signing,
            header,
            accepted,
            jwks: JwkSet { keys },
            validation: validation(issuer, audience),
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            life_seconds,
        })
    }

    /// The public keys, for other programs that check these tokens.
    #[must_use]
    pub fn jwks(&self) -> &JwkSet {
        &self.jwks
    }

    /// Seconds a new token lives.
    #[must_use]
    pub fn life_seconds(&self) -> u32 {
        self.life_seconds
    }

    /// A token for `subject`.
    ///
    /// # Errors
    /// When signing fails; the key was checked before, so it does not.
    pub fn sign(&self, subject: &Subject, now: Time) -> Result<String, KeyError> {
        let issued = now.timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: subject.user.0,
            token_use: TOKEN_USE.into(),
            iat: issued,
            nbf: issued,
            exp: issued + i64::from(self.life_seconds),
            email: subject.email.clone(),
            organization_id: Some(subject.organization),
            role: Some(subject.role),
        };
        Ok(encode(&self.header, &claims, &self.signing)?)
    }

    /// Whom `token` names.
    ///
    /// # Errors
    /// When it is not a good token now.
    pub fn verify(&self, token: &str, now: Time) -> Result<Identified, IdTokenError> {
        let header = decode_header(token).map_err(|_| IdTokenError::Malformed)?;
        if header.alg != Algorithm::ES256 {
            return Err(IdTokenError::Malformed);
        }
        let kid = header.kid.ok_or(IdTokenError::UnknownKey)?;
        let (_, key) =
            self.accepted.iter().find(|(known, _)| *known == kid).ok_or(IdTokenError::UnknownKey)?;
        let claims = decode::<Claims>(token, key, &self.validation).map_err(|_| IdTokenError::Wrong)?.claims;
        if claims.token_use != TOKEN_USE || claims.iss != self.issuer || claims.aud != self.audience {
            return Err(IdTokenError::Wrong);
        }
        // Times are checked here and not by the library, which reads the system clock.
        if claims.nbf.max(claims.iat) > now.timestamp() + SKEW_SECONDS {
            return Err(IdTokenError::TooEarly);
        }
        let expires_at = Time::from_timestamp(claims.exp, 0).ok_or(IdTokenError::Wrong)?;
        if now >= expires_at {
            return Err(IdTokenError::Expired);
        }
        Ok(Identified { user: UserId(claims.sub), expires_at })
    }
}

fn validation(issuer: &str, audience: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

fn public_key(key: &EncodingKey) -> Result<Jwk, KeyError> {
    let mut jwk = Jwk::from_encoding_key(key, Algorithm::ES256)?;
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    jwk.common.key_id = Some(jwk.thumbprint(ThumbprintHash::SHA256)?);
    Ok(jwk)
}

fn accepted_key(key: &Jwk) -> Result<(String, DecodingKey), KeyError> {
    Ok((key.common.key_id.clone().unwrap_or_default(), DecodingKey::from_jwk(key)?))
}

#[cfg(test)]
mod tests;
