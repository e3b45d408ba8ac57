//! What to print when a run is interrupted after it has started a job, and whether an interruption ends it at once.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use crate::ui::{hints::Hint, interrupts::Interrupts};

/// The state of a run that an interruption needs, shared by its clones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interruption(Rc<State>);

#[derive(Debug, Default)]
struct State {
    resume: RefCell<Option<Hint>>,
    held: Cell<bool>,
}

impl Interruption {
    /// Sets how to continue what goes on at the service. A command calls this as soon as it has started a job.
    pub(crate) fn set_resume(&self, hint: Hint) {
        self.0.resume.replace(Some(hint));
    }

    /// Makes the command itself handle interruptions from now on, because it has something to clean up first.
    pub(crate) fn hold(&self) {
        self.0.held.set(true);
    }

    /// Waits until the run is interrupted and no command handles that itself; how to continue then.
    pub(crate) async fn wait(&self) -> Option<Hint> {
        let mut interrupts = Interrupts::listen();
        loop {
            interrupts.next().await;
            if !self.0.held.get() {
                return self.0.resume.take();
            }
        }
    }
}
