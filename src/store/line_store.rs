//! The rows of a line, as its actor sees them: the actors' store port on Postgres.

use super::{
    Db, StoreError,
    billing::BillingState,
    breaker::{self, Client},
    deliveries, ownership,
    passkeys::Kept,
    sealed::Sealer,
    unlinkings, violates,
};
use async_trait::async_trait;
use chrono::TimeDelta;
use ezw_actors::{
    failpoint,
    id::{CommandId, Fence, Generation},
    machine::{Overlay, Time, view},
    port::{
        Claim, Claimed, CommandEnd, CommitError, CredentialChange, Desired, Dispatch, Fact, LineStore,
        Orders, PairRefusal, Probe, Settle, Standing, StoreTrouble, Transition, Unwanted,
    },
};
use sqlx::{PgConnection, types::Json};
use std::sync::Arc;
use uuid::Uuid;

/// Lines on Postgres.
#[derive(Clone, Debug)]
pub struct PgLineStore {
    db: Db,
    sealer: Arc<Sealer>,
    client: Arc<Client>,
}

impl PgLineStore {
    /// On `db`, with credentials sealed by `sealer`, for a process that tells the provider it is `client`.
    #[must_use]
    pub fn new(db: Db, sealer: Arc<Sealer>, client: Arc<Client>) -> Self {
        Self { db, sealer, client }
    }
}

/// What a commit can come to, inside the unit.
enum Refused {
    Fenced,
    Pair(PairRefusal),
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        if violates(&error, "lines_live_number") {
            Self::Pair(PairRefusal::PhoneInUse)
        } else {
            Self::Store(error.into())
        }
    }
}

fn trouble(error: StoreError) -> StoreTrouble {
    match &error {
        StoreError::Unavailable(_) => {}
        StoreError::Unfit(why) | StoreError::Broken(why) => tracing::error!(%why, "the store is broken"),
    }
    StoreTrouble(error.to_string())
}

#[async_trait]
impl LineStore for PgLineStore {
    async fn commit(&self, fence: Fence, transition: Transition) -> Result<(), CommitError> {
        let (sealer, client) = (Arc::clone(&self.sealer), Arc::clone(&self.client));
        let outcome = if writes_more(&transition) {
            let work = self.db.unit(move |conn| {
                Box::pin(async move { write(conn, &sealer, &client, fence, &transition).await })
            });
            work.await
        } else {
            // One statement is a transaction: a fleet that starts waits for half as many answers of Postgres.
            let work = self.db.run(move |conn| {
                Box::pin(async move { step(conn, fence, &transition).await.map(|_written_now| ()) })
            });
            work.await
        };
        match outcome {
            Ok(()) => {
                self.db.hints().notify_one();
                Ok(())
            }
            Err(Refused::Fenced) => Err(CommitError::Fenced),
            Err(Refused::Pair(why)) => Err(CommitError::PairRefused(why)),
            Err(Refused::Store(StoreError::Unfit(why))) => Err(CommitError::Broken(why)),
            Err(Refused::Store(error)) => Err(trouble(error).into()),
        }
    }

    async fn standing(&self, fence: Fence) -> Result<Standing, StoreTrouble> {
        self.db.run(move |conn| Box::pin(async move { standing(conn, fence).await })).await.map_err(trouble)
    }

    async fn retake(
        &self,
        fence: Fence,
        counted: Option<TimeDelta>,
    ) -> Result<Option<Claimed>, StoreTrouble> {
        let sealer = Arc::clone(&self.sealer);
        let taken = self.db.unit(move |conn| {
            Box::pin(async move { ownership::retake(conn, &sealer, fence, counted).await })
        });
        taken.await.map_err(trouble)
    }

    async fn take_probe(&self, _fence: Fence) -> Result<Probe, StoreTrouble> {
        let client = Arc::clone(&self.client);
        let taken =
            self.db.run(move |conn| Box::pin(async move { breaker::take_probe(conn, &client).await }));
        taken.await.map_err(trouble)
    }

    async fn accept_client(&self) -> Result<(), StoreTrouble> {
        let client = Arc::clone(&self.client);
        let accepted = self.db.run(move |conn| Box::pin(async move { breaker::accept(conn, &client).await }));
        accepted.await.map_err(trouble)
    }

    async fn claim(&self, fence: Fence, claim: Claim) -> Result<Vec<Dispatch>, CommitError> {
        let claimed =
            self.db.run(move |conn| Box::pin(async move { deliveries::claim(conn, fence, claim).await }));
        match claimed.await {
            Ok(Some(dispatches)) => {
                if !dispatches.is_empty() {
                    self.db.hints().notify_one();
                }
                Ok(dispatches)
            }
            Ok(None) => Err(CommitError::Fenced),
            Err(error) => Err(trouble(error).into()),
        }
    }

