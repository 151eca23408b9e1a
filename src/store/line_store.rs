//! The rows of a line, as its actor sees them: the actors' store port on Postgres.

use super::{
    Db, OrgScope, StoreError,
    billing::BillingState,
    breaker::{self, Client},
    deliveries,
    live_events::{self, Hint},
    ownership,
    passkeys::Kept,
    sealed::Sealer,
    unlinkings, violates,
};
use async_trait::async_trait;
use chrono::TimeDelta;
use ezw_actors::{
    id::{CommandId, Fence, Generation},
    port::{
        Claim, Claimed, CommandEnd, CommitError, CredentialChange, Desired, Dispatch, Fact, LineStore,
        Orders, PairRefusal, Settle, Standing, StoreTrouble, Transition, Unwanted,
    },
};
use sqlx::{PgConnection, types::Json};
use std::sync::Arc;

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
        let outcome = self.db.unit(move |conn| {
            Box::pin(async move {
                write(&mut *conn, &sealer, fence, &transition).await?;
                if transition.client_refused {
                    breaker::trip(conn, &client, fence.line).await?;
                }
                Ok(())
            })
        });
        match outcome.await {
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

    async fn take_probe(&self, _fence: Fence) -> Result<bool, StoreTrouble> {
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

    async fn record(
        &self,
        fence: Fence,
        generation: Generation,
        facts: Vec<Fact>,
    ) -> Result<(), StoreTrouble> {
        let recorded = self.db.unit(move |conn| {
            Box::pin(async move { deliveries::record(conn, fence, generation, &facts).await })
        });
        recorded.await.map_err(trouble)?;
        self.db.hints().notify_one();
        Ok(())
    }

    async fn unlink_later(&self, account: Unwanted, pause: TimeDelta) -> Result<(), StoreTrouble> {
        let sealer = Arc::clone(&self.sealer);
        let kept = self
            .db
            .run(move |conn| Box::pin(async move { unlinkings::keep(conn, &sealer, &account, pause).await }));
        kept.await.map_err(trouble)
    }

    async fn unlinked(&self, account: &Unwanted) -> Result<(), StoreTrouble> {
        let (organization, id) = (account.organization, account.id);
        let gone = self
            .db
            .run(move |conn| Box::pin(async move { unlinkings::forget(conn, organization, id).await }));
        gone.await.map_err(trouble)
    }
}

async fn write(
    conn: &mut PgConnection,
    sealer: &Sealer,
    fence: Fence,
    transition: &Transition,
) -> Result<(), Refused> {
    if !update(conn, fence, transition).await? {
        return if committed_before(conn, fence, transition).await? { Ok(()) } else { Err(Refused::Fenced) };
    }
    append(conn, fence, transition).await?;
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
    let scope = OrgScope::of(fence.organization);
    live_events::add(conn, scope, Hint::Line { line: fence.line, user: None }).await?;
    Ok(())
}

async fn update(conn: &mut PgConnection, fence: Fence, transition: &Transition) -> Result<bool, Refused> {
    let desired = transition.desired.map(|desired| match desired {
        Desired::Running => "running",
        Desired::Stopped => "stopped",
    });
    let (released, due) = match transition.release {
        Some(due) => (true, due),
        None => (false, None),
    };
    let state = Json(&transition.to);
    let updated = sqlx::query!(
        r#"
        UPDATE lines
        SET version = $5::bigint, state = $6, state_detail = $7, since = $8, history = $9,
            -- An order that came meanwhile stands: it is never undone by a transition.
            desired = CASE WHEN stopped_at IS NULL AND archived_at IS NULL THEN coalesce($10, desired) ELSE desired END,
            generation = coalesce($11, generation),
            session_started_at = coalesce($12, session_started_at),
            phone_number = coalesce($13, phone_number),
            owner_incarnation = CASE WHEN $14 THEN NULL ELSE owner_incarnation END,
            -- An order to archive that came meanwhile: as long as there is an account, somebody must unlink it.
            next_start_at = CASE
                WHEN $14 AND archived_at IS NOT NULL AND NOT $16 AND EXISTS (
                    SELECT 1 FROM line_credentials s WHERE s.organization_id = $1 AND s.line_id = $2) THEN now()
                WHEN $14 AND archived_at IS NOT NULL THEN 'infinity'::timestamptz
                WHEN $14 THEN coalesce($15, 'infinity'::timestamptz)
                ELSE next_start_at END
        WHERE organization_id = $1 AND id = $2 AND owner_incarnation = $3 AND epoch = $4 AND version = $5::bigint - 1
        "#,
        fence.organization.0,
        fence.line.0,
        fence.owner.0,
        fence.epoch.0,
        transition.version,
        <&'static str>::from(transition.to.name()),
        state as _,
        transition.at,
        Json(&transition.history) as _,
        desired,
        transition.generation.map(|generation| generation.0),
        transition.session_started_at,
        transition.phone_number,
        released,
        due,
        transition.credentials == Some(CredentialChange::Drop),
    )
    .execute(conn)
    .await?;
    Ok(updated.rows_affected() == 1)
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

async fn append(conn: &mut PgConnection, fence: Fence, transition: &Transition) -> Result<(), Refused> {
    let reason =
        ezw_actors::machine::view(&transition.to, ezw_actors::machine::Overlay::of_live_owner()).reason;
    sqlx::query!(
        r#"
        INSERT INTO line_transitions
            (organization_id, line_id, version, from_state, to_state, event, reason, epoch, state_detail, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        "#,
        fence.organization.0,
        fence.line.0,
        transition.version,
        <&'static str>::from(transition.from.name()),
        <&'static str>::from(transition.to.name()),
        transition.event,
        reason.map(<&'static str>::from),
        fence.epoch.0,
        Json(&transition.to) as _,
        transition.at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn keep_credentials(
    conn: &mut PgConnection,
    sealer: &Sealer,
    fence: Fence,
    change: &CredentialChange,
) -> Result<(), Refused> {
    match change {
        CredentialChange::Keep(credentials) => {
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
    until: ezw_actors::machine::Time,
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
    // that waits for its permit is none: no session attempt began.
    sqlx::query!(
        r#"
        UPDATE line_commands c SET state = 'succeeded', settled_at = now()
        FROM lines l
        WHERE c.organization_id = $1 AND c.line_id = $2 AND c.kind = 'wakeup' AND c.state IN ('queued', 'running')
            AND l.organization_id = $1 AND l.id = $2 AND l.owner_incarnation = $3 AND l.epoch = $4
            AND l.stopped_at IS NULL AND l.archived_at IS NULL AND l.state NOT IN ('starting', 'waiting_permit')
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
            c.data -> 'passkeyResponse' AS "passkey: Json<Kept>"
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
        reset_budget: false,
    })
}
