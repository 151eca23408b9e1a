//! A line's row with what lies over it, and its locks. Accepting a reply holds the row `FOR SHARE`; whatever changes
//! what a reply depends on (archive, stop, billing, transitions) holds it `FOR UPDATE`.

use super::{OrgScope, StoreError, visibility::Viewer};
use ezw_actors::{
    command::Situation,
    id::LineId,
    lines::Peek,
    machine::{LineState, Overlay, Owner, Time, View, view},
};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

/// What billing lets an organization do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BillingPolicy {
    /// Create and pair lines.
    pub pair: bool,
    /// Run lines and send.
    pub send: bool,
}

impl BillingPolicy {
    /// The policy of a billing state; an organization without a row is one that has not paid yet.
    #[must_use]
    pub fn of(state: Option<&str>) -> Self {
        let pair = state == Some("active");
        Self { pair, send: pair || state == Some("past_due") }
    }
}

/// The row and what was read with it, at one time of the database's clock.
#[derive(Clone, Debug)]
pub struct LineRow {
    /// Which.
    pub id: Uuid,
    /// What colleagues call it.
    pub display_name: String,
    /// The number paired with it.
    pub phone_number: Option<String>,
    /// The actor's own word.
    pub state: Json<LineState>,
    /// The version of that word.
    pub version: i64,
    /// When it was said.
    pub since: Time,
    /// The assignment to an actor.
    pub epoch: i64,
    /// A stop order.
    pub stopped_at: Option<Time>,
    /// Gone from use.
    pub archived_at: Option<Time>,
    /// Who gets new conversations.
    pub assignee_user_id: Option<Uuid>,
    /// When it was created.
    pub created_at: Time,
    /// The node that owns it, if that node is alive.
    pub owner_node: Option<String>,
    /// Billing state of the organization.
    pub billing_state: Option<String>,
    /// The database's clock when this was read.
    pub now: Time,
}

impl LineRow {
    /// What billing allows.
    #[must_use]
    pub fn billing(&self) -> BillingPolicy {
        BillingPolicy::of(self.billing_state.as_deref())
    }

    /// What lies over the actor's word; `peek` is what this process knows if it owns the line.
    #[must_use]
    pub fn overlay(&self, peek: Option<Peek>) -> Overlay {
        Overlay {
            archived: self.archived_at.is_some(),
            stopped: self.stopped_at.is_some(),
            billing_restricted: !self.billing().send,
            owner: self.owner(peek),
        }
    }

    fn owner(&self, peek: Option<Peek>) -> Owner {
        if self.owner_node.is_none() {
            return Owner::Gone;
        }
        match peek.filter(|peek| peek.epoch.0 == self.epoch) {
            None => Owner::Alive,
            Some(peek) if peek.stale_after.is_some_and(|stale| stale <= self.now) => Owner::HereStale,
            Some(_) => Owner::Here,
        }
    }

    /// What a client sees.
    #[must_use]
    pub fn view(&self, peek: Option<Peek>) -> View {
        view(&self.state.0, self.overlay(peek))
    }

    /// The line as commands care for it.
    #[must_use]
    pub fn situation(&self, open: OpenCommands) -> Situation<'_> {
        Situation {
            state: &self.state.0,
            overlay: self.overlay(None),
            pair_open: open.pair,
            wakeup_open: open.wakeup,
            last_wakeup_at: open.last_health_wakeup_at,
        }
    }
}

/// Which commands are open on a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenCommands {
    /// A pair command.
    pub pair: bool,
    /// A wakeup.
    pub wakeup: bool,
    /// When health last asked for one.
    pub last_health_wakeup_at: Option<Time>,
}