    async fn taken(&self, fence: Fence, deadline: Time) -> Result<Vec<String>, StoreTrouble> {
        let taken =
            self.db.run(move |conn| Box::pin(async move { deliveries::taken(conn, fence, deadline).await }));
        taken.await.map_err(trouble)
    }

    async fn record(
        &self,
        fence: Fence,
        generation: Generation,
        facts: Vec<Fact>,
    ) -> Result<(), CommitError> {
        let recorded = self.db.unit(move |conn| {
            Box::pin(async move { deliveries::record(conn, fence, generation, &facts).await })
        });
        recorded.await.map_err(|error| match error {
            StoreError::Unfit(why) => CommitError::Broken(why),
            error => trouble(error).into(),
        })?;
        failpoint::hit(failpoint::RECORDED, fence.line);
        self.db.hints().notify_one();
        Ok(())
    }

    async fn unlink_later(&self, account: Unwanted, pause: TimeDelta) -> Result<bool, StoreTrouble> {
        let sealer = Arc::clone(&self.sealer);
        let kept = self.db.unit(move |conn| {
            Box::pin(async move { unlinkings::keep(conn, &sealer, &account, pause).await })
        });
        kept.await.map_err(trouble)
    }

    async fn pairing_open(&self, account: &Unwanted) -> Result<bool, StoreTrouble> {
        let (organization, line) = (account.organization, account.line);
        let open = self.db.run(move |conn| {
            Box::pin(async move { unlinkings::pairing_open(conn, organization, line).await })
        });
        open.await.map_err(trouble)
    }

    async fn unlinked(&self, account: &Unwanted) -> Result<(), StoreTrouble> {
        let (organization, id) = (account.organization, account.id);
        let gone = self
            .db
            .run(move |conn| Box::pin(async move { unlinkings::forget(conn, organization, id).await }));
        gone.await.map_err(trouble)
    }
}

/// Whether there is more to write than the step itself.
fn writes_more(transition: &Transition) -> bool {
    transition.credentials.is_some()
        || !transition.settle.is_empty()
        || transition.settle_wakeups.is_some()
        || transition.pair_running.is_some()
        || transition.client_refused
}

async fn write(
    conn: &mut PgConnection,
    sealer: &Sealer,
    client: &Client,
    fence: Fence,
    transition: &Transition,
) -> Result<(), Refused> {
    if !step(&mut *conn, fence, transition).await? {
        return Ok(());
    }
    if let Some(change) = &transition.credentials {
        keep_credentials(conn, sealer, fence, change).await?;
    }
    for settle in &transition.settle {
        settle_command(conn, fence, settle).await?;
    }
    if let Some(end) = &transition.settle_wakeups {
        settle_wakeups(conn, fence, end).await?;
    }
    if let Some((pairing, until)) = &transition.pair_running {
        run_pair(conn, fence, pairing.command, *until).await?;
    }
    if transition.client_refused {
        breaker::trip(conn, client, fence.line).await?;
    }
    Ok(())
}

/// False when this very step was written before.
async fn step(conn: &mut PgConnection, fence: Fence, transition: &Transition) -> Result<bool, Refused> {
    if advance(&mut *conn, fence, transition).await? {
        return Ok(true);
    }
    if committed_before(conn, fence, transition).await? { Ok(false) } else { Err(Refused::Fenced) }
}

/// What a transition says, as columns take it.
struct Words {
    desired: Option<&'static str>,
    released: bool,
    due: Option<Time>,
    reason: Option<&'static str>,
}

