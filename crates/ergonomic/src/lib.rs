//! The Rust client for MongoDB Atlas backups: versions, authentication, paging, waiters and shims.
