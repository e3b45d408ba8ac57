//! Read lists of any length.
//!
//! A [`List`](crate::List) sends no request until its [items](crate::List::items), its [pages](crate::List::pages) or
//! [all items at once](crate::List::all) are requested. Items and pages are streams. Both also have a method `next`, so a
//! program needs no crate for streams. The next page is fetched while the caller processes the current one.
//!
//! ```no_run
//! # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
//! let mut snapshots = cluster.snapshots().list().items_per_page(500).include_count(false).items();
//! while let Some(snapshot) = snapshots.next().await {
//!     match snapshot {
//!         Ok(snapshot) => println!("{}", snapshot.id),
//!         // A malformed item does not fail the page that contains it.
//!         Err(error) if error.document().is_some() => eprintln!("left out: {error}"),
//!         Err(error) => return Err(error),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Pages are requested by number. Links in a response only show whether more pages follow; they are never followed.
//! If an item is added or deleted while a list is read, the items after it move: an item may be returned twice or left out.
//! A service that sends the same page repeatedly is an [`ErrorKind::Decode`](crate::ErrorKind::Decode), and so is a response
//! that is not a page. Neither is taken for the end of a list.
//! A stream can be dropped at any time.
