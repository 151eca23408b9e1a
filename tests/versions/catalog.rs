//! What a schema takes and refuses, and what a release that was made for one schema loses with the next.
//!
//! A query that can be prepared can still fail: for a new column that must be given, a value that is refused now, a row
//! that may not be deleted any more. That is looked for here.

use sqlx::{PgConnection, Row as _};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug)]
pub(crate) struct Catalog {
    columns: BTreeMap<(String, String), Column>,
    uniques: BTreeMap<String, Unique>,
    constraints: Vec<Constraint>,
    triggers: BTreeSet<(String, String)>,
}

#[derive(Debug)]
struct Column {
    kind: String,
    not_null: bool,
    has_default: bool,
    /// Filled by PostgreSQL, and by nobody else.
    generated: String,
}

#[derive(Debug)]
struct Unique {
    table: String,
    definition: String,
    columns: Vec<String>,
}

#[derive(Debug)]
struct Constraint {
    table: String,
    name: String,
    kind: String,
    definition: String,
    columns: Vec<String>,
    /// Of a foreign key: the table it points at, and whether a row there may not go before this one.
    target: Option<String>,
    holds_target: bool,
}

impl Catalog {
    pub(crate) async fn read(conn: &mut PgConnection) -> Self {
        Self {
            columns: columns(conn).await,
            uniques: uniques(conn).await,
            constraints: constraints(conn).await,
            triggers: triggers(conn).await,
        }
    }

    pub(crate) fn tables(&self) -> BTreeSet<&str> {
        self.columns.keys().map(|(table, _)| table.as_str()).collect()
    }

    /// In their order by name.
    pub(crate) fn columns_of<'a>(&'a self, table: &'a str) -> impl Iterator<Item = &'a str> {
        let of_table = self.columns.keys().filter(move |(of, _)| of == table);
        of_table.map(|(_, column)| column.as_str())
    }

    fn column(&self, table: &str, column: &str) -> Option<&Column> {
        self.columns.get(&(table.to_owned(), column.to_owned()))
    }

    fn has_all(&self, table: &str, columns: &[String]) -> bool {
        columns.iter().all(|column| self.column(table, column).is_some())
    }
}

async fn columns(conn: &mut PgConnection) -> BTreeMap<(String, String), Column> {
    let rows = sqlx::query(
        "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as kind, a.attnotnull,
                a.atthasdef or a.attidentity <> '' as has_default,
                a.attgenerated::text || a.attidentity::text as generated
         from pg_attribute a join pg_class c on c.oid = a.attrelid
         where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and a.attnum > 0
             and not a.attisdropped",
    );
    let rows = rows.fetch_all(conn).await.unwrap();
    let column = |row: &sqlx::postgres::PgRow| Column {
        kind: row.get("kind"),
        not_null: row.get("attnotnull"),
        has_default: row.get("has_default"),
        generated: row.get("generated"),
    };
    rows.iter().map(|row| ((row.get("relname"), row.get("attname")), column(row))).collect()
}

/// With all the columns that they look at: those of the key, and those of their condition.
async fn uniques(conn: &mut PgConnection) -> BTreeMap<String, Unique> {
    let rows = sqlx::query(
        "select t.relname, i.relname as name, pg_get_indexdef(i.oid) as definition,
                array(select a.attname::text from pg_attribute a where a.attrelid = t.oid and a.attnum = any (x.indkey)
                      union
                      select a.attname::text from pg_depend d
                          join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
                      where d.classid = 'pg_class'::regclass and d.objid = i.oid and d.refobjid = t.oid) as columns
         from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
         where x.indisunique and t.relnamespace = 'public'::regnamespace",
    );
    let rows = rows.fetch_all(conn).await.unwrap();
    let unique = |row: &sqlx::postgres::PgRow| Unique {
        table: row.get("relname"),
        definition: row.get("definition"),
        columns: row.get("columns"),
    };
    rows.iter().map(|row| (row.get("name"), unique(row))).collect()
}

