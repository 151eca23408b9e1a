//! The faults a run can set, and what the set of them means at one moment. No state of a line in here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Codes that the provider closes a session with. 400 is ours: a frame that makes no sense.
pub(crate) const CLOSE_CODES: [u16; 11] = [401, 402, 403, 405, 406, 408, 428, 440, 500, 503, 515];

type Until = Option<DateTime<Utc>>;

/// Variants without content are written `Drop {}` so that serde refuses unknown members there as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(crate) enum Fault {
    Drop {},
    HalfOpen {},
    NoAcks {},
    AckDelayMs {
        ms: u64,
    },
    DropAck {
        #[serde(default = "yes")]
        receipts: bool,
    },
    Nack {
        code: u16,
        #[serde(default)]
        until: Until,
    },
    NoInbound {},
    Close {
        code: u16,
        #[serde(default)]
        until: Until,
        #[serde(default)]
        reason: Option<String>,
    },
    RefuseConnects {
        #[serde(default = "unavailable")]
        code: u16,
        #[serde(default)]
        until: Until,
    },
    HangConnects {},
    RateLimited {
        #[serde(default)]
        until: Until,
    },
    Timelock {
        #[serde(default)]
        until: Until,
    },
    DuplicateReceipts {},
    ReorderReceipts {},
    HangSync {},
    #[serde(rename_all = "camelCase")]
    GarbageFrames {
        #[serde(default)]
        after_ready: bool,
    },
    PanicText {
        #[serde(default, rename = "match")]
        contains: Option<String>,
    },
}

fn yes() -> bool {
    true
}

fn unavailable() -> u16 {
    503
}

