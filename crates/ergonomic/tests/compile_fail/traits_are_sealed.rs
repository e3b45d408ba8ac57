//! Traits that only the library implements can grow, since no program can implement them.

use atlas_backup::{HasState, StateWords};

struct Mine;

impl HasState for Mine {
    const WORDS: StateWords = StateWords::SNAPSHOT;

    fn state_word(&self) -> Option<&str> {
        None
    }
}

fn main() {}
