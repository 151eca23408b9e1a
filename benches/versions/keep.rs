//! What is kept of a release: its rows, its queries, the phones that know its lines, and how to come in.

use super::{
    Release,
    asked::{Asked, ask},
    scene::Scene,
    support::{TestBed, database::TestDatabase, simulator::STATE_FILE},
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool};
use std::{fmt::Write as _, fs, path::Path, process::Command};

const FOLDER: &str = "tests/versions/previous";
/// A simulator that was given a file keeps it up to date.
const NOBODY_LINKED: &str = r#"{"seed":1,"boots":0,"lines":[]}"#;

pub(crate) async fn run(release: &Release) {
    let database = TestDatabase::create().await;
    database.migrate(&release.program());
    let url = database.url.clone();
    let bed = TestBed::options()
        .prepared(database)
        .program(release.program())
        .simulator_state(NOBODY_LINKED.to_owned())
        // In the rows stands nothing of this machine, and a breaker of a version that nobody else has.
        .env("EZW_NODE_NAME", "previous")
        .env("EZW_PROVIDER_CLIENT_VERSION", "previous")
        .env("EZW_LINES_CONNECTS_PER_SECOND", "100")
        .start()
        .await;
    let mut scene = Scene::start(bed).await;
    scene.play(&release.program()).await;
    let taken_at: DateTime<Utc> =
        sqlx::query_scalar("select clock_timestamp()").fetch_one(scene.bed.sql()).await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    fs::create_dir_all(&folder).unwrap();
    forget_old_hints(scene.bed.sql()).await;
    in_order(scene.bed.sql()).await;
    fs::write(folder.join("rows.sql"), rows(&url, release)).unwrap();
    let queries = queries(&url, &release.source()).await;
    fs::write(folder.join("queries.json"), text_of(&queries)).unwrap();
    let state = fs::read_to_string(scene.bed.data_dir().join(STATE_FILE)).unwrap();
    let state: Value = serde_json::from_str(&state).unwrap();
    fs::write(folder.join("simulator.json"), pretty(&state)).unwrap();
    let notes = json!({
        "commit": release.commit(), "takenAt": taken_at, "owner": scene.owner.email, "tokens": scene.tokens,
    });
    fs::write(folder.join("release.json"), pretty(&notes)).unwrap();
    println!("{} queries and the rows of release {} are kept in {FOLDER}", queries.len(), release.commit());
}

fn pretty(value: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(value).unwrap())
}

/// One query a line, so that a difference shows which.
fn text_of(queries: &[Asked]) -> String {
    let lines: Vec<String> = queries.iter().map(|query| serde_json::to_string(query).unwrap()).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// As the release itself does after a while: they are many, and all alike.
async fn forget_old_hints(sql: &PgPool) {
    let steps = [
        "update live_sequences set first_kept_seq = greatest(1, last_seq - 29)",
        "delete from live_events e using live_sequences s
         where s.organization_id = e.organization_id and e.seq < s.first_kept_seq",
    ];
    for step in steps {
        sqlx::query(step).execute(sql).await.unwrap();
    }
}

/// Rows are dumped as they lie: by their keys from now on, so that two dumps of the same rows are the same text.
async fn in_order(sql: &PgPool) {
    let keys: Vec<(String, String)> = sqlx::query_as(
        "select t.relname, i.relname from pg_index x join pg_class t on t.oid = x.indrelid
             join pg_class i on i.oid = x.indexrelid
         where x.indisprimary and t.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(sql)
    .await
    .unwrap();
    for (table, key) in keys {
        // Names of the catalog. The mark that it leaves behind would be dumped as well.
        for step in [
            format!(r#"cluster "{table}" using "{key}""#),
            format!(r#"alter table "{table}" set without cluster"#),
        ] {
            sqlx::query(AssertSqlSafe(step)).execute(sql).await.unwrap();
        }
    }
}

/// Tables, rows, constraints and indexes, without what is of the server or of the dump program.
fn rows(url: &SecretString, release: &Release) -> String {
    let dump = Command::new("pg_dump")
        .args(["--inserts", "--no-owner", "--no-privileges", "--no-tablespaces", "--no-comments", "--dbname"])
        .arg(url.expose_secret())
        .env("PGTZ", "UTC")
        .output()
        .expect("pg_dump of PostgreSQL");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let mut text = format!(
        "-- The database of release {}, killed at work. Made by `make keep-release`: never edited.\n",
        release.commit()
    );
    let dump = String::from_utf8(dump.stdout).expect("UTF-8");
    let is_ours = |line: &&str| {
        let foreign = ["--", "\\", "SET "];
        !line.trim().is_empty() && !foreign.iter().any(|beginning| line.starts_with(beginning))
    };
    for line in dump.lines().filter(is_ours) {
        writeln!(text, "{line}").unwrap();
    }
    text
}

/// What the release's macros checked, asked of the release's own schema.
async fn queries(url: &SecretString, source: &Path) -> Vec<Asked> {
    let mut conn = PgConnection::connect(url.expose_secret()).await.unwrap();
    let mut queries = Vec::new();
    for entry in fs::read_dir(source.join(".sqlx")).expect("the release's .sqlx") {
        let checked: Value =
            serde_json::from_str(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        let sql = checked["query"].as_str().unwrap();
        let asked = ask(&mut conn, sql).await.expect(sql);
        let columns = checked.pointer("/describe/columns").and_then(Value::as_array).map_or(0, Vec::len);
        assert_eq!(asked.columns.len(), columns, "its schema is not the one that it was checked with: {sql}");
        queries.push(asked);
    }
    queries.sort_by(|a, b| a.sql.cmp(&b.sql));
    queries
}
