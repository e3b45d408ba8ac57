//! The one pager: every list of this crate is a [`List`], whatever operation is behind it.
//!
//! The next page is asked for by its number. Links in an answer only tell that there is a next page; they are never
//! followed, because some of them point at another API or another host. An item that can't be decoded is an error in
//! its own place and never costs the page it is on.

use std::{
    collections::HashMap,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    vec,
};

use atlas_backup_generated::{Call, Error as BindingError, Operation, Pending, Reply, Response, Version, types::Link};
use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{
    client::Client,
    entity::{FromDocument, binding_error},
    error::{Error, ErrorKind, Result},
    meta::Meta,
};

/// How many items a page has when nobody says otherwise.
const DEFAULT_PAGE: i64 = 100;
/// The most items a page can have.
const LARGEST_PAGE: i64 = 500;

/// Which page to ask for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PageQuery {
    pub(crate) include_count: Option<bool>,
    pub(crate) items_per_page: Option<i64>,
    pub(crate) page_num: Option<i64>,
}

/// A generated page.
pub(crate) trait PageDocument: DeserializeOwned + Send + 'static {
    type Item: DeserializeOwned + Send + 'static;

    fn into_parts(self) -> (Vec<Self::Item>, Option<i64>, Option<Vec<Link>>);
}

macro_rules! pages {
    ($($page:ident of $item:ident),* $(,)?) => {
        $(impl PageDocument for atlas_backup_generated::types::$page {
            type Item = atlas_backup_generated::types::$item;

            fn into_parts(self) -> (Vec<Self::Item>, Option<i64>, Option<Vec<Link>>) {
                // `results` is required on most pages and optional on some.
                let results: Option<_> = self.results.into();
                (results.unwrap_or_default(), self.total_count, self.links)
            }
        })*
    };
}

pages!(
    PaginatedApiAtlasDiskBackupExportJobView of DiskBackupExportJob,
    PaginatedApiAtlasFlexBackupRestoreJob20241113View of FlexBackupRestoreJob20241113,
    PaginatedApiAtlasFlexBackupSnapshot20241113View of FlexBackupSnapshot20241113,
    PaginatedApiAtlasServerlessBackupRestoreJobView of ServerlessBackupRestoreJob,
    PaginatedApiAtlasServerlessBackupSnapshotView of ServerlessBackupSnapshot,
    PaginatedAtlasGroupView of Group,
    PaginatedBackupSnapshotExportBucketsView of DiskBackupSnapshotExportBucketResponse,
    PaginatedCloudBackupReplicaSetView of DiskBackupReplicaSet,
    PaginatedCloudBackupRestoreJobView of DiskBackupSnapshotRestoreJob,
    PaginatedCloudBackupShardedClusterSnapshotView of DiskBackupShardedClusterSnapshot,
    PaginatedClusterDescription20240805 of ClusterDescription20240805,
    PaginatedFlexClusters20241113 of FlexClusterDescription20241113,
    PaginatedOrganizationView of AtlasOrganization,
    PaginatedTenantRestoreView of TenantRestore,
    PaginatedTenantSnapshotView of BackupTenantSnapshot,
);

/// A page as it was fetched.
pub(crate) struct Fetched<T> {
    items: Vec<Result<T>>,
    total_count: Option<i64>,
    has_next: bool,
    paged: bool,
    meta: Meta,
}

type Fetching<T> = Pin<Box<dyn Future<Output = Result<Fetched<T>>> + Send>>;
type Fetch<T> = Arc<dyn Fn(PageQuery) -> Fetching<T> + Send + Sync>;

/// Awaits a binding that answers a page.
pub(crate) async fn fetch<P: PageDocument>(pending: Pending<'_, P>) -> Result<Fetched<P::Item>> {
    let (operation, version) = (pending.operation(), pending.version());
    read(pending.await, operation, version)
}

/// Sends a call that no binding makes, and reads the page that it answers.
pub(crate) async fn fetch_call<P: PageDocument>(client: &Client, call: Call) -> Result<Fetched<P::Item>> {
    let (operation, version) = (call.operation, call.version);
    let Reply { status, headers, body } = client.send(call).await?;
    let answer = match atlas_backup_generated::decode::<P>(&body) {
        Ok(value) => Ok(Response::new(value, status, headers)),
        Err(source) => Err(BindingError::Decode { reply: Box::new(Reply { status, headers, body }), source }),
    };
    read(answer, operation, version)
}

