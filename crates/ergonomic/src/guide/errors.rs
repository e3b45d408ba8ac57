//! Decide what to do when a call fails.
//!
//! Every call fails with an [`Error`](crate::Error). Decide by its [kind](crate::Error::kind), or by the Atlas error
//! [code](crate::Error::code) where the kind is too coarse. The text is for people: it names the operation, the message of
//! the service, the roles that a refused call needs, and the replacement of a retired operation or version.
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
//!         ErrorKind::RateLimited => println!("retry in {:?}", error.retry_after()),
//!         _ => return Err(error),
//!     },
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The error keeps the response, of whatever form: [status](crate::Error::status), [headers](crate::Error::headers),
//! [body](crate::Error::body), and the [error document](crate::Error::api_error) if the body is one. An HTML page from a
//! proxy, an empty 401 and an error document without a code have a kind as well.
