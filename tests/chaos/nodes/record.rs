//! What the database itself notes during a run: each change of an owner, and each intent beside the epoch and the
//! owner that its line had at that instant. The service knows nothing of it.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use std::collections::HashMap;
use uuid::Uuid;

const NOTES: &str = "
    create table noted_owners (
        seq bigserial primary key, line uuid, owner uuid, epoch bigint, at timestamptz default clock_timestamp());
    create function note_owner() returns trigger language plpgsql as $$ begin
        insert into noted_owners (line, owner, epoch) values (new.id, new.owner_incarnation, new.epoch);
        return null;
    end $$;
    create trigger note_owner after update of owner_incarnation on lines for each row
        when (old.owner_incarnation is distinct from new.owner_incarnation) execute function note_owner();
    create table noted_intents (
        seq bigserial primary key, line uuid, epoch bigint, line_epoch bigint, who text, owner text,
        at timestamptz default clock_timestamp());
    create function note_intent() returns trigger language plpgsql as $$ begin
        insert into noted_intents (line, epoch, line_epoch, who, owner)
            select new.line_id, new.epoch, l.epoch, current_setting('application_name'), 'ezw ' || n.name
            from lines l left join nodes n on n.incarnation = l.owner_incarnation where l.id = new.line_id;
        return null;
    end $$;
    create trigger note_intent after update on outbound for each row
        when (new.attempts > old.attempts) execute function note_intent();";

/// Begins the notes.
pub(crate) async fn begin(sql: &PgPool) {
    sqlx::raw_sql(NOTES).execute(sql).await.unwrap();
}

/// A change of an owner; none when the line was let go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) line: Uuid,
    pub(crate) owner: Option<Uuid>,
    pub(crate) at: DateTime<Utc>,
}

/// All of them, in their order, from `since` on.
pub(crate) async fn changes(sql: &PgPool, since: DateTime<Utc>) -> Vec<Change> {
    let rows: Vec<(Uuid, Option<Uuid>, DateTime<Utc>)> =
        sqlx::query_as("select line, owner, at from noted_owners where at >= $1 order by seq")
            .bind(since)
            .fetch_all(sql)
            .await
            .unwrap();
    rows.into_iter().map(|(line, owner, at)| Change { line, owner, at }).collect()
}

/// Which epochs of which lines were given out, from `since` on.
pub(crate) async fn epochs(sql: &PgPool, since: DateTime<Utc>) -> Vec<(Uuid, i64)> {
    let ask = "select line, epoch from noted_owners where owner is not null and at >= $1 order by seq";
    sqlx::query_as(ask).bind(since).fetch_all(sql).await.unwrap()
}

/// For each time a line was let go: how long until somebody owned it, in seconds.
pub(crate) fn gaps(changes: &[Change]) -> Vec<f64> {
    let mut free: HashMap<Uuid, DateTime<Utc>> = HashMap::new();
    let mut gaps = Vec::new();
    for change in changes {
        match change.owner {
            None => {
                free.insert(change.line, change.at);
            }
            Some(_) => gaps.extend(free.remove(&change.line).map(|since| seconds(change.at - since))),
        }
    }
    gaps
}

pub(crate) fn seconds(span: chrono::TimeDelta) -> f64 {
    span.as_seconds_f64()
}

/// What no run may ever show, one complaint for each case.
pub(crate) async fn complaints(sql: &PgPool) -> Vec<String> {
    let mut found = Vec::new();
    for (what, ask) in [
        ("intents of a start that was over", "select count(*) from noted_intents where epoch <> line_epoch"),
        ("intents of a node that was not the owner", "select count(*) from noted_intents where who is distinct from owner"),
        (
            "transitions of a start that was over",
            "select count(*) from (select epoch, lag(epoch) over (partition by line_id order by version) as before
                from line_transitions) t where epoch < before",
        ),
        ("lines that were `replaced`", "select count(*) from line_transitions where to_state = 'replaced'"),
        (
            "epochs that two nodes had",
            "select count(*) from (select line, epoch from noted_owners where owner is not null
                group by line, epoch having count(distinct owner) > 1) t",
        ),
    ] {
        let count: i64 = sqlx::query_scalar(ask).fetch_one(sql).await.unwrap();
        if count > 0 {
            found.push(format!("{count} {what}"));
        }
    }
    found
}

/// The middle, the 99th of a hundred, and the longest.
pub(crate) fn spread(times: &[f64]) -> Option<[f64; 3]> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get(((sorted.len() as f64 * share).ceil() as usize).max(1) - 1).copied();
    Some([at(0.5)?, at(0.99)?, at(1.0)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_lasts_from_letting_go_to_the_next_owner() {
        let line = Uuid::from_u128(1);
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let change =
            |owner: Option<u128>, second| Change { line, owner: owner.map(Uuid::from_u128), at: at(second) };
        let changes = [change(Some(1), 0), change(None, 10), change(Some(2), 12), change(Some(3), 20)];
        assert_eq!(gaps(&changes), [2.0], "a takeover without letting go is none");
        assert_eq!(spread(&[3.0, 1.0, 2.0]), Some([2.0, 3.0, 3.0]));
        assert_eq!(spread(&[]), None);
    }
}
