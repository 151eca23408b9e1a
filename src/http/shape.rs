//! Shapes that several resources show.

use super::stamp::Stamp;
use crate::store::{
    billing::{BillingPolicy, BillingState},
    wakeups::CommandRow,
};
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, schema::Type},
};
use uuid::Uuid;

/// The words of an enum as a schema, so that the description cannot differ from the code.
pub(crate) fn words<T: IntoEnumIterator + Into<&'static str>>() -> ObjectBuilder {
    let words: Vec<&'static str> = T::iter().map(Into::into).collect();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words))
}

/// An order to a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Command)]
pub struct CommandBody {
    /// Its id.
    pub id: Uuid,
    /// pair, wakeup or stop.
    #[schema(pattern = "^(pair|wakeup|stop)$")]
    pub kind: String,
    /// queued, running, succeeded, failed or expired.
    #[schema(pattern = "^(queued|running|succeeded|failed|expired)$")]
    pub state: String,
    /// Why it ended without success.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Stamp,
    /// When it ended.
    pub settled_at: Option<Stamp>,
}

impl From<CommandRow> for CommandBody {
    fn from(row: CommandRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            reason: row.reason,
            created_at: row.created_at.into(),
            settled_at: row.settled_at.map(Stamp),
        }
    }
}

/// How many there may be, and are.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Allotment {
    /// There may be.
    pub total: i32,
    /// There are.
    pub used: i64,
}

/// Billing of an organization.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Billing)]
pub struct BillingBody {
    /// Its state.
    pub state: BillingState,
    /// What that allows.
    pub policy: BillingPolicy,
    /// Lines that are not archived.
    pub line_slots: Allotment,
    /// Members that are not disabled.
    pub seats: Allotment,
    /// When the paid period ends.
    pub current_period_end: Option<Stamp>,
}
