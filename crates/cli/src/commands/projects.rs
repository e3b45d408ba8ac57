//! `projects`: the projects of the credentials, mainly to find the ID for `--project`.

use atlas_backup::ProjectDocument;
use clap::Subcommand;
use futures_util::StreamExt;

use crate::{
    context::{completion_cache, global::Listing, session::Session},
    ui::{
        exit::Outcome,
        output::columns::{Cell, Column, Document},
    },
};

/// Subcommands of `projects`.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectsCommand {
    /// List the projects that the credentials can read.
    #[command(visible_alias = "ls")]
    List(Listing),
    /// Show a project: the given one, or the current project.
    #[command(visible_alias = "describe")]
    Get {
        /// Project ID [default: the current project].
        id: Option<String>,
    },
}

pub(crate) async fn run(command: ProjectsCommand, session: &Session) -> Outcome {
    match command {
        ProjectsCommand::List(listing) => {
            let mut seen = Vec::new();
            let projects = session.client().projects().list().items().inspect(|project| {
                if let Ok(project) = project {
                    seen.push((project.id.to_string(), project.name.clone().unwrap_or_default()));
                }
            });
            session.printer().list(projects, listing.limit).await?;
            if !session.uses_temporary_emulator() {
                completion_cache::remember_projects(seen);
            }
            Ok(())
        }
        ProjectsCommand::Get { id } => {
            let project = match id {
                Some(id) => session.client().project(id)?,
                None => session.project()?,
            };
            session.printer().one(&project.get().await?).await
        }
    }
}

impl Document for ProjectDocument {
    const PLURAL: &'static str = "projects";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |project, _| Cell::text(Some(&project.id))),
        Column::new("NAME", |project, _| Cell::text(project.name.as_ref())),
        Column::new("CLUSTERS", |project, _| Cell::text(project.cluster_count)),
        Column::new("CREATED", |project, now| Cell::time(project.created, now)),
        Column::new("ORGANIZATION", |project, _| Cell::text(project.org_id.as_ref())),
    ];
}
