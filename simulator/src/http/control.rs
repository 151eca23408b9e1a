//! Settings, journal, stats, health.

use actix_web::web;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, ApiError, body, ok};
use crate::{hub::Hub, world::World};

const JOURNAL_PAGE: usize = 1_000;
const MAX_JOURNAL_PAGE: usize = 10_000;

pub(super) async fn health() -> Answer {
    ok(json!({"status": "ok"}))
}

pub(super) async fn settings(hub: web::Data<Hub>) -> Answer {
    ok(hub.look(|world| world.settings.clone()))
}

pub(super) async fn change_settings(hub: web::Data<Hub>, payload: web::Payload) -> Answer {
    let change: Value = body(payload).await?;
    let changed = hub.with(|world| {
        let settings = world.settings.with(&change)?;
        world.settings = settings.clone();
        world.scan_all_if_asked();
        Ok(settings)
    });
    ok(changed.map_err(|error: String| ApiError::bad(error))?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JournalQuery {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
    line_id: Option<Uuid>,
}

pub(super) async fn journal(hub: web::Data<Hub>, query: web::Query<JournalQuery>) -> Answer {
    let JournalQuery { after, limit, line_id } = query.into_inner();
    let limit = limit.unwrap_or(JOURNAL_PAGE).min(MAX_JOURNAL_PAGE);
    let (entries, first, last) = hub.look(|world| {
        let journal = &world.journal;
        (journal.page(after, limit, line_id), journal.first_seq(), journal.last_seq())
    });
    ok(json!({"entries": entries, "firstSeq": first, "lastSeq": last}))
}

pub(super) async fn stats(hub: web::Data<Hub>) -> Answer {
    ok(hub.look(World::describe_stats))
}
