//! The first record of an organization: itself, its owner, billing that waits, and line slots.

use super::{good_name, private, verify_email};
use crate::{
    auth::{
        identity::{EmailAddress, acceptable_password},
        verification,
    },
    http::{
        error::{FieldError, Problem},
        extract::Json,
        shape::{Allotment, BillingBody},
        stamp::Stamp,
        state::AppState,
    },
    mail::Letter,
    store::{
        OrgScope, StoreError,
        audit::{self, Actor},
        billing::BillingState,
        people::{self, NewOrganization},
        sessions::{self, NewCode},
    },
};
use actix_web::{HttpResponse, http::StatusCode, web};
use ezw_actors::id::OrganizationId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

const DEFAULT_LINE_SLOTS: i32 = 2;
const MOST_LINE_SLOTS: i32 = 1_000;
const SEATS: i32 = 10;

/// A new organization and its owner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SignupRequest {
    /// 1 to 200 characters.
    pub organization_name: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password, 8 characters at least.
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
    /// What colleagues see, 1 to 200 characters.
    pub display_name: String,
    /// How many lines it may have, 1 to 1,000; 2 when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub line_slots: Option<i32>,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignupBody {
    organization: OrganizationBody,
    user: UserBody,
    billing: BillingBody,
}

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Organization)]
pub struct OrganizationBody {
    id: Uuid,
    name: String,
    created_at: Stamp,
}

/// Its owner.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub struct UserBody {
    id: Uuid,
    email: String,
    email_verified: bool,
    display_name: String,
}

/// A request that is as it should be.
struct Checked {
    organization_name: String,
    display_name: String,
    email: EmailAddress,
    line_slots: i32,
}

/// Set up an organization with its owner.
#[utoipa::path(
    post, path = "/api/signup/organization", tag = "Workspace onboarding", operation_id = "signUpOrganization",
    request_body = SignupRequest,
    responses(
        (status = 201, description = "Made. Sign in to go on; a code went to the owner's address.", body = SignupBody),
        (status = 409, description = "already_set_up"),
        (status = 501, description = "store_not_configured"),
        (status = 503, description = "identity_not_configured, store_unavailable or overloaded"),
    ),
)]
pub async fn organization(
    state: web::Data<AppState>,
    Json(request): Json<SignupRequest>,
) -> Result<HttpResponse, Problem> {
    let db = state.db()?;
    let identity = state.identity()?;
    let checked = check(&request)?;
    let enrolled = identity.enroll(&checked.email, request.password).await?;
    let new = new_organization(&state, &checked, enrolled.password_hash);
    let (code, letter) = verification::new_code(new.owner, &checked.email, new.now, &state.random);
    let body = describe(&new);
    let verify = !new.email_verified;
    let made =
        db.unit(move |conn| Box::pin(async move { make(conn, &new, verify.then_some(code)).await })).await?;
    if !made {
        return Err(Problem::AlreadySetUp);
    }
    deliver(&state, verify.then_some(letter));
    Ok(private(StatusCode::CREATED, &body))
}

async fn make(
    conn: &mut sqlx::PgConnection,
    new: &NewOrganization,
    code: Option<NewCode>,
) -> Result<bool, StoreError> {
    let scope = OrgScope::of(OrganizationId(new.id));
    if !people::add_organization(conn, scope, new).await? {
        return Ok(false);
    }
    if let Some(code) = code {
        sessions::replace_code(conn, &code, None).await?;
    }
    let entry = audit::Entry {
        event_type: "organization.created",
        actor: Actor::User(new.owner),
        target_type: "organization",
        target_id: new.id,
        data: json!({ "lineSlots": new.line_slots }),
    };
    audit::add(conn, scope, entry).await?;
    Ok(true)
}

fn deliver(state: &AppState, letter: Option<Letter>) {
    if let Some(letter) = letter {
        verify_email::hand_over(state.mailer.clone(), letter);
    }
}

fn new_organization(state: &AppState, checked: &Checked, password_hash: Option<String>) -> NewOrganization {
    let now = state.clock.now();
    let dev = state.dev;
    let active = dev.is_some_and(|dev| dev.auto_activate_billing);
    NewOrganization {
        id: state.random.id(now),
        name: checked.organization_name.clone(),
        owner: state.random.id(now),
        email: checked.email.as_str().to_owned(),
        display_name: checked.display_name.clone(),
        email_verified: dev.is_some_and(|dev| dev.auto_verify_email),
        password_hash,
        billing: if active { BillingState::Active } else { BillingState::Pending },
        line_slots: checked.line_slots,
        seats: SEATS,
        now,
    }
}

fn describe(new: &NewOrganization) -> SignupBody {
    SignupBody {
        organization: OrganizationBody { id: new.id, name: new.name.clone(), created_at: new.now.into() },
        user: UserBody {
            id: new.owner,
            email: new.email.clone(),
            email_verified: new.email_verified,
            display_name: new.display_name.clone(),
        },
        billing: BillingBody {
            state: new.billing,
            policy: new.billing.policy(),
            line_slots: Allotment { total: new.line_slots, used: 0 },
            seats: Allotment { total: new.seats, used: 1 },
            current_period_end: None,
        },
    }
}

fn check(request: &SignupRequest) -> Result<Checked, Problem> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| errors.push(FieldError { field: field.into(), message });
    let organization_name = good_name(&request.organization_name);
    let display_name = good_name(&request.display_name);
    for (field, name) in [("organizationName", organization_name), ("displayName", display_name)] {
        if name.is_none() {
            wrong(field, "give 1 to 200 characters on one line".into());
        }
    }
    let email = EmailAddress::parse(&request.email);
    if email.is_none() {
        wrong("email", "give an e-mail address".into());
    }
    if let Err(weak) = acceptable_password(&request.password, email.as_ref()) {
        wrong("password", weak.to_string());
    }
    let line_slots = request.line_slots.unwrap_or(DEFAULT_LINE_SLOTS);
    if !(1..=MOST_LINE_SLOTS).contains(&line_slots) {
        wrong("lineSlots", format!("give 1 to {MOST_LINE_SLOTS}"));
    }
    match (email, organization_name, display_name) {
        (Some(email), Some(organization_name), Some(display_name)) if errors.is_empty() => Ok(Checked {
            organization_name: organization_name.to_owned(),
            display_name: display_name.to_owned(),
            email,
            line_slots,
        }),
        _ => Err(Problem::InvalidRequest(errors)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> SignupRequest {
        SignupRequest {
            organization_name: " Demo ".into(),
            email: "Owner@Demo.test".into(),
            password: "correct horse".into(),
            display_name: "Owner".into(),
            line_slots: None,
        }
    }

    #[test]
    fn names_are_trimmed_and_slots_have_a_default() {
        let checked = check(&request()).unwrap();
        assert_eq!((checked.organization_name.as_str(), checked.line_slots), ("Demo", 2));
        assert_eq!(checked.email.as_str(), "owner@demo.test");
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let bad = SignupRequest {
            organization_name: "  ".into(),
            email: "nobody".into(),
            password: "short".into(),
            display_name: "a\nb".into(),
            line_slots: Some(0),
        };
        let Err(Problem::InvalidRequest(errors)) = check(&bad) else { panic!("must be refused") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["organizationName", "displayName", "email", "password", "lineSlots"]);
        assert!(check(&SignupRequest { display_name: "x".repeat(201), ..request() }).is_err());
        assert!(check(&SignupRequest { display_name: "ä".repeat(200), ..request() }).is_ok());
    }
}
