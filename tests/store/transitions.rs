//! Transitions on a store that will not have them.

use super::bed::{Bed, client};
use ezw::store::{line_store::PgLineStore, sealed::Sealer};
use ezw_actors::{
    id::{Epoch, Fence, Generation, Incarnation},
    machine::{History, LineState},
    port::{CommitError, LineStore as _, Transition},
};
use std::sync::Arc;
use uuid::Uuid;

#[tokio::test]
async fn a_transition_waits_for_a_broken_store_and_gives_up_on_what_no_row_can_hold() {
    let bed = Bed::new().await;
    let owner: Uuid =
        sqlx::query_scalar("SELECT owner_incarnation FROM lines").fetch_one(&bed.sql).await.unwrap();
    let organization = bed.scope.organization;
    let fence = Fence { organization, line: bed.line, owner: Incarnation(owner), epoch: Epoch(1) };
    let connected = LineState::Connected { generation: Generation(1) };
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let transition = Transition {
        version: 1,
        from: connected,
        to: LineState::Degraded { generation: Generation(1), deadline: at },
        event: "tick",
        at,
        history: History::default(),
        desired: None,
        generation: None,
        session_started_at: None,
        phone_number: None,
        credentials: None,
        settle: Vec::new(),
        settle_wakeups: None,
        pair_running: None,
        client_refused: false,
        release: None,
    };
    let store =
        PgLineStore::new(bed.db.clone(), Arc::new(Sealer::new(&[7; 32]).unwrap()), Arc::new(client()));
    for code in ["25006", "58030", "XX000", "42703", "0A000"] {
        bed.fail_writes("line_transitions", code).await;
        let refused = store.commit(fence, transition.clone()).await;
        assert!(matches!(refused, Err(CommitError::Trouble(_))), "{code}: {refused:?}");
    }
    for code in ["22021", "23514"] {
        bed.fail_writes("line_transitions", code).await;
        let refused = store.commit(fence, transition.clone()).await;
        assert!(matches!(refused, Err(CommitError::Broken(_))), "{code}: {refused:?}");
    }
    bed.execute("DROP TRIGGER fail ON line_transitions").await;
    store.commit(fence, transition).await.unwrap();
}
