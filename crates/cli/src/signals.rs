//! How somebody asks a run to end: Ctrl-C, the SIGTERM of a scheduler, the SIGHUP of a terminal that is closed.
//!
//! All of them mean the same, whatever the command: it says what goes on at the service, or takes away what it has made,
//! and ends. None may end a run that has something to say without its saying it. Who was started to outlive the terminal
//! (`nohup`) does not hear of its end.

/// Listens from the moment it is made, so that nothing is missed between two questions.
#[derive(Debug)]
pub(crate) struct Asked {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
}

impl Asked {
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        let kinds = [SignalKind::interrupt(), SignalKind::terminate()].into_iter();
        let kinds = kinds.chain((!outlives_the_terminal()).then(SignalKind::hangup));
        Asked { signals: kinds.filter_map(|kind| signal(kind).ok()).collect() }
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Asked {}
    }

    /// Waits until the run is asked to end, once more if it has been before.
    pub(crate) async fn heard(&mut self) {
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
        // Without signals nobody can ask.
        std::future::pending().await
    }
}

/// Whether SIGHUP is ignored, which is what `nohup` does; only Linux tells without more ado.
#[cfg(unix)]
fn outlives_the_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The first bit is that of signal 1.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
