//! What a restart must not forget, and what a long healthy time makes forgotten.

use super::samples::{self, GENERATION, PHONE};
use chrono::TimeDelta;
use ezw_actors::{
    Timings,
    id::CommandId,
    lines::Evidence,
    machine::{
        Decision, Event, Facts, FailReason, History, LineState, Moment, News, StartFacts, StateName, Time,
        decide,
    },
    port::{CloseClass, CommandEnd},
};
use uuid::Uuid;

fn at(state: &LineState, history: &History, now: Time, event: &Event) -> Decision {
    let moment = Moment { now, jitter: 0.5 };
    let facts = Facts {
        history,
        phone_number: Some(PHONE),
        generation: GENERATION,
        moment,
        grant_at: now,
        timings: &Timings::REAL,
    };
    decide(state, &facts, event)
}

/// A session that was ready for so many seconds ends.
fn closes(history: &History, lived: Option<i64>, class: CloseClass) -> Decision {
    let ready_at = lived.map(|lived| samples::now() - TimeDelta::seconds(lived));
    let history = History { ready_at, ..history.clone() };
    let state = LineState::Connected { generation: GENERATION };
    let event = Event::Session { generation: GENERATION, news: News::Closed(class) };
    at(&state, &history, samples::now(), &event)
}

fn starts(from: LineState, history: &History, facts: StartFacts) -> Decision {
    let state = LineState::Starting { from: Box::new(from), deadline: samples::soon() };
    at(&state, history, samples::now(), &Event::Started(StartFacts { has_credentials: true, ..facts }))
}

fn until(decision: &Decision) -> Option<i64> {
    decision.next.deadline().map(|until| (until - samples::now()).num_minutes())
}

const UNKNOWN: CloseClass = CloseClass::Unknown { code: 999 };

#[test]
fn the_sixth_counted_death_is_quarantine_and_the_weather_never_counts() {
    let mut history = History::default();
    for _ in 0..5 {
        let decision = closes(&history, Some(3), UNKNOWN);
        assert_eq!(decision.next.name(), StateName::Reconnecting);
        history = decision.history;
        history = closes(&history, Some(3), CloseClass::Lost).history;
        history = closes(&history, None, CloseClass::RestartPlanned).history;
    }
    assert_eq!(history.deaths, 5);
    let decision = closes(&history, None, CloseClass::AdapterDied);
    let reason = FailReason::RestartBudgetSpent;
    assert!(matches!(decision.next, LineState::Failed { reason: r, retry_at: Some(_) } if r == reason));
}

#[test]
fn an_actor_that_died_six_times_is_given_up_with_its_pair_command() {
    let history = History { deaths: 5, ..History::default() }.died(Timings::REAL.healthy, samples::now());
    let command = CommandId(Uuid::from_u128(3));
    let facts = StartFacts { died: true, pair: Some((command, None)), ..StartFacts::default() };
    let decision = starts(LineState::Created, &history, facts.clone());
    assert_eq!(decision.next.name(), StateName::Failed);
    assert_eq!(decision.changes.settle[0].end, CommandEnd::Failed("restart_budget_spent".into()));
    let forgiven = StartFacts { reset_budget: true, ..facts };
    let died = starts(LineState::Created, &history, forgiven.clone());
    assert_eq!(died.next.name(), StateName::Failed, "a wakeup forgives what was, not what is");
    let operator = starts(LineState::Created, &died.history, StartFacts { died: false, ..forgiven });
    assert_eq!((operator.next.name(), operator.history.deaths), (StateName::WaitingPermit, 0));
}

#[test]
fn a_timed_retry_is_one_attempt_until_one_is_healthy() {
    let failed = closes(&History { deaths: 5, ..History::default() }, Some(1), UNKNOWN);
    let with_account = StartFacts { has_credentials: true, ..StartFacts::default() };
    let retry = starts(failed.next, &failed.history, with_account.clone());
    assert_eq!(retry.next.name(), StateName::WaitingPermit);
    let again = closes(&retry.history, Some(1), UNKNOWN);
    assert_eq!((again.next.name(), again.history.fail_retries), (StateName::Failed, 2));
    let healthy = closes(&retry.history, Some(600), UNKNOWN);
    assert_eq!((healthy.next.name(), healthy.history.deaths), (StateName::Reconnecting, 0));
    let weather = closes(&retry.history, Some(1), CloseClass::Lost);
    assert_eq!(weather.next.name(), StateName::Reconnecting, "the weather spends nothing");
}