async fn constraints(conn: &mut PgConnection) -> Vec<Constraint> {
    let rows = sqlx::query(
        "select t.relname, k.conname, k.contype::text as kind, pg_get_constraintdef(k.oid) as definition,
                array(select a.attname::text from pg_attribute a
                      where a.attrelid = k.conrelid and a.attnum = any (k.conkey)) as columns,
                (select f.relname from pg_class f where f.oid = k.confrelid) as target,
                k.confdeltype in ('a', 'r') as holds_target
         from pg_constraint k join pg_class t on t.oid = k.conrelid
         where k.contype in ('c', 'f', 'x') and t.relnamespace = 'public'::regnamespace
         order by t.relname, k.conname",
    );
    let rows = rows.fetch_all(conn).await.unwrap();
    let constraint = |row: &sqlx::postgres::PgRow| Constraint {
        table: row.get("relname"),
        name: row.get("conname"),
        kind: row.get("kind"),
        definition: row.get("definition"),
        columns: row.get("columns"),
        target: row.get("target"),
        holds_target: row.get("holds_target"),
    };
    rows.iter().map(constraint).collect()
}

async fn triggers(conn: &mut PgConnection) -> BTreeSet<(String, String)> {
    sqlx::query_as(
        "select t.relname::text, g.tgname::text from pg_trigger g join pg_class t on t.oid = g.tgrelid
         where not g.tgisinternal and t.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(conn)
    .await
    .unwrap()
    .into_iter()
    .collect()
}

/// What a release made for `before` loses with `after`. It deletes from the tables of `deletes`; the constraints of
/// `weighed` somebody has thought about.
pub(crate) fn complaints(
    before: &Catalog,
    after: &Catalog,
    deletes: &BTreeSet<String>,
    weighed: &[&str],
) -> Vec<String> {
    let mut complaints = lost_columns(before, after);
    complaints.extend(new_columns(before, after));
    complaints.extend(unique_indexes(before, after, weighed));
    complaints.extend(new_constraints(before, after, deletes, weighed));
    let tables = before.tables();
    let triggers = after.triggers.difference(&before.triggers);
    let triggers = triggers.filter(|(table, _)| tables.contains(table.as_str()));
    complaints.extend(triggers.map(|(table, name)| format!("{table}: the trigger {name} is new")));
    complaints
}

fn lost_columns(before: &Catalog, after: &Catalog) -> Vec<String> {
    let mut complaints = Vec::new();
    for ((table, name), old) in &before.columns {
        let Some(new) = after.column(table, name) else {
            complaints.push(format!("{table}.{name} is gone"));
            continue;
        };
        if new.kind != old.kind {
            complaints.push(format!("{table}.{name} was {} and is {}", old.kind, new.kind));
        }
        if new.not_null && !old.not_null {
            complaints.push(format!("{table}.{name} must not be null any more"));
        }
        if old.has_default && !new.has_default {
            complaints.push(format!("{table}.{name} has lost its default"));
        }
        if new.generated != old.generated {
            complaints.push(format!("{table}.{name} is filled by PostgreSQL in another way"));
        }
    }
    complaints
}

/// A release names the columns that it fills: what it does not know of must do without it.
fn new_columns(before: &Catalog, after: &Catalog) -> Vec<String> {
    let tables = before.tables();
    let new = after.columns.iter().filter(|((table, name), column)| {
        let is_new = tables.contains(table.as_str()) && before.column(table, name).is_none();
        is_new && column.not_null && !column.has_default && column.generated.is_empty()
    });
    new.map(|((table, name), _)| format!("{table}.{name} is new and must be given")).collect()
}

/// Also by its name: the service tells by it what a refusal is about.
fn unique_indexes(before: &Catalog, after: &Catalog, weighed: &[&str]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, old) in &before.uniques {
        match after.uniques.get(name) {
            None => complaints.push(format!("{}: the unique index {name} is gone", old.table)),
            Some(new) if new.definition != old.definition => {
                complaints.push(format!("{}: the unique index {name} is another", old.table));
            }
            Some(_) => {}
        }
    }
    let tables = before.tables();
    for (name, new) in &after.uniques {
        let is_new = tables.contains(new.table.as_str()) && !before.uniques.contains_key(name);
        if is_new && !weighed.contains(&name.as_str()) && !sees_a_gap(before, after, &new.table, &new.columns)
        {
            complaints.push(format!("{}: the unique index {name} is new for rows of before", new.table));
        }
    }
    complaints
}

