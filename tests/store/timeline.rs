//! What the schema says of states, and what the machine says.

use super::bed::Bed;
use ezw_actors::machine::StateName;
use std::collections::BTreeSet;
use strum::IntoEnumIterator as _;

#[tokio::test]
async fn the_states_that_the_rows_take_are_those_of_the_machine() {
    let bed = Bed::new().await;
    let check: String = sqlx::query_scalar(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint
         WHERE conname = 'lines_state_check' AND conrelid = 'lines'::regclass",
    )
    .fetch_one(&bed.sql)
    .await
    .unwrap();
    let taken: BTreeSet<&str> = check.split('\'').skip(1).step_by(2).collect();
    let known: BTreeSet<&str> = StateName::iter().map(Into::into).collect();
    assert_eq!(taken, known);
}
