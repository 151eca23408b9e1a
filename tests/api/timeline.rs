//! A line's history, as the workspace reads it.

use super::{
    people::{agent, permit},
    support::TestBed,
};
use serde_json::Value;

/// The words that openapi.json names for a member of a transition.
fn words(member: &str) -> Vec<Value> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let api: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let listed = &api["components"]["schemas"]["Transition"]["properties"][member]["enum"];
    listed.as_array().unwrap_or_else(|| panic!("no enum of {member}")).to_vec()
}

#[tokio::test]
async fn the_history_is_whole_page_by_page_in_the_words_of_the_description() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    bed.simulator().unlink(&line).await;
    bed.eventually("at rest", || async {
        let line = bed.shown_line(&owner, &line).await;
        (line["lifecycleState"] == "logged_out" && line["worker"].is_null()).then_some(())
    })
    .await;
    let path = format!("/api/lines/{line}/timeline");
    let whole = bed.get(&path).bearer(&owner.token).send().await.expect_status(200);
    assert!(whole.body["nextCursor"].is_null());
    let whole = whole.list("/transitions");
    let mut paged = Vec::new();
    let mut next = format!("{path}?limit=3");
    loop {
        let page = bed.get(&next).bearer(&owner.token).send().await.expect_status(200);
        paged.extend(page.list("/transitions"));
        if page.body["nextCursor"].is_null() {
            break;
        }
        assert_eq!(page.list("/transitions").len(), 3);
        next = format!("{path}?limit=3&cursor={}", page.text("/nextCursor"));
    }
    assert_eq!(paged, whole);
    let versions: Vec<i64> = whole.iter().map(|step| step["version"].as_i64().unwrap()).collect();
    let shown = bed.shown_line(&owner, &line).await;
    let last = shown["stateVersion"].as_i64().unwrap();
    assert_eq!(versions, (1..=last).rev().collect::<Vec<_>>(), "every version is one transition");
    for pair in whole.windows(2) {
        assert_eq!(pair[0]["from"], pair[1]["to"]);
    }
    assert_eq!((&whole[0]["to"], &whole[0]["reason"]), (&shown["lifecycleState"], &shown["reason"]));
    assert_eq!(whole[0]["at"], shown["since"]);
    let first = whole.last().unwrap();
    assert_eq!(
        (&first["from"], &first["to"], &first["event"], &first["reason"]),
        (&"created".into(), &"starting".into(), &"claimed".into(), &"starting".into())
    );
    for member in ["from", "to", "event", "reason"] {
        let words = words(member);
        let strange = whole.iter().find(|step| !words.contains(&step[member]));
        assert_eq!(strange, None, "{member} is not in {words:?}");
    }
}

#[tokio::test]
async fn an_agent_reads_the_history_of_lines_they_may_see() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let colleague = agent(&bed, &owner).await;
    let path = format!("/api/lines/{line}/timeline");
    bed.get(&path).bearer(&colleague.token).send().await.expect_status(200);
    permit(&bed, &line, colleague.id, false, false).await;
    bed.get(&path).bearer(&colleague.token).send().await.expect_problem(404, "not_found");
    for query in ["limit=0", "limit=x", "cursor=x", "limit=1&limit=2"] {
        let refused = bed.get(&format!("{path}?{query}")).bearer(&owner.token).send().await;
        refused.expect_problem(400, "invalid_request");
    }
}
