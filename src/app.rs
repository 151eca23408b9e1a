//! The composition root: the only file that knows everything. It makes the parts from the configuration, hands each
//! what it needs, and takes them down in the right order.

mod metrics;

use crate::{
    auth::{
        id_token::IdTokens,
        identity::{IdentityProvider, LocalIdentity, LocalSettings, Passwords},
        last_used::LastUsed,
    },
    config::{Config, ProviderKind},
    http::{AppState, images::Images, routes},
    jobs::{self, Jobs, Node},
    live::{Live, QrStore, Redis},
    mail::{FileMailer, Mailer},
    media::{Links, Media},
    provider::Simulated,
    random::Random,
    store::{Db, breaker::Client, inbound::PgInbound, line_store::PgLineStore, nodes, sealed::Sealer},
    telemetry, unread,
};
use actix_web::{App, HttpServer, dev::Server, middleware::from_fn, web};
use anyhow::Context as _;
use async_trait::async_trait;
use ezw_actors::{
    Limits, Ports, Supervisor, Timings, Trust,
    clock::{Clock, SystemClock},
    lines::Lines,
    outbound::Pacing,
    port::{Feed, LineProvider, NoMedia, Showing, ShownCode, ShownPasskey, ShownQr},
    task,
};
use secrecy::ExposeSecret as _;
use std::{io::Write as _, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

/// Lines have so long to let go in good order.
const DRAIN: Duration = Duration::from_secs(10);
/// Between two words to others that lines were let go.
const SAY_DUE: Duration = Duration::from_millis(200);
/// Units of work under way have so long to finish.
const CLOSE: Duration = Duration::from_secs(5);
/// Threads that run rows, sockets and jobs.
const WORK_THREADS: usize = 2;

/// Runs the service until it is asked to stop. Must run inside an actix system.
///
/// # Errors
/// When an address cannot be listened on, or a part cannot be made.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORK_THREADS)
        .thread_name("ezw-work")
        .enable_all()
        .build()?;
    let outcome = run(&config, &runtime).await;
    // Blocks for tasks that ignore their end: none should, and they must not hold the process.
    runtime.shutdown_background();
    outcome
}

async fn run(config: &Config, runtime: &Runtime) -> anyhow::Result<()> {
    // From the first instruction on: who reads the announcement may send one at once.
    let signals = Signals::listen()?;
    let over = CancellationToken::new();
    let parts = Parts::make(config, runtime, &over)?;
    let recorder = telemetry::recorder()?;
    metrics::describe();
    let db = parts.state.db.clone();
    let lines = parts.state.lines.clone();
    let supervisor = parts.jobs.as_ref().map(|jobs| Arc::clone(&jobs.supervisor));
    let refresh = move || metrics::refresh(db.clone(), lines.clone(), supervisor.clone());
    let listener = telemetry::listen(config.metrics.addr, recorder, refresh)?;
    let metrics_server = task::spawn_local("metrics listener", listener.server);
    let (server, addr) = listen(config, parts.state.clone())?;
    let handle = server.handle();
    let serving = task::spawn_local("listener", server);
    if let Some(jobs) = &parts.jobs {
        jobs.start(runtime.handle(), &over);
    }
    announce(addr, listener.addr);
    signals.asked_to_stop().await;
    parts.state.readiness.stopping();
    if let Some(jobs) = &parts.jobs {
        jobs.take_no_more();
    }
    tracing::info!("stopping: not ready, then no new requests, then the lines are let go");
    tokio::time::sleep(config.http.leaving).await;
    handle.stop(true).await;
    // The listener's own outcome: it ended because it was told to.
    let _ = serving.await;
    drain(&parts).await;
    over.cancel();
    metrics_server.abort();
    Ok(())
}

/// What the process is made of.
struct Parts {
    state: AppState,
    jobs: Option<Jobs>,
}

