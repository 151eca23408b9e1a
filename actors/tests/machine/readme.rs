//! The table of states in the README, derived from `view` anew: the document cannot drift from the code.

use super::{samples, view_table};
use ezw_actors::{
    machine::{LineState, Overlay, View, view},
    outbound::{Limit, OTHER_REFUSAL, REFUSALS, Refusal},
};
use std::collections::BTreeSet;

const README: &str = include_str!("../../README.md");
const BEGIN: &str = "<!-- states: checked by tests/machine/readme.rs -->\n";
const END: &str = "<!-- /states -->";

/// The table as the code has it. Rows of one meaning are one row.
fn table() -> String {
    let mut rows = vec![
        "| state | status | lifecycleState | send state | reason | next | person |".to_owned(),
        "| --- | --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    for (_, state) in samples::states() {
        push(&mut rows, state.name().into(), &view(&state, Overlay::of_live_owner()));
    }
    let open = LineState::Connected { generation: samples::GENERATION };
    for number in [0, 24, 4, 2, 1] {
        let overlay = view_table::overlay(number);
        let under = match number {
            0 => "*(no live owner)*",
            24 => "*(past staleAfter)*",
            4 => "*(billing)*",
            2 => "*(stopped)*",
            _ => "*(archived)*",
        };
        push(&mut rows, under, &view(&open, overlay));
    }
    rows.join("\n") + "\n"
}

fn push(rows: &mut Vec<String>, state: &str, view: &View) {
    let reason = view.reason.map_or_else(|| "-".to_owned(), |reason| reason.to_string());
    let row = format!(
        "| {state} | {} {} | {} | {} | {reason} | {} | {} |",
        view.status.code(),
        view.status,
        view.lifecycle,
        view.send,
        view.next,
        view.user
    );
    if !rows.contains(&row) {
        rows.push(row);
    }
}

#[test]
fn the_table_of_the_readme_is_what_the_code_says() {
    let written = README.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map(|(table, _)| table);
    let derived = table();
    assert_eq!(written, Some(derived.as_str()), "put this into actors/README.md:\n{derived}");
}

/// The table of refusals as the code has it.
fn refusals() -> String {
    let mut rows = vec!["| code | the reply | the line |".to_owned(), "| --- | --- | --- |".to_owned()];
    let reply = |refusal: &Refusal| match refusal {
        Refusal::Final { reason } => format!("`failed`, `{reason}`"),
        Refusal::Later => "is tried again".to_owned(),
    };
    for known in &REFUSALS {
        let (first, last) = (known.codes.start(), known.codes.end());
        let codes = if first == last { first.to_string() } else { format!("{first} to {last}") };
        let line = match known.limit {
            None => "-",
            Some(Limit::Throttled) => "throttled",
            Some(Limit::Restricted) => "restricted",
        };
        rows.push(format!("| {codes} | {} | {line} |", reply(&known.refusal)));
    }
    rows.push(format!("| any other | {} | - |", reply(&OTHER_REFUSAL)));
    rows.join("\n") + "\n"
}

#[test]
fn the_table_of_refusals_in_the_readme_is_what_the_code_says() {
    let (begin, end) = ("<!-- refusals: checked by tests/machine/readme.rs -->\n", "<!-- /refusals -->");
    let written = README.split_once(begin).and_then(|(_, rest)| rest.split_once(end)).map(|(table, _)| table);
    let derived = refusals();
    assert_eq!(written, Some(derived.as_str()), "put this into actors/README.md:\n{derived}");
}

#[test]
fn the_diagram_of_the_readme_has_every_state_and_no_other_arrow_than_the_machine_makes() {
    let diagram = README.split_once("stateDiagram-v2\n").and_then(|(_, rest)| rest.split_once("```"));
    let (diagram, _) = diagram.unwrap();
    let mut drawn = BTreeSet::new();
    for line in diagram.lines() {
        if let Some((from, rest)) = line.trim().split_once(" --> ") {
            let to = rest.split(" : ").next().unwrap().trim();
            if from != "[*]" && to != "[*]" {
                drawn.insert((from.to_owned(), to.to_owned()));
            }
        }
    }
    let made = made();
    let invented: Vec<_> = drawn.difference(&made).collect();
    assert!(invented.is_empty(), "drawn, but never made: {invented:?}");
    for (_, state) in samples::states() {
        let name = state.name().to_string();
        assert!(drawn.iter().any(|(from, to)| *from == name || *to == name), "{name} is not drawn");
    }
}

/// Every pair of states that one event leads between, and what a claim makes.
fn made() -> BTreeSet<(String, String)> {
    use ezw_actors::{
        Timings,
        machine::{Facts, History, Moment, decide},
    };
    let mut made = BTreeSet::new();
    for (_, state) in samples::states() {
        made.insert((state.name().to_string(), "starting".to_owned()));
        for (_, now, event) in samples::events() {
            let facts = Facts {
                history: &History::default(),
                phone_number: Some(samples::PHONE),
                generation: samples::GENERATION,
                moment: Moment { now, jitter: 0.5 },
                grant_at: now,
                timings: &Timings::REAL,
            };
            let next = decide(&state, &facts, &event).next;
            made.insert((state.name().to_string(), next.name().to_string()));
        }
    }
    made
}
