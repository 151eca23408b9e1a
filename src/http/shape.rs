//! Shapes that several resources show.

use super::stamp::Stamp;
use crate::store::billing::{BillingPolicy, BillingState};
use ezw_actors::machine::event_names;
use serde::Serialize;
use serde_json::Value;
use strum::IntoEnumIterator;
use utoipa::{
    ToSchema,
    openapi::{
        ObjectBuilder,
        schema::{SchemaType, Type},
    },
};

/// The words of an enum as a schema, so that the description cannot differ from the code.
pub(crate) fn words<T: IntoEnumIterator + Into<&'static str>>() -> ObjectBuilder {
    one_of(T::iter().map(Into::<&'static str>::into), Type::String)
}

/// The same for a word that may be null.
pub(crate) fn words_or_null<T: IntoEnumIterator + Into<&'static str>>() -> ObjectBuilder {
    one_of(
        T::iter().map(Into::into).map(Some).chain([None]),
        SchemaType::Array(vec![Type::String, Type::Null]),
    )
}

/// The events of transitions as a schema: they are of several enums.
pub(crate) fn transition_events() -> ObjectBuilder {
    one_of(event_names(), Type::String)
}

fn one_of<W: Into<Value>>(words: impl IntoIterator<Item = W>, kind: impl Into<SchemaType>) -> ObjectBuilder {
    let words: Vec<Value> = words.into_iter().map(Into::into).collect();
    ObjectBuilder::new().schema_type(kind).enum_values(Some(words))
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
