//! The service is killed at random moments while replies leave, and PostgreSQL with it now and then.

use super::{
    alone, number,
    run::{Plan, Run},
    seed,
};
use rand::{Rng as _, seq::SliceRandom as _};

/// Kills of the short form.
const KILLS: u32 = 5;
const POSTGRES_KILLS: u32 = 1;
/// Of so many kills, one is followed by another before replies leave again: long form only.
const EARLY: u32 = 4;
/// Of so many kills, one lets the service live before until what it found unknown is settled: long form only.
const LATE: u32 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Service,
    Postgres,
}

/// `make chaos-sends` has real time and real leases. The short form has faster lines, and waits for one lease only.
struct Form {
    kills: u32,
    postgres_kills: u32,
    long: bool,
}

impl Form {
    fn read() -> Self {
        let kills = number("EZW_TEST_CHAOS_KILLS", KILLS);
        let postgres_kills = number("EZW_TEST_CHAOS_POSTGRES_KILLS", POSTGRES_KILLS);
        Self { kills, postgres_kills, long: kills > KILLS }
    }

    /// Up to so many seconds after replies leave again.
    fn pause(&self) -> f64 {
        if self.long { 6.0 } else { 2.0 }
    }

    fn plan(&self, drops_repeats: bool) -> Plan {
        Plan { drops_repeats, seed: seed(), speed: if self.long { 1 } else { 4 } }
    }
}

#[tokio::test]
async fn replies_under_kills_arrive_once_and_in_order_where_the_provider_drops_repeats() {
    let _alone = alone().await;
    under_kills(true).await;
}

#[tokio::test]
async fn replies_under_kills_never_arrive_twice_where_the_provider_shows_repeats() {
    let _alone = alone().await;
    under_kills(false).await;
}

async fn under_kills(drops_repeats: bool) {
    let form = Form::read();
    let mut run = Run::start(form.plan(drops_repeats)).await;
    let mut acts = vec![Act::Service; form.kills as usize];
    acts.resize((form.kills + form.postgres_kills) as usize, Act::Postgres);
    acts.shuffle(&mut run.rng);
    let last = acts.len() - 1;
    for (index, act) in acts.into_iter().enumerate() {
        let lease = form.long || index == last;
        match act {
            Act::Service => service(&mut run, &form, lease).await,
            Act::Postgres => postgres(&mut run, &form, lease).await,
        }
        let before = run.sent().await;
        run.until_flowing(before).await;
    }
    run.judge().await;
}

/// Killed while replies leave; now and then once more, on its way back.
async fn service(run: &mut Run, form: &Form, lease: bool) {
    let late = form.long && run.rng.random_ratio(1, LATE);
    run.sleep_up_to(if late { 40.0 } else { form.pause() }).await;
    run.kill_service();
    if form.long && run.rng.random_ratio(1, EARLY) {
        run.linked.bed.start_service().await;
        run.sleep_up_to(16.0).await;
        run.kill_service();
    }
    back(run, lease).await;
}

/// Killed while replies leave, and the service with it now and then.
async fn postgres(run: &mut Run, form: &Form, lease: bool) {
    run.sleep_up_to(form.pause()).await;
    run.kill_postgres().await;
    run.sleep_up_to(2.0).await;
    let both = form.long && run.rng.random_ratio(1, 3);
    if both {
        run.kill_service();
    }
    run.linked.bed.postgres().restart().await.unwrap();
    if both {
        back(run, lease).await;
    }
}

async fn back(run: &mut Run, lease: bool) {
    if !lease {
        run.say_dead().await;
    }
    run.linked.bed.start_service().await;
}
