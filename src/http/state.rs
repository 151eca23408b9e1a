//! What handlers may use. Made once by the composition root, shared by all workers.

use super::error::Problem;
use crate::{
    config,
    live::{Live, QrStore},
    random::Random,
    store::Db,
};
use actix_web::{HttpRequest, web};
use ezw_actors::{clock::Clock, lines::Lines};
use std::{sync::Arc, time::Duration};

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
    /// Numbers and streams hints; none without a store.
    pub live: Option<Live>,
    /// Pairing images; none without Redis.
    pub qr: Option<QrStore>,
    /// Replies of one line that may wait.
    pub queue_rows_per_line: u32,
}

impl AppState {
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

    /// A change with a hint was committed: the live stream need not wait for its next look.
    pub fn hint(&self) {
        if let Some(live) = &self.live {
            live.ring();
        }
    }
}
