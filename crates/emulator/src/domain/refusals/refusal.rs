//! One row of the table of refusals.

/// One reason for which a request is refused.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The error code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The topic of the request.
    pub topic: &'static str,
    /// Which operations answer so: those whose ID contains one of these. Empty for all.
    pub operations: &'static [&'static str],
    /// When it is refused.
    pub condition: &'static str,
    /// Where the code is known from.
    pub source: Source,
    /// Why the emulator never answers so by itself; `None` where it does.
    pub not_modelled: Option<&'static str>,
}

/// Where a code is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The service's documentation of its error codes.
    Published,
    /// It was seen in recorded answers of the service.
    Observed,
    /// Documentation, tests and reports of other clients.
    Reported,
    /// The emulator's own, where no code of the service is known.
    Own,
}

#[cfg(any(test, feature = "binary"))]
impl Source {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Source::Published => "error codes page",
            Source::Observed => "recording",
            Source::Reported => "other clients",
            Source::Own => "the emulator's own",
        }
    }
}
