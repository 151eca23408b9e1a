//! Shapes that several resources show.

use super::stamp::Stamp;
use crate::store::billing::{BillingPolicy, BillingState};
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, schema::Type},
};

/// The words of an enum as a schema, so that the description cannot differ from the code.
pub(crate) fn words<T: IntoEnumIterator + Into<&'static str>>() -> ObjectBuilder {
    let words: Vec<&'static str> = T::iter().map(Into::into).collect();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words))
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