impl Parts {
    fn make(config: &Config, runtime: &Runtime, over: &CancellationToken) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let random = Random::from_system().context("the system has no randomness")?;
        let trust = Arc::new(Trust::none(clock.monotonic()));
        let lines = Lines::new(Arc::clone(&clock), Arc::clone(&trust));
        let mut state = AppState::bare(&config.http, lines.clone(), Arc::clone(&clock), random.clone());
        state.dev = config.dev;
        state.queue_rows_per_line = config.lines.queue_rows_per_line;
        let redis = match &config.redis {
            Some(redis) => Some(Redis::new(redis, runtime.handle().clone()).context("REDIS_URL")?),
            None => None,
        };
        state.qr = redis.clone().map(|redis| QrStore::new(redis, Arc::clone(&clock)));
        let Some(database) = &config.database else {
            return Ok(Self { state, jobs: None });
        };
        let db = Db::new(database, &format!("ezw {}", config.node.name), runtime.handle().clone())?;
        let _entered = runtime.enter();
        state.db = Some(db.clone());
        state.identity = Some(identity(config, &db, &clock, &random)?);
        state.last_used = Some(LastUsed::start(db.clone()));
        let live = Live::new(db.clone(), redis, config.node.hints, Arc::clone(&clock), over.clone());
        live.start();
        state.live = Some(live);
        state.mailer = Some(mailer(config, &clock, &random));
        state.images = images(config, runtime.handle())?;
        let media = state.images.as_ref().map(|images| images.store.clone());
        let provider = provider(config, &clock, runtime)?;
        state.provider = Some(provider.kind());
        let feed: Arc<dyn Feed> = match &state.qr {
            Some(store) => Arc::new(store.clone()),
            None => Arc::new(NoFeed),
        };
        let sealer = Arc::new(sealer(config)?);
        let client =
            Arc::new(Client { provider: provider.kind(), version: provider.client_version().to_owned() });
        let ports = Ports {
            store: Arc::new(PgLineStore::new(db.for_lines(), Arc::clone(&sealer), Arc::clone(&client))),
            provider,
            feed,
            inbound: Arc::new(PgInbound::new(db.for_lines())),
            media: match &media {
                Some(media) => Arc::new(media.clone()),
                None => Arc::new(NoMedia),
            },
            clock,
        };
        let supervisor = Supervisor::new(ports, limits(config), Timings::faster(config.lines.speed), &lines);
        let node = Arc::new(Node::new(config.node.name.clone(), trust));
        let draining = CancellationToken::new();
        let hints = config.node.hints;
        let jobs = Jobs { db, node, lines, supervisor, sealer, client, media, hints, draining };
        Ok(Self { state, jobs: Some(jobs) })
    }
}

fn identity(
    config: &Config,
    db: &Db,
    clock: &Arc<dyn Clock>,
    random: &Random,
) -> anyhow::Result<Arc<dyn IdentityProvider>> {
    let settings = &config.identity;
    let key = settings.signing_key_pem.as_ref().context("EZW_SIGNING_KEY is missing")?;
    let tokens = IdTokens::new(
        key.expose_secret(),
        settings.previous_signing_key_pem.as_ref().map(|key| key.expose_secret()),
        &settings.issuer,
        &settings.audience,
        settings.id_token_seconds,
    )
    .context("EZW_SIGNING_KEY")?;
    let passwords = Passwords::new(random.clone()).map_err(|error| anyhow::anyhow!("passwords: {error}"))?;
    let local = LocalSettings { refresh_token_days: settings.refresh_token_days };
    Ok(Arc::new(LocalIdentity::new(db.clone(), tokens, passwords, local, Arc::clone(clock), random.clone())))
}

/// A deployment without the key that signs their addresses keeps no images.
fn images(config: &Config, runtime: &Handle) -> anyhow::Result<Option<Images>> {
    let Some(key) = &config.media.key else {
        tracing::warn!(
            "no EZW_MEDIA_KEY: this node keeps no images, and replies with an image that others accepted wait while their \
             lines are here"
        );
        return Ok(None);
    };
    let folder = config.data_dir.join("media");
    let store = Media::in_folder(&folder, runtime.clone())
        .with_context(|| format!("images can't be kept in {}", folder.display()))?;
    Ok(Some(Images { store, links: Links::new(&key.0), public_url: config.media.public_url.clone() }))
}

fn mailer(config: &Config, clock: &Arc<dyn Clock>, random: &Random) -> Arc<dyn Mailer> {
    Arc::new(FileMailer::new(config.data_dir.join("outbox"), Arc::clone(clock), random.clone()))
}

