//! What a client does about operations that the service has removed.

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
