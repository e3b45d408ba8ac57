//! Pages of a list.
//!
//! Links match the service: `self` always, `previous` and `next` where such a page exists. Without a count the service
//! does not look ahead: `totalCount` is 0, and even a full page has no `next`.

use serde_json::{Value, json};

use crate::{
    api::call::{ApiResponse, Call},
    openapi::query::Query,
};

/// The requested part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paging {
    number: u64,
    size: u64,
    count: bool,
}

impl Paging {
    /// Reads a validated query. Missing parameters get their defaults.
    pub(crate) fn of(query: &Query) -> Self {
        let number = |name, default| query.get(name).and_then(|v| v.parse().ok()).unwrap_or(default);
        let count = query.get("includeCount").is_none_or(|v| v.eq_ignore_ascii_case("true"));
        Self { number: number("pageNum", 1).max(1), size: number("itemsPerPage", 100).clamp(1, 500), count }
    }
}

/// The requested page of `rows`, each rendered by `view`.
pub(crate) fn page<T>(call: &Call<'_>, rows: &[T], view: impl Fn(&T) -> Value) -> ApiResponse {
    let Paging { number, size, count } = Paging::of(call.query);
    let total = rows.len() as u64;
    let first = (number - 1).saturating_mul(size);
    let shown = rows.iter().skip(usize::try_from(first).unwrap_or(usize::MAX)).take(size as usize);
    let results: Vec<Value> = shown.map(view).collect();
    let mut links = vec![link(call, "self", &format!("includeCount={count}&pageNum={number}&itemsPerPage={size}"))];
    let mut other = |rel, number| {
        links.push(link(call, rel, &format!("includeCount={count}&itemsPerPage={size}&pageNum={number}")));
    };
    if number > 1 {
        other("previous", number - 1);
    }
    if count && first.saturating_add(size) < total {
        other("next", number + 1);
    }
    ApiResponse::ok(json!({"links": links, "results": results, "totalCount": if count { total } else { 0 }}))
}

/// All of `rows`, for lists without paging.
pub(crate) fn all_on_one_page<T>(call: &Call<'_>, rows: &[T], view: impl Fn(&T) -> Value) -> ApiResponse {
    let results: Vec<Value> = rows.iter().map(view).collect();
    ApiResponse::ok(json!({"links": [call.link("self", call.path)], "results": results, "totalCount": rows.len()}))
}

/// A link to another page of the same list. The other query parameters are kept.
fn link(call: &Call<'_>, rel: &str, page: &str) -> Value {
    let kept = call.query.pairs().filter(|(n, _)| !["includeCount", "pageNum", "itemsPerPage"].contains(n));
    let kept = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    let separator = if kept.is_empty() { "" } else { "&" };
    call.link(rel, &format!("{}?{page}{separator}{kept}", call.path))
}