#[test]
fn a_start_that_takes_too_long_is_given_up_and_tried_again() {
    let command = CommandId(Uuid::from_u128(4));
    let late = StartFacts { late: true, pair: Some((command, None)), ..StartFacts::default() };
    let decision = starts(LineState::Created, &History::default(), late);
    let LineState::Failed { reason, retry_at } = decision.next else { panic!("{:?}", decision.next) };
    assert_eq!((reason, retry_at.is_some()), (FailReason::StartTimeout, true));
    assert_eq!(decision.changes.settle[0].end, CommandEnd::Failed("start_timeout".into()));
}

#[test]
fn a_provider_that_only_ever_restarts_sessions_is_asked_later_and_later() {
    let first = closes(&History::default(), None, CloseClass::RestartPlanned);
    assert_eq!(first.next.name(), StateName::WaitingPermit);
    let second = closes(&first.history, None, CloseClass::RestartPlanned);
    assert_eq!(second.next.name(), StateName::Reconnecting);
    let ready = samples::states().into_iter().find(|(label, _)| label == "syncing").unwrap().1;
    let event = Event::Session { generation: GENERATION, news: News::Ready };
    let ready = at(&ready, &second.history, samples::now(), &event);
    assert_eq!(
        closes(&ready.history, None, CloseClass::RestartPlanned).next.name(),
        StateName::WaitingPermit
    );
}

#[test]
fn ten_minutes_of_health_make_earlier_deaths_forgotten_however_they_end() {
    let tired = History { deaths: 5, lock_strikes: 3, replaced_retry_used: true, ..History::default() };
    for class in [UNKNOWN, CloseClass::Lost, CloseClass::RestartPlanned] {
        let decision = closes(&tired, Some(600), class);
        assert!(decision.history.deaths <= 1, "{class:?}");
        assert_ne!(decision.next.name(), StateName::Failed, "{class:?}");
        assert_eq!(decision.history.ready_at, None, "the next session is healthy by itself or not at all");
    }
    assert_eq!(until(&closes(&tired, Some(600), CloseClass::Locked)), Some(5));
    assert!(closes(&tired, Some(600), CloseClass::Replaced).next.deadline().is_some());
    let healthy = History { ready_at: Some(samples::now() - TimeDelta::hours(2)), ..tired };
    let connected = LineState::Connected { generation: GENERATION };
    let healthy = healthy.died(Timings::REAL.healthy, samples::now());
    let died = starts(connected, &healthy, StartFacts { died: true, ..StartFacts::default() });
    assert_eq!((died.history.deaths, died.history.ready_at), (1, None));
}

#[test]
fn the_health_of_one_session_does_not_vouch_for_the_next() {
    let history = History { deaths: 4, ..History::default() };
    let restarted = closes(&history, Some(60), CloseClass::RestartPlanned).history;
    let connecting =
        samples::states().into_iter().find(|(label, _)| label == "connecting (resume)").unwrap().1;
    let event = Event::Session { generation: GENERATION, news: News::Closed(UNKNOWN) };
    let much_later = samples::now() + TimeDelta::hours(1);
    assert_eq!(at(&connecting, &restarted, much_later, &event).history.deaths, 5);
}

#[test]
fn a_locked_account_cools_down_three_times_and_then_waits_for_an_operator() {
    let mut history = History::default();
    let mut served = Vec::new();
    for _ in 0..5 {
        let decision = closes(&history, Some(30), CloseClass::Locked);
        served.push(until(&decision));
        history = decision.history;
    }
    assert_eq!(served, [Some(5), Some(15), Some(60), None, None]);
}

#[test]
fn a_failed_line_is_retried_after_five_fifteen_and_sixty_minutes_and_then_hourly() {
    let mut history = History { deaths: 5, ..History::default() };
    let mut waits = Vec::new();
    for _ in 0..5 {
        let decision = closes(&History { deaths: 5, ..history }, Some(1), UNKNOWN);
        waits.push(until(&decision));
        history = decision.history;
    }
    assert_eq!(waits, [Some(5), Some(15), Some(60), Some(60), Some(60)]);
}

