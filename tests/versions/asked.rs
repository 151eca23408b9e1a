//! What a query asks of a schema: the parameters it takes and the columns it answers with.

use serde::{Deserialize, Serialize};
use sqlx::{
    AssertSqlSafe, Column as _, Either, Executor as _, PgConnection, SqlSafeStr as _, Statement as _,
    TypeInfo as _, postgres::types::Oid,
};

/// One checked query of a release, as that release's own schema understood it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) sql: String,
    pub(crate) parameters: Vec<String>,
    pub(crate) columns: Vec<Answered>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// It is a column of a table, and one that cannot be null there.
    pub(crate) required: bool,
}

/// Prepares the query and has it planned: without its unique index an ON CONFLICT is parsed, and then not planned.
pub(crate) async fn ask(conn: &mut PgConnection, sql: &str) -> Result<Asked, sqlx::Error> {
    let statement = (&mut *conn).prepare(AssertSqlSafe(sql.to_owned()).into_sql_str()).await?;
    let parameters: Vec<String> = match statement.parameters() {
        Some(Either::Left(types)) => types.iter().map(|kind| kind.name().to_owned()).collect(),
        Some(Either::Right(_)) | None => Vec::new(),
    };
    let origins: Vec<Origin> = statement
        .columns()
        .iter()
        .map(|column| (column.relation_id(), column.relation_attribute_no()))
        .collect();
    let required = required(conn, &origins).await?;
    let columns = statement.columns().iter().zip(required).map(|(column, required)| {
        let (name, kind) = (column.name().to_owned(), column.type_info().name().to_owned());
        Answered { name, kind, required }
    });
    let columns = columns.collect();
    plan(conn, sql, parameters.len()).await?;
    Ok(Asked { sql: sql.to_owned(), parameters, columns })
}

/// Of a column of a query: the table and the place there that it is read from.
type Origin = (Option<Oid>, Option<i16>);

async fn required(conn: &mut PgConnection, origins: &[Origin]) -> Result<Vec<bool>, sqlx::Error> {
    let (tables, places): (Vec<_>, Vec<_>) = origins.iter().copied().unzip();
    sqlx::query_scalar(
        "select coalesce(a.attnotnull, false) from unnest($1::oid[], $2::int2[]) with ordinality as o (rel, place, nth)
         left join pg_attribute a on a.attrelid = o.rel and a.attnum = o.place order by o.nth",
    )
    .bind(tables)
    .bind(places)
    .fetch_all(conn)
    .await
}

async fn plan(conn: &mut PgConnection, sql: &str, parameters: usize) -> Result<(), sqlx::Error> {
    if sql.trim_start().starts_with("SET ") {
        return Ok(());
    }
    let nulls = vec!["null"; parameters].join(", ");
    let values = if nulls.is_empty() { nulls } else { format!("({nulls})") };
    // It stays until the connection is closed.
    let name = format!("asked_{}", uuid::Uuid::new_v4().simple());
    // Planned for any values: for those of a moment it may leave out what nothing is equal to.
    let steps = format!(
        "set plan_cache_mode = force_generic_plan;\nprepare {name} as {sql};\nexplain execute {name} {values}"
    );
    sqlx::raw_sql(AssertSqlSafe(steps)).execute(conn).await.map(drop)
}
