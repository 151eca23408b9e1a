//! A line's row with all that lies over it, read in one statement: what every endpoint says about a line comes from
//! these facts, so no two can disagree.

use super::{OrgScope, StoreError, billing::BillingState};
use ezw_actors::{
    command::Situation,
    id::{Epoch, LineId, OrganizationId},
    lines::{Evidence, Lines},
    machine::{LineState, Overlay, Owner, Time, View, view},
};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

/// One line, as the rows have it.
#[derive(Clone, Debug)]
pub struct LineFacts {
    /// The tenant.
    pub organization_id: Uuid,
    /// The line.
    pub id: Uuid,
    /// What people call it.
    pub display_name: String,
    /// Its number, once paired.
    pub phone_number: Option<String>,
    /// The actor's word.
    pub state: Json<LineState>,
    /// Grows with every transition.
    pub version: i64,
    /// When the present state began.
    pub since: Time,
    /// The start that owns the line, or owned it last.
    pub epoch: i64,
    /// The process that owns the line.
    pub owner: Option<Uuid>,
    /// The name of its node.
    pub owner_node: Option<String>,
    /// Whether that process is alive, by the database's clock.
    pub owner_alive: bool,
    /// Until when its word counts.
    pub owner_until: Option<Time>,
    /// The stop order.
    pub stopped_at: Option<Time>,
    /// The end of the line.
    pub archived_at: Option<Time>,
    /// Start of the present session.
    pub session_started_at: Option<Time>,
    /// Evidence, at most a minute old.
    pub last_frame_at: Option<Time>,
    /// Evidence, at most a minute old.
    pub last_ack_at: Option<Time>,
    /// Evidence, at most a minute old.
    pub last_inbound_at: Option<Time>,
    /// Gets new conversations.
    pub assignee_user_id: Option<Uuid>,
    /// When the line was made.
    pub created_at: Time,
    /// Billing of the organization; none before there is any.
    pub billing: Option<String>,
    /// The open pair command.
    pub open_pair: Option<Uuid>,
    /// A wakeup command is open.
    pub wakeup_open: bool,
    /// When a wakeup through health was last queued for a failed line.
    pub last_wakeup_at: Option<Time>,
    /// Replies that wait, where asked for.
    pub queue_depth: Option<i64>,
    /// Since when the oldest of them waits.
    pub oldest_queued_at: Option<Time>,
    /// The token the line was found by, if it was.
    pub token_id: Option<Uuid>,
    /// When that token was last used, to the minute.
    pub token_used_at: Option<Time>,
    /// The database's clock when this was read.
    pub as_of: Time,
}

/// What the facts say now, with what this process knows besides.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// What lies over the actor's word.
    pub overlay: Overlay,
    /// The three axes.
    pub view: View,
    /// Past this nothing is sendable; none in states that claim no life.
    pub stale_after: Option<Time>,
    /// Signs of life.
    pub evidence: Evidence,
}

