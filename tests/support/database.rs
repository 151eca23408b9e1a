//! A database for each test, on the server that `make test` started.

use std::{path::Path, process::Command, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool};
use url::Url;

use super::process::required;

/// Dropped, with its connections, at the end of the test.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    server: SecretString,
    name: String,
    pub(crate) url: SecretString,
}

impl TestDatabase {
    pub(crate) async fn create() -> Self {
        let server: SecretString = required("EZW_TEST_DATABASE_URL").into();
        let name = format!("ezw_test_{}", uuid::Uuid::new_v4().simple());
        execute(&server, format!("create database {name}")).await;
        let mut url = Url::parse(server.expose_secret()).expect("EZW_TEST_DATABASE_URL is a URL");
        url.set_path(&name);
        Self { server, name, url: url.to_string().into() }
    }

    /// `ezw migrate` of this program; what it says.
    pub(crate) fn migrate(&self, program: &Path) -> String {
        let mut command = Command::new(program);
        command.arg("migrate").env("DATABASE_URL", self.url.expose_secret());
        let done = command.output().expect("a program of ours");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("UTF-8")
    }
}

impl Drop for TestDatabase {
    /// A drop can't wait on the test's own runtime, so a thread with another one does.
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let work = move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(execute(&server, format!("drop database if exists {name} with (force)")));
        };
        std::thread::spawn(work).join().ok();
    }
}

pub(crate) async fn pool(url: &SecretString) -> PgPool {
    PgPoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(10))
        .connect(url.expose_secret())
        .await
        .expect("the test's own pool")
}

async fn execute(server: &SecretString, statement: String) {
    let mut connection =
        PgConnection::connect(server.expose_secret()).await.expect("the test server answers");
    // The name is ours, of hexadecimal digits; identifiers can't be bound.
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.expect("a database of our own");
    connection.close().await.ok();
}
