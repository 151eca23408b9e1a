use super::*;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Keys for these tests only.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgx/GzfA3GbsE0TGmX
/IAuyn2cVy1EDh8ly32HP7JfVVGhRANCAARZYaKCwvvZHBaTfb9Rx+rLXSmtWLV0
T+X1wNiO8NB7hogOejC2mmMP4mOPzWOTxxoRqgWpGlAq7fuSQfW+Maj9
-----END PRIVATE KEY-----
";
const OTHER_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgS80h4D3blsH9iGKR
zePCDe0hKZm0ZgepD/csMX74EkehRANCAARmo8LohaQh1RDZKOusTqnhJTifYgq7
6Z6tRpqpfASLYq2BKRv6ZGz6yzYqPoouafjrOMElYlRid+OnEI0ikPPi
-----END PRIVATE KEY-----
";
const USER: UserId = UserId(Uuid::from_u128(7));

fn tokens(signing: &str, previous: Option<&str>) -> IdTokens {
    IdTokens::new(signing, previous, "https://issuer", "audience", 3_600).unwrap()
}

fn now() -> Time {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn subject() -> Subject {
    Subject {
        user: USER,
        email: "a@b.c".into(),
        organization: OrganizationId(Uuid::from_u128(8)),
        role: Role::Agent,
    }
}

fn good_claims() -> Value {
    let at = now().timestamp();
    json!({
        "iss": "https://issuer", "aud": "audience", "sub": USER, "token_use": "id",
        "iat": at, "nbf": at, "exp": at + 60,
    })
}

/// Signs any claims with the good key.
fn forged(claims: &Value) -> String {
    let tokens = tokens(KEY, None);
    encode(&tokens.header, claims, &tokens.signing).unwrap()
}

fn with(name: &str, value: Value) -> String {
    let mut claims = good_claims();
    claims[name] = value;
    forged(&claims)
}

fn verdict(token: &str) -> Result<Identified, IdTokenError> {
    tokens(KEY, None).verify(token, now())
}

#[test]
fn a_good_token_names_its_user_until_it_ends() {
    let tokens = tokens(KEY, None);
    let token = tokens.sign(&subject(), now()).unwrap();
    let identified = tokens.verify(&token, now()).unwrap();
    assert_eq!(identified, Identified { user: USER, expires_at: now() + chrono::TimeDelta::hours(1) });
    let last = identified.expires_at - chrono::TimeDelta::seconds(1);
    assert!(tokens.verify(&token, last).is_ok());
    assert_eq!(tokens.verify(&token, identified.expires_at), Err(IdTokenError::Expired));
    assert!(verdict(&forged(&good_claims())).is_ok());
}

#[test]
fn a_token_of_another_issuer_audience_or_use_is_refused() {
    for (name, value) in [
        ("iss", json!("https://other")),
        ("iss", json!(["https://issuer"])),
        ("aud", json!("other")),
        ("token_use", json!("access")),
        ("sub", json!("not-a-uuid")),
    ] {
        assert_eq!(verdict(&with(name, value)), Err(IdTokenError::Wrong), "{name}");
    }
    for name in ["iss", "aud", "sub", "token_use", "exp", "nbf"] {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(verdict(&forged(&claims)), Err(IdTokenError::Wrong), "without {name}");
    }
}

#[test]
fn a_token_outside_its_time_is_refused() {
    let at = now().timestamp();
    assert_eq!(verdict(&with("exp", json!(at))), Err(IdTokenError::Expired));
    assert_eq!(verdict(&with("exp", json!(at - 1))), Err(IdTokenError::Expired));
    assert_eq!(verdict(&with("nbf", json!(at + 31))), Err(IdTokenError::TooEarly));
    assert_eq!(verdict(&with("iat", json!(at + 31))), Err(IdTokenError::TooEarly));
    assert!(verdict(&with("nbf", json!(at + 30))).is_ok());
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

#[test]
fn no_other_algorithm_is_accepted() {
    let kid = tokens(KEY, None).header.kid;
    let claims = part(&good_claims());
    let none = format!("{}.{claims}.", part(&json!({"alg": "none", "kid": kid})));
    assert_eq!(verdict(&none), Err(IdTokenError::Malformed));
    // The public key as an HMAC secret: the classic confusion.
    let public = serde_json::to_string(tokens(KEY, None).jwks()).unwrap();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = kid;
    let confused = encode(&header, &good_claims(), &EncodingKey::from_secret(public.as_bytes())).unwrap();
    assert_eq!(verdict(&confused), Err(IdTokenError::Malformed));
}

#[test]
fn a_token_of_another_key_is_refused_and_a_changed_one_too() {
    let stranger = tokens(OTHER_KEY, None).sign(&subject(), now()).unwrap();
    assert_eq!(verdict(&stranger), Err(IdTokenError::UnknownKey));
    let good = forged(&good_claims());
    let parts: Vec<_> = good.split('.').collect();
    let mut claims = good_claims();
    claims["sub"] = json!(Uuid::from_u128(9));
    let changed = format!("{}.{}.{}", parts[0], part(&claims), parts[2]);
    assert_eq!(verdict(&changed), Err(IdTokenError::Wrong));
    for bad in ["", "a", "a.b", "a.b.c", "..", &good[1..]] {
        assert_eq!(verdict(bad), Err(IdTokenError::Malformed), "{bad}");
    }
}

#[test]
fn the_previous_key_is_accepted_and_published_while_keys_are_exchanged() {
    let old = tokens(KEY, None).sign(&subject(), now()).unwrap();
    let exchanged = tokens(OTHER_KEY, Some(KEY));
    assert!(exchanged.verify(&old, now()).is_ok());
    let jwks = serde_json::to_value(exchanged.jwks()).unwrap();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
    for key in jwks["keys"].as_array().unwrap() {
        assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&json!("EC"), &json!("P-256"), &json!("sig")));
        assert!(key["d"].is_null(), "the private part is never published");
    }
}
