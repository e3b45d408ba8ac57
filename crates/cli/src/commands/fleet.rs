//! `fleet`: all clusters, snapshots, schedules or exports of all projects.
//!
//! Items that cannot be read are reported in place and the rest continues. The run then exits with 8. A large fleet can
//! be split by project; the lines of all parts together form one table.

use std::{cell, future::ready};

use atlas_backup::{AnyCluster, AnySnapshot, Export, FleetError, FleetItem, FleetStream, ScheduleDocument};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use futures_util::StreamExt;
use serde::Serialize;

use crate::{
    context::{fleet::Scope, global::Listing, policy_items, session::Session},
    ui::{
        exit::{Failure, Outcome},
        messages,
        output::columns::{Cell, Column, Document},
    },
};

/// Subcommands of `fleet`.
#[derive(Debug, Subcommand)]
pub(crate) enum FleetCommand {
    /// List all clusters: dedicated, flex and free.
    #[command(visible_alias = "cluster")]
    Clusters(FleetListArgs),
    /// List the snapshots of all clusters.
    #[command(visible_alias = "snapshot")]
    Snapshots(FleetListArgs),
    /// List the snapshot schedules of all clusters.
    #[command(visible_alias = "schedule")]
    Schedules(FleetListArgs),
    /// List the export jobs of all clusters.
    #[command(visible_alias = "export")]
    Exports(FleetListArgs),
}

/// Flags of the lists of `fleet`.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct FleetListArgs {
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    listing: Listing,
}

pub(crate) async fn run(command: FleetCommand, session: &Session) -> Outcome {
    let fleet = |extent: FleetListArgs| extent.scope.fleet(session);
    match command {
        FleetCommand::Clusters(extent) => print(fleet(extent)?.clusters(), extent.listing, session).await,
        FleetCommand::Snapshots(extent) => print(fleet(extent)?.snapshots(), extent.listing, session).await,
        FleetCommand::Schedules(extent) => print(fleet(extent)?.schedules(), extent.listing, session).await,
        FleetCommand::Exports(extent) => print(fleet(extent)?.exports(), extent.listing, session).await,
    }
}

async fn print<T>(stream: FleetStream<T>, listing: Listing, session: &Session) -> Outcome
where
    T: Serialize + Send + 'static,
    Row<T>: Document,
{
    let unreadable = cell::Cell::new(0_u64);
    let read_at = session.now();
    let rows = stream.filter_map(|next| ready(row(next, read_at, &unreadable)));
    session.printer().list(rows, listing.limit).await?;
    match unreadable.get() {
        0 => Ok(()),
        unreadable => Err(Failure::Partial { unreadable }),
    }
}

fn row<T>(
    next: Result<FleetItem<T>, FleetError>,
    read_at: DateTime<Utc>,
    unreadable: &cell::Cell<u64>,
) -> Option<Outcome<Row<T>>> {
    match next {
        Ok(FleetItem { project, cluster, item, .. }) => {
            let cluster = cluster.map(|name| name.to_string());
            Some(Ok(Row { project: project.to_string(), cluster, read_at, item }))
        }
        // A failed list of projects ends the run.
        Err(FleetError { project: None, error, .. }) => Some(Err(error.into())),
        Err(one) => {
            unreadable.set(unreadable.get() + 1);
            messages::note(format_args!("{one}"));
            None
        }
    }
}

/// An item with its project and cluster, and the start time of the run that read it.
#[derive(Debug, Serialize)]
pub(crate) struct Row<T> {
    project: String,
    cluster: Option<String>,
    #[serde(rename = "readAt")]
    read_at: DateTime<Utc>,
    #[serde(flatten)]
    item: T,
}

impl Document for Row<AnyCluster> {
    const PLURAL: &'static str = "clusters";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("PROJECT", |row, _| Cell::text(Some(&row.project))),
        Column::new("CLUSTER", |row, _| Cell::text(row.cluster.as_ref())),
        Column::new("STATE", |row, _| Cell::state(row.item.state_word())),
        Column::new("TYPE", |row, _| Cell::text(row.item.cluster_type())),
        Column::new("BACKUP", |row, _| Cell::yes_no(row.item.backup_enabled())),
        Column::new("POINT IN TIME", |row, _| Cell::yes_no(row.item.point_in_time_enabled())),
        Column::new("CREATED", |row, now| Cell::time(row.item.created_at(), now)),
        Column::detail("MONGODB", |row, _| Cell::text(row.item.mongodb_version())),
    ];
}

impl Document for Row<AnySnapshot> {
    const PLURAL: &'static str = "snapshots";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("PROJECT", |row, _| Cell::text(Some(&row.project))),
        Column::new("CLUSTER", |row, _| Cell::text(row.cluster.as_ref())),
        Column::new("ID", |row, _| Cell::text(Some(row.item.id()))),
        Column::new("STATUS", |row, _| Cell::state(row.item.state_word())),
        Column::new("CREATED", |row, now| Cell::time(row.item.completed_at(), now)),
        Column::new("EXPIRES", |row, now| Cell::time(row.item.expires_at(), now)),
        Column::new("SIZE", |row, _| Cell::bytes(row.item.size_bytes())),
        Column::detail("FREQUENCY", |row, _| Cell::text(row.item.frequency())),
    ];
}

impl Document for Row<ScheduleDocument> {
    const PLURAL: &'static str = "schedules";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("PROJECT", |row, _| Cell::text(Some(&row.project))),
        Column::new("CLUSTER", |row, _| Cell::text(row.cluster.as_ref())),
        Column::new("NEXT SNAPSHOT", |row, now| Cell::time(row.item.next_snapshot, now)),
        Column::new("POINT IN TIME", |row, _| {
            Cell::text(row.item.restore_window_days.map(|days| format!("{days} days back")))
        }),
        Column::new("SNAPSHOTS", |row, _| Cell::lines(policy_items::describe_schedule(&row.item))),
    ];
}

impl Document for Row<Export> {
    const PLURAL: &'static str = "exports";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("PROJECT", |row, _| Cell::text(Some(&row.project))),
        Column::new("CLUSTER", |row, _| Cell::text(row.cluster.as_ref())),
        Column::new("ID", |row, _| Cell::text(Some(&row.item.id))),
        Column::new("STATE", |row, _| Cell::state(row.item.state.as_ref())),
        Column::new("SNAPSHOT", |row, _| Cell::text(row.item.snapshot_id.as_ref())),
        Column::new("CREATED", |row, now| Cell::time(row.item.created_at, now)),
        Column::new("FINISHED", |row, now| Cell::time(row.item.finished_at, now)),
    ];
}
