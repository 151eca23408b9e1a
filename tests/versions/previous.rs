//! What was kept of the previous release, and how it comes into a database.

use super::{asked::Asked, support::database::TestDatabase};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use ezw_actors::clock::{Clock as _, SystemClock};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

const ROWS: &str = include_str!("previous/rows.sql");
const QUERIES: &str = include_str!("previous/queries.json");
const NOTES: &str = include_str!("previous/release.json");
/// The phones that are linked to its lines.
pub(crate) const SIMULATOR: &str = include_str!("previous/simulator.json");

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notes {
    /// When it was killed.
    pub(crate) taken_at: DateTime<Utc>,
    /// The e-mail address of the organization's owner.
    pub(crate) owner: String,
    /// Of lines that could send.
    pub(crate) tokens: Vec<String>,
}

pub(crate) fn notes() -> Notes {
    serde_json::from_str(NOTES).expect("release.json")
}

/// Each checked query of the release.
pub(crate) fn queries() -> Vec<Asked> {
    let queries: Vec<Asked> = serde_json::from_str(QUERIES).expect("queries.json");
    assert!(queries.len() > 100, "queries.json is read wrongly");
    queries
}

/// Its database, as it was left.
pub(crate) async fn database() -> TestDatabase {
    filled(ROWS).await
}

/// The same, as if it had been left just now: what was to leave in an hour has not run out meanwhile.
pub(crate) async fn database_of_just_now() -> TestDatabase {
    filled(&moved(ROWS, SystemClock.now() - notes().taken_at)).await
}

async fn filled(rows: &str) -> TestDatabase {
    let database = TestDatabase::create().await;
    let mut conn = PgConnection::connect(database.url.expose_secret()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(rows.to_owned())).execute(&mut conn).await.expect("rows.sql");
    conn.close().await.unwrap();
    database
}

/// `text` with every instant in it moved, in columns and in JSON alike.
fn moved(text: &str, by: TimeDelta) -> String {
    let mut moved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("20") {
        let (before, from) = rest.split_at(at);
        moved.push_str(before);
        match instant(from) {
            Some((instant, separator, zone, length)) => {
                let form = format!("%Y-%m-%d{separator}%H:%M:%S%.6f{zone}");
                moved.push_str(&(instant + by).format(&form).to_string());
                rest = &from[length..];
            }
            None => {
                moved.push_str("20");
                rest = &from[2..];
            }
        }
    }
    moved + rest
}

/// The instant that `text` begins with, as PostgreSQL and JSON write it, what stands before and after its time, and its
/// length.
fn instant(text: &str) -> Option<(NaiveDateTime, char, &'static str, usize)> {
    let separator = text.get(10..11)?.chars().next().filter(|separator| [' ', 'T'].contains(separator))?;
    let digits = text.get(19..)?;
    let fraction = match digits.strip_prefix('.') {
        Some(fraction) => 1 + fraction.bytes().take_while(u8::is_ascii_digit).count(),
        None => 0,
    };
    let zone = ["+00", "Z"].into_iter().find(|zone| digits[fraction..].starts_with(zone))?;
    let end = 19 + fraction;
    let form = format!("%Y-%m-%d{separator}%H:%M:%S%.f");
    let instant = NaiveDateTime::parse_from_str(text.get(..end)?, &form).ok()?;
    Some((instant, separator, zone, end + zone.len()))
}

#[test]
fn instants_of_columns_and_of_json_are_moved_and_nothing_else() {
    let text = "(20, '2026-01-31 23:59:59.5+00', 'infinity', '{\"at\": \"2026-01-31T23:59:59.123456Z\", \"n\": 2026}', \
                '2026-01-31 00:00:00+00', '2020')";
    assert_eq!(
        moved(text, TimeDelta::hours(1)),
        "(20, '2026-02-01 00:59:59.500000+00', 'infinity', '{\"at\": \"2026-02-01T00:59:59.123456Z\", \"n\": 2026}', \
         '2026-01-31 01:00:00.000000+00', '2020')"
    );
}
