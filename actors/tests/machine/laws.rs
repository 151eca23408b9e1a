//! The laws of a line over random lives. `PROPTEST_CASES` or `EZW_TEST_SOAK` set how many; `EZW_TEST_SEED` which.

use super::{
    samples, view_table,
    world::{Step, World, steps},
};
use ezw_actors::machine::{StateName, view};
use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use std::{cell::RefCell, collections::BTreeMap};
use strum::IntoEnumIterator as _;

const CASES: u32 = 50_000;

fn runner(share: u32) -> TestRunner {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    let cases = number("EZW_TEST_SOAK").or_else(|| number("PROPTEST_CASES")).unwrap_or(CASES) / share;
    let seed = number("EZW_TEST_SEED").unwrap_or(1);
    println!("{cases} cases, EZW_TEST_SEED={seed}");
    let mut bytes = [7; 16];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases: cases.max(1), failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::XorShift, &bytes))
}

/// About every second step is one that a working world takes, so that lives get somewhere.
fn life() -> impl Strategy<Value = Vec<Step>> {
    vec(any::<u8>(), 1..64).prop_map(|choices| {
        let all = steps();
        let step = |choice: u8| {
            let choice = usize::from(choice);
            if choice < 120 { Step::Progress } else { all[choice % all.len()] }
        };
        choices.into_iter().map(step).collect()
    })
}

#[test]
fn a_line_keeps_its_laws_whatever_happens() {
    let been: RefCell<BTreeMap<&str, usize>> = RefCell::default();
    runner(1)
        .run(&life(), |life| {
            let mut world = World::new();
            world.step(Step::Pair);
            for step in life {
                world.step(step);
                *been.borrow_mut().entry(world.state.name().into()).or_default() += 1;
            }
            world.round_trip();
            Ok::<_, TestCaseError>(())
        })
        .unwrap();
    let been = been.into_inner();
    println!("steps that ended in each state: {been:?}");
    let missed = |name: &StateName| !been.contains_key(<&str>::from(name));
    assert_eq!(StateName::iter().find(missed), None, "lives that never get there prove nothing");
}

#[test]
fn every_view_of_every_state_is_in_the_table() {
    for (_, state) in samples::states() {
        for overlay in view_table::overlays() {
            view_table::check(&view(&state, overlay), overlay);
        }
    }
}

#[test]
fn a_view_is_in_the_table_after_any_life_and_under_any_overlay() {
    runner(10)
        .run(&(life(), any::<u8>()), |(life, number)| {
            let mut world = World::new();
            world.step(Step::Pair);
            let overlay = view_table::overlay(number % 32);
            for step in life {
                world.step(step);
                view_table::check(&view(&world.state, overlay), overlay);
            }
            Ok::<_, TestCaseError>(())
        })
        .unwrap();
}
