//! One hint as clients read it, and who may.

use crate::store::{OrgScope, StoreError};
use actix_web::web::Bytes;
use chrono::SecondsFormat;
use ezw_actors::{id::OrganizationId, machine::Time};
use serde::Serialize;
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// A numbered hint, ready to be sent to many.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number in the organization.
    pub seq: i64,
    about: About,
    /// Its frame in the stream, rendered once for all clients.
    pub frame: Bytes,
}

/// What decides who may see a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    Line { line: Uuid, user: Option<Uuid> },
    Conversation { line: Uuid, before: Option<Uuid>, now: Option<Uuid> },
    Members,
    Billing,
}

/// A member, as far as hints care.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// The person.
    pub user: Uuid,
    /// An active member.
    pub active: bool,
    /// An owner or admin.
    pub sees_all: bool,
    /// Lines an agent may not view.
    pub hidden_lines: HashSet<Uuid>,
}

impl Event {
    /// Whether `access` covers the object, before or after the change.
    #[must_use]
    pub fn is_for(&self, access: &Access) -> bool {
        if !access.active {
            return false;
        }
        match self.about {
            About::Members => true,
            About::Billing => access.sees_all,
            About::Line { line, user } => {
                access.sees_all || user == Some(access.user) || !access.hidden_lines.contains(&line)
            }
            About::Conversation { line, before, now } => {
                let holds = |holder: Option<Uuid>| holder.is_none_or(|holder| holder == access.user);
                access.sees_all || (!access.hidden_lines.contains(&line) && (holds(before) || holds(now)))
            }
        }
    }

    /// Changes who may see what: read accesses again before handing it out.
    #[must_use]
    pub fn changes_access(&self) -> bool {
        matches!(self.about, About::Members | About::Line { user: Some(_), .. })
    }

    fn of(row: Row) -> Option<Self> {
        let about = match (row.kind.as_str(), row.line_id) {
            ("line.updated", Some(line)) => About::Line { line, user: row.user_id },
            ("conversation.updated" | "message.updated", Some(line)) => {
                About::Conversation { line, before: row.previous_assignee_id, now: row.assignee_now }
            }
            ("membership.updated", _) => About::Members,
            ("billing.updated", _) => About::Billing,
            _ => return None,
        };
        let data = Data {
            kind: &row.kind,
            line_id: row.line_id,
            conversation_id: row.conversation_id,
            message_id: row.message_id,
            at: stamp(row.at),
        };
        Some(Self { seq: row.seq, about, frame: frame(&row.kind, row.seq, &data) })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<Uuid>,
    at: String,
}

fn stamp(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn frame(name: &str, seq: i64, data: &Data<'_>) -> Bytes {
    // A struct of ids and times always has a JSON form; an empty object still says "fetch again".
    let data = serde_json::to_string(data).unwrap_or_else(|_| "{}".to_owned());
    Bytes::from(format!("id: {seq}\nevent: {name}\ndata: {data}\n\n"))
}

/// "You missed something: fetch everything again." Its number is where to go on from.
#[must_use]
pub fn gap(seq: i64, at: Time) -> Bytes {
    let data = Data { kind: "gap", line_id: None, conversation_id: None, message_id: None, at: stamp(at) };
    frame("gap", seq, &data)
}

struct Row {
    organization_id: Uuid,
    seq: i64,
    kind: String,
    line_id: Option<Uuid>,
    conversation_id: Option<Uuid>,
    message_id: Option<Uuid>,
    user_id: Option<Uuid>,
    previous_assignee_id: Option<Uuid>,
    assignee_now: Option<Uuid>,
    at: Time,
}

/// Events of one organization in one look at most.
pub(super) const EVENTS_PER_LOOK: i64 = 1_000;

/// What was numbered since, for each of these organizations. Across organizations: the hub serves many at once.
pub(super) async fn since_in_all(
    conn: &mut PgConnection,
    organizations: &[Uuid],
    after: &[i64],
) -> Result<Vec<(Uuid, Event)>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT e.organization_id, e.seq AS "seq!", e.type AS kind, e.line_id, e.conversation_id, e.message_id,
               e.user_id, e.previous_assignee_id, c.assignee_user_id AS "assignee_now?", e.at
        FROM unnest($1::uuid[], $2::bigint[]) AS w (organization_id, after)
        CROSS JOIN LATERAL (
            SELECT * FROM live_events x
            WHERE x.organization_id = w.organization_id AND x.seq > w.after
            ORDER BY x.seq
            LIMIT $3
        ) e
        LEFT JOIN conversations c ON c.organization_id = e.organization_id AND c.id = e.conversation_id
        ORDER BY e.organization_id, e.seq
        "#,
        organizations,
        after,
        EVENTS_PER_LOOK,
    )
    .fetch_all(conn)
    .await?;
    let event = |row: Row| Some((row.organization_id, Event::of(row)?));
    Ok(rows.into_iter().filter_map(event).collect())
}

