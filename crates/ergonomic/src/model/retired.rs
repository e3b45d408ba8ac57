//! Policies for operations that the service has removed.

/// How calls of removed operations are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum RetiredPolicy {
    /// Call the replacement at once. Default: it costs no extra request.
    #[default]
    Redirect,
    /// Call the old operation first, and the replacement if the service no longer has it. For older services.
    TryFirst,
    /// Refuse with [`ErrorKind::Retired`](crate::ErrorKind::Retired), so that no caller of old names goes unnoticed.
    Refuse,
}
