//! The laws of a line over random lives. `PROPTEST_CASES` or `EZW_SOAK` set how many; `EZW_SEED` which.

use super::{
    samples, view_table,
    world::{Step, World, steps},
};
use ezw_actors::machine::view;
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any},
    prop_oneof,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};

const CASES: u32 = 50_000;

fn runner(share: u32) -> TestRunner {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    let cases = number("EZW_SOAK").or_else(|| number("PROPTEST_CASES")).unwrap_or(CASES) / share;
    let seed = number("EZW_SEED").unwrap_or(1);
    println!("{cases} cases, EZW_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases: cases.max(1), failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Every third step is one that a working world takes, so that lives get somewhere.
fn life() -> impl Strategy<Value = Vec<Step>> {
    let all = steps();
    let step = prop_oneof![2 => Just(Step::Progress), 3 => (0..all.len()).prop_map(move |which| all[which])];
    vec(step, 1..28)
}

#[test]
fn a_line_keeps_its_laws_whatever_happens() {
    runner(1)
        .run(&life(), |life| {
            let mut world = World::new();
            world.step(Step::Pair);
            for step in life {
                world.step(step);
            }
            world.round_trip();
            Ok::<_, TestCaseError>(())
        })
        .unwrap();
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
