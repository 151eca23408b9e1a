//! A second PostgreSQL that follows the first one, and takes its place.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use ezw::dev::postgres::{PrivatePostgres, find_binaries};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{Connection as _, PgConnection};
use url::Url;

use super::eventually;

pub(crate) struct Standby {
    server: PrivatePostgres,
    /// With the password of the one it follows, whose users it has.
    pub(crate) url: SecretString,
}

impl Standby {
    /// A copy of the primary that follows it from then on.
    pub(crate) async fn follow(primary: &SecretString, folder: &Path) -> Self {
        let folder = folder.join("standby");
        std::fs::create_dir_all(&folder).unwrap();
        // A place and a port of its own; what is in it makes way for the copy.
        let mut server = PrivatePostgres::start(&folder).await.expect("a second PostgreSQL");
        let cluster = ask(&server.url(), "show data_directory").await;
        server.stop().await;
        copy(primary, &PathBuf::from(cluster));
        server.restart().await.expect("the copy starts");
        let mut url = Url::parse(primary.expose_secret()).unwrap();
        url.set_port(Some(server.port())).unwrap();
        let standby = Self { server, url: url.to_string().into() };
        let following = "select count(*)::text from pg_stat_replication where state = 'streaming'";
        eventually("it follows", || async { (ask(primary, following).await == "1").then_some(()) }).await;
        standby
    }

    /// From now on nothing is acknowledged on the primary before the copy has it.
    pub(crate) async fn in_step(&self, primary: &SecretString) {
        for statement in ["alter system set synchronous_standby_names = '*'", "select pg_reload_conf()"] {
            let mut connection = PgConnection::connect(primary.expose_secret()).await.unwrap();
            sqlx::query(statement).execute(&mut connection).await.unwrap();
        }
        let in_step = "select count(*)::text from pg_stat_replication where sync_state in ('sync', 'quorum')";
        eventually("it is in step", || async { (ask(primary, in_step).await == "1").then_some(()) }).await;
    }

    /// From now on what the primary commits does not reach the copy.
    pub(crate) async fn fall_behind(&self) {
        for statement in ["alter system set primary_conninfo = ''", "select pg_reload_conf()"] {
            let mut connection = PgConnection::connect(self.url.expose_secret()).await.unwrap();
            sqlx::query(statement).execute(&mut connection).await.unwrap();
        }
        let gone = "select count(*)::text from pg_stat_wal_receiver";
        eventually("it follows no more", || async { (ask(&self.url, gone).await == "0").then_some(()) })
            .await;
    }

    /// It is the primary from now on.
    pub(crate) async fn promote(&mut self) {
        assert!(self.server.process().is_some(), "it runs");
        assert_eq!(ask(&self.url, "select pg_promote()::text").await, "true", "it is promoted");
    }
}

async fn ask(url: &SecretString, question: &'static str) -> String {
    let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
    sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap()
}

/// Beside the server's own program, wherever that one is a link to.
fn program(name: &str) -> PathBuf {
    let server = find_binaries().unwrap().join("postgres").canonicalize().unwrap();
    server.with_file_name(name)
}

/// As the user whose folder it is: PostgreSQL's programs refuse to be root.
fn copy(primary: &SecretString, cluster: &Path) {
    let of = std::fs::metadata(cluster).unwrap();
    for entry in std::fs::read_dir(cluster).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let gone = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        gone.unwrap();
    }
    let mut command = Command::new("setpriv");
    if nix::unistd::geteuid().is_root() {
        command.args(["--reuid", &of.uid().to_string(), "--regid", &of.gid().to_string(), "--clear-groups"]);
    }
    command.arg("--").arg(program("pg_basebackup"));
    command.args(["--dbname", primary.expose_secret(), "--checkpoint", "fast", "--wal-method", "stream"]);
    command.args(["--write-recovery-conf", "--pgdata"]).arg(cluster).current_dir("/");
    let output = command.output().expect("setpriv of util-linux");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
