//! How often one token, one user or, where nobody has to say who they are, one address may ask, on this node. Answered
//! before any work is done.

use super::error::Problem;
use crate::{
    auth::{UserId, secret::SecretHash},
    config,
};
use actix_web::{HttpRequest, http::header::HeaderMap};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use std::{
    fmt,
    hash::Hash,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

/// Keys kept at most, give or take what one sweep's worth of requests adds.
const KEYS: usize = 50_000;
/// Requests between two looks at how many keys there are.
const SWEEP_EVERY: u32 = 1_024;
/// What proxies write down about whom they speak for, each at the end.
const FORWARDED: &str = "x-forwarded-for";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Caller {
    User(UserId),
    Token(SecretHash),
}

/// Counts requests.
pub struct RateLimits {
    callers: Limiter<Caller>,
    addresses: Limiter<IpAddr>,
    proxies: usize,
}

impl fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimits")
            .field("callers", &self.callers.limiter.len())
            .field("addresses", &self.addresses.limiter.len())
            .finish_non_exhaustive()
    }
}

impl RateLimits {
    /// With the limits of the configuration.
    #[must_use]
    pub fn new(http: &config::Http) -> Self {
        Self {
            callers: Limiter::new(http.rate_per_second, http.rate_burst),
            addresses: Limiter::new(http.open_rate_per_second, http.open_rate_burst),
            proxies: http.proxies,
        }
    }

    /// Counts a request of a user.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn user(&self, user: UserId) -> Result<(), Problem> {
        self.callers.check(Caller::User(user))
    }

    /// Counts a request with a line token, known or not.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn token(&self, token: SecretHash) -> Result<(), Problem> {
        self.callers.check(Caller::Token(token))
    }

    /// Counts a request of somebody who did not say who they are, by the address it comes from.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn anybody(&self, request: &HttpRequest) -> Result<(), Problem> {
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        self.addresses.check(network(client(request.headers(), peer, self.proxies)))
    }
}

/// Whom the `proxies` in front speak for. Each of them appends the address that it was called from, so only the last so
/// many entries are theirs and the rest is what the caller made up. A header that is not theirs counts for nothing.
fn client(headers: &HeaderMap, peer: IpAddr, proxies: usize) -> IpAddr {
    let Some(from_the_end) = proxies.checked_sub(1) else { return peer };
    let said: Vec<&str> = headers
        .get_all(FORWARDED)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    said.iter().rev().nth(from_the_end).and_then(|said| said.trim().parse().ok()).unwrap_or(peer)
}

/// Whoever has one address of IPv6 has all of its /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

struct Limiter<K: Clone + Hash + Eq> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    requests: AtomicU32,
}

impl<K: Clone + Hash + Eq> Limiter<K> {
    /// `per_second` requests in the long run, `burst` at once. Zero means one: a limit of none would be a service off.
    fn new(per_second: u32, burst: u32) -> Self {
        let at_least_one = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst));
        Self {
            limiter: RateLimiter::dashmap(quota),
            clock: DefaultClock::default(),
            requests: AtomicU32::new(0),
        }
    }

    fn check(&self, key: K) -> Result<(), Problem> {
        if self.requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY)
            && self.limiter.len() > KEYS
        {
            // A key is worth keeping only until its burst has filled up again: seconds with the defaults.
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(&key).map_err(|refusal| {
            let wait = refusal.wait_time_from(self.clock.now());
            Problem::RateLimited {
                retry_after_seconds: wait.as_millis().div_ceil(1_000).try_into().unwrap_or(1),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{http::header::HeaderValue, test::TestRequest};
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn limits(environment: &[(&str, &str)]) -> RateLimits {
        let given: BTreeMap<String, String> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        RateLimits::new(&config::Config::from_environment(&given, None).unwrap().http)
    }

    #[test]
    fn each_caller_has_a_burst_of_their_own() {
        let limits = limits(&[("EZW_HTTP_RATE_PER_SECOND", "1"), ("EZW_HTTP_RATE_BURST", "3")]);
        let (one, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        for _ in 0..3 {
            assert!(limits.user(one).is_ok());
        }
        assert!(matches!(limits.user(one), Err(Problem::RateLimited { retry_after_seconds: 1 })));
        assert!(limits.user(other).is_ok());
        assert!(limits.token(SecretHash([0; 32])).is_ok());
    }

    #[test]
    fn each_address_has_a_burst_of_its_own_and_one_of_ipv6_is_its_whole_network() {
        let limits = limits(&[("EZW_HTTP_OPEN_RATE_PER_SECOND", "1"), ("EZW_HTTP_OPEN_RATE_BURST", "2")]);
        let ask = |address: &str| {
            let peer = format!("{address}:1").parse().unwrap();
            limits.anybody(&TestRequest::default().peer_addr(peer).to_http_request()).is_ok()
        };
        assert!(ask("192.0.2.1") && ask("192.0.2.1") && !ask("192.0.2.1"));
        assert!(ask("192.0.2.2"));
        assert!(ask("[2001:db8::1]") && ask("[2001:db8::2]") && !ask("[2001:db8::3]"));
        assert!(ask("[2001:db8:0:1::1]"));
        assert!(!ask("[::ffff:192.0.2.1]"), "the same address, written otherwise");
    }

    #[test]
    fn only_what_the_proxies_in_front_wrote_is_believed() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let seen = |said: &[&str], proxies| {
            let mut headers = HeaderMap::new();
            for line in said {
                headers.append(FORWARDED.parse().unwrap(), HeaderValue::from_str(line).unwrap());
            }
            client(&headers, peer, proxies).to_string()
        };
        let made_up = &["192.0.2.66, 198.51.100.7"];
        assert_eq!(seen(made_up, 0), "10.0.0.1");
        assert_eq!(seen(made_up, 1), "198.51.100.7");
        assert_eq!(seen(&["192.0.2.66, 198.51.100.7", "10.0.0.2"], 2), "198.51.100.7");
        for nothing in [&[][..], &["unknown"], &["198.51.100.7, "]] {
            assert_eq!(seen(nothing, 1), "10.0.0.1", "{nothing:?}");
        }
        assert_eq!(seen(&["198.51.100.7"], 2), "10.0.0.1", "one proxy is missing");
    }
}
