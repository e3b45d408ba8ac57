//! How values are written to the query.

use chrono::{DateTime, SecondsFormat, Utc};

/// The optional arguments of an operation.
pub trait Query {
    /// Adds a pair for each value that is set.
    fn push(&self, pairs: &mut Vec<(&'static str, String)>);
}

/// The optional arguments of an operation that returns a page.
pub trait PageQuery: Query + Default {
    /// The arguments for one page. `None` leaves a value to the service. An operation that never counts its items
    /// ignores `include_count`.
    fn page(page_num: Option<i64>, items_per_page: Option<i64>, include_count: Option<bool>) -> Self;
}

/// A value of a query parameter.
pub trait QueryValue {
    /// Adds the pairs of the value. An absent value has none, a list has one per item.
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>);
}

impl<T: QueryValue> QueryValue for Option<T> {
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
        if let Some(value) = self {
            value.push(name, query);
        }
    }
}

impl<T: QueryValue> QueryValue for [T] {
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
        self.iter().for_each(|value| value.push(name, query));
    }
}

impl<T: QueryValue> QueryValue for Vec<T> {
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
        self.as_slice().push(name, query);
    }
}

impl<T: QueryValue + ?Sized> QueryValue for &T {
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
        (**self).push(name, query);
    }
}

impl QueryValue for DateTime<Utc> {
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
        query.push((name, self.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
    }
}

macro_rules! displayed {
    ($($ty:ty),*) => {$(
        impl QueryValue for $ty {
            fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
                query.push((name, self.to_string()));
            }
        }
    )*};
}

displayed!(bool, i64, f64, str, String);
