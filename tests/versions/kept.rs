//! What a migration must leave as it was: everything that the release before this one has, sees and asks for.

use super::{
    asked::{Asked, ask},
    catalog::{Catalog, complaints},
    previous,
    support::database::TestDatabase,
};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::collections::{BTreeMap, BTreeSet};

/// New constraints on what the release before writes, by their names. It must be known, and is said here, why it never
/// writes what they refuse.
const WEIGHED: &[&str] = &[];

/// The rows of each table, without columns that came later, and how often each is there.
type Rows = BTreeMap<String, BTreeMap<String, usize>>;

/// The previous release's database before it is migrated.
pub(crate) struct Kept {
    catalog: Catalog,
    rows: Rows,
    queries: Vec<Asked>,
}

impl Kept {
    pub(crate) async fn read(database: &TestDatabase) -> Self {
        let mut conn = connect(database).await;
        let catalog = Catalog::read(&mut conn).await;
        let rows = rows(&mut conn, &catalog).await;
        conn.close().await.unwrap();
        Self { catalog, rows, queries: previous::queries() }
    }

    /// How many rows there are.
    pub(crate) fn count(&self) -> usize {
        self.rows.values().flat_map(BTreeMap::values).sum()
    }

    /// What the previous release does not find any more as it was, once `migration` is applied too. It is taken back.
    pub(crate) async fn complaints(&self, migrated: &TestDatabase, migration: &str) -> Vec<String> {
        let mut conn = connect(migrated).await;
        let mut work = conn.begin().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(migration.to_owned())).execute(&mut *work).await.expect(migration);
        let after = Catalog::read(&mut work).await;
        let mut found = complaints(&self.catalog, &after, &self.deletes(), WEIGHED);
        found.extend(self.changed_rows(&mut work, &after).await);
        found.extend(refused_rows(&mut work).await);
        for query in &self.queries {
            let mut point = work.begin().await.unwrap();
            found.extend(complaint_about(&mut point, query).await);
            point.rollback().await.unwrap();
        }
        work.rollback().await.unwrap();
        conn.close().await.unwrap();
        found
    }

    /// The tables that the release deletes from.
    fn deletes(&self) -> BTreeSet<String> {
        let words = self.queries.iter().flat_map(|query| {
            let sql = query.sql.to_lowercase();
            sql.split("delete from ").skip(1).map(first_word).collect::<Vec<_>>()
        });
        words.collect()
    }

    async fn changed_rows(&self, conn: &mut PgConnection, after: &Catalog) -> Vec<String> {
        let mut changed = Vec::new();
        for (table, before) in &self.rows {
            let columns: Vec<&str> = self.catalog.columns_of(table).collect();
            // What is gone is complained of already, and cannot be asked for.
            if columns.iter().any(|column| !after.columns_of(table).any(|there| there == *column)) {
                continue;
            }
            let now = rows_of(conn, table, &columns).await;
            let lost = before.iter().filter(|(row, count)| now.get(*row) < Some(count));
            changed.extend(lost.map(|(row, _)| format!("{table}: a row is gone or changed: {row}")));
        }
        changed
    }
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

async fn connect(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(database.url.expose_secret()).await.unwrap()
}

async fn rows(conn: &mut PgConnection, catalog: &Catalog) -> Rows {
    let mut rows = Rows::new();
    for table in catalog.tables() {
        let columns: Vec<&str> = catalog.columns_of(table).collect();
        rows.insert(table.to_owned(), rows_of(conn, table, &columns).await);
    }
    rows
}

async fn rows_of(conn: &mut PgConnection, table: &str, columns: &[&str]) -> BTreeMap<String, usize> {
    // Names of the catalog; the order of the columns is that of the list, whatever the table's is.
    let list = columns.iter().map(|column| format!(r#""{column}""#)).collect::<Vec<_>>().join(", ");
    let ask = format!(r#"select to_jsonb(r) from (select {list} from "{table}") r"#);
    let rows: Vec<Value> = sqlx::query_scalar(AssertSqlSafe(ask)).fetch_all(conn).await.unwrap();
    let mut counted = BTreeMap::new();
    for row in rows {
        *counted.entry(row.to_string()).or_default() += 1;
    }
    counted
}

/// A CHECK that is NOT VALID has not looked at the rows that are there; an UPDATE of one would fail on it.
async fn refused_rows(conn: &mut PgConnection) -> Vec<String> {
    let checks: Vec<(String, String, String)> = sqlx::query_as(
        "select t.relname::text, k.conname::text, pg_get_expr(k.conbin, k.conrelid)
         from pg_constraint k join pg_class t on t.oid = k.conrelid
         where k.contype = 'c' and not k.convalidated and t.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    let mut complaints = Vec::new();
    for (table, name, condition) in checks {
        let ask = format!(r#"select count(*) from "{table}" where not ({condition})"#);
        let refused: i64 = sqlx::query_scalar(AssertSqlSafe(ask)).fetch_one(&mut *conn).await.unwrap();
        if refused > 0 {
            complaints.push(format!("{table}: {name} refuses {refused} rows that are there"));
        }
    }
    complaints
}

async fn complaint_about(conn: &mut PgConnection, before: &Asked) -> Option<String> {
    let now = match ask(conn, &before.sql).await {
        Ok(now) => now,
        Err(error) => return Some(format!("a query fails: {error}: {}", brief(&before.sql))),
    };
    let differences = differences(before, &now);
    (!differences.is_empty()).then(|| format!("a query {differences}: {}", brief(&before.sql)))
}

/// What whoever asked it before does not expect of it now.
fn differences(before: &Asked, now: &Asked) -> String {
    let mut differences = Vec::new();
    if now.parameters != before.parameters {
        differences.push(format!("took {:?} and takes {:?}", before.parameters, now.parameters));
    }
    let names = |asked: &Asked| asked.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    if names(now) != names(before) {
        differences.push(format!("answered with {:?} and answers with {:?}", names(before), names(now)));
    }
    for (old, new) in before.columns.iter().zip(&now.columns) {
        if old.kind != new.kind {
            differences.push(format!("answered with {} as {} and does as {}", old.name, old.kind, new.kind));
        }
        if old.required && !new.required {
            differences.push(format!("never had {} null, which it may be", old.name));
        }
    }
    differences.join(", ")
}

/// Enough to find it by.
fn brief(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect()
}
