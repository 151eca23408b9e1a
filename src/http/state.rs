//! What handlers may use. Made once by the composition root, shared by all workers.

use super::{error::Problem, images::Images, rate::RateLimits, v1::health::Polls};
use crate::{
    auth::{identity::IdentityProvider, last_used::LastUsed},
    config::{self, DevSettings},
    live::{Live, QrStore},
    mail::Mailer,
    random::Random,
    store::Db,
};
use actix_web::{HttpRequest, web};
use ezw_actors::{clock::Clock, lines::Lines};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// Limits on requests, from the configuration.
#[derive(Clone, Copy, Debug)]
pub struct RequestLimits {
    /// From the end of a body to the answer.
    pub handler_deadline: Duration,
    /// For a JSON body to arrive.
    pub body_deadline: Duration,
    /// The largest JSON body.
    pub json_limit_bytes: usize,
    /// Sends per line and hour to numbers that never wrote to it.
    pub new_contacts_per_hour: u32,
}

impl From<&config::Http> for RequestLimits {
    fn from(http: &config::Http) -> Self {
        Self {
            handler_deadline: http.handler_deadline,
            body_deadline: http.body_deadline,
            json_limit_bytes: http.json_limit_bytes,
            new_contacts_per_hour: http.new_contacts_per_hour,
        }
    }
}

/// Replies of one line that may wait, unless the composition root says otherwise.
const QUEUE_ROWS_PER_LINE: u32 = 10_000;

/// Whether this process still wants requests: probes are told before the listener closes.
#[derive(Clone, Debug, Default)]
pub struct Readiness(CancellationToken);

impl Readiness {
    /// The process was asked to stop.
    pub fn stopping(&self) {
        self.0.cancel();
    }

    /// Whether it was.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.0.is_cancelled()
    }

    /// For what must end then: an open stream would hold the stopping up until its patience ends.
    #[must_use]
    pub fn until_stopping(&self) -> CancellationToken {
        self.0.clone()
    }
}

/// The handles of this process, for handlers.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The truth; none when no address was given.
    pub db: Option<Db>,
    /// The lines this process owns.
    pub lines: Lines,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Random,
    /// Limits on requests.
    pub limits: RequestLimits,
    /// How often one caller may ask.
    pub rates: Arc<RateLimits>,
    /// Signs people in; none without Postgres or a signing key.
    pub identity: Option<Arc<dyn IdentityProvider>>,
    /// Takes letters; none when the deployment sends none.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// Takes note of used tokens.
    pub last_used: Option<LastUsed>,
    /// Conveniences of `ezw dev`.
    pub dev: Option<DevSettings>,
    /// The name of the provider the lines talk to.
    pub provider: Option<&'static str>,
    /// Numbers and streams hints; none without a store.
    pub live: Option<Live>,
    /// Images of messages; none when the deployment keeps none.
    pub images: Option<Images>,
    /// Pairing images; none without Redis.
    pub qr: Option<QrStore>,
    /// Replies of one line that may wait.
    pub queue_rows_per_line: u32,
    /// Whether new requests are welcome.
    pub readiness: Readiness,
    /// Polls of line health under way.
    pub polls: Arc<Polls>,
}

impl AppState {
    /// A state with nothing configured but limits; the composition root fills in what there is.
    #[must_use]
    pub fn bare(http: &config::Http, lines: Lines, clock: Arc<dyn Clock>, random: Random) -> Self {
        Self {
            db: None,
            lines,
            clock,
            random,
            limits: http.into(),
            rates: Arc::new(RateLimits::new(http)),
            identity: None,
            mailer: None,
            last_used: None,
            dev: None,
            provider: None,
            live: None,
            images: None,
            qr: None,
            queue_rows_per_line: QUEUE_ROWS_PER_LINE,
            readiness: Readiness::default(),
            polls: Arc::default(),
        }
    }

    /// The state a request is served with.
    ///
    /// # Errors
    /// Internal, when the composition root forgot it.
    pub fn of(request: &HttpRequest) -> Result<&Self, Problem> {
        let state = request.app_data::<web::Data<Self>>();
        state.map(|state| state.get_ref()).ok_or_else(|| Problem::Internal("no AppState in this app".into()))
    }

    /// The store.
    ///
    /// # Errors
    /// 501 when there is none.
    pub fn db(&self) -> Result<&Db, Problem> {
        self.db.as_ref().ok_or(Problem::StoreNotConfigured)
    }

    /// The images.
    ///
    /// # Errors
    /// 501 when there are none.
    pub fn images(&self) -> Result<&Images, Problem> {
        self.images.as_ref().ok_or(Problem::MediaNotConfigured)
    }

    /// The identity provider.
    ///
    /// # Errors
    /// 503 when there is none.
    pub fn identity(&self) -> Result<&Arc<dyn IdentityProvider>, Problem> {
        self.identity.as_ref().ok_or(Problem::IdentityNotConfigured)
    }

    /// A change with a hint was committed: the live stream need not wait for its next look.
    pub fn hint(&self) {
        if let Some(live) = &self.live {
            live.ring();
        }
    }
}
