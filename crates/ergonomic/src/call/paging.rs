//! The pager: every list of this crate is a [`List`], for any operation.
//!
//! Pages are requested by number. Links in a response only show that there is a next page. They are never followed,
//! because some point to another API or host. An item that cannot be decoded is reported in its place, and the rest of
//! the page is kept.

use std::{
    fmt,
    future::Future,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    pin::Pin,
    sync::Arc,
};

use atlas_backup_runtime::{Call, Error as BindingError, Pending, Reply, Response, decode_at_most};
use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};
use tokio::sync::Semaphore;

use crate::{
    call::{
        binding::Origin,
        client::Client,
        page::{PageDocument, Parts, RawPage},
        pages::{Items, Page, Pages},
    },
    model::{
        entity::{FromDocument, value_of},
        error::{Error, Result, misfit},
        error_kind::ErrorKind,
        meta::Meta,
    },
};

/// Default number of items per page.
pub(crate) const DEFAULT_PAGE: i64 = 100;
/// Maximum number of items per page.
pub(crate) const LARGEST_PAGE: i64 = 500;

/// The page to request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PageQuery {
    pub(crate) include_count: Option<bool>,
    pub(crate) items_per_page: Option<i64>,
    pub(crate) page_num: Option<i64>,
}

impl PageQuery {
    /// The optional arguments of a binding that request this page.
    pub(crate) fn of<Q: atlas_backup_runtime::PageQuery>(self) -> Q {
        Q::page(self.page_num, self.items_per_page, self.include_count)
    }
}

/// A fetched page.
pub(crate) struct FetchedPage<E> {
    pub(super) items: Vec<Result<E>>,
    pub(super) total_count: Option<i64>,
    pub(super) has_next: bool,
    /// Fingerprint of the page: hash of its first item, its last item and the number of items.
    pub(super) fingerprint: u64,
    pub(super) meta: Arc<Meta>,
    /// The call that returned it.
    pub(super) origin: Origin,
}

impl<E> FetchedPage<E> {
    /// The same with items of another type.
    fn into<F: From<E>>(self) -> FetchedPage<F> {
        let FetchedPage { items, total_count, has_next, fingerprint, meta, origin } = self;
        let items = items.into_iter().map(|item| item.map(F::from)).collect();
        FetchedPage { items, total_count, has_next, fingerprint, meta, origin }
    }

    /// Refuses a page without items that should have some by its own count. `before` is the number of items that the pages
    /// before it hold. A list can become shorter while it is read; its count then says so.
    pub(super) fn require_items(self, number: i64, before: i64) -> Result<Self> {
        match self.total_count {
            Some(count) if self.items.is_empty() && count > before => {
                let page = if number == 1 { "the first page".to_owned() } else { format!("page {number}") };
                Err(self.error(format!("unexpected response: {page} has no items, though totalCount is {count}")))
            }
            _ => Ok(self),
        }
    }

    /// An error about what the page says.
    pub(super) fn error(&self, message: String) -> Error {
        self.origin.on(Error::new(ErrorKind::Decode, message))
    }

    /// The first item that could be read.
    pub(crate) fn first(&self) -> Option<&E> {
        self.items.iter().find_map(|item| item.as_ref().ok())
    }
}

pub(crate) type FetchFuture<E> = Pin<Box<dyn Future<Output = Result<FetchedPage<E>>> + Send>>;
type FetchPage<E> = Arc<dyn Fn(PageQuery) -> FetchFuture<E> + Send + Sync>;