/// Where an organization's numbers stand: the last one, and the lowest still kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) last_seq: i64,
    pub(super) first_kept_seq: i64,
}

pub(super) async fn numbers(conn: &mut PgConnection, scope: OrgScope) -> Result<Numbers, StoreError> {
    let numbers = sqlx::query_as!(
        Numbers,
        "SELECT last_seq, first_kept_seq FROM live_sequences WHERE organization_id = $1",
        scope.organization.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(numbers.unwrap_or(Numbers { last_seq: 0, first_kept_seq: 1 }))
}

/// The accesses of these members, in one statement. Across organizations, like [`since_in_all`].
pub(super) async fn accesses_in_all(
    conn: &mut PgConnection,
    members: &[(OrganizationId, Uuid)],
) -> Result<Vec<(OrganizationId, Access)>, StoreError> {
    let organizations: Vec<Uuid> = members.iter().map(|(organization, _)| organization.0).collect();
    let users: Vec<Uuid> = members.iter().map(|(_, user)| *user).collect();
    let rows = sqlx::query!(
        r#"
        SELECT w.organization_id AS "organization_id!", w.user_id AS "user_id!", m.role AS "role?",
               m.status AS "status?",
               ARRAY(SELECT p.line_id FROM line_permissions p
                     WHERE p.organization_id = w.organization_id AND p.user_id = w.user_id AND NOT p.can_view)
                   AS "hidden!"
        FROM unnest($1::uuid[], $2::uuid[]) AS w (organization_id, user_id)
        LEFT JOIN memberships m ON m.organization_id = w.organization_id AND m.user_id = w.user_id
        "#,
        &organizations,
        &users,
    )
    .fetch_all(conn)
    .await?;
    let access = rows.into_iter().map(|row| {
        let access = Access {
            user: row.user_id,
            active: row.status.as_deref() == Some("active"),
            sees_all: matches!(row.role.as_deref(), Some("owner" | "admin")),
            hidden_lines: row.hidden.into_iter().collect(),
        };
        (OrganizationId(row.organization_id), access)
    });
    Ok(access.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: Uuid = Uuid::from_u128(1);
    const ME: Uuid = Uuid::from_u128(2);
    const OTHER: Uuid = Uuid::from_u128(3);

    fn row(kind: &str) -> Row {
        Row {
            organization_id: Uuid::nil(),
            seq: 7,
            kind: kind.into(),
            line_id: Some(LINE),
            conversation_id: None,
            message_id: None,
            user_id: None,
            previous_assignee_id: None,
            assignee_now: None,
            at: Time::UNIX_EPOCH,
        }
    }

    fn agent(hidden: &[Uuid]) -> Access {
        Access { user: ME, active: true, sees_all: false, hidden_lines: hidden.iter().copied().collect() }
    }

    #[test]
    fn a_frame_is_one_event_of_the_stream() {
        let event = Event::of(row("line.updated")).unwrap();
        let text = std::str::from_utf8(&event.frame).unwrap();
        let expected = format!(
            "id: 7\nevent: line.updated\ndata: {{\"type\":\"line.updated\",\"lineId\":\"{LINE}\",\"at\":\"1970-01-01T00:00:00.000Z\"}}\n\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_conversation_hint_goes_to_who_could_see_it_before_or_after() {
        let cases = [
            (None, None, true),
            (Some(OTHER), Some(OTHER), false),
            (Some(ME), Some(OTHER), true),
            (Some(OTHER), Some(ME), true),
            (None, Some(OTHER), true),
            (Some(OTHER), None, true),
        ];
        for (before, now, expected) in cases {
            let row = Row { previous_assignee_id: before, assignee_now: now, ..row("conversation.updated") };
            let event = Event::of(row).unwrap();
            assert_eq!(event.is_for(&agent(&[])), expected, "{before:?} {now:?}");
            assert!(!event.is_for(&agent(&[LINE])), "{before:?} {now:?} hidden");
            assert!(event.is_for(&Access { sees_all: true, ..agent(&[]) }));
            assert!(!event.is_for(&Access { active: false, sees_all: true, ..agent(&[]) }));
        }
    }

    #[test]
    fn whose_permission_changed_is_told_even_when_the_line_is_gone_from_view() {
        let event = Event::of(Row { user_id: Some(ME), ..row("line.updated") }).unwrap();
        assert!(event.is_for(&agent(&[LINE])));
        assert!(event.changes_access());
        assert!(!Event::of(row("line.updated")).unwrap().is_for(&agent(&[LINE])));
    }

    #[test]
    fn billing_is_for_owners_and_admins() {
        let event = Event::of(row("billing.updated")).unwrap();
        assert!(!event.is_for(&agent(&[])));
        assert!(event.is_for(&Access { sees_all: true, ..agent(&[]) }));
    }
}
