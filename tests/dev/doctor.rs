//! `ezw doctor` says what `ezw serve` would stumble over.

use serde_json::Value;

use crate::support::{TestBed, fleet::Linked};

/// The exit code, and the verdict on each check that was made.
fn examined(bed: &TestBed, environment: &[(&str, &str)]) -> (Option<i32>, Vec<(String, String)>) {
    let output = bed.ezw(&["doctor", "--json"], environment);
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).expect("a list");
    let text = |finding: &Value, key: &str| finding[key].as_str().expect("a text").to_owned();
    let verdicts =
        findings.iter().map(|finding| (text(finding, "check"), text(finding, "verdict"))).collect();
    (output.status.code(), verdicts)
}

fn failed(verdicts: &[(String, String)]) -> Vec<&str> {
    verdicts.iter().filter(|(_, verdict)| verdict == "fail").map(|(check, _)| check.as_str()).collect()
}

#[tokio::test]
async fn doctor_finds_a_key_that_opens_no_account_and_servers_that_do_not_answer() {
    let linked = Linked::start(TestBed::options(), 3).await;
    linked.go().await;
    let (code, verdicts) = examined(&linked.bed, &[]);
    assert_eq!((code, failed(&verdicts)), (Some(0), vec![]), "{verdicts:?}");
    assert!(verdicts.iter().any(|(check, verdict)| check == "accounts" && verdict == "ok"), "{verdicts:?}");
    assert!(verdicts.iter().any(|(check, verdict)| check == "images" && verdict == "ok"), "{verdicts:?}");
    let (code, verdicts) = examined(&linked.bed, &[("EZW_MEDIA_KEY", "")]);
    assert_eq!((code, failed(&verdicts)), (Some(0), vec![]), "{verdicts:?}");
    assert!(verdicts.iter().any(|(check, verdict)| check == "images" && verdict == "warn"), "{verdicts:?}");
    let other_key = "77".repeat(32);
    let (code, verdicts) = examined(&linked.bed, &[("EZW_CREDENTIALS_KEY", &other_key)]);
    assert_eq!((code, failed(&verdicts)), (Some(1), vec!["accounts"]));
    let nobody = [("REDIS_URL", "redis://127.0.0.1:1"), ("EZW_SIMULATOR_URL", "http://127.0.0.1:1")];
    let (code, verdicts) = examined(&linked.bed, &nobody);
    assert_eq!((code, failed(&verdicts)), (Some(1), vec!["redis", "provider"]));
    let (code, verdicts) = examined(&linked.bed, &[("DATABASE_URL", "postgres://127.0.0.1:1/none")]);
    assert_eq!((code, failed(&verdicts)), (Some(1), vec!["postgres"]));
}
