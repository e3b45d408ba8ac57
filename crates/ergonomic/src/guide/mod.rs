//! A guide by task: each chapter is a few paragraphs and an example that compiles.
//!
//! 1. [`first_call`]: from an empty program to a list of snapshots
//! 2. [`authentication`]: where credentials come from, and tokens shared by programs
//! 3. [`versions`]: what a call asks for, pins, what a deprecation looks like
//! 4. [`former_names`]: operations that were renamed or removed
//! 5. [`paging`]: lists of any length
//! 6. [`waiting`]: snapshots, restores, exports: until they are done or have failed
//! 7. [`retries`]: what is repeated, how long, how fast
//! 8. [`errors`]: what to decide on
//! 9. [`dry_runs`]: what would be sent
//! 10. [`synchronous`]: programs without an asynchronous runtime of their own
//! 11. [`testing`]: your own program without the service
//! 12. [`observing`]: spans and metrics

pub mod authentication;
pub mod dry_runs;
pub mod errors;
pub mod first_call;
pub mod former_names;
pub mod observing;
pub mod paging;
pub mod retries;
pub mod synchronous;
pub mod testing;
pub mod versions;
pub mod waiting;
