//! Lines that phones and the phone network brought where they are; rows are written only for what would take them hours.

use super::support::{Owner, TestBed};
use serde_json::Value;

pub(crate) async fn order(bed: &TestBed, owner: &Owner, line: &str, order: &str) {
    bed.post(&format!("/api/lines/{line}/{order}")).bearer(&owner.token).send().await.expect_status(200);
}

pub(crate) async fn until(bed: &TestBed, owner: &Owner, line: &str, lifecycle: &str) {
    bed.eventually(lifecycle, || async {
        (bed.shown_line(owner, line).await["lifecycleState"] == lifecycle).then_some(())
    })
    .await;
}

pub(crate) async fn until_sendable(bed: &TestBed, owner: &Owner, line: &str) {
    bed.eventually("sendable", || async {
        (bed.shown_line(owner, line).await["sendable"] == true).then_some(())
    })
    .await;
}

/// A linked line that the phone network closes like this.
pub(crate) async fn closed(bed: &TestBed, owner: &Owner, close: Value, lifecycle: &str) -> String {
    let line = bed.line(owner).await;
    bed.pair(owner, &line).await;
    bed.simulator().fault(&line, &close).await;
    until(bed, owner, &line, lifecycle).await;
    line
}

/// A linked line without an owner, in this state, that nobody takes before it is asked for.
pub(crate) async fn resting(bed: &TestBed, owner: &Owner, state: Value) -> String {
    let line = bed.line(owner).await;
    bed.pair(owner, &line).await;
    order(bed, owner, &line, "stop").await;
    rest(bed, &line, &state).await;
    line
}

/// The same for a line that was stopped.
pub(crate) async fn rest(bed: &TestBed, line: &str, state: &Value) {
    bed.eventually("the line is let go", || async {
        let owned: Option<uuid::Uuid> =
            sqlx::query_scalar("select owner_incarnation from lines where id = $1::uuid")
                .bind(line)
                .fetch_one(bed.sql())
                .await
                .unwrap();
        owned.is_none().then_some(())
    })
    .await;
    sqlx::query(
        r#"update lines set state = $2::jsonb ->> 'state', state_detail = $2::jsonb, stopped_at = null, desired = 'running',
               next_start_at = 'infinity', history = '{"deaths": 5}' where id = $1::uuid"#,
    )
    .bind(line)
    .bind(state)
    .execute(bed.sql())
    .await
    .unwrap();
}