/// Holds the row so that nobody changes what replies depend on. False when the organization has no such line.
/// What it says must be read in the next statement: a joined row read together with the lock may be an older one.
///
/// # Errors
/// When the store does not answer.
pub async fn hold_shared(conn: &mut PgConnection, scope: OrgScope, line: LineId) -> Result<bool, StoreError> {
    let held = sqlx::query_scalar!(
        r#"SELECT 1 AS "one!" FROM lines WHERE organization_id = $1 AND id = $2 FOR SHARE"#,
        scope.organization.0,
        line.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(held.is_some())
}

/// Holds the row alone, and reads it. None when the organization has no such line.
///
/// # Errors
/// When the store does not answer.
pub async fn hold(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
) -> Result<Option<LineRow>, StoreError> {
    let held = sqlx::query_scalar!(
        r#"SELECT 1 AS "one!" FROM lines WHERE organization_id = $1 AND id = $2 FOR UPDATE"#,
        scope.organization.0,
        line.0,
    )
    .fetch_optional(&mut *conn)
    .await?;
    if held.is_none() {
        return Ok(None);
    }
    read(conn, scope, line).await
}

/// Reads the row, unlocked.
///
/// # Errors
/// When the store does not answer.
pub async fn read(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
) -> Result<Option<LineRow>, StoreError> {
    let row = sqlx::query_as!(
        LineRow,
        r#"
        SELECT l.id, l.display_name, l.phone_number, l.state_detail AS "state: Json<LineState>", l.version, l.since,
               l.epoch, l.stopped_at, l.archived_at, l.assignee_user_id, l.created_at,
               n.name AS "owner_node?", b.state AS "billing_state?", clock_timestamp() AS "now!"
        FROM lines l
        LEFT JOIN nodes n
            ON n.incarnation = l.owner_incarnation AND n.dead_at IS NULL AND n.heartbeat_until > clock_timestamp()
        LEFT JOIN billing b ON b.organization_id = l.organization_id
        WHERE l.organization_id = $1 AND l.id = $2
        "#,
        scope.organization.0,
        line.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// Which lines to list.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// This one, archived or not.
    pub line: Option<LineId>,
    /// Archived ones too.
    pub include_archived: bool,
    /// Older than this one.
    pub before: Option<Uuid>,
    /// At most so many; none means all, which the slots bound.
    pub limit: Option<i64>,
}

/// Lines the viewer may see, newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    conn: &mut PgConnection,
    scope: OrgScope,
    viewer: Viewer,
    filter: Filter,
) -> Result<Vec<LineRow>, StoreError> {
    let rows = sqlx::query_as!(
        LineRow,
        r#"
        SELECT l.id, l.display_name, l.phone_number, l.state_detail AS "state: Json<LineState>", l.version, l.since,
               l.epoch, l.stopped_at, l.archived_at, l.assignee_user_id, l.created_at,
               n.name AS "owner_node?", b.state AS "billing_state?", clock_timestamp() AS "now!"
        FROM lines l
        LEFT JOIN nodes n
            ON n.incarnation = l.owner_incarnation AND n.dead_at IS NULL AND n.heartbeat_until > clock_timestamp()
        LEFT JOIN billing b ON b.organization_id = l.organization_id
        LEFT JOIN line_permissions p
            ON p.organization_id = l.organization_id AND p.line_id = l.id AND p.user_id = $2
        WHERE l.organization_id = $1
          AND ($3::boolean OR coalesce(p.can_view, true))
          AND ($4::uuid IS NULL OR l.id = $4)
          AND ($5::boolean OR $4::uuid IS NOT NULL OR l.archived_at IS NULL)
          AND ($6::uuid IS NULL OR l.id < $6)
        ORDER BY l.id DESC
        LIMIT $7
        "#,
        scope.organization.0,
        viewer.user,
        viewer.sees_all,
        filter.line.map(|line| line.0),
        filter.include_archived,
        filter.before,
        filter.limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// One line, if the viewer may see it.
///
/// # Errors
/// When the store does not answer.
pub async fn visible(
    conn: &mut PgConnection,
    scope: OrgScope,
    viewer: Viewer,
    line: LineId,
) -> Result<Option<LineRow>, StoreError> {
    let filter = Filter { line: Some(line), include_archived: true, before: None, limit: Some(1) };
    Ok(list(conn, scope, viewer, filter).await?.pop())
}

/// One step of a line's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The version it made.
    pub version: i64,
    /// When.
    pub at: Time,
    /// From this state.
    pub from_state: String,
    /// To this one.
    pub to_state: String,
    /// Because of this.
    pub event: String,
    /// Which was for this reason.
    pub reason: Option<String>,
    /// Under this assignment.
    pub epoch: i64,
}

/// A line's transitions, newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn timeline(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Transition>, StoreError> {
    let rows = sqlx::query_as!(
        Transition,
        r#"
        SELECT version, at, from_state, to_state, event, reason, epoch
        FROM line_transitions
        WHERE organization_id = $1 AND line_id = $2 AND version < $3
        ORDER BY version DESC
        LIMIT $4
        "#,
        scope.organization.0,
        line.0,
        before.unwrap_or(i64::MAX),
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn billing_decides_pairing_and_sending_as_the_contract_says() {
        let policies = ["pending", "active", "past_due", "restricted", "canceled"].map(|state| {
            let policy = BillingPolicy::of(Some(state));
            (policy.pair, policy.send)
        });
        assert_eq!(policies, [(false, false), (true, true), (false, true), (false, false), (false, false)]);
        assert_eq!(BillingPolicy::of(None), BillingPolicy { pair: false, send: false });
    }
}
