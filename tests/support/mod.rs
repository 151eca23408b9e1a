//! The bed every integration test lies in: a database of its own, a simulator process, a service process, and clients
//! for both. Everything is real; only the phone network is simulated. All of it ends with the test.
#![expect(dead_code, reason = "each test binary uses its own part")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failure here fails the test, as it should"
)]

pub(crate) mod blast;
pub(crate) mod client;
pub(crate) mod contract;
pub(crate) mod database;
pub(crate) mod fleet;
pub(crate) mod nodes;
pub(crate) mod process;
pub(crate) mod simulator;
pub(crate) mod standby;
pub(crate) mod way;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use ezw::dev::postgres::PrivatePostgres;
use ezw::dev::redis::PrivateRedis;
use nix::sys::signal::Signal;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sqlx::PgPool;

use client::{Call, Reply};
use database::TestDatabase;
use fleet::FleetLine;
use process::Running;
use simulator::Simulator;
use way::Way;

/// Generous, because a busy machine is no fault of the service; a test that needs it all is a slow test, not a flaky one.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// What the bed shall have. Start with [`TestBed::options`].
#[derive(Debug, Default)]
pub(crate) struct Options {
    without_database: bool,
    without_redis: bool,
    private_postgres: bool,
    private_redis: bool,
    way_to_database: bool,
    simulator_state: Option<String>,
    prepared: Option<TestDatabase>,
    program: Option<PathBuf>,
    environment: Vec<(String, String)>,
}

impl Options {
    /// A database that is taken as it is, nothing is migrated.
    pub(crate) fn prepared(mut self, database: TestDatabase) -> Self {
        self.prepared = Some(database);
        self
    }

    /// Another program than this version's serves.
    pub(crate) fn program(mut self, program: PathBuf) -> Self {
        self.program = Some(program);
        self
    }

    /// What the simulator knows as linked from its start, as it wrote it itself.
    pub(crate) fn simulator_state(mut self, state: String) -> Self {
        self.simulator_state = Some(state);
        self
    }

    pub(crate) fn without_database(mut self) -> Self {
        self.without_database = true;
        self
    }

    pub(crate) fn without_redis(mut self) -> Self {
        self.without_redis = true;
        self
    }

    /// A PostgreSQL for this test alone, to stop and start again: `bed.postgres()`.
    pub(crate) fn private_postgres(mut self) -> Self {
        self.private_postgres = true;
        self
    }

    /// The service reaches its database over a way that can be slow: `bed.way()`.
    pub(crate) fn way_to_database(mut self) -> Self {
        self.way_to_database = true;
        self
    }

    pub(crate) fn private_redis(mut self) -> Self {
        self.private_redis = true;
        self
    }

    /// Lines that the simulator knows as linked from its start; their rows are written by [`fleet::enter`].
    pub(crate) fn linked(mut self, lines: &[FleetLine]) -> Self {
        let state = (!lines.is_empty()).then(|| fleet::state_file(lines).to_string());
        self.simulator_state = state;
        self
    }

    /// One more variable for the service.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) async fn start(self) -> TestBed {
        TestBed::with(self).await
    }
}

/// Fields end in this order: the service first, the servers it uses later, the folder last.
pub(crate) struct TestBed {
    service: Option<Running>,
    /// Another process that is asked instead.
    asked: Option<String>,
    simulator: Simulator,
    client: reqwest::Client,
    program: PathBuf,
    environment: Vec<(String, String)>,
    database: Option<TestDatabase>,
    way: Option<Way>,
    pool: Option<PgPool>,
    private_postgres: Option<PrivatePostgres>,
    private_redis: Option<PrivateRedis>,
    folder: Folder,
}

/// An organization's owner, logged in.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
    pub(crate) organization_id: String,
    pub(crate) user_id: String,
}

impl TestBed {
    pub(crate) async fn start() -> Self {
        Self::options().start().await
    }

    pub(crate) fn options() -> Options {
        Options::default()
    }

