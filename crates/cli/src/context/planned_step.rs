//! A step that a dry run shows, for commands with several steps.

use serde::Serialize;

use crate::ui::output::columns::{Cell, Column, Document};

/// A planned step.
#[derive(Debug, Serialize)]
pub(crate) struct PlannedStep {
    pub(crate) step: &'static str,
    pub(crate) what: String,
}

impl Document for PlannedStep {
    const PLURAL: &'static str = "steps";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("STEP", |planned, _| Cell::text(Some(planned.step))),
        Column::prose("WHAT", |planned, _| Cell::text(Some(&planned.what))),
    ];
}
