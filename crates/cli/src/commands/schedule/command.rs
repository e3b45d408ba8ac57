//! The subcommands of `schedule`.

use atlas_backup::ScheduleDocument;
use clap::Subcommand;

use super::set::Set;

use crate::{
    context::{confirmation::Confirmation, policy_items, session::Session, targets::ClusterArg},
    ui::{
        exit::Outcome,
        output::columns::{Cell, Column, Document},
    },
};

/// Subcommands of `schedule`.
#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Show the snapshot schedule of a cluster.
    #[command(visible_alias = "describe")]
    Get(ClusterArg),
    /// Change the snapshot schedule of a cluster; sends only changed fields.
    #[command(visible_alias = "update", alias = "updates")]
    Set(Box<Set>),
    /// Delete all items of the schedule; Atlas then takes no scheduled snapshots.
    #[command(visible_alias = "rm")]
    Delete {
        #[command(flatten)]
        cluster: ClusterArg,
        #[command(flatten)]
        confirmation: Confirmation,
    },
}

pub(crate) async fn run(command: ScheduleCommand, session: &Session) -> Outcome {
    let document = match command {
        ScheduleCommand::Get(cluster) => cluster.find(session)?.schedule().get().await?,
        ScheduleCommand::Set(set) => set.run(session).await?,
        ScheduleCommand::Delete { cluster, confirmation } => {
            let cluster = cluster.find(session)?;
            let items = policy_items::describe_schedule(&cluster.schedule().get().await?).unwrap_or_default();
            let action = format!(
                "Delete the snapshot schedule of {} ({}); Atlas then takes no scheduled snapshots, and existing ones \
                 keep their expiry",
                cluster.name(),
                if items.is_empty() { "no items".to_owned() } else { items.join("; ") },
            );
            confirmation.ask(&action, cluster.name().as_str(), session).await?;
            cluster.schedule().delete().await?
        }
    };
    session.printer().one(&document).await
}

impl Document for ScheduleDocument {
    const PLURAL: &'static str = "schedules";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("CLUSTER", |schedule, _| Cell::text(schedule.cluster_name.as_ref())),
        Column::new("NEXT SNAPSHOT", |schedule, now| Cell::time(schedule.next_snapshot, now)),
        Column::new("SNAPSHOTS", |schedule, _| Cell::lines(policy_items::describe_schedule(schedule))),
        Column::new("AT (UTC)", |schedule, _| {
            let time = schedule.reference_hour_of_day.zip(schedule.reference_minute_of_hour);
            Cell::text(time.map(|(hour, minute)| format!("{hour:02}:{minute:02}")))
        }),
        Column::new("POINT IN TIME", |schedule, _| {
            Cell::text(schedule.restore_window_days.map(|days| format!("{days} days back")))
        }),
        Column::detail("AUTO EXPORT", |schedule, _| Cell::yes_no(schedule.auto_export_enabled)),
        Column::detail("EXPORT BUCKET", |schedule, _| {
            Cell::text(schedule.export.as_ref().and_then(|export| export.export_bucket_id.as_ref()))
        }),
        Column::detail("EXPORTED", |schedule, _| {
            Cell::text(schedule.export.as_ref().and_then(|export| export.frequency_type.as_ref()))
        }),
        Column::detail("COPY REGIONS", |schedule, _| {
            let copies = schedule.copy_settings.iter().flatten();
            Cell::list(Some(copies.filter_map(|copy| copy.region_name.as_ref())))
        }),
    ];
}
