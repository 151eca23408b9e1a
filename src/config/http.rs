//! The public listener, the metrics listener and the limits on requests.

use std::net::SocketAddr;
use std::time::Duration;

use super::setting::{ConfigError, Setting};
use super::source::Source;

#[derive(Debug, Clone)]
pub struct Http {
    pub addr: SocketAddr,
    pub workers: usize,
    /// Requests per second for each token and each user, on each node.
    pub rate_per_second: u32,
    pub rate_burst: u32,
    /// Requests per second from each address to what asks for no bearer, on each node.
    pub open_rate_per_second: u32,
    pub open_rate_burst: u32,
    /// Proxies in front whose word on the caller's address is taken.
    pub proxies: usize,
    /// Sends per line and hour to numbers that never wrote to it.
    pub new_contacts_per_hour: u32,
    /// From the end of the body to the answer.
    pub handler_deadline: Duration,
    /// For a JSON body to arrive.
    pub body_deadline: Duration,
    pub json_limit_bytes: usize,
    /// From the end of readiness to the end of the listener: who watches readiness sends elsewhere meanwhile.
    pub leaving: Duration,
    /// How long requests in flight may take to finish once the process was asked to stop.
    pub shutdown_seconds: u64,
}

#[derive(Debug, Clone)]
pub struct Metrics {
    pub addr: SocketAddr,
}

const ADDR: Setting = Setting::text("EZW_HTTP_ADDR", "http.addr", "address of the API, 127.0.0.1:8080");
const WORKERS: Setting =
    Setting::number("EZW_HTTP_WORKERS", "http.workers", (2, 1, 256), "threads", "HTTP worker threads");
const RATE: Setting = Setting::number(
    "EZW_HTTP_RATE_PER_SECOND",
    "http.rate_per_second",
    (50, 1, 100_000),
    "requests per second",
    "requests per second for each token and user, on each node",
);
const BURST: Setting = Setting::number(
    "EZW_HTTP_RATE_BURST",
    "http.rate_burst",
    (200, 1, 1_000_000),
    "requests",
    "requests a token or user may send at once",
);
const OPEN_RATE: Setting = Setting::number(
    "EZW_HTTP_OPEN_RATE_PER_SECOND",
    "http.open_rate_per_second",
    (20, 1, 100_000),
    "requests per second",
    "requests per second from each address without a bearer (sign-up, login, refresh, e-mail codes), on each node",
);
const OPEN_BURST: Setting = Setting::number(
    "EZW_HTTP_OPEN_RATE_BURST",
    "http.open_rate_burst",
    (200, 1, 1_000_000),
    "requests",
    "requests without a bearer an address may send at once",
);
const PROXIES: Setting = Setting::number(
    "EZW_HTTP_PROXIES",
    "http.proxies",
    (0, 0, 8),
    "proxies",
    "proxies in front that append to X-Forwarded-For: the caller's address is the one the first of them saw",
);
const NEW_CONTACTS: Setting = Setting::number(
    "EZW_HTTP_NEW_CONTACTS_PER_HOUR",
    "http.new_contacts_per_hour",
    (20, 0, 10_000),
    "sends per line and hour",
    "sends to numbers that never wrote to the line",
);
const HANDLER_DEADLINE: Setting = Setting::number(
    "EZW_HTTP_HANDLER_DEADLINE_SECONDS",
    "http.handler_deadline_seconds",
    (15, 1, 120),
    "seconds",
    "from the end of a body to the answer",
);
const BODY_DEADLINE: Setting = Setting::number(
    "EZW_HTTP_BODY_DEADLINE_SECONDS",
    "http.body_deadline_seconds",
    (30, 1, 300),
    "seconds",
    "for a JSON body to arrive",
);
const JSON_LIMIT: Setting = Setting::number(
    "EZW_HTTP_JSON_LIMIT_BYTES",
    "http.json_limit_bytes",
    (1_048_576, 16_384, 16_777_216),
    "bytes",
    "largest JSON body",
);
const LEAVING: Setting = Setting::number(
    "EZW_HTTP_LEAVING_MILLISECONDS",
    "http.leaving_milliseconds",
    (1_000, 0, 60_000),
    "milliseconds",
    "from /readyz saying 503 to the end of new connections, when the process stops; a balancer should look more often",
);
const SHUTDOWN: Setting = Setting::number(
    "EZW_HTTP_SHUTDOWN_SECONDS",
    "http.shutdown_seconds",
    (10, 1, 300),
    "seconds",
    "for requests in flight to finish when the process stops",
);
const METRICS_ADDR: Setting =
    Setting::text("EZW_METRICS_ADDR", "metrics.addr", "address of /metrics, 127.0.0.1:9464");

pub(super) const SETTINGS: &[Setting] = &[
    ADDR,
    WORKERS,
    RATE,
    BURST,
    OPEN_RATE,
    OPEN_BURST,
    PROXIES,
    NEW_CONTACTS,
    HANDLER_DEADLINE,
    BODY_DEADLINE,
    JSON_LIMIT,
    LEAVING,
    SHUTDOWN,
    METRICS_ADDR,
];

const WANT_ADDR: &str = "give an address and a port, for example 127.0.0.1:8080";

impl Http {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        Ok(Self {
            addr: source
                .parsed(&ADDR, WANT_ADDR)?
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            workers: source.number(&WORKERS)?,
            rate_per_second: source.number(&RATE)?,
            rate_burst: source.number(&BURST)?,
            open_rate_per_second: source.number(&OPEN_RATE)?,
            open_rate_burst: source.number(&OPEN_BURST)?,
            proxies: source.number(&PROXIES)?,
            new_contacts_per_hour: source.number(&NEW_CONTACTS)?,
            handler_deadline: source.seconds(&HANDLER_DEADLINE)?,
            body_deadline: source.seconds(&BODY_DEADLINE)?,
            json_limit_bytes: source.number(&JSON_LIMIT)?,
            leaving: source.milliseconds(&LEAVING)?,
            shutdown_seconds: source.number(&SHUTDOWN)?,
        })
    }
}

impl Metrics {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        let addr = source.parsed(&METRICS_ADDR, WANT_ADDR)?;
        Ok(Self { addr: addr.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 9464))) })
    }
}