fn read<P: PageDocument>(
    answer: Result<Response<P>, BindingError>,
    operation: &'static Operation,
    version: &'static Version,
) -> Result<Fetched<P::Item>> {
    let on = |error: Error| error.on(operation, Some(version));
    let (items, total_count, links, meta) = match answer {
        Ok(answer) => {
            let (items, total_count, links) = answer.value.into_parts();
            (items.into_iter().map(Ok).collect(), total_count, links, Meta::new(answer.status, answer.headers))
        }
        // Something on the page doesn't fit: find out what, and keep the rest.
        Err(BindingError::Decode { reply, source }) => match Loose::read(&reply) {
            Some(loose) => {
                let items = loose.results.iter().map(|raw| item(raw).map_err(on)).collect();
                (items, loose.total_count(), loose.links(), Meta::new(reply.status, reply.headers))
            }
            None => return Err(binding_error(BindingError::Decode { reply, source }, operation, version)),
        },
        Err(error) => return Err(binding_error(error, operation, version)),
    };
    let has_next = links.into_iter().flatten().any(|link| link.rel.as_deref() == Some("next"));
    Ok(Fetched { items, total_count, has_next, paged: operation.paged, meta })
}

/// A page of which only the list of items is certain.
struct Loose<'a> {
    results: Vec<&'a RawValue>,
    rest: HashMap<String, &'a RawValue>,
}

impl<'a> Loose<'a> {
    fn read(reply: &'a Reply) -> Option<Self> {
        let mut rest: HashMap<String, &RawValue> = serde_json::from_slice(&reply.body).ok()?;
        let results = serde_json::from_str(rest.remove("results")?.get()).ok()?;
        Some(Loose { results, rest })
    }

    fn total_count(&self) -> Option<i64> {
        serde_json::from_str(self.rest.get("totalCount")?.get()).ok()
    }

    fn links(&self) -> Option<Vec<Link>> {
        serde_json::from_str(self.rest.get("links")?.get()).ok()
    }
}

fn item<T: DeserializeOwned>(raw: &RawValue) -> Result<T> {
    atlas_backup_generated::decode(raw.get().as_bytes()).map_err(|source| {
        let message = format!("an item of the page is not what was promised: {source}");
        let item = serde_json::from_str(raw.get()).unwrap_or_default();
        Error::new(ErrorKind::Decode, message).because(source).with_item(item)
    })
}

/// A list that has not been asked for yet: set how, then take [`pages`](Self::pages), [`items`](Self::items) or
/// [`all`](Self::all).
#[must_use = "a list asks for nothing until its pages or items are taken"]
pub struct List<E: FromDocument> {
    fetch: Fetch<E::Document>,
    query: PageQuery,
}

impl<E: FromDocument> List<E> {
    pub(crate) fn new<F, Fut>(fetch: F) -> Self
    where
        F: Fn(PageQuery) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Fetched<E::Document>>> + Send + 'static,
    {
        List { fetch: Arc::new(move |query| Box::pin(fetch(query))), query: PageQuery::default() }
    }

    /// How many items a page has: 1 to 500, and 100 unless said otherwise.
    pub fn items_per_page(mut self, items: u16) -> Self {
        self.query.items_per_page = Some(i64::from(items));
        self
    }

    /// Whether the service counts all items, which it does unless told not to. Counting takes time on long lists.
    pub fn include_count(mut self, on: bool) -> Self {
        self.query.include_count = Some(on);
        self
    }

    /// The page to begin with, counted from 1.
    pub fn starting_at(mut self, page: u32) -> Self {
        self.query.page_num = Some(i64::from(page));
        self
    }

    /// One page by its number, counted from 1.
    ///
    /// # Errors
    /// As every call; an item that can't be decoded is an error in its place on the page.
    pub async fn page(self, number: u32) -> Result<Page<E>> {
        let mut pages = self.starting_at(number).pages();
        // A stream of pages has one page at least.
        pages.next().await.unwrap_or_else(|| Err(Error::new(ErrorKind::Decode, "there is no page")))
    }

    /// The pages, one after the other.
    pub fn pages(self) -> Pages<E> {
        Pages { next: Some(self.query.page_num.unwrap_or(1)), fetch: self.fetch, query: self.query, fetching: None }
    }

    /// The items of all pages, one after the other.
    pub fn items(self) -> Items<E> {
        Items { pages: self.pages(), current: Vec::new().into_iter() }
    }

    /// All items of all pages.
    ///
    /// # Errors
    /// As every call, and at the first item that can't be decoded; to keep the others take [`items`](Self::items).
    pub async fn all(self) -> Result<Vec<E>> {
        let (mut items, mut all) = (self.items(), Vec::new());
        while let Some(item) = items.try_next().await? {
            all.push(item);
        }
        Ok(all)
    }
}

