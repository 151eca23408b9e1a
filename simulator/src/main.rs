//! `ezw-simulator`: a stand-in for WhatsApp and its phones, in a process of its own. It survives the service's death,
//! so its journal can say what really reached the other side. `README.md` documents the link and the control API.

mod breakable;
mod cli;
mod clock;
mod fault;
mod frames;
mod http;
mod hub;
mod journal;
mod link;
mod media;
mod saved;
mod seed;
mod settings;
mod stats;
mod task;
mod world;

use std::{
    io::{Read, Write},
    time::Duration,
};

use actix_web::{App, HttpServer};
use anyhow::Context as _;
use clap::Parser as _;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

use crate::{cli::Args, hub::Hub};

/// For sessions to hear that the simulator stops.
const GOODBYE: Duration = Duration::from_secs(1);

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let args = Args::parse();
    let hub = Hub::new(world::restore(&args)?, args.state.clone());
    let configure = http::configure(hub.clone(), http::Guard::new(args.listen));
    let server = HttpServer::new(move || App::new().configure(configure.clone()))
        .disable_signals()
        .shutdown_timeout(1)
        .bind(args.listen)
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = server.addrs().first().copied().context("bound to nothing")?;
    let server = server.run();
    let handle = server.handle();
    task::spawn(hub.clone().run_timers());
    task::spawn(hub.clone().run_saver());
    task::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the HTTP server ended");
        }
    });
    announce(address)?;
    stopped(args.exit_with_parent).await?;
    tracing::info!("stopping");
    hub.with(world::World::end_all);
    // Ends when the last connection has, so that each hears its goodbye; or after the time for that.
    drop(timeout(GOODBYE, handle.stop(true)).await);
    hub.save().await;
    Ok(())
}

/// The one line on standard output: a parent reads the port from it.
fn announce(address: std::net::SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ezw-simulator listening on http://{address}")?;
    out.flush()
}

async fn stopped(exit_with_parent: bool) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        ended = parent_gone(exit_with_parent) => ended?,
    }
    Ok(())
}

/// Never, unless asked for.
async fn parent_gone(asked: bool) -> std::io::Result<()> {
    if !asked {
        return std::future::pending().await;
    }
    let (orphaned, orphan) = oneshot::channel();
    // A thread of its own: a blocking read on the runtime's pool would hold up its end.
    std::thread::Builder::new().name("parent".to_owned()).spawn(move || wait_for_end_of_input(orphaned))?;
    // An error means that the thread is gone, and with it the parent's pipe.
    orphan.await.or(Ok(()))
}

fn wait_for_end_of_input(orphaned: oneshot::Sender<()>) {
    let mut stdin = std::io::stdin().lock();
    let mut ignored = [0; 1024];
    while matches!(stdin.read(&mut ignored), Ok(read) if read > 0) {}
    // Nobody left to tell is fine as well: the process is ending already.
    let _ = orphaned.send(());
}
