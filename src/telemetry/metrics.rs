//! Metrics for Prometheus, on a listener of their own: the API's listener is public, this one is not.

use std::net::SocketAddr;

use actix_web::dev::Server;
use actix_web::http::header::ContentType;
use actix_web::{App, HttpResponse, HttpServer, middleware::from_fn, web};
use anyhow::{Context as _, anyhow};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::unread;

/// Bounds in seconds, from a cached read to the handler deadline.
const DURATION_BUCKETS: &[f64] =
    &[0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0];
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The bound listener; nothing is served until the server is awaited or spawned.
pub struct Listener {
    pub server: Server,
    /// Differs from the setting when that asked for port 0.
    pub addr: SocketAddr,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// Installs the recorder that every metric of this process goes to, once.
pub fn recorder() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), DURATION_BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| anyhow!("the metrics recorder could not be installed: {error}"))?;
    metrics::describe_gauge!("ezw_build_info", "1, with the version of this build as a label");
    describe_build();
    Ok(handle)
}

/// Binds the listener. `refresh` runs before each scrape, for gauges that change by time alone.
pub fn listen<F, R>(addr: SocketAddr, handle: PrometheusHandle, refresh: F) -> anyhow::Result<Listener>
where
    F: Fn() -> R + Clone + Send + 'static,
    R: Future<Output = ()> + 'static,
{
    let server = HttpServer::new(move || {
        let (handle, refresh) = (handle.clone(), refresh.clone());
        let scrape = move || {
            let (handle, refreshed) = (handle.clone(), refresh());
            async move {
                describe_build();
                refreshed.await;
                // Drains the histograms' buffers, which otherwise only grow.
                handle.run_upkeep();
                HttpResponse::Ok().content_type(PROMETHEUS_TEXT).body(handle.render())
            }
        };
        let app = App::new().service(web::resource("/metrics").route(web::get().to(scrape))).default_service(
            web::to(|| async {
                HttpResponse::NotFound()
                    .content_type(ContentType::plaintext())
                    .body("only /metrics is here\n")
            }),
        );
        app.wrap(from_fn(unread::close))
    })
    .workers(1)
    .client_disconnect_timeout(unread::LINGER)
    .disable_signals()
    .shutdown_timeout(1)
    .bind(addr)
    .with_context(|| format!("EZW_METRICS_ADDR is {addr}: it can't be listened on"))?;
    let addr = server.addrs().first().copied().unwrap_or(addr);
    Ok(Listener { server: server.run(), addr })
}

fn describe_build() {
    metrics::gauge!("ezw_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_scrape_shows_the_build_and_runs_the_refresh_and_other_paths_are_absent() {
        let handle = recorder().expect("the only recorder of this test process");
        let refresh = || async { metrics::gauge!("ezw_test_refreshed").set(7.0) };
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0)), handle, refresh).unwrap();
        let stop = listener.server.handle();
        let base = format!("http://{}", listener.addr);
        let client = async move {
            let page = reqwest::get(format!("{base}/metrics")).await.unwrap();
            assert_eq!(page.headers()["content-type"], PROMETHEUS_TEXT);
            let page = page.text().await.unwrap();
            assert!(page.contains(&format!("ezw_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"))));
            assert!(page.contains("ezw_test_refreshed 7"));
            assert_eq!(reqwest::get(format!("{base}/")).await.unwrap().status(), 404);
            let post = reqwest::Client::new().post(format!("{base}/metrics")).send().await.unwrap();
            assert_eq!(post.status(), 405);
            stop.stop(false).await;
        };
        let (served, ()) = futures_util::join!(listener.server, client);
        served.unwrap();
    }
}
