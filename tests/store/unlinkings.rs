//! Accounts that are to be unlinked: who gets which, and when they come again.

use super::bed::Bed;
use ezw::store::{
    sealed::Sealer,
    unlinkings::{self, Due},
};
use ezw_actors::{
    Timings,
    id::{Generation, UnlinkingId},
    port::{Credentials, Unwanted},
};
use std::{collections::HashSet, sync::Arc};
use uuid::Uuid;

fn sealer() -> Arc<Sealer> {
    Arc::new(Sealer::new(&[7; 32]).unwrap())
}

fn account(bed: &Bed, number: u8) -> Unwanted {
    Unwanted {
        id: UnlinkingId(Uuid::now_v7()),
        organization: bed.scope.organization,
        line: bed.line,
        generation: Generation(1),
        credentials: Credentials(vec![number]),
    }
}

async fn keep(bed: &Bed, sealer: Arc<Sealer>, account: &Unwanted) {
    let account = account.clone();
    let kept = bed.db.unit(move |conn| {
        Box::pin(async move { unlinkings::keep(conn, &sealer, &account, Timings::REAL.unlink_first).await })
    });
    kept.await.unwrap();
}

async fn take(bed: &Bed, most: i64) -> Vec<Due> {
    let sealer = sealer();
    let taken = bed.db.run(move |conn| {
        Box::pin(async move { unlinkings::take_due(conn, &sealer, &Timings::REAL, most).await })
    });
    taken.await.unwrap()
}

async fn make_due(bed: &Bed) {
    bed.execute("UPDATE unlinkings SET due_at = now()").await;
}

#[tokio::test]
async fn an_account_whose_time_has_come_is_taken_by_one_node() {
    let bed = Bed::new().await;
    let accounts: Vec<Unwanted> = (0..20).map(|number| account(&bed, number)).collect();
    for account in &accounts {
        keep(&bed, sealer(), account).await;
        // The answer to the first was lost.
        keep(&bed, sealer(), account).await;
    }
    assert_eq!(bed.count("unlinkings WHERE attempts = 1 AND due_at > now()").await, 20);
    assert!(take(&bed, 20).await.is_empty(), "whoever wrote them down tries first");
    make_due(&bed).await;
    let (one, two, three) = tokio::join!(take(&bed, 8), take(&bed, 8), take(&bed, 20));
    let mut taken: Vec<Due> = one.into_iter().chain(two).chain(three).collect();
    // Rows that another one held were passed over.
    taken.extend(take(&bed, 20).await);
    let ids: HashSet<UnlinkingId> = taken.iter().map(|due| due.id).collect();
    assert_eq!((taken.len(), ids.len()), (20, 20));
    for due in taken {
        let whole = due.account.unwrap();
        let kept = accounts.iter().find(|account| account.id == due.id).unwrap();
        assert_eq!((&whole.credentials, whole.line, due.last), (&kept.credentials, kept.line, false));
    }
}

#[tokio::test]
async fn an_account_is_put_off_twice_as_long_each_time_up_to_six_hours_and_given_up_after_thirty_days() {
    let bed = Bed::new().await;
    keep(&bed, sealer(), &account(&bed, 1)).await;
    for (attempt, minutes) in [2, 4, 8, 16, 32, 64, 128, 256, 360, 360].into_iter().enumerate() {
        make_due(&bed).await;
        assert!(!take(&bed, 1).await[0].last);
        let put_off = format!(
            "unlinkings WHERE attempts = {} AND due_at BETWEEN now() + interval '1 minute' * {minutes} * 0.85 \
             AND now() + interval '1 minute' * {minutes} * 1.15",
            attempt + 2
        );
        assert_eq!(bed.count(&put_off).await, 1, "{minutes}");
    }
    bed.execute("UPDATE unlinkings SET created_at = now() - interval '30 days 1 minute', attempts = 2000000")
        .await;
    make_due(&bed).await;
    assert!(take(&bed, 1).await[0].last);
}

#[tokio::test]
async fn an_account_sealed_with_another_key_keeps_no_other_from_being_taken() {
    let bed = Bed::new().await;
    keep(&bed, Arc::new(Sealer::new(&[8; 32]).unwrap()), &account(&bed, 1)).await;
    keep(&bed, sealer(), &account(&bed, 2)).await;
    make_due(&bed).await;
    let taken = take(&bed, 10).await;
    let opened = taken.iter().filter(|due| due.account.is_ok()).count();
    assert_eq!((taken.len(), opened), (2, 1));
    assert!(take(&bed, 10).await.is_empty(), "both are put off");
}

#[tokio::test]
async fn the_account_of_a_line_that_is_being_paired_waits() {
    let bed = Bed::new().await;
    keep(&bed, sealer(), &account(&bed, 1)).await;
    make_due(&bed).await;
    bed.execute(
        "INSERT INTO line_commands (organization_id, id, line_id, kind, state, expires_at)
         SELECT organization_id, gen_random_uuid(), id, 'pair', 'running', now() + interval '3 minutes' FROM lines",
    )
    .await;
    assert!(take(&bed, 10).await.is_empty());
    bed.execute("UPDATE line_commands SET state = 'succeeded', settled_at = now()").await;
    assert_eq!(take(&bed, 10).await.len(), 1);
}