fn provider(
    config: &Config,
    clock: &Arc<dyn Clock>,
    runtime: &Runtime,
) -> anyhow::Result<Arc<dyn LineProvider>> {
    match config.provider.context("EZW_PROVIDER is missing")? {
        ProviderKind::Simulated => {
            let (url, version) = (&config.simulator_url, config.client_version.clone());
            Ok(Arc::new(Simulated::new(url, version, Arc::clone(clock), runtime.handle().clone())?))
        }
    }
}

fn sealer(config: &Config) -> anyhow::Result<Sealer> {
    let key = config.credentials_key.as_ref().context("EZW_CREDENTIALS_KEY is missing")?;
    Ok(Sealer::new(&key.0)?)
}

fn limits(config: &Config) -> Limits {
    let lines = &config.lines;
    Limits {
        mailbox: lines.mailbox,
        pacing: Pacing { per_second: lines.pacing_per_second, burst: lines.pacing_burst },
        connects_per_second: lines.connects_per_second,
        arbiters: lines.arbiters,
    }
}

fn listen(config: &Config, state: AppState) -> anyhow::Result<(Server, SocketAddr)> {
    let http = &config.http;
    let server = HttpServer::new(move || {
        let app = App::new().app_data(web::Data::new(state.clone())).configure(routes::configure);
        app.wrap(from_fn(unread::close))
    })
    .workers(http.workers)
    .client_request_timeout(http.body_deadline)
    .shutdown_timeout(http.shutdown_seconds)
    .client_disconnect_timeout(unread::LINGER)
    .disable_signals()
    .bind(http.addr)
    .with_context(|| format!("EZW_HTTP_ADDR is {}: it can't be listened on", http.addr))?;
    let addr = server.addrs().first().copied().unwrap_or(http.addr);
    Ok((server.run(), addr))
}

/// One line on stdout for people and scripts; with port 0 it is how the address becomes known.
fn announce(http: SocketAddr, metrics: SocketAddr) {
    // A closed stdout is the reader's choice.
    let _ = writeln!(std::io::stdout(), "ezw listening on http://{http} metrics http://{metrics}");
    tracing::info!(%http, %metrics, "listening");
}

/// What asks the process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// The first signal asks; a second one, while stopping, ends the process at once.
    async fn asked_to_stop(mut self) {
        self.any().await;
        task::spawn("second signal", async move {
            self.any().await;
            std::process::exit(130);
        });
    }
}

async fn say_due_often(jobs: &Jobs) {
    loop {
        tokio::time::sleep(SAY_DUE).await;
        jobs::say_due(jobs).await;
    }
}

async fn drain(parts: &Parts) {
    let Some(jobs) = &parts.jobs else { return };
    if let Some(node) = jobs.node.incarnation() {
        // The next heartbeat says the same: this is for who asks before it.
        let said = jobs.db.run(move |conn| Box::pin(nodes::take_no_more(conn, node))).await;
        let _ =
            said.inspect_err(|error| tracing::debug!(%error, "its share is known with the next heartbeat"));
    }
    let left = tokio::select! {
        left = jobs.supervisor.drain(DRAIN) => left,
        // Each line is taken as it is let go, not when all of them are.
        () = say_due_often(jobs) => 0,
    };
    if left > 0 {
        tracing::warn!(left, "lines were still at work when their time to let go was over");
    }
    if let Some(node) = jobs.node.incarnation() {
        let gone = jobs.db.run(move |conn| Box::pin(nodes::leave(conn, node))).await;
        if let Err(error) = gone {
            tracing::warn!(%error, "others take the lines when the heartbeat has passed");
        }
    }
    jobs::say_due(jobs).await;
    // What does not finish in time is rolled back by Postgres.
    let _ = tokio::time::timeout(CLOSE, jobs.db.close()).await;
}

/// No Redis: pairing codes are shown nowhere, as documented.
#[derive(Debug)]
struct NoFeed;

#[async_trait]
impl Feed for NoFeed {
    async fn show_qr(&self, _: Showing, _: ShownQr) {}
    async fn show_pairing_code(&self, _: Showing, _: ShownCode) {}
    async fn show_passkey(&self, _: Showing, _: ShownPasskey) {}
    async fn hide(&self, _: Showing) {}
}
