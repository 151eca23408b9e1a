//! `ezw contacts`.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use ezw_actors::id::OrganizationId;
use uuid::Uuid;

use super::{Exit, say};
use crate::config::{Config, Database};
use crate::phone::is_phone_number;
use crate::store::{
    Db, OrgScope, StoreError,
    audit::Actor,
    contacts::{self, ContactId},
    erasing::{self, Erased},
};

/// Somebody who is just being written to is not waited for, but tried again so often.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);
/// The years of somebody who writes every day are one statement.
const STATEMENT: Duration = Duration::from_mins(1);

#[derive(Debug, Subcommand)]
pub(super) enum Contacts {
    /// Forget a contact for good: number, names, words, images and notes; what waits for it is not sent
    Erase(Erase),
}

#[derive(Debug, Args)]
pub(super) struct Erase {
    /// The organization's id
    #[arg(long, value_name = "ID")]
    organization: Uuid,
    #[command(flatten)]
    whom: Whom,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Whom {
    /// The contact's number, + and 8 to 15 digits
    #[arg(long, value_name = "NUMBER")]
    phone_number: Option<String>,
    /// The contact's id
    #[arg(long, value_name = "ID")]
    contact: Option<Uuid>,
}

pub(super) async fn run(command: Contacts, config: Config) -> Result<(), Exit> {
    match command {
        Contacts::Erase(arguments) => erase(arguments, config).await,
    }
}

async fn erase(arguments: Erase, config: Config) -> Result<(), Exit> {
    let Some(database) = &config.database else {
        return Err(Exit::Usage(anyhow!(
            "DATABASE_URL is missing: name the database that knows the contact"
        )));
    };
    let patient = Database { statement_timeout: STATEMENT, ..database.clone() };
    if let Some(phone) = &arguments.whom.phone_number {
        // Nobody has a number that is no number, and who asks must not take that for "erased already".
        if !is_phone_number(phone) {
            return Err(Exit::Usage(anyhow!("--phone-number: give + and 8 to 15 digits")));
        }
    }
    let db =
        Db::new(&patient, "ezw contacts", tokio::runtime::Handle::current()).map_err(anyhow::Error::from)?;
    let scope = OrgScope::of(OrganizationId(arguments.organization));
    let contact = find(&db, scope, arguments.whom).await?;
    let contact = contact.ok_or_else(|| anyhow!("the organization has no such contact"))?;
    let erased = erase_in_the_end(&db, scope, contact).await.context("the contact was not erased")?;
    let Some(erased) = erased else {
        return Err(anyhow!("the organization has no such contact, or it is erased already").into());
    };
    say(&format!(
        "contact {} is erased: {} messages emptied, {} images and {} notes deleted, {} replies not sent",
        contact.0, erased.messages, erased.attachments, erased.notes, erased.replies
    ));
    Ok(())
}

async fn find(db: &Db, scope: OrgScope, whom: Whom) -> anyhow::Result<Option<ContactId>> {
    let Some(phone) = whom.phone_number else { return Ok(whom.contact.map(ContactId)) };
    let found: Result<Option<ContactId>, StoreError> =
        db.run(move |conn| Box::pin(async move { contacts::by_phone(conn, scope, &phone).await })).await;
    Ok(found?)
}

async fn erase_in_the_end(
    db: &Db,
    scope: OrgScope,
    contact: ContactId,
) -> Result<Option<Erased>, StoreError> {
    let mut tries = 1;
    loop {
        let erased = db.unit(move |conn| {
            Box::pin(async move { erasing::erase(conn, scope, Actor::System, contact).await })
        });
        match erased.await {
            Err(StoreError::Unavailable(why)) if tries < TRIES => {
                tracing::debug!(%why, tries, "erasing is tried again");
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}