/// Whether one of the columns is null in all that the release before writes.
fn sees_a_gap(before: &Catalog, after: &Catalog, table: &str, columns: &[String]) -> bool {
    columns.iter().any(|column| {
        before.column(table, column).is_none()
            && after.column(table, column).is_some_and(|new| !new.has_default && new.generated.is_empty())
    })
}

fn new_constraints(
    before: &Catalog,
    after: &Catalog,
    deletes: &BTreeSet<String>,
    weighed: &[&str],
) -> Vec<String> {
    let tables = before.tables();
    let is_new = |new: &&Constraint| {
        let same = |old: &Constraint| old.table == new.table && old.definition == new.definition;
        !before.constraints.iter().any(same) && !weighed.contains(&new.name.as_str())
    };
    let mut complaints = Vec::new();
    for new in after.constraints.iter().filter(is_new) {
        let Constraint { table, name, .. } = new;
        if let Some(target) = &new.target
            && new.holds_target
            && deletes.contains(target)
        {
            complaints.push(format!("{table}: {name} keeps rows of {target} from being deleted"));
        }
        let old = before.constraints.iter().find(|old| (&old.table, &old.name) == (table, name));
        let is_wider = old.is_some_and(|old| is_wider(&old.definition, &new.definition));
        let is_of_before = tables.contains(table.as_str()) && before.has_all(table, &new.columns);
        if (is_of_before && !is_wider) || (new.kind == "x" && tables.contains(table.as_str())) {
            complaints.push(format!("{table}: {name} is new for rows of before: {}", new.definition));
        }
    }
    complaints
}

/// Whether a CHECK that is nothing but a list of values took more of them. Any other change has to be weighed.
fn is_wider(before: &str, after: &str) -> bool {
    match (listed(before), listed(after)) {
        (Some((column, before)), Some((same, after))) => column == same && before.is_subset(&after),
        _ => false,
    }
}

/// The column and the values of `CHECK ((column = ANY (ARRAY['value'::text, …])))`.
fn listed(definition: &str) -> Option<(&str, BTreeSet<&str>)> {
    let list = definition.strip_prefix("CHECK ((")?;
    let (column, values) = list.split_once(" = ANY (ARRAY[")?;
    let values = values.trim_end_matches(" NOT VALID").strip_suffix("])))")?;
    Some((column, values.split(", ").collect()))
}

#[test]
fn a_list_of_values_may_grow_and_nothing_else() {
    let list = |values: &str| format!("CHECK ((state = ANY (ARRAY[{values}])))");
    let (a, ab) = (list("'a'::text"), list("'a'::text, 'b'::text"));
    assert!(is_wider(&a, &ab) && is_wider(&ab, &ab) && !is_wider(&ab, &a));
    assert!(!is_wider(&a, &ab.replace("state", "other")));
    let none = |values: &str| format!("CHECK ((state <> ALL (ARRAY[{values}])))");
    assert!(!is_wider(&none("'a'::text"), &none("'a'::text, 'b'::text")), "more of it is less");
    let both = |values: &str| format!("CHECK (((state = ANY (ARRAY[{values}])) = (at IS NOT NULL)))");
    assert!(!is_wider(&both("'a'::text"), &both("'a'::text, 'b'::text")));
}