/// Reads [`LineFacts`]: `facts!("WHERE …", arguments)`. With `token`, the tail joins `api_tokens t`, and how many replies
/// wait is counted too, which lists do not need.
macro_rules! facts {
    (token, $($tail:tt)*) => {
        facts!(@ r#",
            (SELECT count(*) FROM outbound o WHERE o.line_id = l.id AND o.status = 'queued') AS queue_depth,
            (SELECT min(o.accepted_at) FROM outbound o WHERE o.line_id = l.id AND o.status = 'queued') AS oldest_queued_at,
            t.id AS "token_id?", t.last_used_at AS token_used_at "#, $($tail)*)
    };
    (@ $more:tt, $tail:tt $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            LineFacts,
            r#"
            SELECT l.organization_id, l.id, l.display_name, l.phone_number,
                   l.state_detail AS "state: Json<LineState>", l.version, l.since, l.epoch,
                   l.owner_incarnation AS "owner?", n.name AS "owner_node?",
                   COALESCE(n.dead_at IS NULL AND n.heartbeat_until > clock_timestamp(), false) AS "owner_alive!",
                   n.heartbeat_until AS "owner_until?",
                   l.stopped_at, l.archived_at, l.session_started_at,
                   l.last_frame_at, l.last_ack_at, l.last_inbound_at, l.assignee_user_id, l.created_at,
                   b.state AS "billing?",
                   (SELECT c.id FROM line_commands c WHERE c.organization_id = l.organization_id
                           AND c.line_id = l.id AND c.kind = 'pair' AND c.state IN ('queued', 'running')) AS open_pair,
                   EXISTS (SELECT FROM line_commands c WHERE c.organization_id = l.organization_id
                           AND c.line_id = l.id AND c.kind = 'wakeup' AND c.state IN ('queued', 'running')) AS "wakeup_open!",
                   (SELECT c.created_at FROM line_commands c WHERE c.organization_id = l.organization_id
                           AND c.line_id = l.id AND c.kind = 'wakeup' AND c.requested_by IS NULL
                           AND c.data ->> 'was' = 'failed'
                     ORDER BY c.created_at DESC LIMIT 1) AS last_wakeup_at,
                   clock_timestamp() AS "as_of!"
            "# + $more + r#"
              FROM lines l
              LEFT JOIN nodes n ON n.incarnation = l.owner_incarnation
              LEFT JOIN billing b ON b.organization_id = l.organization_id
            "# + $tail
            $(, $argument)*
        )
    };
    ($($tail:tt)*) => {
        facts!(@ r#", NULL::bigint AS queue_depth, NULL::timestamptz AS oldest_queued_at,
                      NULL::uuid AS token_id, NULL::timestamptz AS token_used_at "#, $($tail)*)
    };
}

pub(super) use facts;

/// One line of the organization, archived or not.
///
/// # Errors
/// When the store does not answer.
pub async fn line_facts(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
) -> Result<Option<LineFacts>, StoreError> {
    let query = facts!("WHERE l.organization_id = $1 AND l.id = $2", scope.organization.0, line.0);
    Ok(query.fetch_optional(conn).await?)
}

/// The line a token was issued for; none when the token is revoked or its line archived. Before authentication there is
/// no scope: the hash is the whole authority.
///
/// # Errors
/// When the store does not answer.
pub async fn line_facts_by_token(
    conn: &mut PgConnection,
    token_hash: &[u8],
) -> Result<Option<LineFacts>, StoreError> {
    let query = facts!(
        token,
        r#"
        JOIN api_tokens t ON t.organization_id = l.organization_id AND t.line_id = l.id
        WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND l.archived_at IS NULL
        "#,
        token_hash,
    );
    Ok(query.fetch_optional(conn).await?)
}

/// The same as [`line_facts`], with the row locked until the transaction ends: what is decided on these facts stays true until then.
///
/// # Errors
/// When the store does not answer, or somebody else held the row for too long.
pub async fn lock_line_facts(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
) -> Result<Option<LineFacts>, StoreError> {
    // Locked in a statement of its own: the open commands must be read after the lock was won, not before.
    let locked = sqlx::query_scalar!(
        "SELECT id FROM lines WHERE organization_id = $1 AND id = $2 FOR UPDATE",
        scope.organization.0,
        line.0,
    );
    match locked.fetch_optional(&mut *conn).await? {
        Some(_) => line_facts(conn, scope, line).await,
        None => Ok(None),
    }
}

impl LineFacts {
    /// The line.
    #[must_use]
    pub fn line(&self) -> LineId {
        LineId(self.id)
    }

    /// The rows its organization owns.
    #[must_use]
    pub fn scope(&self) -> OrgScope {
        OrgScope::of(OrganizationId(self.organization_id))
    }

    /// What a client is told now. `lines` knows better about the lines this process owns.
    #[must_use]
    pub fn seen(&self, lines: &Lines) -> Seen {
        // What an actor knows is dated by this process's clock, not by that of the database.
        let now = lines.now();
        // An epoch alone may be another node's too, after a failover that lost commits.
        let ours = self.owner_here(lines);
        let peek = lines.peek(self.line()).filter(|peek| ours && peek.epoch == Epoch(self.epoch));
        let claims_life = self.state.needs_owner();
        // An owner that is killed renews no lease: whatever evidence it had, it is over by then.
        let leased =
            |until: Option<Time>| until.map(|until| self.owner_until.map_or(until, |lease| lease.min(until)));
        let (owner, stale_after, evidence) = match peek {
            // The actor published another version than this row: one of the two is older, so neither is vouched for.
            Some(peek) if peek.version != self.version => {
                (Owner::HereStale, leased(peek.stale_after), latest(peek.evidence, self.evidence()))
            }
            Some(peek) => (peek.owner(now), leased(peek.stale_after), latest(peek.evidence, self.evidence())),
            // Its actor died a moment ago and is started anew: what the dead one claimed is not vouched for.
            None if self.owner_here(lines) && lines.holds(self.line()) => {
                (Owner::HereStale, None, self.evidence())
            }
            // Ours by the row, and no actor stands behind it: nobody's word is good.
            None if self.owner_here(lines) => (Owner::Gone, None, self.evidence()),
            None if self.owner_alive => {
                (Owner::Alive, self.owner_until.filter(|_| claims_life), self.evidence())
            }
            None => (Owner::Gone, None, self.evidence()),
        };
        let overlay = self.overlay(owner);
        Seen { overlay, view: view(&self.state, overlay), stale_after, evidence }
    }

    fn owner_here(&self, lines: &Lines) -> bool {
        self.owner.is_some() && self.owner == lines.incarnation().map(|own| own.0)
    }

    /// What lies over the actor's word by the rows alone: commands are decided on it, the same on every node.
    #[must_use]
    pub fn overlay_by_row(&self) -> Overlay {
        self.overlay(if self.owner_alive { Owner::Alive } else { Owner::Gone })
    }

    /// What commands are decided on.
    #[must_use]
    pub fn situation(&self, overlay: Overlay) -> Situation<'_> {
        Situation {
            state: &self.state,
            overlay,
            pair_open: self.open_pair.is_some(),
            wakeup_open: self.wakeup_open,
            last_wakeup_at: self.last_wakeup_at,
        }
    }

    fn overlay(&self, owner: Owner) -> Overlay {
        let billing = BillingState::read(self.billing.as_deref());
        Overlay {
            archived: self.archived_at.is_some(),
            stopped: self.stopped_at.is_some(),
            billing_restricted: !billing.policy().can_send,
            owner,
        }
    }

    fn evidence(&self) -> Evidence {
        Evidence {
            last_frame_at: self.last_frame_at,
            last_ack_at: self.last_ack_at,
            last_inbound_at: self.last_inbound_at,
            unacked_since: None,
        }
    }
}

/// An actor knows its own session; the row remembers the ones before.
fn latest(own: Evidence, kept: Evidence) -> Evidence {
    Evidence {
        last_frame_at: own.last_frame_at.max(kept.last_frame_at),
        last_ack_at: own.last_ack_at.max(kept.last_ack_at),
        last_inbound_at: own.last_inbound_at.max(kept.last_inbound_at),
        unacked_since: own.unacked_since,
    }
}
