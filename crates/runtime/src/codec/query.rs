//! How values are written to the query.

use chrono::{DateTime, SecondsFormat, Utc};

/// A value of a query parameter.
pub trait QueryValue {
    /// Adds the value's pairs; an absent value has none, a list has one for each item.
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
