//! The running parts of one emulator, and what an operator does to them: in process through
//! [`Emulator`](crate::Emulator), over HTTP through the control API.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    http::{faults::fault::Faults, limits::Limits, recorder::Recorder},
    openapi::document::Document,
    seed::seeds::Seed,
    store::{clock::Clock, document, error::ImportError, shared_state::Store},
};

/// The running parts.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) document: &'static Document,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
    pub(crate) recorder: Option<Recorder>,
}

impl Instance {
    /// Begins again with `seed`, at the time that it is: with no faults, full buckets and nothing recorded.
    ///
    /// # Errors
    /// An exported state is wrong at the place that is named; then nothing has changed.
    pub(crate) fn reset(&self, seed: &Seed) -> Result<(), ImportError> {
        // Whoever has to know that it is saved asks the store for everything.
        let _saved_later = match seed {
            Seed::Exported(document) => document::import(&self.store, &self.clock, Value::clone(document))?,
            _ => {
                let state = seed.state(self.clock.now())?;
                let ((), ticket) = self.store.write(|known| known.replace(state));
                // A seed knows no clock; this one has it saved again.
                self.clock.advance(Duration::ZERO);
                ticket
            }
        };
        self.limits.refill();
        self.faults.clear(None);
        self.forget_requests();
        Ok(())
    }

    pub(crate) fn forget_requests(&self) {
        if let Some(recorder) = &self.recorder {
            let _forgotten = recorder.take();
        }
    }
}