    async fn with(mut options: Options) -> Self {
        let folder = Folder::make();
        let key_file = folder.0.join("signing-key.pem");
        ezw::dev::signing_key(&key_file).expect("a signing key");
        let simulator = Simulator::start(&folder.0, options.simulator_state.take()).await;
        let mut bed = Self {
            service: None,
            asked: None,
            program: options.program.take().unwrap_or_else(process::service_binary),
            environment: vec![
                ("EZW_PROVIDER".into(), "simulated".into()),
                ("EZW_SIMULATOR_URL".into(), simulator.base.clone()),
                ("EZW_SIGNING_KEY_FILE".into(), key_file.display().to_string()),
                ("EZW_CREDENTIALS_KEY".into(), "5e".repeat(32)),
                ("EZW_MEDIA_KEY".into(), "6f".repeat(32)),
                ("EZW_METRICS_ADDR".into(), "127.0.0.1:0".into()),
                ("EZW_HTTP_ADDR".into(), "127.0.0.1:0".into()),
                ("EZW_DATA_DIR".into(), folder.0.display().to_string()),
            ],
            simulator,
            client: client::new(),
            database: None,
            way: None,
            pool: None,
            private_postgres: None,
            private_redis: None,
            folder,
        };
        if let Ok(hints) = std::env::var("EZW_TEST_NODE_HINTS") {
            bed.environment.push(("EZW_NODE_HINTS".into(), hints));
        }
        bed.give_database(&mut options).await;
        bed.give_redis(&options).await;
        bed.environment.extend(options.environment);
        bed.start_service().await;
        bed
    }

    async fn give_database(&mut self, options: &mut Options) {
        if options.without_database {
            return;
        }
        let prepared = options.prepared.take();
        let is_prepared = prepared.is_some();
        let url = if options.private_postgres {
            let server = PrivatePostgres::start(&self.folder.0).await.expect("a private PostgreSQL");
            self.private_postgres.insert(server).url()
        } else {
            let database = match prepared {
                Some(database) => database,
                None => TestDatabase::create().await,
            };
            self.database.insert(database).url.clone()
        };
        if !is_prepared {
            ezw::migrations::apply(&url).await.expect("the migrations apply");
        }
        self.pool = Some(database::pool(&url).await);
        let url =
            if options.way_to_database { self.way.insert(Way::to(&url).await).url.clone() } else { url };
        self.environment.push(("DATABASE_URL".into(), url.expose_secret().to_owned()));
    }

    async fn give_redis(&mut self, options: &Options) {
        if options.without_redis {
            return;
        }
        let url: SecretString = if options.private_redis {
            let server = PrivateRedis::start(&self.folder.0).await.expect("a private Redis");
            self.private_redis.insert(server).url()
        } else {
            process::required("EZW_TEST_REDIS_URL").into()
        };
        self.environment.push(("REDIS_URL".into(), url.expose_secret().to_owned()));
    }

    // -- the parts

    pub(crate) fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    pub(crate) fn sql(&self) -> &PgPool {
        self.pool.as_ref().expect("this bed has a database")
    }

    pub(crate) fn postgres(&mut self) -> &mut PrivatePostgres {
        self.private_postgres.as_mut().expect("ask for it with private_postgres()")
    }

    pub(crate) fn way(&self) -> &Way {
        self.way.as_ref().expect("ask for it with way_to_database()")
    }

    pub(crate) fn redis(&mut self) -> &mut PrivateRedis {
        self.private_redis.as_mut().expect("ask for it with private_redis()")
    }

    /// From now on calls go to the process at `base`, or to the bed's own again.
    pub(crate) fn ask_at(&mut self, base: Option<&str>) {
        self.asked = base.map(str::to_owned);
    }

    pub(crate) fn base(&self) -> &str {
        if let Some(asked) = &self.asked {
            return asked;
        }
        &self.service.as_ref().expect("the service runs").address
    }

    /// The metrics page, as Prometheus would read it.
    pub(crate) async fn metrics(&self) -> String {
        let metrics = &self.service.as_ref().expect("the service runs").metrics;
        self.client.get(format!("{metrics}/metrics")).send().await.unwrap().text().await.unwrap()
    }

    /// Where that page is.
    pub(crate) fn metrics_address(&self) -> String {
        let metrics = &self.service.as_ref().expect("the service runs").metrics;
        metrics.trim_start_matches("http://").to_owned()
    }

    /// One figure of the metrics page, by its name and labels as they stand there.
    pub(crate) async fn metric(&self, series: &str) -> Option<f64> {
        let page = self.metrics().await;
        page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
    }