impl Words {
    fn of(transition: &Transition) -> Self {
        let shown = view(&transition.to, Overlay::of_live_owner());
        Self {
            desired: transition.desired.map(|desired| match desired {
                Desired::Running => "running",
                Desired::Stopped => "stopped",
            }),
            released: transition.release.is_some(),
            due: transition.release.flatten(),
            reason: shown.reason.map(<&'static str>::from),
        }
    }
}

/// The row, its history and the hint, in one statement. An order that came meanwhile stands: it is never undone by a
/// transition, and after one to archive, as long as there is an account, somebody must come to unlink it.
async fn advance(conn: &mut PgConnection, fence: Fence, transition: &Transition) -> Result<bool, Refused> {
    let words = Words::of(transition);
    let stepped = sqlx::query_scalar!(
        r#"
        WITH stepped AS (
            UPDATE lines
            SET version = $5::bigint, state = $6, state_detail = $7, since = $8, history = $9,
                desired = CASE WHEN stopped_at IS NULL AND archived_at IS NULL THEN coalesce($10, desired) ELSE desired END,
                generation = coalesce($11, generation),
                session_started_at = CASE WHEN $12 THEN now() ELSE session_started_at END,
                phone_number = coalesce($13, phone_number),
                owner_incarnation = CASE WHEN $14 THEN NULL ELSE owner_incarnation END,
                next_start_at = CASE
                    WHEN $14 AND archived_at IS NOT NULL AND NOT $16 AND EXISTS (
                        SELECT 1 FROM line_credentials s WHERE s.organization_id = $1 AND s.line_id = $2) THEN now()
                    WHEN $14 AND archived_at IS NOT NULL THEN 'infinity'::timestamptz
                    WHEN $14 THEN coalesce($15, 'infinity'::timestamptz)
                    ELSE next_start_at END
            WHERE organization_id = $1 AND id = $2 AND owner_incarnation = $3 AND epoch = $4 AND version = $5::bigint - 1
            RETURNING organization_id, id, version, epoch, state, state_detail, since
        ), written AS (
            INSERT INTO line_transitions
                (organization_id, line_id, version, from_state, to_state, event, reason, epoch, state_detail, at)
            SELECT organization_id, id, version, $17, state, $18, $19, epoch, state_detail, since FROM stepped
        ), held_up AS (
            -- A receipt may come now for what is of unknown fate: it goes before what comes after it, for that.
            -- One that a fact is being written for waits for nobody here: until a next session it counts from this one anyway.
            UPDATE outbound o SET blocks_from = now() FROM (
                SELECT q.organization_id, q.message_id FROM outbound q JOIN stepped s
                    ON q.organization_id = s.organization_id AND q.line_id = s.id
                WHERE q.status = 'unknown' AND q.settled_at IS NULL AND q.blocks_from IS NULL AND $12
                FOR UPDATE OF q SKIP LOCKED) h
            WHERE o.organization_id = h.organization_id AND o.message_id = h.message_id
        ), told AS (
            INSERT INTO live_events (organization_id, id, type, line_id)
            SELECT organization_id, $20, 'line.updated', id FROM stepped
        )
        SELECT EXISTS (SELECT 1 FROM stepped) AS "stepped!"
        "#,
        fence.organization.0,
        fence.line.0,
        fence.owner.0,
        fence.epoch.0,
        transition.version,
        <&'static str>::from(transition.to.name()),
        Json(&transition.to) as _,
        transition.at,
        Json(&transition.history) as _,
        words.desired,
        transition.generation.map(|generation| generation.0),
        // Compared with the clock of the rows alone, so it is written by it.
        transition.session_started_at.is_some(),
        transition.phone_number,
        words.released,
        words.due,
        transition.credentials == Some(CredentialChange::Drop),
        <&'static str>::from(transition.from.name()),
        transition.event,
        words.reason,
        Uuid::now_v7(),
    );
    Ok(stepped.fetch_one(conn).await?)
}

/// The answer to an earlier COMMIT of this very transition may have been lost.
async fn committed_before(
    conn: &mut PgConnection,
    fence: Fence,
    transition: &Transition,
) -> Result<bool, Refused> {
    let same = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1 FROM line_transitions
            WHERE organization_id = $1 AND line_id = $2 AND version = $3 AND epoch = $4 AND state_detail = $5
        ) AS "same!"
        "#,
        fence.organization.0,
        fence.line.0,
        transition.version,
        fence.epoch.0,
        Json(&transition.to) as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(same)
}

async fn keep_credentials(
    conn: &mut PgConnection,
    sealer: &Sealer,
    fence: Fence,
    change: &CredentialChange,
) -> Result<(), Refused> {
    match change {
        CredentialChange::Keep(credentials) => {
            // The step holds the row of the line, as whoever writes an unwanted account down does.
            if unlinkings::is_unwanted(conn, sealer, fence, credentials).await? {
                return Err(Refused::Fenced);
            }
            let sealed = sealer.seal(fence.line, credentials)?;
            sqlx::query!(
                r#"
                INSERT INTO line_credentials (organization_id, line_id, namespace, key, sealed)
                VALUES ($1, $2, 'session', '', $3)
                ON CONFLICT (organization_id, line_id, namespace, key)
                DO UPDATE SET sealed = excluded.sealed, updated_at = now()
                "#,
                fence.organization.0,
                fence.line.0,
                sealed,
            )
            .execute(conn)
            .await?;
        }
        CredentialChange::Drop => {
            sqlx::query!(
                "DELETE FROM line_credentials WHERE organization_id = $1 AND line_id = $2",
                fence.organization.0,
                fence.line.0,
            )
            .execute(conn)
            .await?;
        }
    }
    Ok(())
}

