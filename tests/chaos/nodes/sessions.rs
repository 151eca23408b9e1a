//! Sessions at the phone network, by its journal: which of two starts of a line it heard.

use serde_json::Value;
use std::collections::HashMap;

/// A send on an older session after a newer one was opened, also one that the network let reach nobody; and an older start that opened its session after a newer one
/// did. Pure, so that its tests show that it complains.
pub(crate) fn complaints(journal: &[Value]) -> Vec<String> {
    let mut newest: HashMap<&str, i64> = HashMap::new();
    let mut found = Vec::new();
    for entry in journal {
        let (Some(line), Some(generation)) = (entry["lineId"].as_str(), entry["generation"].as_i64()) else {
            continue;
        };
        let newest = newest.entry(line).or_insert(generation);
        match entry["kind"].as_str() {
            Some("connect") if generation < *newest => {
                found.push(format!("an older session was opened after {newest}: {entry}"));
            }
            Some("connect") => *newest = generation,
            Some("accepted" | "repeat" | "late") if generation < *newest => {
                found.push(format!("a send on an older session than {newest}: {entry}"));
            }
            _ => {}
        }
    }
    found
}

/// Sessions that were opened so far.
pub(crate) fn connects(journal: &[Value]) -> usize {
    journal.iter().filter(|entry| entry["kind"] == "connect").count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(kind: &str, generation: i64) -> Value {
        json!({"lineId": "a", "kind": kind, "generation": generation})
    }

    #[test]
    fn sends_on_the_newest_session_are_well_and_those_on_an_older_one_are_not() {
        let well = [entry("connect", 1), entry("accepted", 1), entry("connect", 2), entry("repeat", 2)];
        assert!(complaints(&well).is_empty());
        let mut late = well.to_vec();
        late.push(entry("accepted", 1));
        late.push(json!({"lineId": "b", "kind": "accepted", "generation": 1}));
        assert_eq!(complaints(&late).len(), 1);
        late.push(entry("late", 1));
        assert_eq!(complaints(&late).len(), 2);
        assert_eq!(complaints(&[entry("connect", 2), entry("connect", 1)]).len(), 1);
        assert_eq!(connects(&well), 2);
    }
}
