//! Which processor the caller and its service run on.
//!
//! A call wakes the service and is woken by it. Whether that crosses from one processor to another decides half of what a
//! short call costs in the kernel, and left alone it is decided by lot for each connection: two callers that do exactly
//! the same then differ twofold. So both are put where they are measured.

use crate::server::{Running, Service};

/// Where the service runs, seen from its callers.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Placement {
    /// On the callers' processor: no wake-up crosses.
    Same,
    /// On another one: every wake-up crosses.
    Other,
}

impl Placement {
    pub(crate) const ALL: [(Placement, &str); 2] =
        [(Placement::Same, "on one processor"), (Placement::Other, "on two")];

    /// Starts a service there and keeps this thread to a processor; `None` where there is none to choose.
    pub(crate) fn start(self, service: Service) -> Option<Running> {
        let processors = allowed()?;
        let (callers, services) = match self {
            Placement::Same => (*processors.first()?, *processors.first()?),
            Placement::Other => (*processors.first()?, *processors.get(1)?),
        };
        // A process starts where the one that started it is kept.
        keep_to(&[services])?;
        let running = Running::start(service);
        keep_to(&[callers])?;
        running
    }

    /// Lets this thread run everywhere again.
    pub(crate) fn end() {
        if let Some(processors) = allowed() {
            let _kept = keep_to(&processors);
        }
    }
}

/// The processors that this process may use, those as it began.
#[cfg(target_os = "linux")]
fn allowed() -> Option<Vec<usize>> {
    static ALLOWED: std::sync::OnceLock<Option<Vec<usize>>> = std::sync::OnceLock::new();
    let found = ALLOWED.get_or_init(|| {
        let set = rustix::thread::sched_getaffinity(None).ok()?;
        Some((0..rustix::thread::CpuSet::MAX_CPU).filter(|processor| set.is_set(*processor)).collect())
    });
    found.clone()
}

#[cfg(target_os = "linux")]
fn keep_to(processors: &[usize]) -> Option<()> {
    let mut set = rustix::thread::CpuSet::new();
    processors.iter().for_each(|processor| set.set(*processor));
    rustix::thread::sched_setaffinity(None, &set).ok()
}

#[cfg(not(target_os = "linux"))]
fn allowed() -> Option<Vec<usize>> {
    None
}

#[cfg(not(target_os = "linux"))]
fn keep_to(_: &[usize]) -> Option<()> {
    None
}
