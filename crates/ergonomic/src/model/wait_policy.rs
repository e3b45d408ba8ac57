//! How often a wait polls, and which errors end it. The waiter itself is in `call`.

use std::{fmt, sync::Arc, time::Duration};

use crate::model::{error::Error, error_kind::ErrorKind};

type Decide = dyn Fn(&Error) -> OnPollError + Send + Sync;

/// How long a [`Wait`](crate::Wait) lasts, how often it polls, and which errors end it.
///
/// Set the default of a client with [`Builder::wait_policy`](crate::Builder::wait_policy) or
/// [`Client::with_wait_policy`](crate::Client::with_wait_policy), and that of one wait with
/// [`Wait::policy`](crate::Wait::policy).
///
/// ```
/// use std::time::Duration;
/// use atlas_backup::{ErrorKind, OnPollError, WaitPolicy};
///
/// // Gives up as soon as the service fails, and otherwise decides as the library does.
/// let hasty = WaitPolicy::default().timeout(Duration::from_secs(600)).on_error(|error| match error.kind() {
///     ErrorKind::Server => OnPollError::EndWait,
///     _ => OnPollError::of(error),
/// });
/// # let _ = hasty;
/// ```
#[derive(Clone)]
pub struct WaitPolicy {
    pub(crate) timeout: Duration,
    pub(crate) interval: Duration,
    pub(crate) longest_interval: Duration,
    pub(crate) back_off: f64,
    on_error: Option<Arc<Decide>>,
}

/// The action of a wait after a failed poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnPollError {
    /// Ends the wait with the error.
    EndWait,
    /// Polls again until the deadline of the wait.
    PollAgain,
    /// Polls again, but ends the wait with the error if polls still fail a minute after the first such error.
    PollBriefly,
}

impl OnPollError {
    /// The decision of the default policy:
    ///
    /// - [`PollAgain`](Self::PollAgain) if the connection fails or breaks, or a request times out; for
    ///   408, 429 and 5xx; and for a response that cannot be read.
    /// - [`PollBriefly`](Self::PollBriefly) for 401, for credentials that are refused or cannot be obtained, for a
    ///   failed TLS handshake, and for any other status whose body is not an Atlas error, such as a page of a proxy.
    /// - [`EndWait`](Self::EndWait) for everything else: the service says that the object does not exist, that the
    ///   credentials lack a role, or that the request is not valid.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Connect
            | ErrorKind::Connection
            | ErrorKind::Timeout
            | ErrorKind::RateLimited
            | ErrorKind::Server
            | ErrorKind::Decode
            | ErrorKind::TooLarge
            | ErrorKind::VersionMismatch => OnPollError::PollAgain,
            ErrorKind::Unauthorized | ErrorKind::Authentication | ErrorKind::Tls => OnPollError::PollBriefly,
            _ if error.status().is_some() && error.api_error().is_none() => OnPollError::PollBriefly,
            _ => OnPollError::EndWait,
        }
    }
}

impl Default for WaitPolicy {
    /// An hour; intervals of 2 s that grow by half up to 30 s; errors as [`OnPollError::of`] decides.
    fn default() -> Self {
        WaitPolicy {
            timeout: Duration::from_secs(3600),
            interval: Duration::from_secs(2),
            longest_interval: Duration::from_secs(30),
            back_off: 1.5,
            on_error: None,
        }
    }
}

impl WaitPolicy {
    /// How long a wait may take in total. The default is one hour.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The interval before the second poll. The default is two seconds. Later intervals grow up to the longest interval,
    /// which this method raises if it is shorter. Each interval is shortened by a random part of up to one half, so that
    /// waits that start together do not poll together.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self.longest_interval = self.longest_interval.max(interval);
        self
    }

    /// The longest interval between two polls. The default is 30 seconds. `Retry-After` may exceed it. No interval is
    /// shorter than five milliseconds.
    #[must_use]
    pub fn longest_interval(mut self, interval: Duration) -> Self {
        self.longest_interval = interval;
        self
    }

    /// The factor by which each interval is longer than the one before. The default is 1.5; with 1 or less all are equal.
    /// After a poll that failed the factor is at least 2.
    #[must_use]
    pub fn back_off(mut self, factor: f64) -> Self {
        self.back_off = factor;
        self
    }

    /// Decides what to do about each poll that fails. [`OnPollError::of`] is the default. The end of a job (done, failed)
    /// is not an error of a poll and always ends the wait.
    #[must_use]
    pub fn on_error(mut self, decide: impl Fn(&Error) -> OnPollError + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(decide));
        self
    }

    pub(crate) fn decide(&self, error: &Error) -> OnPollError {
        match &self.on_error {
            Some(decide) => decide(error),
            None => OnPollError::of(error),
        }
    }
}

impl fmt::Debug for WaitPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitPolicy")
            .field("timeout", &self.timeout)
            .field("interval", &self.interval)
            .field("longest_interval", &self.longest_interval)
            .field("back_off", &self.back_off)
            .finish_non_exhaustive()
    }
}