impl Fault {
    pub(crate) fn check(&self) -> Result<(), String> {
        match self {
            Self::Close { code, .. } | Self::RefuseConnects { code, .. } if !CLOSE_CODES.contains(code) => {
                Err(format!("code must be one of {CLOSE_CODES:?}"))
            }
            Self::Nack { code, .. } if !(400..600).contains(code) => {
                Err("code must be 400 to 599".to_owned())
            }
            Self::AckDelayMs { ms } if *ms > 600_000 => Err("ms must be at most 600000".to_owned()),
            Self::Close { reason: Some(reason), .. } if reason.len() > 200 => {
                Err("reason is too long".to_owned())
            }
            Self::PanicText { contains: Some(text) } if text.is_empty() || text.len() > 200 => {
                Err("match must be 1 to 200 bytes".to_owned())
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn is_one_shot(&self) -> bool {
        matches!(self, Self::Drop {} | Self::Close { .. })
    }

    fn until(&self) -> Until {
        match self {
            Self::RefuseConnects { until, .. } | Self::RateLimited { until } | Self::Timelock { until } => {
                *until
            }
            _ => None,
        }
    }

    pub(crate) fn kind(&self) -> String {
        let named = serde_json::to_value(self).unwrap_or(Value::Null);
        named.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// At most one of each kind; the newest wins.
#[derive(Default)]
pub(crate) struct FaultSet(Vec<Fault>);

impl FaultSet {
    pub(crate) fn set(&mut self, fault: Fault) {
        self.0.retain(|held| std::mem::discriminant(held) != std::mem::discriminant(&fault));
        self.0.push(fault);
    }

    /// Removes all, or those of one kind; says how many.
    pub(crate) fn clear(&mut self, kind: Option<&str>) -> usize {
        let before = self.0.len();
        self.0.retain(|held| kind.is_some_and(|kind| held.kind() != kind));
        before - self.0.len()
    }

    pub(crate) fn take_one_shot(&mut self) -> Option<Fault> {
        let at = self.0.iter().position(Fault::is_one_shot)?;
        Some(self.0.remove(at))
    }

    /// Those in force: one whose `until` has passed has ended by itself.
    pub(crate) fn active(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Fault> {
        self.0.iter().filter(move |fault| fault.until().is_none_or(|until| until > now))
    }

    /// As the control API shows them.
    pub(crate) fn describe(&self, scope: &str, now: DateTime<Utc>) -> Vec<Value> {
        let shown = self.active(now).filter_map(|fault| serde_json::to_value(fault).ok());
        let scoped = shown.map(|mut fault| {
            if let Value::Object(members) = &mut fault {
                members.insert("scope".to_owned(), Value::from(scope));
            }
            fault
        });
        scoped.collect()
    }
}

/// What is wrong right now.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) half_open: bool,
    pub(crate) no_acks: bool,
    pub(crate) ack_delay_ms: Option<u64>,
    /// Acks are lost; the flag says whether receipts still come.
    pub(crate) drop_ack: Option<bool>,
    pub(crate) nack: Option<(u16, Until)>,
    pub(crate) no_inbound: bool,
    pub(crate) refuse_connects: Option<(u16, Until)>,
    pub(crate) hang_connects: bool,
    pub(crate) rate_limited: Option<Until>,
    pub(crate) timelock: Option<Until>,
    pub(crate) duplicate_receipts: bool,
    pub(crate) reorder_receipts: bool,
    pub(crate) hang_sync: bool,
    /// The flag says that a session makes sense until it is ready.
    pub(crate) garbage_frames: Option<bool>,
    pub(crate) panic_text: Option<Option<String>>,
}

impl Effects {
    /// The fleet's faults first, so that a line's own override them.
    pub(crate) fn of(fleet: &FaultSet, line: &FaultSet, now: DateTime<Utc>) -> Self {
        let mut effects = Self::default();
        for fault in fleet.active(now).chain(line.active(now)) {
            effects.add(fault);
        }
        effects
    }

    fn add(&mut self, fault: &Fault) {
        match fault {
            Fault::Drop {} | Fault::Close { .. } => {}
            Fault::HalfOpen {} => self.half_open = true,
            Fault::NoAcks {} => self.no_acks = true,
            Fault::AckDelayMs { ms } => self.ack_delay_ms = Some(*ms),
            Fault::DropAck { receipts } => self.drop_ack = Some(*receipts),
            Fault::Nack { code, until } => self.nack = Some((*code, *until)),
            Fault::NoInbound {} => self.no_inbound = true,
            Fault::RefuseConnects { code, until } => self.refuse_connects = Some((*code, *until)),
            Fault::HangConnects {} => self.hang_connects = true,
            Fault::RateLimited { until } => self.rate_limited = Some(*until),
            Fault::Timelock { until } => self.timelock = Some(*until),
            Fault::DuplicateReceipts {} => self.duplicate_receipts = true,
            Fault::ReorderReceipts {} => self.reorder_receipts = true,
            Fault::HangSync {} => self.hang_sync = true,
            Fault::GarbageFrames { after_ready } => self.garbage_frames = Some(*after_ready),
            Fault::PanicText { contains } => self.panic_text = Some(contains.clone()),
        }
    }

    /// Whether a body is one that the link cannot decode. Without a `match` all inbound bodies are, and no send is.
    pub(crate) fn spoils_inbound(&self, text: Option<&str>) -> bool {
        match &self.panic_text {
            None => false,
            Some(None) => true,
            Some(Some(contains)) => text.is_some_and(|text| text.contains(contains.as_str())),
        }
    }

    pub(crate) fn spoils_send(&self, text: Option<&str>) -> bool {
        matches!(&self.panic_text, Some(Some(contains)) if text.is_some_and(|text| text.contains(contains.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(value: Value) -> Result<Fault, String> {
        let fault: Fault = serde_json::from_value(value).map_err(|error| error.to_string())?;
        fault.check().map(|()| fault)
    }

    #[test]
    fn every_kind_is_known_and_nonsense_is_refused() {
        let plain = "drop half_open no_acks drop_ack no_inbound refuse_connects hang_connects rate_limited timelock \
                     duplicate_receipts reorder_receipts hang_sync garbage_frames panic_text";
        for kind in plain.split_whitespace() {
            assert_eq!(fault(json!({"kind": kind})).map(|fault| fault.kind()), Ok(kind.to_owned()));
        }
        for code in CLOSE_CODES {
            assert!(fault(json!({"kind": "close", "code": code})).is_ok());
        }
        assert!(fault(json!({"kind": "garbage_frames", "afterReady": true})).is_ok());
        let bad = [
            json!({"kind": "explode"}),
            json!({"kind": "close", "code": 200}),
            json!({"kind": "nack"}),
            json!({"kind": "drop", "code": 1}),
            json!({"kind": "garbage_frames", "after_ready": true}),
            json!({"kind": "ack_delay_ms", "ms": -1}),
            json!({"kind": "timelock", "until": "tomorrow"}),
        ];
        for value in bad {
            assert!(fault(value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn a_fault_with_an_end_ends_by_itself() {
        let now = crate::clock::now();
        let mut set = FaultSet::default();
        set.set(Fault::RateLimited { until: Some(now) });
        assert_eq!(Effects::of(&FaultSet::default(), &set, now).rate_limited, None);
        set.set(Fault::RateLimited { until: None });
        assert_eq!(Effects::of(&FaultSet::default(), &set, now).rate_limited, Some(None));
        assert_eq!(set.clear(Some("drop")), 0);
        assert_eq!(set.clear(None), 1);
    }
}
