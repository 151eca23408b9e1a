//! Free loopback ports, kept from run to run so that bookmarks and shells stay valid.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use anyhow::Context as _;

/// The port in `file` when it is still free, else a new one, which is then kept there.
pub(super) fn keep(file: &Path) -> anyhow::Result<u16> {
    let kept = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok());
    if let Some(port) = kept.filter(|port| is_free(SocketAddr::from((Ipv4Addr::LOCALHOST, *port)))) {
        return Ok(port);
    }
    renew(file)
}

/// A new free port, kept in `file`.
pub(super) fn renew(file: &Path) -> anyhow::Result<u16> {
    let port = any().context("no free loopback port")?;
    super::place::write_private(file, &port.to_string())?;
    Ok(port)
}

#[must_use]
pub(super) fn is_free(address: SocketAddr) -> bool {
    // A listener sets SO_REUSEADDR, so connections in TIME_WAIT don't make a port look taken.
    address.port() != 0 && TcpListener::bind(address).is_ok()
}

/// `wanted` when it is free, else some free port of the same address.
pub(super) fn prefer(wanted: SocketAddr) -> std::io::Result<SocketAddr> {
    if is_free(wanted) {
        return Ok(wanted);
    }
    TcpListener::bind(SocketAddr::new(wanted.ip(), 0))?.local_addr()
}

fn any() -> std::io::Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr().map(|address| address.port())
}
