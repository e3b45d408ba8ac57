//! `projects`: where clusters live. Mostly needed to find the id that `--project` wants.

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

/// What to do with projects.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectsCommand {
    /// Lists the projects that the credentials may see.
    #[command(visible_alias = "ls")]
    List(Listing),
    /// Shows one project, the one that `--project` or the environment names unless another id is given.
    #[command(visible_alias = "describe")]
    Get {
        /// The project's id.
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
