//! The control API has no login, so pages of other sites must not reach it through somebody's browser: neither by a
//! cross-site call (`Origin`), nor by pointing a name of their own at this address (`Host`).

use std::net::{IpAddr, SocketAddr};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HOST, HeaderMap, HeaderName, ORIGIN},
    middleware::Next,
    web,
};

use super::ApiError;

#[derive(Clone)]
pub(crate) struct Guard {
    loopback: bool,
}

impl Guard {
    pub(crate) fn new(listen: SocketAddr) -> Self {
        Self { loopback: listen.ip().is_loopback() }
    }

    fn admits(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        let text = |name: HeaderName| {
            headers.get(name).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase())
        };
        let host = text(HOST).unwrap_or_default();
        if self.loopback && !is_local_name(&host) {
            return Err("this Host is not one of the simulator's");
        }
        let Some(origin) = text(ORIGIN) else { return Ok(()) };
        let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        if own == Some(host.as_str()) { Ok(()) } else { Err("calls from other sites are refused") }
    }
}

/// Addresses, `localhost`, and names without a dot (of containers): nothing that a stranger can register.
fn is_local_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok() || name.ends_with(".localhost") || !name.contains('.')
}

pub(super) async fn refuse_strangers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let guard = request.app_data::<web::Data<Guard>>();
    if let Some(Err(reason)) = guard.map(|guard| guard.admits(request.headers())) {
        return Err(ApiError::forbidden(reason).into());
    }
    next.call(request).await
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn admits(host: &str, origin: Option<&str>) -> bool {
        let mut request = TestRequest::default().insert_header((HOST, host));
        if let Some(origin) = origin {
            request = request.insert_header((ORIGIN, origin));
        }
        Guard { loopback: true }.admits(request.to_http_request().headers()).is_ok()
    }

    #[test]
    fn own_pages_and_programs_pass_and_other_sites_do_not() {
        assert!(admits("127.0.0.1:8090", None));
        assert!(admits("localhost:8090", Some("http://localhost:8090")));
        assert!(admits("[::1]:8090", Some("http://[::1]:8090")));
        assert!(admits("simulator:8090", None));
        assert!(!admits("127.0.0.1:8090", Some("http://evil.example")));
        assert!(!admits("127.0.0.1:8090", Some("null")));
        assert!(!admits("127.0.0.1:8090", Some("http://127.0.0.1:9999")));
        assert!(!admits("rebound.example:8090", Some("http://rebound.example:8090")));
        assert!(!admits("rebound.example:8090", None));
    }
}
