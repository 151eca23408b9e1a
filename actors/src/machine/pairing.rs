//! Somebody links the number: QR codes in waves, a code to type, a passkey to confirm.

use super::{
    decide::Facts,
    decision::{Decision, Effect},
    ending,
    event::{Event, News},
    state::{LineState, LogoutReason, Pairing, PairingStep, Purpose, Time},
};
use crate::{
    id::Generation,
    port::{
        CloseClass, CommandEnd, CredentialChange, Credentials, Desired, PairRefusal, ShownCode, ShownPasskey,
        ShownQr,
    },
};
use chrono::TimeDelta;

/// The state's data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    pub(super) generation: Generation,
    pub(super) pairing: &'a Pairing,
    pub(super) deadline: Time,
}

pub(super) fn decide(state: &LineState, at: &Attempt<'_>, facts: &Facts<'_>, event: &Event) -> Decision {
    match event {
        Event::Session { news, .. } => told(state, at, facts, news),
        Event::Unreachable { .. } => {
            ending::pairing_failed(at.pairing, facts, "connection_lost").with(Effect::HideCodes)
        }
        Event::Tick(_) if facts.moment.now >= at.deadline => exhausted(at.pairing, facts),
        Event::PairEnded => {
            ending::back_to(&at.pairing.before, facts).with(Effect::HideCodes).with(Effect::Close)
        }
        Event::PairRefused { why, credentials } => refused(at.pairing, facts, *why, credentials),
        Event::Ordered(orders) if orders.any() => {
            ending::ordered(state, facts, *orders).with(Effect::HideCodes)
        }
        Event::Released => ending::released(state, facts).with(Effect::HideCodes),
        Event::Tick(_)
        | Event::Ordered(_)
        | Event::Woken
        | Event::Started(_)
        | Event::Permit
        | Event::ClientRefused => Decision::stay(state, facts.history),
    }
}

fn told(state: &LineState, at: &Attempt<'_>, facts: &Facts<'_>, news: &News) -> Decision {
    match news {
        News::PairingQr(code) if at.pairing.code_for.is_none() => {
            show_qr(at.generation, at.pairing, facts, code)
        }
        News::PairingCode(code) => show_code(at.generation, at.pairing, facts, code),
        News::PasskeyRequired(passkey) => show_passkey(at.generation, at.pairing, facts, passkey),
        News::PairingExhausted => exhausted(at.pairing, facts),
        News::Paired { phone_number, credentials } => {
            paired(at.generation, at.pairing, facts, phone_number, credentials)
        }
        News::PairFailed { reason } => {
            ending::pairing_failed(at.pairing, facts, reason).with(Effect::HideCodes).with(Effect::Close)
        }
        News::Closed(class) => closed(at.pairing, facts, *class).with(Effect::HideCodes),
        News::PairingQr(_)
        | News::LoggedIn
        | News::Ready
        | News::RateLimited { .. }
        | News::Restricted { .. } => Decision::stay(state, facts.history),
    }
}

/// The next code; a step that is late by ten seconds ends the attempt.
pub(super) fn show_qr(
    generation: Generation,
    pairing: &Pairing,
    facts: &Facts<'_>,
    code: &ShownQr,
) -> Decision {
    let shown = PairingStep::Qr { wave: code.wave, waves: code.waves };
    let mut decision = step(generation, pairing, facts, shown, code.expires_at);
    if code.wave > 1 {
        // The command's life is counted from the first code.
        decision.changes.pair_running = None;
    }
    decision.with(Effect::ShowQr(code.clone()))
}

pub(super) fn show_code(
    generation: Generation,
    pairing: &Pairing,
    facts: &Facts<'_>,
    code: &ShownCode,
) -> Decision {
    step(generation, pairing, facts, PairingStep::Code, code.expires_at)
        .with(Effect::ShowPairingCode(code.clone()))
}

/// Scanned, and the phone's person must confirm it. What was to be scanned is of no use any more.
pub(super) fn show_passkey(
    generation: Generation,
    pairing: &Pairing,
    facts: &Facts<'_>,
    passkey: &ShownPasskey,
) -> Decision {
    step(generation, pairing, facts, PairingStep::Passkey, passkey.expires_at)
        .with(Effect::ShowPasskey(passkey.clone()))
}

