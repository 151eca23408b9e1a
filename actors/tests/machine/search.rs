//! Every abstract state that a line can come to, searched breadth first: none without a way on, and from each a line
//! that is not archived can still be brought to work, and one that is archived comes to rest without an account.

use super::{
    samples, view_table,
    world::{Step, World, steps},
};
use ezw_actors::machine::{StateName, Time, view};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};

/// A world but for times, numbers, and how often something happened.
fn abstracted(world: &World) -> String {
    let mut state = serde_json::to_value(&world.state).unwrap();
    bare(&mut state, world.now);
    format!(
        "{state} {:?} {} {:?} {} {} {:?} {:?} {}",
        world.orders,
        world.account,
        world.desired,
        world.owned,
        world.due.is_some(),
        world.pair.is_some(),
        world.wakeup,
        world.session.is_some(),
    )
}

/// A time is none, to come, or over.
fn bare(value: &mut Value, now: Time) {
    if let Value::Object(map) = value {
        for (key, inner) in map.iter_mut() {
            match key.as_str() {
                "deadline" | "retry_at" | "until" => {
                    let time: Option<Time> = serde_json::from_value(inner.take()).unwrap();
                    *inner = time.map_or(Value::Null, |time| Value::Bool(time > now));
                }
                "since" => *inner = Value::Null,
                "generation" | "command" | "wave" => *inner = Value::Null,
                _ => bare(inner, now),
            }
        }
    }
}

#[test]
fn no_state_is_a_dead_end() {
    let steps = steps();
    for which in 0..samples::news().len() {
        assert!(steps.contains(&Step::News(which)), "no step tells {:?}", samples::news()[which]);
    }
    let mut found: HashMap<String, usize> = HashMap::new();
    let mut worlds = vec![(World::new(), 0_usize, Vec::<Step>::new())];
    let mut edges: Vec<Vec<usize>> = vec![Vec::new()];
    found.insert(abstracted(&worlds[0].0), 0);
    let mut queue = VecDeque::from([0]);
    while let Some(at) = queue.pop_front() {
        for step in &steps {
            let (mut world, depth, mut path) = worlds[at].clone();
            world.step(*step);
            world.round_trip();
            for overlay in view_table::overlays() {
                view_table::check(&view(&world.state, overlay), overlay);
            }
            let next = *found.entry(abstracted(&world)).or_insert_with(|| {
                path.push(*step);
                worlds.push((world, depth + 1, path));
                edges.push(Vec::new());
                queue.push_back(worlds.len() - 1);
                worlds.len() - 1
            });
            if next != at {
                edges[next].push(at);
            }
        }
    }
    let deepest = worlds.iter().map(|(_, depth, _)| *depth).max().unwrap();
    println!("{} abstract states, the farthest {deepest} steps away", worlds.len());
    assert!(deepest >= 6);
    let at_work = |world: &World| world.state.name() == StateName::Connected;
    let stuck = cut_off(&worlds, &edges, at_work, |world| !world.orders.archived);
    assert!(stuck.is_empty(), "{} stuck, first: {:#?}", stuck.len(), stuck.first());
    let gone = |world: &World| world.orders.archived && !world.owned && !world.account;
    let stuck = cut_off(&worlds, &edges, gone, |world| world.orders.archived);
    assert!(stuck.is_empty(), "{} keep their account, first: {:#?}", stuck.len(), stuck.first());
}

/// Worlds of a kind from which no way leads to the goal, with a way that leads to them.
fn cut_off(
    worlds: &[(World, usize, Vec<Step>)],
    edges: &[Vec<usize>],
    goal: impl Fn(&World) -> bool,
    concerned: impl Fn(&World) -> bool,
) -> Vec<(Vec<Step>, String)> {
    let mut leads = vec![false; worlds.len()];
    let mut back: Vec<usize> = (0..worlds.len()).filter(|&at| goal(&worlds[at].0)).collect();
    while let Some(at) = back.pop() {
        if !std::mem::replace(&mut leads[at], true) {
            back.extend(&edges[at]);
        }
    }
    let stuck = (0..worlds.len()).filter(|&at| !leads[at] && concerned(&worlds[at].0));
    stuck.map(|at| (worlds[at].2.clone(), abstracted(&worlds[at].0))).collect()
}
