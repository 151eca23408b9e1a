//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;

/// A stand-in for WhatsApp and its phones.
#[derive(Debug, Parser)]
#[command(name = "ezw-simulator", version)]
pub(crate) struct Args {
    /// Address to listen on; port 0 takes a free one, which is printed
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub(crate) listen: SocketAddr,
    /// File that links and numbers are kept in; without it they end with the process
    #[arg(long)]
    pub(crate) state: Option<PathBuf>,
    /// File that the journal is also appended to, one JSON object a line
    #[arg(long)]
    pub(crate) journal: Option<PathBuf>,
    /// Journal entries held in memory; older ones are in the file only
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) journal_memory: u32,
    /// Makes ids, codes, credentials and lids the same in every run
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Stop when standard input ends, as it does when the parent process is gone
    #[arg(long)]
    pub(crate) exit_with_parent: bool,
}
