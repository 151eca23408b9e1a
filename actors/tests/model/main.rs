//! A model of leases, claims, guarded writes and sends: several nodes, one PostgreSQL, one provider, and a scheduler that
//! draws every choice from one seed. The decisions are the crate's own (`Lease`, `Trust`, `Window`, `hands_over`), what is
//! around them is modelled. Owns the properties and the mistakes that they must find; must not know tokio or actix.

#![expect(clippy::panic, clippy::print_stdout, reason = "a test may stop where it stands, and tell")]

mod delivery;
mod event;
mod faults;
mod heartbeat;
mod judge;
mod line;
mod locks;
mod mistake;
mod node;
mod ownership;
mod postgres;
mod provider;
mod queue;
mod rows;
mod statement;
mod world;

use judge::Property;
use mistake::Mistake;
use std::time::Instant;
use world::schedule;

/// So many schedules must have been everywhere.
const ENOUGH: u64 = 10_000;
/// Schedules in which a mistake must be found.
const SOON: u64 = 50_000;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// Runs a schedule again for its trace.
fn tell(seed: u64, origin: Instant, mistake: Option<Mistake>) -> String {
    schedule(seed, origin, mistake, true).trace.join("\n")
}

/// Switches a mistake on; what it breaks must be one of these.
fn finds(mistake: Mistake, broken: &[Property]) {
    let first = number("EZW_TEST_SEED", 1);
    let origin = Instant::now();
    for seed in first..first + SOON {
        if let Some(violation) = schedule(seed, origin, Some(mistake), false).violation {
            let trace = tell(seed, origin, Some(mistake));
            println!(
                "{mistake:?}: {violation}\nfound in schedule {} of seed {first}\n{trace}",
                seed - first + 1
            );
            assert!(broken.contains(&violation.property), "it broke something else");
            return;
        }
    }
    panic!("{mistake:?} was not found in {SOON} schedules: the model is too weak");
}

/// Named so that `make test T=model` runs them.
mod model {
    use super::{
        ENOUGH, finds,
        judge::{Been, Property},
        mistake::Mistake,
        number, tell,
        world::schedule,
    };
    use std::time::Instant;

    #[test]
    fn no_schedule_breaks_a_promise() {
        let (schedules, first) = (number("EZW_TEST_SCHEDULES", 100_000), number("EZW_TEST_SEED", 1));
        println!("{schedules} schedules, EZW_TEST_SEED={first}");
        // The monotonic clocks of all nodes run from here on.
        let origin = Instant::now();
        let (mut events, mut been) = (0, Been::default());
        for seed in first..first + schedules {
            let outcome = schedule(seed, origin, None, false);
            events += u64::from(outcome.events);
            been.add(&outcome.judge.been);
            if let Some(violation) = outcome.violation {
                let trace = tell(seed, origin, None);
                panic!("{violation}\nEZW_TEST_SEED={seed} EZW_TEST_SCHEDULES=1 runs it again\n{trace}");
            }
        }
        println!("{events} events in {:?}: {been:?}", origin.elapsed());
        assert!(schedules < ENOUGH || been.is_everywhere(), "schedules that never get there prove nothing");
    }

    #[test]
    fn the_same_seed_is_the_same_schedule() {
        let origin = Instant::now();
        for seed in 0..300 {
            let (once, again) =
                (schedule(seed, origin, None, true), schedule(seed, Instant::now(), None, true));
            assert_eq!(once.trace, again.trace, "seed {seed}");
        }
    }

    #[test]
    fn an_intent_without_a_row_lock_is_found() {
        finds(Mistake::NoRowLock, &[Property::GuardedIntent]);
    }

    #[test]
    fn a_heartbeat_that_is_only_read_is_found() {
        finds(Mistake::HeartbeatOnlyRead, &[Property::Alive]);
    }

    #[test]
    fn a_heartbeat_held_against_the_own_clock_is_found() {
        finds(Mistake::OwnClock, &[Property::Alive]);
    }

    #[test]
    fn an_epoch_without_incarnation_is_found() {
        // A restart that is let through takes the line from a living owner.
        finds(Mistake::EpochWithoutIncarnation, &[Property::OneOwner, Property::Alive]);
    }

    #[test]
    fn a_resend_with_a_new_id_is_found() {
        finds(Mistake::ResendWithNewId, &[Property::OneId]);
    }

    #[test]
    fn trust_counted_after_the_query_is_found() {
        finds(Mistake::TrustCountedAfterTheQuery, &[Property::Trust]);
    }

    #[test]
    fn a_claim_of_what_is_no_head_is_found() {
        finds(Mistake::NoHeadRule, &[Property::Order]);
    }

    #[test]
    fn a_gap_that_a_process_does_not_see_is_found() {
        finds(Mistake::GapNotSeen, &[Property::SoundJudge]);
    }

    /// Beside the eight that the design names: they show that every property can break.
    mod more {
        use crate::{finds, judge::Property, mistake::Mistake};

        #[test]
        fn a_resend_where_repeats_are_shown_is_found() {
            finds(Mistake::ResendsWhereRepeatsAreShown, &[Property::SeenOnce]);
        }

        #[test]
        fn silence_that_is_taken_for_sent_is_found() {
            finds(Mistake::SilenceIsSent, &[Property::Kept]);
        }

        #[test]
        fn a_row_that_is_entered_before_its_lock_is_held_is_found() {
            finds(Mistake::EntersBeforeItsLock, &[Property::Alive]);
        }

        #[test]
        fn a_provider_that_leaves_older_sessions_open_is_found() {
            finds(Mistake::OlderSessionsStay, &[Property::OlderSession]);
        }
    }

    /// What the service did until the model found it.
    mod found {
        use crate::{finds, judge::Property, mistake::Mistake};

        #[test]
        fn clocks_of_nodes_in_rows_are_found() {
            finds(Mistake::ClocksInRows, &[Property::Order]);
        }

        #[test]
        fn a_row_that_a_failover_turned_back_is_found() {
            finds(Mistake::RowsTurnedBack, &[Property::Recovers]);
        }

        #[test]
        fn a_hint_of_who_lost_its_own_lock_is_found() {
            finds(Mistake::HintsWithoutItsOwnLock, &[Property::SoundJudge]);
        }

        #[test]
        fn a_judge_whose_own_lease_is_over_is_found() {
            finds(Mistake::JudgesAfterItsLease, &[Property::SoundJudge]);
        }
    }
}
