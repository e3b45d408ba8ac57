//! The public surface of the library, as a text that a review can read: a change of it is a change of
//! `tests/surface-library.txt`.

mod inventory;

use std::path::Path;

const RENEW: &str = "RENEW_SURFACE=1 cargo test -p atlas-backup-tests --test library_surface";

#[test]
fn the_public_surface_is_the_one_that_was_reviewed() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = here.join("surface-library.txt");
    let now = inventory::of(&here.join("../crates/ergonomic/src"));
    if std::env::var_os("RENEW_SURFACE").is_some() {
        std::fs::write(&file, &now).expect("the surface can be written");
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    let changed: Vec<String> = lines(&reviewed, &now, "- ").chain(lines(&now, &reviewed, "+ ")).collect();
    let changed = changed.join("\n");
    assert!(reviewed == now, "the public surface has changed; review it, then renew it with\n  {RENEW}\n{changed}");
}

/// The lines that only the first text has.
fn lines<'a>(one: &'a str, other: &'a str, mark: &'a str) -> impl Iterator<Item = String> + 'a {
    let others: std::collections::HashSet<&str> = other.lines().collect();
    one.lines().filter(move |line| !others.contains(line)).map(move |line| format!("{mark}{line}"))
}
