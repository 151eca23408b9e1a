//! What goes wrong in a schedule: drawn with it, with more freezes than the world has.

use super::{
    event::Event,
    rows::Ms,
    world::{START, World},
};
use ezw_actors::outbound::Pacing;
use rand::{RngCore as _, rngs::SmallRng};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// SIGSTOP for so long.
    Freeze {
        node: usize,
        lasts: Ms,
    },
    /// The machines of all nodes stand still.
    FreezeAll {
        lasts: Ms,
    },
    Kill {
        node: usize,
    },
    /// A heartbeat's connection breaks; who sees it first, and by how much.
    CutHeartbeat {
        node: usize,
    },
    /// A node cannot reach the database.
    Cut {
        node: usize,
        lasts: Ms,
    },
    Failover,
    /// The provider drops a line's session.
    DropSession {
        line: usize,
    },
    ActorDies {
        line: usize,
    },
}

/// What was drawn before the schedule begins.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) faults: Vec<(Ms, Fault)>,
    /// Small troubles happen until then.
    pub(crate) rough_until: Ms,
    /// All faults are over, as far as they are known by now.
    pub(crate) calm_at: Ms,
    /// Freezes in the middle of something.
    pub(crate) tempted: u32,
    pub(crate) failover_after_take: bool,
    /// A failover goes back a few commits.
    pub(crate) loses: bool,
    /// Nodes look at each other's locks.
    pub(crate) hints: bool,
    pub(crate) drops_repeats: bool,
    pub(crate) pacing: Pacing,
}

/// Faults begin within so long.
const ROUGH: Ms = 14_000;

impl Fault {
    /// Short ones, and such as last about as long as a lease.
    pub(crate) fn standstill(chance: u64) -> Ms {
        match chance % 4 {
            0 => 200 + chance % 3_000,
            1 => 6_000 + chance % 6_000,
            _ => 9_000 + chance % 24_000,
        }
    }

    fn draw(rng: &mut SmallRng) -> Self {
        let chance = u64::from(rng.next_u32() >> 8);
        let node = (chance % 3) as usize;
        let lasts = Self::standstill(u64::from(rng.next_u32() >> 16));
        match (chance >> 8) % 16 {
            0..4 => Self::Freeze { node, lasts },
            4 => Self::FreezeAll { lasts },
            5..8 => Self::Kill { node },
            8..10 => Self::CutHeartbeat { node },
            10 => Self::Cut { node, lasts: lasts / 2 },
            11..13 => Self::Failover,
            13..15 => Self::DropSession { line: node % 2 },
            _ => Self::ActorDies { line: node % 2 },
        }
    }
}

impl Plan {
    pub(crate) fn draw(rng: &mut SmallRng) -> Self {
        let chance = rng.next_u32();
        let one_in = |shift: u32, chances: u32| (chance >> shift).is_multiple_of(chances);
        let faults = (0..chance % 3).map(|_| {
            let at = START + 500 + u64::from(rng.next_u32()) % ROUGH;
            (at, Fault::draw(rng))
        });
        let faults = faults.collect();
        let pacing = if one_in(4, 2) {
            Pacing { per_second: 1, burst: 5 }
        } else {
            Pacing { per_second: 0, burst: 0 }
        };
        Self {
            faults,
            rough_until: START + ROUGH,
            calm_at: START + ROUGH,
            tempted: (chance >> 8) % 3,
            failover_after_take: one_in(12, 8),
            loses: one_in(16, 2),
            hints: !one_in(20, 3),
            drops_repeats: !one_in(24, 3),
            pacing,
        }
    }
}

impl World {
    pub(crate) fn fault(&mut self, fault: Fault) {
        self.note(|| format!("FAULT {fault:?}"));
        match fault {
            Fault::Freeze { node, lasts } if node < self.nodes.len() => self.freeze(node, self.now + lasts),
            Fault::FreezeAll { lasts } => {
                (0..self.nodes.len()).for_each(|node| self.freeze(node, self.now + lasts));
            }
            Fault::Kill { node } if node < self.nodes.len() && self.nodes[node].up => self.crash(node),
            Fault::CutHeartbeat { node } if node < self.nodes.len() => self.cut_heartbeat(node),
            Fault::Cut { node, lasts } if node < self.nodes.len() => {
                self.nodes[node].cut_until = self.now + lasts;
                self.rough_for(lasts);
            }
            Fault::Failover => self.fail_over(),
            Fault::DropSession { line } => {
                if let Some(session) = self.provider.current[line] {
                    self.closes(session);
                }
            }
            Fault::ActorDies { line } => {
                for node in 0..self.nodes.len() {
                    if self.nodes[node].up && self.nodes[node].frozen_until <= self.now {
                        self.actor_dies(node, line);
                    }
                }
            }
            Fault::Freeze { .. } | Fault::Kill { .. } | Fault::CutHeartbeat { .. } | Fault::Cut { .. } => {}
        }
    }

    /// A fault lasts so long from now.
    pub(crate) fn rough_for(&mut self, lasts: Ms) {
        self.plan.calm_at = self.plan.calm_at.max(self.now + lasts);
    }

    /// The server sees it, and the node at its next renewal.
    fn cut_heartbeat(&mut self, node: usize) {
        if let Some(connection) = self.nodes[node].connection {
            let after = self.below(200);
            self.at(self.now + after, Event::ConnectionGone { connection });
        }
    }
}
