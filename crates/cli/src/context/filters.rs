//! Filters of lists: by state, type and age. They apply before `--limit`, to the items as the service sends them.

use std::{future::ready, time::Duration};

use atlas_backup::{AnyRestore, AnySnapshot, Export, HasState};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use futures_util::{Stream, StreamExt};

use super::{
    global::Listing,
    session::Session,
    targets::{ClusterArg, time},
    wait::duration,
};

/// Filters by state and age.
#[derive(Debug, Clone, Args)]
pub(crate) struct Filters {
    /// List only items in this state, such as completed or failed; repeatable.
    #[arg(long, value_name = "STATUS")]
    status: Vec<String>,
    /// List only items created at or after this time, such as 2026-01-31T12:00:00Z or '2d ago'.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<DateTime<Utc>>,
    /// List only items created longer ago than this, such as 30d.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    older_than: Option<Duration>,
}

/// Filters by type, state and age.
#[derive(Debug, Clone, Args)]
pub(crate) struct TypedFilters {
    /// List only items of this type, such as scheduled, onDemand, automated or download; repeatable.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    #[command(flatten)]
    filters: Filters,
}

/// A cluster, filters and a limit.
#[derive(Debug, Clone, Args)]
pub(crate) struct FilteredListArgs<F: Args> {
    #[command(flatten)]
    pub(crate) cluster: ClusterArg,
    #[command(flatten)]
    pub(crate) filters: F,
    #[command(flatten)]
    pub(crate) listing: Listing,
}

/// The facts of an item that filters compare.
pub(crate) trait Filterable {
    fn state(&self) -> Option<&str>;
    fn type_name(&self) -> Option<&str>;
    fn created(&self) -> Option<DateTime<Utc>>;
}

impl Filterable for AnySnapshot {
    fn state(&self) -> Option<&str> {
        self.state_word()
    }

    fn type_name(&self) -> Option<&str> {
        self.snapshot_type()
    }

    fn created(&self) -> Option<DateTime<Utc>> {
        self.completed_at().or(self.started_at())
    }
}

impl Filterable for AnyRestore {
    fn state(&self) -> Option<&str> {
        self.state_word()
    }

    fn type_name(&self) -> Option<&str> {
        self.delivery_type()
    }

    fn created(&self) -> Option<DateTime<Utc>> {
        self.started_at()
    }
}

impl Filterable for Export {
    fn state(&self) -> Option<&str> {
        self.state_word()
    }

    fn type_name(&self) -> Option<&str> {
        None
    }

    fn created(&self) -> Option<DateTime<Utc>> {
        self.created_at
    }
}

impl Filters {
    fn accepts(&self, item: &impl Filterable, now: DateTime<Utc>) -> bool {
        let created = item.created();
        let is_older = |age: Duration| {
            let limit = TimeDelta::from_std(age).ok().and_then(|age| now.checked_sub_signed(age));
            created.zip(limit).is_some_and(|(created, limit)| created < limit)
        };
        is_any_of(&self.status, item.state())
            && self.since.is_none_or(|since| created.is_some_and(|created| created >= since))
            && self.older_than.is_none_or(is_older)
    }

    /// The items of a list that pass the filters. Errors pass.
    pub(crate) fn apply<T: Filterable, E>(
        self,
        items: impl Stream<Item = Result<T, E>>,
        session: &Session,
    ) -> impl Stream<Item = Result<T, E>> {
        TypedFilters { types: Vec::new(), filters: self }.apply(items, session)
    }
}

impl TypedFilters {
    /// The items of a list that pass the filters. Errors pass.
    pub(crate) fn apply<T: Filterable, E>(
        self,
        items: impl Stream<Item = Result<T, E>>,
        session: &Session,
    ) -> impl Stream<Item = Result<T, E>> {
        let now = session.now();
        items.filter(move |item| {
            ready(
                item.as_ref()
                    .map_or(true, |item| is_any_of(&self.types, item.type_name()) && self.filters.accepts(item, now)),
            )
        })
    }
}

/// Whether `value` is one of `names`, in any case, or there are no names.
fn is_any_of(names: &[String], value: Option<&str>) -> bool {
    names.is_empty() || value.is_some_and(|value| names.iter().any(|name| name.eq_ignore_ascii_case(value)))
}
