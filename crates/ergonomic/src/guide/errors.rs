//! Decide what to do when a call fails.
//!
//! There is one [`Error`](crate::Error). Decide on its [kind](crate::Error::kind), or on Atlas's own
//! [code](crate::Error::code) where the kind is too coarse. Its text is for people: it names the operation, what the
//! service said, the roles that a refused call needs, what to use instead of what is gone.
//!
//! ```no_run
//! # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
//! use atlas_backup::{ErrorCode, ErrorKind};
//!
//! match cluster.get().await {
//!     Ok(cluster) => println!("{:?}", cluster.state_name),
//!     Err(error) if error.code() == Some(&ErrorCode::CannotUseFlexClusterInClusterApi) => println!("a flex cluster"),
//!     Err(error) => match error.kind() {
//!         ErrorKind::NotFound => println!("no such cluster"),
//!         ErrorKind::Forbidden => println!("ask for one of {:?}", error.required_roles()),
//!         ErrorKind::RateLimited => println!("again in {:?}", error.retry_after()),
//!         _ => return Err(error),
//!     },
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Whatever the answer was, it is still there: [status](crate::Error::status), [headers](crate::Error::headers),
//! [body](crate::Error::body), the [error document](crate::Error::api_error) if the body was one. A page of HTML from a
//! proxy, an empty 401 and an error document without a code are errors like any other.
