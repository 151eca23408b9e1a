//! Pairing: QR waves, pairing code, passkey, and the moment a line becomes linked or stops being so.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Due, Ending, Linked, Refusal, World};
use crate::{clock, frames::ServerFrame, seed::Seed};

const WAVES: u32 = 6;
/// A phone takes a moment to scan; long enough for the QR to be on the wire first.
const AUTO_SCAN_AFTER: Duration = Duration::from_millis(10);

pub(super) struct Pairing {
    session: u64,
    wave: u32,
    payload: String,
    expires_at: DateTime<Utc>,
    code: Option<Code>,
    passkey: Option<Passkey>,
    /// Accepted and being saved: nothing else may happen to it.
    done: bool,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Code {
    code: String,
    phone_number: String,
    expires_at: DateTime<Utc>,
}

struct Passkey {
    challenge: String,
    phone_number: String,
    expires_at: DateTime<Utc>,
}

impl Pairing {
    fn shows_qr(&self) -> bool {
        !self.done && self.passkey.is_none() && self.expires_at > clock::now()
    }

    pub(super) fn qr(&self) -> Option<Value> {
        let shown = json!({"payload": self.payload, "wave": self.wave, "expiresAt": self.expires_at});
        self.shows_qr().then_some(shown)
    }

    fn open_code(&self) -> Option<&Code> {
        self.code.as_ref().filter(|code| !self.done && code.expires_at > clock::now())
    }

    pub(super) fn code(&self) -> Option<Value> {
        self.open_code().and_then(|code| serde_json::to_value(code).ok())
    }

