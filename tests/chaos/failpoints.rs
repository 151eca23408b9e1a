//! The process ends at a named instruction of the way of a reply, again and again, while replies leave.

use super::{
    alone,
    judge::Victim,
    number,
    run::{Plan, Run},
    seed,
};
use ezw_actors::clock::{Clock as _, SystemClock};
use rand::{Rng as _, seq::SliceRandom as _};

/// See `actors/src/failpoint.rs`.
const POINTS: [&str; 8] = [
    "accepted",
    "before_intent",
    "after_intent",
    "in_call",
    "written",
    "acknowledged",
    "recorded",
    "in_receipt_merge",
];
/// Kills at each of them, in the short form.
const EACH: u32 = 2;
/// The process ends when the point is reached so often at most: the first replies after a start are not the only ones.
const REACHED: u32 = 25;
/// Deadlines of lines run so many times faster: what a death left unknown must not hold every conversation up.
const SPEED: u32 = 6;

#[tokio::test]
async fn a_kill_at_any_point_of_a_replys_way_costs_nothing_where_the_provider_drops_repeats() {
    let _alone = alone().await;
    at_each_point(true).await;
}

#[tokio::test]
async fn a_kill_at_any_point_of_a_replys_way_repeats_nothing_where_the_provider_shows_repeats() {
    let _alone = alone().await;
    at_each_point(false).await;
}

/// The leases are not waited for here: what counts is the instruction, and which state it leaves to the next process.
async fn at_each_point(drops_repeats: bool) {
    let each = number("EZW_TEST_CHAOS_EACH", EACH);
    let mut run = Run::start(Plan { drops_repeats, seed: seed(), speed: SPEED }).await;
    let mut points: Vec<&str> = POINTS.iter().flat_map(|point| vec![*point; each as usize]).collect();
    points.shuffle(&mut run.rng);
    // The first service has none of it.
    run.kill_service();
    for point in points {
        let nth = run.rng.random_range(1..=REACHED);
        run.linked.bed.set_env("EZW_TEST_FAILPOINTS", &format!("{point}=kill@*#{nth}"));
        run.say_dead().await;
        run.linked.bed.start_service().await;
        run.linked.bed.until_service_died(point).await;
        run.note(Victim::Service, SystemClock.now());
    }
    run.linked.bed.set_env("EZW_TEST_FAILPOINTS", "");
    run.linked.bed.start_service().await;
    run.judge().await;
}
