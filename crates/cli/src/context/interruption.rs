//! The state that an interruption needs: how to continue a started job, and whether the interruption ends the run at
//! once.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use crate::ui::{hints::Hint, interrupts::Interrupts};

/// Interruption state of a run. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interruption(Rc<State>);

#[derive(Debug, Default)]
struct State {
    resume: RefCell<Option<Hint>>,
    held: Cell<bool>,
}

impl Interruption {
    /// Sets the hint that continues a job. A command calls this as soon as it has started one.
    pub(crate) fn set_resume(&self, hint: Hint) {
        self.0.resume.replace(Some(hint));
    }

    /// Lets the command handle interruptions from now on, because it must clean up first.
    pub(crate) fn hold(&self) {
        self.0.held.set(true);
    }

    /// Waits for an interruption that no command handles. Returns the hint that continues the job.
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