#[test]
fn the_pauses_of_a_line_that_was_given_up_grow_also_when_its_retries_get_ready_and_die() {
    let with_account = StartFacts { has_credentials: true, ..StartFacts::default() };
    let mut decision = closes(&History { deaths: 5, ..History::default() }, Some(1), UNKNOWN);
    let mut now = samples::now();
    let mut waits = Vec::new();
    for _ in 0..4 {
        let LineState::Failed { retry_at: Some(retry_at), .. } = decision.next else {
            panic!("{:?}", decision.next)
        };
        waits.push((retry_at - now).num_minutes());
        // The retry starts on time, gets ready, and dies at once.
        now = retry_at;
        let from = Box::new(decision.next.clone());
        let starting = LineState::Starting { deadline: now + TimeDelta::seconds(45), from };
        let started = at(&starting, &decision.history, now, &Event::Started(with_account.clone()));
        let history = History { ready_at: Some(now), ..started.history };
        let connected = LineState::Connected { generation: GENERATION };
        now += TimeDelta::seconds(1);
        let closed = Event::Session { generation: GENERATION, news: News::Closed(UNKNOWN) };
        decision = at(&connected, &history, now, &closed);
    }
    assert_eq!(waits, [5, 15, 60, 60]);
}

#[test]
fn a_session_is_taken_back_once() {
    let first = closes(&History::default(), Some(30), CloseClass::Replaced);
    assert_eq!(first.next.deadline(), Some(samples::soon()));
    let again = starts(first.next, &first.history, StartFacts::default());
    assert!(again.history.replaced_retry_used);
    let second = closes(&again.history, Some(30), CloseClass::Replaced);
    assert_eq!((second.next.deadline(), second.changes.release), (None, Some(None)));
}

#[test]
fn a_pairing_that_ended_while_its_owner_was_dead_takes_no_session_back() {
    let pairing = samples::pairing(ezw_actors::machine::RestingState::Replaced, None);
    let from = LineState::Pairing {
        generation: GENERATION,
        pairing,
        step: ezw_actors::machine::PairingStep::Passkey,
        deadline: samples::soon(),
    };
    let decision = starts(from, &History::default(), StartFacts::default());
    assert_eq!(decision.next, LineState::Replaced { retry_at: None });
}

#[test]
fn a_pairing_forgets_all_earlier_trouble() {
    let tired = History { deaths: 5, lock_strikes: 3, fail_retries: 9, ..History::default() };
    let pairing = samples::states().into_iter().find(|(label, _)| label == "pairing (qr)").unwrap().1;
    let news = samples::news().into_iter().find(|(label, _)| label == "paired").unwrap().1;
    let decision = at(&pairing, &tired, samples::now(), &Event::Session { generation: GENERATION, news });
    assert_eq!(decision.history, History::default());
}

#[test]
fn a_timelock_outlives_a_degraded_spell_a_throttled_one_and_a_reconnect() {
    let connected = LineState::Connected { generation: GENERATION };
    let now = samples::now();
    let until = Some(now + TimeDelta::minutes(30));
    let tell = |state: &LineState, history: &History, now, news| {
        at(state, history, now, &Event::Session { generation: GENERATION, news })
    };
    let restricted = tell(&connected, &History::default(), now, News::Restricted { until });
    assert_eq!(restricted.next.name(), StateName::Restricted);
    // Silent for two minutes, then a sign of life again.
    let later = now + TimeDelta::minutes(2);
    let silent = Evidence { last_frame_at: Some(now), ..Evidence::default() };
    let degraded = at(&restricted.next, &restricted.history, later, &Event::Tick(silent));
    assert_eq!(degraded.next.name(), StateName::Degraded);
    let alive = Evidence { last_frame_at: Some(later), ..Evidence::default() };
    let again = at(&degraded.next, &degraded.history, later, &Event::Tick(alive));
    assert_eq!(again.next, restricted.next, "not sendable before the limit ends");
    // Throttled for a minute within it.
    let short = Some(later + TimeDelta::minutes(1));
    let throttled = tell(&again.next, &again.history, later, News::RateLimited { until: short });
    assert_eq!(throttled.next.name(), StateName::Throttled);
    let after = later + TimeDelta::minutes(1);
    let alive = Evidence { last_frame_at: Some(after), ..Evidence::default() };
    let again = at(&throttled.next, &throttled.history, after, &Event::Tick(alive));
    assert_eq!(again.next, restricted.next);
    // A new session finds it, and its end frees the line.
    let syncing = LineState::Syncing { generation: GENERATION, deadline: samples::soon() };
    assert_eq!(tell(&syncing, &again.history, after, News::Ready).next, restricted.next);
    let over = now + TimeDelta::minutes(30);
    let alive = Evidence { last_frame_at: Some(over), ..Evidence::default() };
    assert_eq!(at(&again.next, &again.history, over, &Event::Tick(alive)).next, connected);
}