/// Awaits a binding that returns a page.
pub(crate) async fn fetch<E, P>(mut pending: Pending<'_, P>) -> Result<FetchedPage<E>>
where
    E: FromDocument,
    P: PageDocument<Item = E::Document>,
{
    let answer = (&mut pending).await;
    read(answer, Origin::of(&pending), pending.most_items())
}

/// Sends a call without a binding, and decodes the page.
pub(crate) async fn fetch_call<E, P>(client: &Client, call: Call) -> Result<FetchedPage<E>>
where
    E: FromDocument,
    P: PageDocument<Item = E::Document>,
{
    let (origin, most_items) = (Origin::new(call.operation, call.version, call.path.clone()), call.most_items());
    let reply = client.send(call).await?;
    let answer = match decode_at_most::<P>(&reply.body, most_items) {
        Ok(value) => {
            let Reply { status, headers, extensions, .. } = reply;
            let mut answer = Response::new(value, status, headers);
            answer.extensions = extensions;
            Ok(answer)
        }
        Err(source) => Err(BindingError::Decode { reply: Box::new(reply), source }),
    };
    read(answer, origin, most_items)
}

fn read<E, P>(answer: Result<Response<P>, BindingError>, origin: Origin, most_items: usize) -> Result<FetchedPage<E>>
where
    E: FromDocument,
    P: PageDocument<Item = E::Document>,
{
    match answer {
        Ok(answer) => {
            let parts = answer.value.into_parts();
            let meta = Arc::new(Meta::new(answer.status, answer.headers, &answer.extensions));
            let fingerprint =
                fingerprint(parts.items.len(), [parts.items.first(), parts.items.last()].map(|end| end.map(value_of)));
            let read = |item| E::from_document(item, &meta).map_err(|error| origin.on(error));
            let items = parts.items.into_iter().map(read).collect();
            let (total_count, has_next) = (parts.total_count, parts.has_next);
            Ok(FetchedPage { items, total_count, has_next, fingerprint, meta, origin })
        }
        // An item doesn't fit: find out which, and keep the rest.
        Err(BindingError::Decode { reply, .. }) => match decode_at_most::<RawPage>(&reply.body, most_items) {
            Ok(page) => {
                let Parts { items, total_count, has_next } = page.into_parts();
                let meta = Arc::new(Meta::new(reply.status, reply.headers, &reply.extensions));
                let ends = [items.first(), items.last()];
                let fingerprint = fingerprint(
                    items.len(),
                    ends.map(|end| Some(serde_json::from_str(end?.get()).unwrap_or_default())),
                );
                let read = |raw: &RawValue| E::from_document(item(raw, &meta)?, &meta);
                let items = items.iter().map(|raw| read(raw).map_err(|error| origin.on(error))).collect();
                Ok(FetchedPage { items, total_count, has_next, fingerprint, meta, origin })
            }
            Err(source) => Err(origin.failed(BindingError::Decode { reply, source })),
        },
        Err(error) => Err(origin.failed(error)),
    }
}

/// The fingerprint of a page: number of items, first and last item.
fn fingerprint(items: usize, ends: [Option<Value>; 2]) -> u64 {
    let mut hasher = DefaultHasher::new();
    items.hash(&mut hasher);
    ends.map(|end| end.map(|end| end.to_string())).hash(&mut hasher);
    hasher.finish()
}

fn item<T: DeserializeOwned>(raw: &RawValue, meta: &Meta) -> Result<T> {
    atlas_backup_runtime::decode(raw.get().as_bytes()).map_err(|source| {
        let secrets = &meta.delivery().secrets;
        let message = format!("unexpected item of the page: {}", misfit(&source, secrets));
        let item = serde_json::from_str(raw.get()).unwrap_or_default();
        Error::new(ErrorKind::Decode, message).because_of_json(source, secrets).with_item(item)
    })
}

/// Awaits a binding that returns all items on one page.
pub(crate) async fn fetch_all<E: FromDocument, P: PageDocument<Item = E::Document>>(
    pending: Pending<'_, P>,
) -> Result<Vec<E>> {
    fetch(pending).await?.require_items(1, 0)?.items.into_iter().collect()
}

/// A list that has not been requested yet. Set its options, then take [`pages`](Self::pages), [`items`](Self::items) or
/// [`all`](Self::all).
#[must_use = "a list sends nothing until its pages or items are taken"]
pub struct List<E> {
    pub(super) fetch: FetchPage<E>,
    pub(super) query: PageQuery,
    pub(super) limit: Option<usize>,
    pub(super) ahead: bool,
    pub(super) in_background: bool,
}

impl<E: Send + 'static> List<E> {
    pub(crate) fn new<F, Fut>(fetch: F) -> Self
    where
        F: Fn(PageQuery) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<FetchedPage<E>>> + Send + 'static,
    {
        List {
            fetch: Arc::new(move |query| Box::pin(fetch(query))),
            query: PageQuery::default(),
            limit: None,
            ahead: true,
            in_background: false,
        }
    }

    pub(crate) fn with_query(mut self, query: PageQuery) -> Self {
        self.query = query;
        self
    }

    /// The list of the pages that `ask` returns for `handle`, which may contain filters besides the client.
    pub(crate) fn over<H, P>(handle: &H, ask: for<'a> fn(&'a H, PageQuery) -> Pending<'a, P>) -> Self
    where
        E: FromDocument,
        H: Clone + Send + Sync + 'static,
        P: PageDocument<Item = E::Document>,
    {
        let handle = handle.clone();
        List::new(move |query| {
            let handle = handle.clone();
            async move { fetch(ask(&handle, query)).await }
        })
    }

    /// Number of items per page: 1 to 500. Default: 100.
    pub fn items_per_page(mut self, items: u16) -> Self {
        self.query.items_per_page = Some(i64::from(items));
        self
    }

    /// Whether the service counts all items. Default: true. Counting takes time for long lists.
    pub fn include_count(mut self, on: bool) -> Self {
        self.query.include_count = Some(on);
        self
    }

    /// Maximum number of items. Pages beyond it are not requested, and pages become as small as it allows unless
    /// [`items_per_page`](Self::items_per_page) is set.
    pub fn limit(mut self, items: usize) -> Self {
        self.limit = Some(items);
        self
    }

    /// Whether the next page is fetched while the caller works on the current one. Default: true.
    pub fn prefetch(mut self, on: bool) -> Self {
        self.ahead = on;
        self
    }

    /// The first page, counted from 1.
    pub fn starting_at(mut self, page: u32) -> Self {
        self.query.page_num = Some(i64::from(page));
        self
    }

    /// One page by its number, counted from 1.
    ///
    /// # Errors
    /// As every call. An item that cannot be decoded is an error in its place on the page.
    pub async fn page(self, number: u32) -> Result<Page<E>> {
        let mut pages = self.starting_at(number).prefetch(false).pages();
        // A stream of pages has one page at least.
        pages.next().await.unwrap_or_else(|| Err(Error::new(ErrorKind::Decode, "the list returned no page")))
    }

    /// Pages of maximum size, each fetched in the background while holding one of `permits`.
    pub(crate) fn with_permits(mut self, permits: Arc<Semaphore>) -> Self {
        let fetch = self.fetch;
        self.fetch = Arc::new(move |query| {
            let (permits, fetching) = (permits.clone(), fetch(query));
            Box::pin(async move {
                // The semaphore is never closed.
                let _permit = permits.acquire().await.ok();
                fetching.await
            })
        });
        (self.query.items_per_page, self.ahead, self.in_background) = (Some(LARGEST_PAGE), false, true);
        self
    }

    pub(super) fn fetch(&self, number: i64) -> FetchFuture<E> {
        (self.fetch)(PageQuery { page_num: Some(number), ..self.query })
    }

    /// One page as requested by `query`, with items converted to another type.
    pub(crate) async fn fetch_as<F: From<E>>(&self, query: PageQuery) -> Result<FetchedPage<F>> {
        (self.fetch)(query).await.map(FetchedPage::into)
    }

    /// The pages, one after the other.
    pub fn pages(self) -> Pages<E> {
        Pages::new(self)
    }

    /// The items of all pages, one after the other.
    pub fn items(self) -> Items<E> {
        Items::new(self.pages())
    }

    /// All items of all pages.
    ///
    /// # Errors
    /// As every call, and the first item that cannot be decoded. To keep the others use [`items`](Self::items).
    pub async fn all(self) -> Result<Vec<E>> {
        let (mut pages, mut all) = (self.pages(), Vec::new());
        while let Some(page) = pages.next().await {
            let items = page?.items.into_iter().collect::<Result<Vec<E>>>()?;
            if all.is_empty() { all = items } else { all.extend(items) }
        }
        Ok(all)
    }
}

impl<E> Clone for List<E> {
    fn clone(&self) -> Self {
        List {
            fetch: self.fetch.clone(),
            query: self.query,
            limit: self.limit,
            ahead: self.ahead,
            in_background: self.in_background,
        }
    }
}

impl<E> fmt::Debug for List<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").field("query", &self.query).field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
