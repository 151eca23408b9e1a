//! The demo organization, made through the public HTTP interface, so that no rule is written twice; only its admin and
//! its agent are rows of their own making, because members join by invitation. Safe to repeat: what is there is kept.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use ezw_actors::id::OrganizationId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::api::Api;
use super::{place, secret};
use crate::auth::{Role, identity::Passwords};
use crate::config::Database;
use crate::random::Random;
use crate::store::people::{self, NewMember};
use crate::store::{Db, OrgScope};

pub(super) const OWNER: &str = "owner@demo.test";
const LINES: [&str; 2] = ["Support", "Returns"];
const FILE: &str = "demo.json";

/// What `ezw dev` tells other programs about the running environment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Demo {
    pub(super) api: String,
    pub(super) metrics: String,
    pub(super) simulator: String,
    pub(super) password: String,
    pub(super) logins: Vec<String>,
    pub(super) lines: Vec<Line>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) id: String,
    #[serde(rename = "displayName")]
    pub(super) display_name: String,
}

impl Demo {
    pub(super) fn read(data_dir: &Path) -> anyhow::Result<Self> {
        let file = data_dir.join(FILE);
        let text = std::fs::read_to_string(&file).with_context(|| {
            format!("{} is missing: start the environment with `make run` first", file.display())
        })?;
        serde_json::from_str(&text).with_context(|| file.display().to_string())
    }

    pub(super) fn write(&self, data_dir: &Path) -> anyhow::Result<()> {
        place::write_private(&data_dir.join(FILE), &serde_json::to_string_pretty(self)?)
    }
}

/// The demo's members beside the owner.
pub(super) const MEMBERS: [(&str, &str, Role); 2] =
    [("admin@demo.test", "Demo Admin", Role::Admin), ("agent@demo.test", "Demo Agent", Role::Agent)];

/// Adds the members that are missing to the owner's organization.
pub(super) async fn members(api: &Api, database: &Database, password: &str) -> anyhow::Result<()> {
    let owner = api.with_token(&login_or_sign_up(api, password).await?);
    let organization =
        owner.get("/api/auth/session").await?.expect(200)?.text("/principal/organizationId")?;
    let scope = OrgScope::of(OrganizationId(organization.parse()?));
    let passwords = Passwords::new(Random::from_system()?).map_err(|error| anyhow!("passwords: {error}"))?;
    let password_hash = passwords.hash(password.to_owned().into()).await.map_err(|_| anyhow!("busy"))?;
    let db = Db::new(database, "ezw dev", Handle::current())?;
    for (email, display_name, role) in MEMBERS {
        let new = NewMember {
            user: Uuid::now_v7(),
            email: email.to_owned(),
            display_name: display_name.to_owned(),
            role: role.to_string(),
            password_hash: password_hash.clone(),
        };
        db.run(move |conn| Box::pin(async move { people::add_member(conn, scope, &new).await })).await?;
    }
    db.close().await;
    Ok(())
}

/// Forgets the last run's description, so that nobody reads addresses of a dead environment.
pub(super) fn forget(data_dir: &Path) {
    std::fs::remove_file(data_dir.join(FILE)).ok();
}

/// One password for the demo logins, made on the first run.
pub(super) fn password(data_dir: &Path) -> anyhow::Result<String> {
    let file = data_dir.join("demo.password");
    if !file.exists() {
        place::write_private(&file, &secret::password()?)?;
    }
    Ok(std::fs::read_to_string(&file)?.trim().to_owned())
}

/// Makes what is missing of organization, owner and lines, and answers with the lines.
pub(super) async fn seed(api: &Api, password: &str) -> anyhow::Result<Vec<Line>> {
    let owner = api.with_token(&login_or_sign_up(api, password).await?);
    let mut lines = list(&owner).await?;
    for name in LINES.iter().skip(lines.len()) {
        let made = owner.post("/api/lines", &json!({"displayName": name})).await?.expect(201)?;
        let id = made.text("/line/id")?;
        // Making a line asks for its QR code at once; the walkthrough begins one step before that.
        owner.post(&format!("/api/lines/{id}/stop"), &json!({})).await?.expect(200)?;
        lines.push(Line { id, display_name: (*name).to_owned() });
    }
    Ok(lines)
}

async fn login_or_sign_up(api: &Api, password: &str) -> anyhow::Result<String> {
    let credentials = json!({"email": OWNER, "password": password});
    let first = api.post("/api/auth/login", &credentials).await?;
    if first.status == 200 {
        return first.text("/idToken");
    }
    if first.status != 401 {
        bail!(
            "the demo owner can't log in: {} {} (after several wrong passwords the login is locked for up to 15 \
             minutes; `ezw dev --reset` starts over)",
            first.status,
            first.body
        );
    }
    let organization = json!({
        "organizationName": "Demo", "displayName": "Demo Owner", "email": OWNER, "password": password, "lineSlots": 5
    });
    let made = api.post("/api/signup/organization", &organization).await?;
    if made.status == 409 {
        bail!(
            "this database has a demo owner with another password: use its data folder, or another database"
        );
    }
    made.expect(201)?;
    api.post("/api/auth/login", &credentials).await?.expect(200)?.text("/idToken")
}

async fn list(owner: &Api) -> anyhow::Result<Vec<Line>> {
    let answer = owner.get("/api/lines").await?.expect(200)?;
    // Newest first on the wire; people expect the first line first.
    answer
        .list("/lines")?
        .iter()
        .rev()
        .map(|line| Ok(Line::deserialize(line)?))
        .collect::<anyhow::Result<_>>()
}

/// A line's state as the workspace shows it, for messages.
pub(super) fn state(line: &Value) -> &str {
    line.get("lifecycleState").and_then(Value::as_str).unwrap_or("unknown")
}
