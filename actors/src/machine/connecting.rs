//! The socket opens: with the stored account, or to link a number.

use super::{
    decide::Facts,
    decision::{Decision, Effect},
    ending,
    event::{Event, News},
    open, pairing,
    state::{LineState, LogoutReason, Pairing, Purpose, ReconnectReason, Time},
};
use crate::{id::Generation, port::CloseClass};

/// The state's data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connect<'a> {
    pub(super) generation: Generation,
    pub(super) purpose: &'a Purpose,
    pub(super) deadline: Time,
}

pub(super) fn decide(state: &LineState, at: &Connect<'_>, facts: &Facts<'_>, event: &Event) -> Decision {
    match event {
        Event::Session { news, .. } => match at.purpose {
            Purpose::Resume => resume(state, at.generation, facts, news),
            Purpose::Pair { pairing } => pair(state, at, pairing, facts, news),
        },
        Event::Unreachable { .. } => gone(at, facts, "provider_unreachable"),
        Event::Tick(_) if facts.moment.now >= at.deadline => {
            gone(at, facts, "provider_unreachable").with(Effect::Close)
        }
        Event::PairEnded => match at.purpose {
            Purpose::Pair { pairing } => ending::back_to(&pairing.before, facts).with(Effect::Close),
            Purpose::Resume => Decision::stay(state, facts.history),
        },
        // A phone may accept before a code was ever shown.
        Event::PairRefused { why, credentials } => match at.purpose {
            Purpose::Pair { pairing } => pairing::refused(pairing, facts, *why, credentials),
            Purpose::Resume => Decision::stay(state, facts.history),
        },
        Event::Ordered(orders) if orders.any() => ending::ordered(state, facts, *orders),
        Event::Released => ending::released(state, facts),
        Event::Tick(_)
        | Event::Ordered(_)
        | Event::Woken
        | Event::Started(_)
        | Event::Permit
        | Event::ClientRefused => Decision::stay(state, facts.history),
    }
}

fn gone(at: &Connect<'_>, facts: &Facts<'_>, reason: &str) -> Decision {
    match at.purpose {
        Purpose::Resume => ending::back_off(facts, ReconnectReason::ProviderUnreachable),
        Purpose::Pair { pairing } => ending::pairing_failed(pairing, facts, reason),
    }
}

fn resume(state: &LineState, generation: Generation, facts: &Facts<'_>, news: &News) -> Decision {
    match news {
        News::LoggedIn => {
            let deadline = facts.moment.now + facts.timings.sync;
            Decision::to(LineState::Syncing { generation, deadline }, facts.history)
        }
        News::Ready => open::ready(generation, facts),
        // Nobody loses a connection that never was.
        News::Closed(CloseClass::Lost) => ending::back_off(facts, ReconnectReason::ProviderUnreachable),
        News::Closed(class) => ending::closed(*class, facts),
        // Asked to pair though an account was given: the provider does not know it any more.
        News::PairingQr(_) | News::PairingExhausted => {
            ending::logged_out(facts, LogoutReason::LoggedOut).with(Effect::Close)
        }
        News::PairingCode(_)
        | News::PasskeyRequired(_)
        | News::Paired { .. }
        | News::PairFailed { .. }
        | News::RateLimited { .. }
        | News::Restricted { .. } => Decision::stay(state, facts.history),
    }
}

fn pair(state: &LineState, at: &Connect<'_>, attempt: &Pairing, facts: &Facts<'_>, news: &News) -> Decision {
    match news {
        News::PairingQr(code) => match &attempt.code_for {
            // The provider offers QR codes first; the owner asked for a code to type.
            Some(phone_number) => Decision::stay(state, facts.history)
                .with(Effect::RequestPairingCode { phone_number: phone_number.clone() }),
            None => pairing::show_qr(at.generation, attempt, facts, code),
        },
        News::PairingCode(code) => pairing::show_code(at.generation, attempt, facts, code),
        News::PasskeyRequired(passkey) => pairing::show_passkey(at.generation, attempt, facts, passkey),
        News::PairingExhausted => pairing::exhausted(attempt, facts),
        News::Paired { phone_number, credentials } => {
            pairing::paired(at.generation, attempt, facts, phone_number, credentials)
        }
        News::PairFailed { reason } => ending::pairing_failed(attempt, facts, reason).with(Effect::Close),
        News::Closed(class) => pairing::closed(attempt, facts, *class),
        News::LoggedIn | News::Ready | News::RateLimited { .. } | News::Restricted { .. } => {
            Decision::stay(state, facts.history)
        }
    }
}
