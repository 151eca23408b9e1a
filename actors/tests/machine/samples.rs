//! One example of every kind of state and event.

use chrono::TimeDelta;
use ezw_actors::{
    id::{CommandId, Generation},
    lines::Evidence,
    machine::{
        Event, FailReason, LineState, LogoutReason, News, Pairing, PairingStep, Purpose, ReconnectReason,
        RestingState, StartFacts, Time,
    },
    port::{CloseClass, Credentials, Orders, PairRefusal, ShownCode, ShownPasskey, ShownQr},
};
use uuid::Uuid;

pub(crate) const GENERATION: Generation = Generation(7);
pub(crate) const PHONE: &str = "+4915100000001";

pub(crate) fn now() -> Time {
    Time::UNIX_EPOCH + TimeDelta::seconds(1_700_000_000)
}

/// Later than any deadline of the samples is early; `now` is before all of them.
pub(crate) fn soon() -> Time {
    now() + TimeDelta::seconds(30)
}

pub(crate) fn late() -> Time {
    now() + TimeDelta::days(2)
}

pub(crate) fn pairing(before: RestingState, code_for: Option<&str>) -> Pairing {
    Pairing { command: CommandId(Uuid::from_u128(1)), code_for: code_for.map(str::to_owned), before }
}

/// Every kind of state, each variant of it that behaves or shows differently, by label.
pub(crate) fn states() -> Vec<(String, LineState)> {
    let generation = GENERATION;
    let deadline = soon();
    let qr = || pairing(RestingState::Created, None);
    let mut all = vec![
        ("created".to_owned(), LineState::Created),
        ("starting (created)".into(), starting(LineState::Created)),
        ("starting (connected)".into(), starting(LineState::Connected { generation })),
        ("starting (locked, until)".into(), starting(LineState::Locked { until: Some(now()) })),
        ("starting (pairing)".into(), starting(pairing_state(PairingStep::Code))),
        (
            "waiting_permit (resume)".into(),
            LineState::WaitingPermit { purpose: Purpose::Resume, grant_at: Some(soon()) },
        ),
        (
            "waiting_permit (pair)".into(),
            LineState::WaitingPermit { purpose: Purpose::Pair { pairing: qr() }, grant_at: Some(soon()) },
        ),
        (
            "connecting (resume)".into(),
            LineState::Connecting { generation, purpose: Purpose::Resume, deadline },
        ),
        (
            "connecting (pair)".into(),
            LineState::Connecting { generation, purpose: Purpose::Pair { pairing: qr() }, deadline },
        ),
        ("syncing".into(), LineState::Syncing { generation, deadline }),
        ("pairing (qr)".into(), pairing_state(PairingStep::Qr { wave: 2, waves: 6 })),
        ("pairing (code)".into(), pairing_state(PairingStep::Code)),
        ("pairing (passkey)".into(), pairing_state(PairingStep::Passkey)),
        ("pairing_expired".into(), LineState::PairingExpired),
        ("connected".into(), LineState::Connected { generation }),
        ("degraded".into(), LineState::Degraded { generation, deadline }),
        ("throttled".into(), LineState::Throttled { generation, until: soon() }),
        ("restricted".into(), LineState::Restricted { generation, until: soon() }),
        ("replaced (retry)".into(), LineState::Replaced { retry_at: Some(soon()) }),
        ("replaced".into(), LineState::Replaced { retry_at: None }),
        ("locked (until)".into(), LineState::Locked { until: Some(soon()) }),
        ("locked".into(), LineState::Locked { until: None }),
        ("banned (until)".into(), LineState::Banned { until: Some(soon()) }),
        ("banned".into(), LineState::Banned { until: None }),
    ];
    for reason in [ReconnectReason::ConnectionLost, ReconnectReason::ProviderUnreachable] {
        let label = format!("reconnecting ({})", word(&reason));
        let retry_at = soon();
        all.push((label.clone(), LineState::Reconnecting { reason, retry_at, since: now(), lasting: false }));
        let since = now() - TimeDelta::minutes(3);
        all.push((
            format!("{label}, lasting"),
            LineState::Reconnecting { reason, retry_at, since, lasting: true },
        ));
    }
    for reason in [LogoutReason::LoggedOut, LogoutReason::PhoneMismatch, LogoutReason::PhoneInUse] {
        all.push((format!("logged_out ({})", word(&reason)), LineState::LoggedOut { reason }));
    }
    for reason in [
        FailReason::StartTimeout,
        FailReason::RestartBudgetSpent,
        FailReason::Poison,
        FailReason::ClientOutdated,
    ] {
        let retry_at = (reason != FailReason::ClientOutdated).then(soon);
        all.push((format!("failed ({})", word(&reason)), LineState::Failed { reason, retry_at }));
    }
    all
}

pub(crate) fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn starting(from: LineState) -> LineState {
    LineState::Starting { deadline: soon(), from: Box::new(from) }
}

fn pairing_state(step: PairingStep) -> LineState {
    let code_for = (step == PairingStep::Code).then_some(PHONE);
    let pairing = pairing(RestingState::Created, code_for);
    LineState::Pairing { generation: GENERATION, pairing, step, deadline: soon() }
}

