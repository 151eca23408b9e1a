//! Answers to passkey challenges: kept with the open pair command until that ends, for the actor that waits for them.
//! Whoever has an answer could take the account, so it is never logged, and forgotten with its command.

use super::{
    OrgScope, StoreError,
    audit::Actor,
    commands::{Command, record},
    lines::{LineFacts, lock_line_facts},
};
use ezw_actors::{
    id::{CommandId, Epoch, Generation, LineId},
    machine::{LineState, PairingStep, Time},
    port::PasskeyAnswer,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

/// An answer as the command's row keeps it, under `passkeyResponse`. It is for one challenge of one session.
#[derive(Deserialize, Serialize)]
pub(super) struct Kept {
    epoch: i64,
    generation: i64,
    number: i64,
    response: String,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Kept {
    /// For the start that asked; one of an earlier start answers nothing that is asked now.
    pub(super) fn of_start(self, epoch: Epoch) -> Option<PasskeyAnswer> {
        let Self { generation, number, response, .. } = self;
        (self.epoch == epoch.0).then_some(PasskeyAnswer {
            generation: Generation(generation),
            number,
            response,
        })
    }
}

/// What became of an answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is kept for the actor; `new` says whether it differs from the last one.
    Accepted {
        /// The pair command that waits for it.
        command: Command,
        /// Written now: ring the line.
        new: bool,
    },
    /// No challenge waits.
    NoneWaits,
    /// Billing ends the pairing.
    BillingRestricted,
    /// The organization has no such line.
    NoLine,
}

/// The pair command and the session that wait for an answer.
fn waiting(row: &LineFacts) -> Option<(CommandId, Generation)> {
    let ended = row.archived_at.is_some() || row.stopped_at.is_some();
    match &*row.state {
        LineState::Pairing { generation, pairing, step: PairingStep::Passkey, .. }
            if !ended && row.open_pair == Some(pairing.command.0) =>
        {
            Some((pairing.command, *generation))
        }
        _ => None,
    }
}

struct Open {
    id: Uuid,
    kind: String,
    state: String,
    reason: Option<String>,
    created_at: Time,
    settled_at: Option<Time>,
    kept: Option<Json<Kept>>,
}

/// Keeps an answer to the challenge that waits. The same one again is the same answer: the actor hands it over once.
///
/// # Errors
/// When the store does not do it.
pub async fn answer(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    line: LineId,
    response: &SecretString,
) -> Result<Answer, StoreError> {
    let Some(row) = lock_line_facts(conn, scope, line).await? else { return Ok(Answer::NoLine) };
    let Some((command, generation)) = waiting(&row) else { return Ok(Answer::NoneWaits) };
    if row.overlay_by_row().billing_restricted {
        return Ok(Answer::BillingRestricted);
    }
    let Some(open) = open(conn, scope, command).await? else { return Ok(Answer::NoneWaits) };
    let before = open.kept.map(|kept| kept.0);
    let before = before.filter(|kept| (kept.epoch, kept.generation) == (row.epoch, generation.0));
    let new = before.as_ref().is_none_or(|kept| kept.response != response.expose_secret());
    if new {
        let kept = Kept {
            epoch: row.epoch,
            generation: generation.0,
            number: before.map_or(1, |kept| kept.number + 1),
            response: response.expose_secret().to_owned(),
        };
        keep(conn, scope, command, &kept).await?;
        let data = json!({ "commandId": command.0 });
        record(conn, scope, Actor::User(by), "line.passkey_answered", line, data).await?;
    }
    let command = Command {
        id: open.id,
        kind: open.kind,
        state: open.state,
        reason: open.reason,
        created_at: open.created_at,
        settled_at: open.settled_at,
    };
    Ok(Answer::Accepted { command, new })
}

async fn open(
    conn: &mut PgConnection,
    scope: OrgScope,
    command: CommandId,
) -> Result<Option<Open>, StoreError> {
    let open = sqlx::query_as!(
        Open,
        r#"
        SELECT id, kind, state, reason, created_at, settled_at, data -> 'passkeyResponse' AS "kept: Json<Kept>"
        FROM line_commands
        WHERE organization_id = $1 AND id = $2 AND kind = 'pair' AND state IN ('queued', 'running')
        "#,
        scope.organization.0,
        command.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(open)
}

async fn keep(
    conn: &mut PgConnection,
    scope: OrgScope,
    command: CommandId,
    kept: &Kept,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE line_commands SET data = jsonb_set(data, '{passkeyResponse}', $3)
        WHERE organization_id = $1 AND id = $2
        "#,
        scope.organization.0,
        command.0,
        Json(kept) as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}
