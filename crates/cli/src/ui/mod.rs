//! Input and output for people and scripts: messages, output, prompts, exit codes, hints, files and pages.

pub(crate) mod atomic_file;
pub(crate) mod child;
pub(crate) mod exit;
pub(crate) mod hints;
pub(crate) mod interrupts;
pub(crate) mod log;
pub(crate) mod messages;
pub(crate) mod output;
pub(crate) mod page;
pub(crate) mod progress;
pub(crate) mod prompts;
pub(crate) mod sanitize;