    pub(super) fn passkey(&self) -> Option<Value> {
        let shown = |passkey: &Passkey| {
            json!({
                "challenge": passkey.challenge,
                "phoneNumber": passkey.phone_number,
                "expiresAt": passkey.expires_at,
            })
        };
        self.passkey.as_ref().map(shown)
    }
}

/// What waits for the state file: news that must not be out before it is safe.
pub(super) struct AfterSave {
    version: u64,
    line: Uuid,
    session: u64,
    link: Linked,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ScanSpec {
    #[serde(default)]
    pub(crate) phone_number: Option<String>,
    #[serde(default)]
    pub(crate) passkey: bool,
    #[serde(default)]
    pub(crate) fail: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScanResult {
    pub(crate) result: &'static str,
    pub(crate) phone_number: String,
    pub(crate) lid: Option<String>,
}

pub(super) fn check_phone(phone: &str) -> Result<(), Refusal> {
    let digits = phone.strip_prefix('+').unwrap_or_default();
    if (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(Refusal::Bad(format!("{phone:?} is not a phone number such as +4915123456789")))
    }
}

impl World {
    pub(super) fn begin_pairing(&mut self, id: Uuid, session: u64) {
        self.show_qr(id, session, 1, None);
        if self.settings.auto_scan {
            self.after(AUTO_SCAN_AFTER, Due::AutoScan { line: id, session });
        }
    }

    /// Settings may be turned while lines are already showing their codes.
    pub(crate) fn scan_all_if_asked(&mut self) {
        if !self.settings.auto_scan {
            return;
        }
        let showing: Vec<(Uuid, u64)> =
            self.lines.values().filter_map(|line| Some((line.id, line.pairing.as_ref()?.session))).collect();
        for (line, session) in showing {
            self.after(AUTO_SCAN_AFTER, Due::AutoScan { line, session });
        }
    }

    fn show_qr(&mut self, id: Uuid, session: u64, wave: u32, code: Option<Code>) {
        let ttl_ms = if wave == 1 { self.settings.qr_ttl_ms.first } else { self.settings.qr_ttl_ms.next };
        let seed = self.seed;
        let Some(line) = self.lines.get_mut(&id) else { return };
        let payload = seed.qr(id, line.next_pairing());
        let expires_at = clock::now() + ttl(ttl_ms);
        line.pairing = Some(Pairing {
            session,
            wave,
            payload: payload.clone(),
            expires_at,
            code,
            passkey: None,
            done: false,
        });
        self.push(id, &ServerFrame::PairingQr { payload: &payload, wave, waves: WAVES, ttl_ms });
        self.after_ms(ttl_ms, Due::QrOver { line: id, session, wave });
    }

    fn pairing(&mut self, id: Uuid, session: u64) -> Option<&mut Pairing> {
        let pairing = self.lines.get_mut(&id)?.pairing.as_mut()?;
        (pairing.session == session && !pairing.done).then_some(pairing)
    }

    pub(super) fn qr_over(&mut self, id: Uuid, session: u64, wave: u32) {
        let Some(pairing) = self.pairing(id, session) else { return };
        if pairing.passkey.is_some() || pairing.wave != wave {
            return;
        }
        if wave < WAVES {
            let code = pairing.code.take();
            return self.show_qr(id, session, wave + 1, code);
        }
        if let Some(code) = pairing.open_code() {
            let left = (code.expires_at - clock::now()).to_std().unwrap_or_default();
            return self.after(left + Duration::from_millis(1), Due::QrOver { line: id, session, wave });
        }
        self.push(id, &ServerFrame::PairingExhausted);
        self.end(id, Ending::close(408, "nobody paired"));
    }

    pub(crate) fn request_pairing_code(&mut self, id: Uuid, session: u64, phone_number: String) {
        let ttl_ms = self.settings.pairing_code_ttl_ms;
        let seed = self.seed;
        if self.pairing(id, session).is_none() {
            return self.end_session(id, session, Ending::close(400, "no pairing is open"));
        }
        if check_phone(&phone_number).is_err() {
            return self.fail_pairing(id, "bad_phone_number", 428);
        }
        let Some(line) = self.lines.get_mut(&id) else { return };
        let code = seed.pairing_code(id, line.next_pairing());
        if let Some(pairing) = &mut line.pairing {
            let expires_at = clock::now() + ttl(ttl_ms);
            pairing.code = Some(Code { code: code.clone(), phone_number, expires_at });
        }
        self.push(id, &ServerFrame::PairingCode { code: &code, ttl_ms });
    }

    /// Somebody types the code into the phone.
    pub(crate) fn enter_code(&mut self, id: Uuid, code: &str, phone: &str) -> Result<ScanResult, Refusal> {
        check_phone(phone)?;
        let line = self.line(id)?;
        let open = line.pairing.as_ref().and_then(Pairing::open_code);
        let open = open.ok_or(Refusal::NotFound("no pairing code is open"))?;
        if !open.code.replace('-', "").eq_ignore_ascii_case(&code.replace('-', ""))
            || open.phone_number != phone
        {
            return Err(Refusal::Conflict("the code or the phone number is not the one asked for"));
        }
        Ok(self.link(id, phone))
    }

    pub(crate) fn scan(&mut self, id: Uuid, spec: ScanSpec) -> Result<ScanResult, Refusal> {
        if let Some(phone) = &spec.phone_number {
            check_phone(phone)?;
        }
        let line = self.line(id)?;
        let shown = line.pairing.as_ref().filter(|pairing| pairing.shows_qr());
        let session = shown.ok_or(Refusal::NotFound("no QR is open"))?.session;
        let phone_number = spec.phone_number.unwrap_or_else(|| self.own_number(id));
        if spec.fail {
            self.fail_pairing(id, "scan_failed", 428);
            return Ok(ScanResult { result: "pairFailed", phone_number, lid: None });
        }
        if spec.passkey {
            self.ask_passkey(id, session, &phone_number);
            return Ok(ScanResult { result: "passkeyRequired", phone_number, lid: None });
        }
        Ok(self.link(id, &phone_number))
    }

    pub(super) fn auto_scan(&mut self, id: Uuid, session: u64) {
        if self.settings.auto_scan && self.pairing(id, session).is_some() {
            // The QR may have run out in between; the next wave brings no second try, and none is needed for one.
            drop(self.scan(id, ScanSpec::default()));
        }
    }

    /// A number nobody else has. The look through all lines is cheap beside saving them.
    fn own_number(&self, id: Uuid) -> String {
        let taken = |phone: &String| {
            let mut others = self.lines.values().filter(|line| line.id != id);
            others.any(|line| line.link.as_ref().is_some_and(|link| link.phone_number == *phone))
        };
        let mut attempt = 0;
        let mut phone = Seed::phone_number(id, attempt);
        while taken(&phone) {
            attempt += 1;
            phone = Seed::phone_number(id, attempt);
        }
        phone
    }

    fn fail_pairing(&mut self, id: Uuid, reason: &str, code: u16) {
        self.push(id, &ServerFrame::PairFailed { reason });
        self.end(id, Ending::close(code, "the pairing failed"));
    }

    fn ask_passkey(&mut self, id: Uuid, session: u64, phone: &str) {
        let ttl_ms = self.settings.passkey_ttl_ms;
        let seed = self.seed;
        let Some(line) = self.lines.get_mut(&id) else { return };
        let challenge = seed.challenge(id, line.next_pairing());
        if let Some(pairing) = &mut line.pairing {
            let expires_at = clock::now() + ttl(ttl_ms);
            pairing.passkey =
                Some(Passkey { challenge: challenge.clone(), phone_number: phone.to_owned(), expires_at });
        }
        self.push(id, &ServerFrame::PasskeyRequired { challenge: &challenge, ttl_ms });
        self.after_ms(ttl_ms, Due::PasskeyOver { line: id, session });
    }

    /// Any answer will do, but not an empty one, nor the word `wrong`: a person can try both ways.
    pub(crate) fn passkey_response(&mut self, id: Uuid, session: u64, response: &str) {
        let asked = self.pairing(id, session).and_then(|pairing| pairing.passkey.as_ref());
        match asked.map(|passkey| passkey.phone_number.clone()) {
            None => self.end_session(id, session, Ending::close(400, "no passkey was asked for")),
            Some(_) if response.is_empty() || response == "wrong" => {
                self.fail_pairing(id, "passkey_rejected", 428)
            }
            Some(phone) => {
                self.link(id, &phone);
            }
        }
    }

    pub(super) fn passkey_over(&mut self, id: Uuid, session: u64) {
        if self.pairing(id, session).is_some_and(|pairing| pairing.passkey.is_some()) {
            self.fail_pairing(id, "passkey_timeout", 408);
        }
    }

    fn link(&mut self, id: Uuid, phone: &str) -> ScanResult {
        let lid = self.seed.lid(phone);
        let seed = self.seed;
        if let Some(line) = self.lines.get_mut(&id) {
            let credentials = seed.credentials(id, line.next_pairing());
            let link = Linked { phone_number: phone.to_owned(), lid: lid.clone(), credentials };
            let lost = line.forget_deliveries();
            line.link = Some(link.clone());
            let session = line.pairing.as_mut().map(|pairing| {
                pairing.done = true;
                pairing.session
            });
            self.stats.inbound.pending -= lost as u64;
            self.links_version += 1;
            if let Some(session) = session {
                self.after_save.push_back(AfterSave { version: self.links_version, line: id, session, link });
            }
        }
        self.saved_unless_kept();
        ScanResult { result: "paired", phone_number: phone.to_owned(), lid: Some(lid) }
    }

    /// Drops the link. True when there was one. The session is the caller's to end.
    pub(super) fn unlink(&mut self, id: Uuid) -> bool {
        let Some(line) = self.lines.get_mut(&id) else { return false };
        if line.link.take().is_none() {
            return false;
        }
        let lost = line.forget_deliveries();
        self.stats.inbound.pending -= lost as u64;
        self.links_version += 1;
        self.saved_unless_kept();
        true
    }

    /// The owner removes the linked device on the phone.
    pub(crate) fn unlink_by_phone(&mut self, id: Uuid) -> Result<(), Refusal> {
        self.line(id)?;
        if !self.unlink(id) {
            return Err(Refusal::Conflict("the line is not linked"));
        }
        self.end(id, Ending::close(401, "unlinked on the phone"));
        Ok(())
    }

    pub(crate) fn logout(&mut self, id: Uuid, session: u64) {
        if self.is_current(id, session) && self.answers(id) {
            self.unlink(id);
            self.end(id, Ending::close(401, "logged out"));
        }
    }

    fn saved_unless_kept(&mut self) {
        if !self.keeps_state {
            self.saved(self.links_version);
        }
    }

    /// The state file holds everything up to `version`: what waited for that goes out.
    pub(crate) fn saved(&mut self, version: u64) {
        self.saved_version = self.saved_version.max(version);
        while self.after_save.front().is_some_and(|waiting| waiting.version <= self.saved_version) {
            let Some(AfterSave { line, session, link, .. }) = self.after_save.pop_front() else { return };
            if self.is_current(line, session) {
                let Linked { phone_number, lid, credentials } = &link;
                self.push(line, &ServerFrame::Paired { phone_number, lid, credentials });
                self.end(line, Ending::close(515, "restart after pairing"));
            } else if self.lines.get(&line).is_some_and(|line| line.link.as_ref() == Some(&link)) {
                // A device that never heard that it was linked is not linked.
                self.unlink(line);
            }
        }
    }
}

fn ttl(ms: u64) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX))
}
