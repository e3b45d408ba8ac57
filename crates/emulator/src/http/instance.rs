//! The running parts of one emulator and its operator commands: in process through [`Emulator`](crate::Emulator), over
//! HTTP through the control API.

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
    /// Resets the state to `seed` at the current time: without faults, with full rate limits and an empty request
    /// record.
    ///
    /// # Errors
    /// Returns an error that names the path of the first invalid value of an exported state. The state is then
    /// unchanged.
    pub(crate) fn reset(&self, seed: &Seed) -> Result<(), ImportError> {
        // Callers that need it saved wait for the whole store.
        let _saved_later = match seed {
            Seed::Exported(document) => document::import(&self.store, &self.clock, Value::clone(document))?,
            _ => {
                let state = seed.state(self.clock.now())?;
                let ((), ticket) = self.store.write(|known| known.replace(state));
                // A seed has no clock record, so the clock saves it again.
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