pub(crate) fn qr(wave: u8) -> ShownQr {
    ShownQr { payload: "2@qr".into(), wave, waves: 6, expires_at: now() + TimeDelta::seconds(60) }
}

/// Everything a session can tell, by label.
pub(crate) fn news() -> Vec<(String, News)> {
    let mut all = vec![
        ("pairing_qr".to_owned(), News::PairingQr(qr(1))),
        ("pairing_code".into(), News::PairingCode(ShownCode { code: "ABCD1234".into(), expires_at: soon() })),
        (
            "passkey_required".into(),
            News::PasskeyRequired(ShownPasskey { challenge: "sign this".into(), expires_at: soon() }),
        ),
        ("pairing_exhausted".into(), News::PairingExhausted),
        ("paired".into(), paired(PHONE)),
        ("paired (stranger)".into(), paired("+4915199999999")),
        ("pair_failed".into(), News::PairFailed { reason: "Refused: phone!".into() }),
        ("logged_in".into(), News::LoggedIn),
        ("ready".into(), News::Ready),
        ("rate_limited".into(), News::RateLimited { until: None }),
        ("restricted".into(), News::Restricted { until: None }),
    ];
    all.extend(
        closings().into_iter().map(|(label, class)| (format!("closed ({label})"), News::Closed(class))),
    );
    all
}

fn paired(phone_number: &str) -> News {
    News::Paired { phone_number: phone_number.into(), credentials: Credentials(vec![1]) }
}

pub(crate) fn closings() -> Vec<(&'static str, CloseClass)> {
    vec![
        ("lost", CloseClass::Lost),
        ("restart_planned", CloseClass::RestartPlanned),
        ("replaced", CloseClass::Replaced),
        ("logged_out", CloseClass::LoggedOut),
        ("locked", CloseClass::Locked),
        ("temporary_ban", CloseClass::TemporaryBan { until: None }),
        ("banned", CloseClass::Banned),
        ("outdated", CloseClass::Outdated),
        ("unknown", CloseClass::Unknown { code: 999 }),
        ("adapter_died", CloseClass::AdapterDied),
    ]
}

pub(crate) fn alive(at: Time) -> Evidence {
    Evidence { last_frame_at: Some(at), ..Evidence::default() }
}

/// Everything that can happen, by label, with the instant at which it happens.
pub(crate) fn events() -> Vec<(String, Time, Event)> {
    let command = CommandId(Uuid::from_u128(2));
    let with_account = StartFacts { has_credentials: true, ..StartFacts::default() };
    let stopped = Orders { stopped: true, ..Orders::default() };
    let mut all = vec![
        ("started (nothing)".to_owned(), now(), Event::Started(StartFacts::default())),
        ("started (account)".into(), now(), Event::Started(with_account.clone())),
        (
            "started (pair)".into(),
            now(),
            Event::Started(StartFacts { pair: Some((command, None)), ..StartFacts::default() }),
        ),
        (
            "started (stopped)".into(),
            now(),
            Event::Started(StartFacts { orders: stopped, ..with_account.clone() }),
        ),
        ("started (died)".into(), now(), Event::Started(StartFacts { died: true, ..with_account.clone() })),
        ("started (late)".into(), now(), Event::Started(StartFacts { late: true, ..with_account })),
        ("permit".into(), now(), Event::Permit),
        ("client_refused".into(), now(), Event::ClientRefused),
        ("unreachable".into(), now(), Event::Unreachable { generation: GENERATION }),
        ("tick (alive)".into(), now(), Event::Tick(alive(now()))),
        ("tick (silent)".into(), now(), Event::Tick(alive(now() - TimeDelta::seconds(61)))),
        ("tick (late, alive)".into(), late(), Event::Tick(alive(late()))),
        ("tick (late, silent)".into(), late(), Event::Tick(Evidence::default())),
        ("pair_ended".into(), now(), Event::PairEnded),
        ("ordered (none)".into(), now(), Event::Ordered(Orders::default())),
        ("ordered (stop)".into(), now(), Event::Ordered(stopped)),
        (
            "ordered (billing)".into(),
            now(),
            Event::Ordered(Orders { billing_restricted: true, ..Orders::default() }),
        ),
        ("woken".into(), now(), Event::Woken),
        ("ordered (archive)".into(), now(), Event::Ordered(Orders { archived: true, ..Orders::default() })),
        ("pair_refused (phone in use)".into(), now(), refused(PairRefusal::PhoneInUse)),
        ("pair_refused (over)".into(), now(), refused(PairRefusal::Over)),
        ("pair_refused (broken)".into(), now(), refused(PairRefusal::Broken)),
        ("released".into(), now(), Event::Released),
    ];
    for (label, news) in news() {
        all.push((label, now(), Event::Session { generation: GENERATION, news }));
    }
    all.push((
        "ready (older session)".into(),
        now(),
        Event::Session { generation: Generation(6), news: News::Ready },
    ));
    all
}

fn refused(why: PairRefusal) -> Event {
    Event::PairRefused { why, credentials: Credentials(vec![1]) }
}