/// The columns of a command that ends so.
fn ended(end: &CommandEnd) -> (&'static str, Option<&String>) {
    match end {
        CommandEnd::Succeeded => ("succeeded", None),
        CommandEnd::Failed(reason) => ("failed", Some(reason)),
        CommandEnd::Expired(reason) => ("expired", Some(reason)),
    }
}

async fn settle_command(conn: &mut PgConnection, fence: Fence, settle: &Settle) -> Result<(), Refused> {
    let (state, reason) = ended(&settle.end);
    let settled = sqlx::query!(
        r#"
        UPDATE line_commands SET state = $3, reason = $4, settled_at = now(), data = data - 'passkeyResponse'
        WHERE organization_id = $1 AND id = $2 AND state IN ('queued', 'running')
        "#,
        fence.organization.0,
        settle.command.0,
        state,
        reason,
    )
    .execute(conn)
    .await?;
    // One that others ended meanwhile keeps their word; and what they stopped must not succeed after all.
    if settle.end == CommandEnd::Succeeded && settled.rows_affected() == 0 {
        return Err(Refused::Pair(PairRefusal::Over));
    }
    Ok(())
}

async fn settle_wakeups(conn: &mut PgConnection, fence: Fence, end: &CommandEnd) -> Result<(), Refused> {
    let (state, reason) = ended(end);
    sqlx::query!(
        r#"
        UPDATE line_commands SET state = $3, reason = $4, settled_at = now()
        WHERE organization_id = $1 AND line_id = $2 AND kind = 'wakeup' AND state IN ('queued', 'running')
        "#,
        fence.organization.0,
        fence.line.0,
        state,
        reason,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn run_pair(
    conn: &mut PgConnection,
    fence: Fence,
    command: CommandId,
    until: Time,
) -> Result<(), Refused> {
    sqlx::query!(
        r#"
        UPDATE line_commands SET state = 'running', expires_at = greatest($3, created_at + interval '1 s')
        WHERE organization_id = $1 AND id = $2 AND state IN ('queued', 'running')
        "#,
        fence.organization.0,
        command.0,
        until,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn standing(conn: &mut PgConnection, fence: Fence) -> Result<Standing, StoreError> {
    // A wakeup that finds its line at work, after a stop that was taken back in time, has what it asked for. A start
    // that waits for its permit is none: no session attempt began; nor is one that a person wants to try now.
    sqlx::query!(
        r#"
        WITH line AS (
            SELECT organization_id, id, state FROM lines
            WHERE organization_id = $1 AND id = $2 AND owner_incarnation = $3 AND epoch = $4
                AND stopped_at IS NULL AND archived_at IS NULL AND state NOT IN ('starting', 'waiting_permit')
            FOR SHARE
        )
        UPDATE line_commands c SET state = 'succeeded', settled_at = now()
        FROM line l
        WHERE c.organization_id = l.organization_id AND c.line_id = l.id AND c.kind = 'wakeup'
            AND c.state IN ('queued', 'running')
            AND NOT (l.state = 'reconnecting' AND c.data ->> 'resetsBudget' = 'true')
        "#,
        fence.organization.0,
        fence.line.0,
        fence.owner.0,
        fence.epoch.0,
    )
    .execute(&mut *conn)
    .await?;
    let row = sqlx::query!(
        r#"
        SELECT l.archived_at, l.stopped_at, b.state AS "billing_state?",
            c.id AS "pair?", c.data ->> 'codeFor' AS code_for,
            c.data -> 'passkeyResponse' AS "passkey: Json<Kept>",
            EXISTS (
                SELECT 1 FROM line_commands w
                WHERE w.organization_id = l.organization_id AND w.line_id = l.id AND w.kind = 'wakeup'
                    AND w.state IN ('queued', 'running') AND w.data ->> 'resetsBudget' = 'true'
            ) AS "reset_budget!"
        FROM lines l
        LEFT JOIN billing b ON b.organization_id = l.organization_id
        LEFT JOIN line_commands c
            ON c.organization_id = l.organization_id AND c.line_id = l.id AND c.kind = 'pair'
            AND c.state IN ('queued', 'running')
        WHERE l.organization_id = $1 AND l.id = $2
        "#,
        fence.organization.0,
        fence.line.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(Standing {
        orders: Orders {
            archived: row.archived_at.is_some(),
            stopped: row.stopped_at.is_some(),
            billing_restricted: !BillingState::read(row.billing_state.as_deref()).policy().can_send,
        },
        pair: row.pair.map(|id| (CommandId(id), row.code_for)),
        passkey: row.passkey.and_then(|kept| kept.0.of_start(fence.epoch)),
        reset_budget: row.reset_budget,
    })
}
