//! Requests to end the run: Ctrl-C, SIGTERM, and SIGHUP of a closed terminal.
//!
//! All of them have the same effect: the command prints how to continue its job, or deletes the resources it created,
//! and exits. No signal may end the process before its final message is printed. A run under `nohup` ignores SIGHUP.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether SIGTERM was the latest signal. A property of the process, like its exit code.
static TERMINATED: AtomicBool = AtomicBool::new(false);

/// Whether the latest request to end the run was SIGTERM.
pub(crate) fn is_terminated() -> bool {
    TERMINATED.load(Relaxed)
}

/// Listens from creation, so signals between two calls of `next` are not missed.
#[derive(Debug)]
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signals: Vec<(tokio::signal::unix::SignalKind, tokio::signal::unix::Signal)>,
}

impl Interrupts {
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        let kinds = [SignalKind::interrupt(), SignalKind::terminate()].into_iter();
        let kinds = kinds.chain((!ignores_hangup()).then(SignalKind::hangup));
        Interrupts { signals: kinds.filter_map(|kind| Some((kind, signal(kind).ok()?))).collect() }
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Interrupts {}
    }

    /// Waits for the next request to end the run.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if !self.signals.is_empty() {
            let each = self.signals.iter_mut().map(|(kind, signal)| {
                Box::pin(async {
                    signal.recv().await;
                    *kind == tokio::signal::unix::SignalKind::terminate()
                })
            });
            TERMINATED.store(futures_util::future::select_all(each).await.0, Relaxed);
            return;
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_ok() {
            return;
        }
        // Without signal support, wait forever.
        std::future::pending().await
    }
}

/// Whether SIGHUP is ignored, as under `nohup`. Read from `/proc`, so only on Linux.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // Bit 0 is signal 1, SIGHUP.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