impl<E: FromDocument> Clone for List<E> {
    fn clone(&self) -> Self {
        List { fetch: self.fetch.clone(), query: self.query }
    }
}

impl<E: FromDocument> fmt::Debug for List<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").field("query", &self.query).finish_non_exhaustive()
    }
}

/// One page of a list.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page<E> {
    /// Its number, counted from 1.
    pub number: u32,
    /// Its items in order; an item that can't be decoded is an error that holds it as JSON.
    pub items: Vec<Result<E>>,
    /// How many items all pages have together, where the service counted them.
    pub total_count: Option<u64>,
    /// What came beside the page.
    pub meta: Arc<Meta>,
}

/// The stream of a list's pages. It ends after an error.
///
/// Dropping it, or a future of [`next`](Self::next), at any time loses nothing but what was under way.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<E: FromDocument> {
    fetch: Fetch<E::Document>,
    query: PageQuery,
    /// The number of the page to ask for, `None` after the last one.
    next: Option<i64>,
    fetching: Option<Fetching<E::Document>>,
}

impl<E: FromDocument> Pages<E> {
    /// The next page, `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<Page<E>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn begin(&self, number: i64) -> Result<Fetching<E::Document>> {
        match self.query.items_per_page {
            Some(items) if !(1..=LARGEST_PAGE).contains(&items) => {
                Err(Error::new(ErrorKind::InvalidInput, format!("a page has 1 to {LARGEST_PAGE} items, not {items}")))
            }
            _ if number < 1 => Err(Error::new(ErrorKind::InvalidInput, "pages are counted from 1")),
            _ => Ok((self.fetch)(PageQuery { page_num: Some(number), ..self.query })),
        }
    }

    /// Whether the service has more after a page. With `includeCount=false` a full page was seen to come without its
    /// link to the next one, so a full page means that there may be more.
    fn has_more(&self, fetched: &Fetched<E::Document>) -> bool {
        let held = i64::try_from(fetched.items.len()).unwrap_or(i64::MAX);
        let full = held >= self.query.items_per_page.unwrap_or(DEFAULT_PAGE);
        fetched.paged && held > 0 && (fetched.has_next || (full && self.query.include_count == Some(false)))
    }
}

impl<E: FromDocument> Stream for Pages<E> {
    type Item = Result<Page<E>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(number) = self.next else { return Poll::Ready(None) };
        let mut fetching = match self.fetching.take() {
            Some(fetching) => fetching,
            None => match self.begin(number) {
                Ok(fetching) => fetching,
                Err(error) => {
                    self.next = None;
                    return Poll::Ready(Some(Err(error)));
                }
            },
        };
        let Poll::Ready(outcome) = fetching.as_mut().poll(context) else {
            self.fetching = Some(fetching);
            return Poll::Pending;
        };
        self.next = None;
        let fetched = match outcome {
            Ok(fetched) => fetched,
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        if self.has_more(&fetched) {
            self.next = Some(number + 1);
        }
        // Not counting is answered with a count of 0.
        let counted = self.query.include_count != Some(false);
        let meta = Arc::new(fetched.meta);
        let read = |item: Result<E::Document>| E::from_document(item?, &meta);
        Poll::Ready(Some(Ok(Page {
            number: u32::try_from(number).unwrap_or(u32::MAX),
            items: fetched.items.into_iter().map(read).collect(),
            total_count: fetched.total_count.filter(|_| counted).and_then(|count| u64::try_from(count).ok()),
            meta,
        })))
    }
}

impl<E: FromDocument> fmt::Debug for Pages<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("query", &self.query).field("next", &self.next).finish_non_exhaustive()
    }
}

/// The stream of a list's items over all its pages.
///
/// An item that can't be decoded is an error after which the stream goes on; it ends after any other error.
#[must_use = "streams do nothing unless polled"]
pub struct Items<E: FromDocument> {
    pages: Pages<E>,
    current: vec::IntoIter<Result<E>>,
}

impl<E: FromDocument> Items<E> {
    /// The next item, `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<E>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next item, `None` after the last one.
    ///
    /// # Errors
    /// The item's or the page's own.
    pub async fn try_next(&mut self) -> Result<Option<E>> {
        self.next().await.transpose()
    }
}

impl<E: FromDocument> Stream for Items<E> {
    type Item = Result<E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.current.next() {
                return Poll::Ready(Some(item));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.current = page.items.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

// Neither is ever pinned to its place: what is being fetched is boxed.
impl<E: FromDocument> Unpin for Pages<E> {}
impl<E: FromDocument> Unpin for Items<E> {}

impl<E: FromDocument> fmt::Debug for Items<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
