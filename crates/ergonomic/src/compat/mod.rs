//! What the service has removed, kept callable.
//!
//! Shared-tier clusters and serverless instances became flex clusters, and the operations on their backups were removed
//! with them. A call to one of those is sent to the flex operation that took over, and the answer is put back into the
//! old form. What has no counterpart is absent from the answer; nothing is ever made up.

pub(crate) mod convert;
pub(crate) mod redirect;

/// What to do when an operation is called that the service has removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum RetiredPolicy {
    /// Call what took over at once. The default: it costs no extra request.
    #[default]
    Redirect,
    /// Call the old operation, and what took over when the service no longer has it. For services that lag behind.
    TryFirst,
    /// Refuse with [`ErrorKind::Retired`](crate::ErrorKind::Retired), so that no caller of old names goes unnoticed.
    Refuse,
}
