//! Import cycles: strongly connected components of the graph of files.

use std::collections::{BTreeSet, HashMap, VecDeque};

/// The components with more than one file, each sorted; `edges[file]` are the files that it imports from.
pub(super) fn cycles(edges: &[BTreeSet<usize>]) -> Vec<Vec<usize>> {
    let count = edges.len();
    let reach: Vec<Vec<bool>> = (0..count).map(|from| reachable(edges, from)).collect();
    let (mut found, mut is_placed) = (Vec::new(), vec![false; count]);
    for file in 0..count {
        if !is_placed[file] && reach[file][file] {
            let component: Vec<usize> = (0..count).filter(|&other| reach[file][other] && reach[other][file]).collect();
            component.iter().for_each(|&member| is_placed[member] = true);
            found.push(component);
        }
    }
    found
}

/// The nodes reachable in one step or more.
fn reachable(edges: &[BTreeSet<usize>], from: usize) -> Vec<bool> {
    let (mut seen, mut open) = (vec![false; edges.len()], vec![from]);
    while let Some(file) = open.pop() {
        for &next in &edges[file] {
            if !std::mem::replace(&mut seen[next], true) {
                open.push(next);
            }
        }
    }
    seen
}

/// The shortest path from one file back to itself through `first`.
pub(super) fn way_back(edges: &[BTreeSet<usize>], start: usize, first: usize) -> Option<Vec<usize>> {
    let (mut came_from, mut open) = (HashMap::from([(first, start)]), VecDeque::from([first]));
    while let Some(file) = open.pop_front() {
        if file == start {
            let mut way = vec![start];
            let mut at = start;
            loop {
                at = came_from[&at];
                way.push(at);
                if at == start {
                    way.reverse();
                    return Some(way);
                }
            }
        }
        for &next in &edges[file] {
            came_from.entry(next).or_insert_with(|| {
                open.push_back(next);
                file
            });
        }
    }
    None
}
