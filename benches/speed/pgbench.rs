//! PostgreSQL's own measure of itself: one row a transaction.

use super::load::percentile;
use sqlx::PgPool;
use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

pub(crate) struct PgBench {
    program: PathBuf,
    url: String,
    folder: PathBuf,
}

/// What came of one run.
pub(crate) struct Inserted {
    pub(crate) per_second: f64,
    /// In microseconds, shortest first.
    latencies: Vec<f64>,
}

impl Inserted {
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        percentile(&self.latencies, percent)
    }
}

impl PgBench {
    pub(crate) async fn prepare(pool: &PgPool, url: String) -> Self {
        sqlx::query(
            "create table bench_rows (id uuid primary key, body text not null, at timestamptz not null)",
        )
        .execute(pool)
        .await
        .unwrap();
        let folder = std::env::temp_dir().join(format!("ezw-bench-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let insert =
            "insert into bench_rows values (gen_random_uuid(), 'Your parcel arrives today.', now());\n";
        std::fs::write(folder.join("insert.sql"), insert).unwrap();
        Self { program: program(), url, folder }
    }

    pub(crate) fn run(&self, clients: usize, time: Duration) -> Inserted {
        let log = self.folder.join("log");
        let start = Instant::now();
        let ended = Command::new(&self.program)
            .current_dir(&self.folder)
            .args(["--no-vacuum", "--protocol=prepared", "--log", "--log-prefix=log", "--file=insert.sql"])
            .args(["--client", &clients.to_string(), "--jobs", &clients.min(2).to_string()])
            .args(["--time", &time.as_secs().to_string(), &self.url])
            .output()
            .unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        let elapsed = start.elapsed();
        let mut latencies = Vec::new();
        for file in std::fs::read_dir(&self.folder).unwrap().map(|file| file.unwrap().path()) {
            if !file.to_string_lossy().starts_with(&*log.to_string_lossy()) {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            // client, transaction, microseconds, …
            latencies.extend(text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok()));
            std::fs::remove_file(file).unwrap();
        }
        latencies.sort_by(f64::total_cmp);
        Inserted { per_second: latencies.len() as f64 / elapsed.as_secs_f64(), latencies }
    }
}

impl Drop for PgBench {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// Debian keeps it out of the path.
fn program() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.unwrap().path().join("bin/pgbench"))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from("pgbench"))
}
