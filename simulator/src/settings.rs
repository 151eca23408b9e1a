//! What a run can turn. Every value has a limit; a request that breaks one changes nothing.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settings {
    /// The recipient sees a repeated id once. Stated to the service in `hello`.
    pub(crate) dedupe_repeated_ids: bool,
    /// Opens above this many in one second are closed with 503.
    pub(crate) connects_per_second_cap: Option<u32>,
    /// `delivered` this long after acceptance; null = never by itself.
    pub(crate) receipt_delay_ms: Option<u64>,
    /// `read` follows `delivered` after the same delay.
    pub(crate) auto_read: bool,
    /// Any QR shown is scanned at once with a number of the line's own.
    pub(crate) auto_scan: bool,
    /// An inbound message that isn't acknowledged comes again after this long.
    pub(crate) redeliver_ms: u64,
    pub(crate) qr_ttl_ms: QrTtl,
    pub(crate) pairing_code_ttl_ms: u64,
    pub(crate) passkey_ttl_ms: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct QrTtl {
    pub(crate) first: u64,
    pub(crate) next: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dedupe_repeated_ids: true,
            connects_per_second_cap: None,
            receipt_delay_ms: Some(50),
            auto_read: false,
            auto_scan: false,
            redeliver_ms: 5_000,
            qr_ttl_ms: QrTtl { first: 60_000, next: 20_000 },
            pairing_code_ttl_ms: 180_000,
            passkey_ttl_ms: 600_000,
        }
    }
}

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

impl Settings {
    /// These settings with the named ones replaced.
    pub(crate) fn with(&self, change: &Value) -> Result<Self, String> {
        let mut merged = serde_json::to_value(self).map_err(|error| error.to_string())?;
        overlay(&mut merged, change)?;
        let settings: Self = serde_json::from_value(merged).map_err(|error| error.to_string())?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), String> {
        let within = |name: &str, value: u64, least: u64| {
            if (least..=DAY_MS).contains(&value) {
                Ok(())
            } else {
                Err(format!("{name} must be {least} to {DAY_MS}"))
            }
        };
        within("redeliverMs", self.redeliver_ms, 10)?;
        within("qrTtlMs.first", self.qr_ttl_ms.first, 10)?;
        within("qrTtlMs.next", self.qr_ttl_ms.next, 10)?;
        within("pairingCodeTtlMs", self.pairing_code_ttl_ms, 10)?;
        within("passkeyTtlMs", self.passkey_ttl_ms, 10)?;
        within("receiptDelayMs", self.receipt_delay_ms.unwrap_or(0), 0)
    }
}

/// Two levels: a setting, and the members of one that is an object.
fn overlay(onto: &mut Value, change: &Value) -> Result<(), String> {
    let (Value::Object(onto), Value::Object(change)) = (onto, change) else {
        return Err("settings must be a JSON object".to_owned());
    };
    for (name, value) in change {
        match onto.get_mut(name) {
            Some(held @ Value::Object(_)) => {
                overlay(held, value).map_err(|_| format!("{name} must be an object"))?
            }
            _ => {
                onto.insert(name.clone(), value.clone());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let settings = Settings::default()
            .with(&json!({"qrTtlMs": {"first": 100}, "receiptDelayMs": null}))
            .expect("good settings");
        assert_eq!((settings.qr_ttl_ms.first, settings.qr_ttl_ms.next), (100, 20_000));
        assert_eq!(settings.receipt_delay_ms, None);
        assert_eq!(settings.redeliver_ms, 5_000);
    }

    #[test]
    fn unknown_names_wrong_types_and_absurd_values_are_refused() {
        for bad in [
            json!({"colour": 1}),
            json!({"autoRead": "yes"}),
            json!({"redeliverMs": 0}),
            json!([]),
            json!({"qrTtlMs": 5}),
        ] {
            assert!(Settings::default().with(&bad).is_err(), "{bad}");
        }
    }
}
