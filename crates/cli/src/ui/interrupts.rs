//! Requests to end the run: Ctrl-C, the SIGTERM of a scheduler, the SIGHUP of a terminal that is closed.
//!
//! All of them mean the same for every command: it prints what goes on at the service, or deletes what it has created, and
//! ends. No signal may end the process before its final message is printed. A run that was started to outlive the terminal
//! (`nohup`) ignores SIGHUP.

/// Listens from its creation, so that no signal between two calls of `next` is missed.
#[derive(Debug)]
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
}

impl Interrupts {
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        let kinds = [SignalKind::interrupt(), SignalKind::terminate()].into_iter();
        let kinds = kinds.chain((!ignores_hangup()).then(SignalKind::hangup));
        Interrupts { signals: kinds.filter_map(|kind| signal(kind).ok()).collect() }
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Interrupts {}
    }

    /// Waits until the run is asked to end; the next call waits for the next request.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if !self.signals.is_empty() {
            let each = self.signals.iter_mut().map(|signal| Box::pin(signal.recv()));
            futures_util::future::select_all(each).await;
            return;
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_ok() {
            return;
        }
        // There are no signals to wait for.
        std::future::pending().await
    }
}

/// Whether SIGHUP is ignored, which is what `nohup` does; only Linux tells without more ado.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The first bit is that of signal 1.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