fn step(
    generation: Generation,
    pairing: &Pairing,
    facts: &Facts<'_>,
    step: PairingStep,
    expires_at: Time,
) -> Decision {
    let life = if step == PairingStep::Passkey { ending::passkey_life() } else { ending::pair_life() };
    let deadline = expires_at + TimeDelta::seconds(10);
    let next = LineState::Pairing { generation, pairing: pairing.clone(), step, deadline };
    let mut decision = Decision::to(next, facts.history);
    decision.changes.pair_running = Some((pairing.clone(), facts.moment.now + life));
    decision
}

pub(super) fn exhausted(pairing: &Pairing, facts: &Facts<'_>) -> Decision {
    Decision::to(LineState::PairingExpired, facts.history)
        .settle(pairing.command, CommandEnd::Expired("pairing_expired".into()))
        .desired(Desired::Stopped)
        .release(None)
        .with(Effect::HideCodes)
        .with(Effect::Close)
}

/// The phone accepted. The provider closes this session with 515 and takes the account on the next.
pub(super) fn paired(
    generation: Generation,
    pairing: &Pairing,
    facts: &Facts<'_>,
    phone_number: &str,
    credentials: &Credentials,
) -> Decision {
    if facts.phone_number.is_some_and(|ours| ours != phone_number) {
        return unwelcome(pairing, facts, LogoutReason::PhoneMismatch, credentials);
    }
    let next = LineState::Connecting {
        generation,
        purpose: Purpose::Resume,
        deadline: facts.moment.now + facts.timings.connect,
    };
    let mut decision = Decision::to(next, facts.history)
        .settle(pairing.command, CommandEnd::Succeeded)
        .desired(Desired::Running)
        .remember(|history| *history = history.forgiven())
        .with(Effect::HideCodes);
    decision.changes.phone_number = Some(phone_number.to_owned());
    decision.changes.credentials = Some(CredentialChange::Keep(credentials.clone()));
    decision
}

/// The rows would not have it. A number of another line logs this one out; a pairing that is over, or that the store
/// cannot hold, changes nothing. The account is unlinked in any case.
pub(super) fn refused(
    pairing: &Pairing,
    facts: &Facts<'_>,
    why: PairRefusal,
    credentials: &Credentials,
) -> Decision {
    match why {
        PairRefusal::PhoneInUse => unwelcome(pairing, facts, LogoutReason::PhoneInUse, credentials),
        PairRefusal::Over => ending::back_to(&pairing.before, facts)
            .with(Effect::HideCodes)
            .with(Effect::Unlink(credentials.clone())),
        PairRefusal::Broken => ending::pairing_failed(pairing, facts, "internal_error")
            .with(Effect::HideCodes)
            .with(Effect::Unlink(credentials.clone())),
    }
}

/// Queued replies must never leave from a stranger's number: a new number is a new line.
fn unwelcome(
    pairing: &Pairing,
    facts: &Facts<'_>,
    reason: LogoutReason,
    credentials: &Credentials,
) -> Decision {
    let word = match reason {
        LogoutReason::PhoneMismatch => "phone_mismatch",
        LogoutReason::PhoneInUse => "phone_in_use",
        LogoutReason::LoggedOut => "logged_out",
    };
    ending::logged_out(facts, reason)
        .settle(pairing.command, CommandEnd::Failed(word.into()))
        .with(Effect::HideCodes)
        // The session that paired it ends with the planned restart, so it cannot unlink.
        .with(Effect::Unlink(credentials.clone()))
}

pub(super) fn closed(pairing: &Pairing, facts: &Facts<'_>, class: CloseClass) -> Decision {
    match class {
        CloseClass::Lost | CloseClass::RestartPlanned | CloseClass::Replaced | CloseClass::LoggedOut => {
            ending::pairing_failed(pairing, facts, "connection_lost")
        }
        CloseClass::Unknown { .. } | CloseClass::AdapterDied => {
            ending::pairing_failed(pairing, facts, "provider_error")
        }
        // Said of an attempt, not of an account: there is none to cool down, and nobody would try again by itself.
        CloseClass::Locked | CloseClass::TemporaryBan { .. } | CloseClass::Banned => {
            ending::pairing_failed(pairing, facts, "provider_refused")
        }
        CloseClass::Outdated => {
            let mut decision = ending::pairing_failed(pairing, facts, "client_outdated");
            decision.changes.client_refused = true;
            decision
        }
    }
}
