//! Faults of a line and of all lines.

use actix_web::web;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Answer, body, ok};
use crate::{fault::Fault, hub::Hub, world::World};

#[derive(Deserialize)]
pub(super) struct ClearQuery {
    kind: Option<String>,
}

pub(super) async fn set(hub: web::Data<Hub>, line: web::Path<Uuid>, payload: web::Payload) -> Answer {
    let fault: Fault = body(payload).await?;
    let applied = hub.with(|world| world.set_fault(*line, fault))?;
    hub.links_are_saved().await;
    ok(json!({"applied": applied}))
}

pub(super) async fn clear(
    hub: web::Data<Hub>,
    line: web::Path<Uuid>,
    query: web::Query<ClearQuery>,
) -> Answer {
    let cleared = hub.with(|world| world.clear_faults(*line, query.kind.as_deref()))?;
    ok(json!({"cleared": cleared}))
}

pub(super) async fn list_fleet(hub: web::Data<Hub>) -> Answer {
    ok(json!({"faults": hub.look(World::describe_fleet_faults)}))
}

pub(super) async fn set_fleet(hub: web::Data<Hub>, payload: web::Payload) -> Answer {
    let fault: Fault = body(payload).await?;
    let applied = hub.with(|world| world.set_fleet_fault(&fault))?;
    hub.links_are_saved().await;
    ok(json!({"applied": applied}))
}

pub(super) async fn clear_fleet(hub: web::Data<Hub>, query: web::Query<ClearQuery>) -> Answer {
    ok(json!({"cleared": hub.with(|world| world.clear_all_faults(query.kind.as_deref()))}))
}
