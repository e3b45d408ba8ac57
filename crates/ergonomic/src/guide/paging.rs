//! Lists of any length.
//!
//! A [`List`](crate::List) asks for nothing until its [items](crate::List::items), its [pages](crate::List::pages) or
//! [all of it](crate::List::all) are taken. Items and pages are streams, and have a `next` of their own for those who
//! don't want to depend on one. The next page is fetched while you work on the one at hand.
//!
//! ```no_run
//! # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
//! let mut snapshots = cluster.snapshots().list().items_per_page(500).include_count(false).items();
//! while let Some(snapshot) = snapshots.next().await {
//!     match snapshot {
//!         Ok(snapshot) => println!("{}", snapshot.id),
//!         // One odd item doesn't cost the page that it is on.
//!         Err(error) if error.document().is_some() => eprintln!("left out: {error}"),
//!         Err(error) => return Err(error),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Pages are asked for by number. Links that the service sends only tell whether there is more; they are never followed.
//! What is added or deleted while a list is read moves the items behind it: one may come twice, or be left out. A service
//! that sends one page again and again is [`ErrorKind::Decode`](crate::ErrorKind::Decode), and so is an answer that is no
//! page; neither passes for the end of a list.
//! Dropping a stream at any time is fine.
