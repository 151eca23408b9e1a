//! What a restart must not forget, and what a long healthy time makes forgotten.

use super::samples::{self, GENERATION, PHONE};
use chrono::TimeDelta;
use ezw_actors::{
    Timings,
    id::CommandId,
    lines::Evidence,
    machine::{
        Decision, Event, Facts, FailReason, History, LineState, Moment, News, PairingStep, ReconnectReason,
        RestingState, StartFacts, StateName, Time, decide,
    },
    port::{CloseClass, CommandEnd, Orders},
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
    let syncing = LineState::Syncing { generation: GENERATION, deadline: samples::soon() };
    let ready = Event::Session { generation: GENERATION, news: News::Ready };
    let ready = at(&syncing, &first.history, samples::now(), &ready).history;
    let third = closes(&ready, Some(60), CloseClass::RestartPlanned);
    assert_eq!(third.next.name(), StateName::Reconnecting, "also one that lets them get ready in between");
    let healthy = closes(&ready, Some(600), CloseClass::RestartPlanned);
    assert_eq!(healthy.next.name(), StateName::WaitingPermit);
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
fn a_temporary_ban_whose_end_is_past_is_tried_later_and_later() {
    // The first one is past but for the difference of two clocks.
    let past = |hours| {
        let until = samples::now() + TimeDelta::seconds(2) - TimeDelta::hours(hours);
        CloseClass::TemporaryBan { until: Some(until) }
    };
    let mut history = History::default();
    let mut served = Vec::new();
    for hours in 0..4 {
        let decision = closes(&history, Some(30), past(hours));
        served.push(until(&decision));
        history = decision.history;
    }
    // And up to two minutes more: one, here.
    assert_eq!(served, [Some(6), Some(16), Some(61), Some(61)]);
    // An end to come is kept as it is told, also then.
    let told = CloseClass::TemporaryBan { until: Some(samples::now() + TimeDelta::minutes(2)) };
    assert_eq!(until(&closes(&history, Some(30), told)), Some(3));
    assert_eq!(
        until(&closes(&history, Some(600), past(1))),
        Some(6),
        "ten minutes of health and it is forgotten"
    );
}

#[test]
fn nothing_was_healthy_while_nobody_was_at_work() {
    let now = samples::now();
    let ready_at = Some(now - TimeDelta::minutes(11));
    let tired = History { deaths: 5, fail_retries: 2, ready_at, ..History::default() };
    let connected = LineState::Connected { generation: GENERATION };
    let ago = |minutes| StartFacts {
        lived_until: Some(now - TimeDelta::minutes(minutes)),
        ..StartFacts::default()
    };
    let taken_over = |facts| starts(connected.clone(), &tired, facts).history;
    assert_eq!((taken_over(ago(10)).deaths, taken_over(ago(10)).fail_retries), (5, 2), "alive for a minute");
    assert_eq!(taken_over(ago(1)).deaths, 0, "alive for ten");
    let stopped = Orders { stopped: true, ..Orders::default() };
    assert_eq!(
        taken_over(StartFacts { orders: stopped, ..ago(10) }).deaths,
        5,
        "and likewise when it was stopped"
    );
}

#[test]
fn between_two_tries_a_person_is_told_that_the_trouble_lasts() {
    let (since, retry_at) = (samples::now() - TimeDelta::minutes(3), samples::now() + TimeDelta::minutes(5));
    let reason = ReconnectReason::ConnectionLost;
    let state = LineState::Reconnecting { reason, retry_at, since, lasting: false };
    let notice = Timings::REAL.notice;
    assert_eq!(state.notice_at(notice), Some(samples::now()));
    let tick = |now| at(&state, &History::default(), now, &Event::Tick(Evidence::default()));
    let second = TimeDelta::seconds(1);
    assert!(!tick(samples::now() - second).writes(&state, &History::default()));
    let told = tick(samples::now());
    assert_eq!(told.next, LineState::Reconnecting { reason, retry_at, since, lasting: true });
    assert_eq!(
        (told.effects.len(), told.next.notice_at(notice)),
        (0, None),
        "said once, and the try is not moved"
    );
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
fn what_waits_for_a_person_is_not_resumed_because_a_pairing_of_it_ended() {
    for from in [
        LineState::Replaced { retry_at: None },
        LineState::Locked { until: None },
        LineState::Banned { until: None },
    ] {
        let decision = starts(from.clone(), &History::default(), StartFacts::default());
        assert_eq!((&decision.next, decision.changes.release), (&from, Some(None)));
        let told = StartFacts { reset_budget: true, ..StartFacts::default() };
        assert_eq!(starts(from, &History::default(), told).next.name(), StateName::WaitingPermit);
    }
    // Nor is a line that is let go in the middle of a pairing due before its own time.
    let soon = Some(samples::soon());
    for (before, due) in [
        (RestingState::Replaced, None),
        (RestingState::Failed { reason: FailReason::Poison, retry_at: soon }, soon),
    ] {
        let pairing = samples::pairing(before.clone(), None);
        let step = PairingStep::Passkey;
        let state = LineState::Pairing { generation: GENERATION, pairing, step, deadline: samples::soon() };
        let released = at(&state, &History::default(), samples::now(), &Event::Released);
        assert_eq!((released.next, released.changes.release), (before.restore(), Some(due)));
        let starting = LineState::Starting { from: Box::new(state), deadline: samples::soon() };
        let released = at(&starting, &History::default(), samples::now(), &Event::Released);
        assert_eq!((released.next, released.changes.release), (before.restore(), Some(due)));
    }
}

#[test]
fn a_pairing_that_ended_while_its_owner_was_dead_takes_no_session_back() {
    let pairing = samples::pairing(RestingState::Replaced, None);
    let from = LineState::Pairing {
        generation: GENERATION,
        pairing,
        step: PairingStep::Passkey,
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
