//! The same client for programs that are not asynchronous: every handle, list, wait and download of this crate, under
//! the same name, with methods that return when they are done.
//!
//! ```no_run
//! use std::time::Duration;
//! use atlas_backup::{Retention, blocking::Client};
//!
//! # fn main() -> atlas_backup::Result<()> {
//! let atlas = Client::from_env()?;
//! let cluster = atlas.project("32b6e34b3d91647abb20e7b8")?.cluster("Cluster0")?;
//!
//! // Streams are iterators; the next page comes while this one is worked on.
//! for snapshot in cluster.snapshots().list().items() {
//!     let snapshot = snapshot?;
//!     println!("{} {:?}", snapshot.id, snapshot.status);
//! }
//!
//! // What is awaited elsewhere is blocked on here.
//! let taken = cluster.snapshots().take("before migration", Retention::days(7))?;
//! let done = cluster.snapshots().wait(&taken.id).timeout(Duration::from_secs(3600)).block()?;
//! cluster.restores().download(&done.id)?.save_to("dump.tar.gz")?;
//! # Ok(())
//! # }
//! ```
//!
//! One thread in the background serves all clients of the process. On a thread of an asynchronous runtime, where
//! blocking would hold up others, every call is refused with [`ErrorKind::InvalidInput`]; use the asynchronous client
//! there. Errors, documents, ids and options are the crate's own, and [`Client::inner`] leads to the asynchronous
//! handle, also for what takes one as an argument.
//!
//! The types are made from those of the crate, by `cargo xtask generate`: there is nothing that only one side has.

#[rustfmt::skip]
#[path = "generated/blocking.rs"]
mod mirrored;

use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    sync::OnceLock,
    thread,
};

use futures_core::Stream;
use tokio::runtime::{self, Handle};

pub use self::mirrored::*;
use crate::error::{Error, ErrorKind, Result};

/// Runs `future` to its end on this thread, with the background thread's timers and sockets.
fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    // One runner for each outcome, not one for each call, of which there are hundreds.
    let future: Pin<&mut dyn Future<Output = Result<T>>> = pin!(future);
    background()?.block_on(future)
}

/// What a stream brings next. A refusal is the last that comes.
fn next<S, T, E>(stream: &mut S, is_over: &mut bool) -> Option<Result<T, E>>
where
    S: Stream<Item = Result<T, E>> + Unpin,
    E: From<Error>,
{
    if *is_over {
        return None;
    }
    match background() {
        Ok(runtime) => runtime.block_on(poll_fn(|context| Pin::new(&mut *stream).poll_next(context))),
        Err(refused) => {
            *is_over = true;
            Some(Err(refused.into()))
        }
    }
}

/// The runtime that all blocking calls share; it lives as long as the process.
fn background() -> Result<&'static Handle> {
    static RUNTIME: OnceLock<io::Result<Handle>> = OnceLock::new();
    if Handle::try_current().is_ok() {
        let message =
            "this thread belongs to an asynchronous runtime, where nothing may block: use the asynchronous client";
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    RUNTIME.get_or_init(start).as_ref().map_err(|source| {
        Error::new(ErrorKind::InvalidInput, format!("no thread for blocking calls can be started: {source}"))
    })
}

fn start() -> io::Result<Handle> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("atlas-backup".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}