    pub(crate) fn service_pid(&self) -> u32 {
        self.service.as_ref().expect("the service runs").pid()
    }

    /// Where its database is.
    pub(crate) fn database_url(&self) -> SecretString {
        self.database.as_ref().expect("a database of the common server").url.clone()
    }

    /// The most memory that the service held at a time.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        let pid = self.service.as_ref().expect("the service runs").pid();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak.expect("Linux says so").trim().parse::<u64>().expect("a number") * 1024
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.folder.0
    }

    // -- the service's life

    /// Sets a variable of the service's, from its next start on.
    pub(crate) fn set_env(&mut self, name: &str, value: &str) {
        self.environment.retain(|(set, _)| set != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Reaches the database by this way from now on; the service goes on as it did.
    pub(crate) async fn reach_by(&mut self, way: &Way) {
        self.pool = Some(database::pool(&way.url).await);
    }

    /// What the service is started with.
    pub(crate) fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// What the service logged since the beginning of the test.
    pub(crate) fn service_log(&self) -> String {
        std::fs::read_to_string(self.folder.0.join("service.log")).unwrap_or_default()
    }

    /// Starts it on the port it had before, so that clients find it again.
    pub(crate) async fn start_service(&mut self) {
        assert!(self.service.is_none(), "the service runs already");
        let log = self.folder.0.join("service.log");
        let running = Running::service_of(&self.program, &self.environment, &log).await;
        let address = running.address.trim_start_matches("http://").to_owned();
        for (name, value) in &mut self.environment {
            if name == "EZW_HTTP_ADDR" {
                value.clone_from(&address);
            }
        }
        self.service = Some(running);
    }

    /// SIGTERM and wait, as a deployment does; the exit must be clean.
    pub(crate) async fn stop_service(&mut self) {
        self.service.take().expect("the service runs").stop().await;
    }

    pub(crate) fn signal_service(&self, signal: Signal) {
        self.service.as_ref().expect("the service runs").signal(signal);
    }

    /// Waits until it ended by itself, however that was.
    pub(crate) async fn until_service_ended(&mut self) -> ExitStatus {
        let mut service = self.service.take().expect("the service runs");
        let start = Instant::now();
        loop {
            if let Some(status) = service.ended() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end; its log:\n{}", service.log_text());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// No goodbye at all.
    pub(crate) fn kill9_service(&mut self) {
        self.service.take().expect("the service runs").kill9();
    }

    /// Waits until it died by itself, of what its environment asked for, and by nothing milder than a signal.
    pub(crate) async fn until_service_died(&mut self, of: &str) {
        use std::os::unix::process::ExitStatusExt as _;
        let start = Instant::now();
        let mut service = self.service.take().expect("the service runs");
        let status = loop {
            if let Some(status) = service.ended() {
                break status;
            }
            assert!(start.elapsed() < PATIENCE * 3, "it does not die of `{of}`");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        assert!(status.signal().is_some(), "of `{of}` it ended with {status}");
    }

    pub(crate) async fn restart_service(&mut self) {
        self.stop_service().await;
        self.start_service().await;
    }

    /// A program of ours in the same environment, with another value for some of its variables.
    pub(crate) fn ezw(&self, arguments: &[&str], environment: &[(&str, &str)]) -> std::process::Output {
        let mut command = std::process::Command::new(process::service_binary());
        for (name, _) in std::env::vars().filter(|(name, _)| process::is_setting(name)) {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().cloned()).envs(environment.iter().copied());
        command.args(arguments).output().expect("our own program")
    }

    // -- calls

    pub(crate) fn get(&self, path: &str) -> Call {
        self.call(reqwest::Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Call {
        self.call(reqwest::Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> Call {
        self.call(reqwest::Method::PUT, path)
    }

    pub(crate) fn patch(&self, path: &str) -> Call {
        self.call(reqwest::Method::PATCH, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Call {
        self.call(reqwest::Method::DELETE, path)
    }

    pub(crate) fn call(&self, method: reqwest::Method, path: &str) -> Call {
        Call::new(self.client.request(method, format!("{}{path}", self.base())))
    }

    // -- the usual beginnings

    /// A new organization with a verified owner and active billing, logged in.
    pub(crate) async fn signup(&self) -> Owner {
        let email = format!("owner-{}@example.test", uuid::Uuid::new_v4().simple());
        let body = json!({
            "organizationName": "Test", "displayName": "Owner", "email": email, "password": PASSWORD, "lineSlots": 10
        });
        let made = self.post("/api/signup/organization").json(&body).send().await.expect_status(201);
        let organization_id = made.text("/organization/id");
        // Verification by mail and payment are not what these tests are about; their own tests go the long way.
        sqlx::query("update users set email_verified_at = now() where email = $1")
            .bind(&email)
            .execute(self.sql())
            .await
            .expect("the user is there");
        sqlx::query("update billing set state = 'active' where organization_id = $1::uuid")
            .bind(&organization_id)
            .execute(self.sql())
            .await
            .expect("the billing row is there");
        let login = self.login(&email, PASSWORD).await.expect_status(200);
        Owner {
            token: login.text("/idToken"),
            refresh_token: login.text("/refreshToken"),
            user_id: made.text("/user/id"),
            organization_id,
            email,
        }
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Reply {
        self.post("/api/auth/login").json(&json!({"email": email, "password": password})).send().await
    }

    /// A new line, not yet paired; its id.
    pub(crate) async fn line(&self, owner: &Owner) -> String {
        let body = json!({"displayName": "Support"});
        self.post("/api/lines")
            .bearer(&owner.token)
            .json(&body)
            .send()
            .await
            .expect_status(201)
            .text("/line/id")
    }

    /// Shows a QR code, scans it, and waits until the line can send; the number it got.
    pub(crate) async fn pair(&self, owner: &Owner, line: &str) -> String {
        let path = format!("/api/lines/{line}/qr");
        self.post(&path).bearer(&owner.token).send().await.expect_status(200);
        // A stamp of random digits: numbers of one test must not meet those of another.
        let stamp = uuid::Uuid::new_v4().as_u128() % 1_000_000_000;
        let number = format!("+49155{stamp:09}");
        let scan = || async { (self.simulator.scan(line, &number).await == 200).then_some(()) };
        self.eventually("the phone can scan", scan).await;
        self.eventually("the line can send", || async {
            let shown = self.shown_line(owner, line).await;
            (shown["sendable"] == Value::Bool(true)).then_some(())
        })
        .await;
        number
    }

    /// The line as the workspace shows it.
    pub(crate) async fn shown_line(&self, owner: &Owner, line: &str) -> Value {
        let path = format!("/api/lines?lineId={line}");
        let reply = self.get(&path).bearer(&owner.token).send().await.expect_status(200);
        reply.body.pointer("/lines/0").cloned().unwrap_or(Value::Null)
    }

    /// A new token of the line, for `/api/v1/*`.
    pub(crate) async fn line_token(&self, owner: &Owner, line: &str) -> String {
        let path = format!("/api/lines/{line}/api-token");
        self.post(&path).bearer(&owner.token).send().await.expect_status(201).text("/lineApiToken")
    }

    /// Asks again and again until there is an answer. Never a fixed sleep: a fast machine waits for nothing.
    pub(crate) async fn eventually<T, F>(&self, what: &str, ask: impl FnMut() -> F) -> T
    where
        F: Future<Output = Option<T>>,
    {
        eventually(what, ask).await
    }

    /// The same for what a promise gives longer than usual.
    pub(crate) async fn eventually_within<T, F>(&self, seconds: u64, what: &str, ask: impl FnMut() -> F) -> T
    where
        F: Future<Output = Option<T>>,
    {
        within(Duration::from_secs(seconds), what, ask).await
    }
}

pub(crate) async fn eventually<T, F>(what: &str, ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    within(PATIENCE, what, ask).await
}

async fn within<T, F>(patience: Duration, what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let start = Instant::now();
    loop {
        if let Some(value) = ask().await {
            return value;
        }
        assert!(start.elapsed() < patience, "{what}: not within {patience:?}");
        tokio::time::sleep(POLL).await;
    }
}

/// A folder that goes away with the test; kept after a failure, for its logs.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn make() -> Self {
        let folder = std::env::temp_dir().join(format!("ezw-test-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).expect("a folder in the temporary folder");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the files of this test are kept in {}", self.0.display());
        } else {
            std::fs::remove_dir_all(&self.0).ok();
        }
    }
}
