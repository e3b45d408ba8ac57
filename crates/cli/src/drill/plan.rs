//! The plan of a drill, made before any change: the snapshot, the target, and the checks that reject a target.
//!
//! A drill never restores over the source. It restores over an existing cluster only if the user named it, it looks
//! unused, and the user confirmed its name. All rejections happen here, while there is nothing to tear down.

use std::{path::PathBuf, time::Duration};

use atlas_backup::{AnyClusterHandle, ClusterKind, ErrorKind, Project, ProjectDocument};

use crate::{
    context::{planned_step::PlannedStep, session::Session},
    drill::{
        login::PlannedLogin,
        options::DrillOptions,
        record::{ChosenSnapshot, Source},
        scratch::{NewScratchCluster, ScratchCluster},
        snapshot::choose,
    },
    ui::{
        exit::{Failure, Outcome},
        messages,
    },
};

/// A drill that passed all checks.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) drill_id: String,
    pub(super) cluster: AnyClusterHandle,
    pub(super) kind: ClusterKind,
    pub(super) snapshot: ChosenSnapshot,
    pub(super) into: Destination,
    /// Age of the data at the time of planning.
    pub(super) age: Option<Duration>,
    /// The project of the source, if it could be read.
    pub(super) project: Option<ProjectDocument>,
    /// Name of the project of the target cluster.
    pub(super) target_project: Option<String>,
    /// The login for the verify command.
    pub(super) login: Option<PlannedLogin>,
}

/// The destination of the data.
#[derive(Debug)]
pub(super) enum Destination {
    /// A cluster that the drill creates.
    Created { target: ScratchCluster, new_cluster: NewScratchCluster },
    /// An existing cluster, whose data is overwritten.
    Existing { target: ScratchCluster },
    /// A local folder.
    Folder { within: PathBuf },
}

impl Destination {
    pub(super) fn target(&self) -> Option<&ScratchCluster> {
        match self {
            Destination::Created { target, .. } | Destination::Existing { target } => Some(target),
            Destination::Folder { .. } => None,
        }
    }
}

impl Plan {
    /// Plans the drill.
    ///
    /// # Errors
    /// There is nothing to restore, or the target is not suitable.
    pub(super) async fn new(command: &DrillOptions, session: &Session) -> Outcome<Self> {
        let cluster = command.cluster.clone().find(session)?.of_any_kind();
        let kind = cluster.kind().await?;
        let now = session.now();
        let drill_id = format!("{}-{:08x}", now.format("%Y%m%dT%H%M%SZ"), u32::from_ne_bytes(random()?));
        let login = PlannedLogin::new(command, &drill_id, session)?;
        let snapshot = choose(command, &cluster).await?;
        let into = match command.download {
            true => Destination::Folder { within: command.folder.clone().unwrap_or_else(std::env::temp_dir) },
            false => target(command, &cluster, kind, &drill_id, session).await?,
        };
        if kind == ClusterKind::Flex && !command.download && command.expected.is_given() {
            return Err(Failure::usage(
                "cannot check the contents of a flex snapshot: the service does not list them",
                "use `--download`, which reads the archive, or `--verify-command`",
            ));
        }
        let age = snapshot.completed_at.and_then(|at| (now - at).to_std().ok());
        let project = described(cluster.project()).await;
        let name = |project: &Option<ProjectDocument>| project.as_ref().and_then(|project| project.name.clone());
        let target_project = match into.target().map(ScratchCluster::project) {
            Some(id) if id != cluster.project().id().as_str() => name(&described(&session.client().project(id)?).await),
            Some(_) => name(&project),
            None => None,
        };
        Ok(Plan { drill_id, cluster, kind, snapshot, into, age, project, target_project, login })
    }

    pub(super) fn source(&self) -> Source {
        let project = self.project.as_ref();
        Source {
            organization_id: project.and_then(|project| project.org_id.as_ref()).map(ToString::to_string),
            project_id: self.cluster.project().id().to_string(),
            project: project.and_then(|project| project.name.clone()),
            cluster: self.cluster.name().to_string(),
            kind: match self.kind {
                ClusterKind::Sharded => "sharded",
                ClusterKind::Flex => "flex",
                _ => "replicaSet",
            },
        }
    }

    /// The planned steps.
    pub(super) fn steps(&self, command: &DrillOptions) -> Vec<PlannedStep> {
        let (source, id) = (self.cluster.name(), &self.snapshot.id);
        let mut steps = Vec::new();
        let mut step = |step, what: String| steps.push(PlannedStep { step, what });
        match &self.into {
            Destination::Folder { within } => {
                step("prepare", format!("prepares snapshot {id} of {source} for download"));
                step("fetch", format!("downloads it into a new folder in {}", within.display()));
                step("unpack", "extracts it and reads every document".to_owned());
            }
            Destination::Created { target, new_cluster } => {
                let (project, like) = (target.project(), new_cluster.description());
                let name = target.name();
                step("create", format!("creates billable cluster {name} in project {project} ({like})"));
                step("restore", format!("restores snapshot {id} of {source} into it"));
                step("ready", "waits until it is idle".to_owned());
            }
            Destination::Existing { target } => {
                let (name, project) = (target.name(), target.project());
                let what = format!(
                    "restores snapshot {id} of {source} into {name} of project {project} and overwrites its data"
                );
                step("restore", what);
                step("ready", format!("waits until {name} is idle"));
            }
        }
        if let Some(PlannedLogin { user, address }) = &self.login {
            step("login", format!("creates database user {user}, which may read it, and lets {address} connect"));
        }
        for what in command.expected.descriptions() {
            step("verify", what);
        }
        if let Some(program) = command.verify_command.as_deref().map(super::program::name) {
            step("verify", format!("runs {program}, which must exit with 0"));
        }
        if self.login.is_some() {
            step("logout", "removes the database user and the access of the address".to_owned());
        }
        match (&self.into, command.keep) {
            (Destination::Created { target, .. }, false) => step("teardown", format!("deletes {}", target.name())),
            (Destination::Folder { .. }, false) => step("teardown", "deletes the folder".to_owned()),
            _ => {}
        }
        steps
    }
}

pub(super) fn random<const N: usize>() -> Outcome<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|source| Failure::local("cannot get random bytes from the system", source))?;
    Ok(bytes)
}

/// The cluster to restore into, if it is suitable.
async fn target(
    command: &DrillOptions,
    source: &AnyClusterHandle,
    kind: ClusterKind,
    drill: &str,
    session: &Session,
) -> Outcome<Destination> {
    let created = || format!("drill-{}", drill.rsplit('-').next().unwrap_or(drill));
    let name = match (&command.target, command.create) {
        (Some(name), _) => name.clone(),
        (None, true) => created(),
        (None, false) => {
            return Err(Failure::usage(
                "missing restore target",
                "pass a scratch cluster with `--target`, create one with `--create`, or use `--download`",
            ));
        }
    };
    let project = match &command.target_project {
        Some(project) => session.find_project(project).await?,
        None => source.project().id().to_string(),
    };
    let project = session.client().project(project.as_str())?;
    let target = ScratchCluster::new(&project, &name, kind)?;
    if target.name() == source.name().as_str() && target.project() == source.project().id().as_str() {
        return Err(Failure::usage(
            format!("cannot restore into {name}: it is the source cluster"),
            "pass another `--target`",
        ));
    }
    let refuse =
        |why: String, hint: &'static str| Err(Failure::usage(format!("cannot use {name} as target: {why}"), hint));
    let current = target.get().await;
    if command.create {
        return match current {
            Err(error) if error.kind() == ErrorKind::NotFound && !is_project(&error) => {
                let tier = command.tier.as_deref();
                let new_cluster = match kind {
                    ClusterKind::Flex => NewScratchCluster::from_flex(&source.flex().get().await?, &name, drill)?,
                    _ => NewScratchCluster::from_dedicated(&source.dedicated().get().await?, &name, tier, drill)?,
                };
                Ok(Destination::Created { target, new_cluster })
            }
            Err(error) if error.kind() != ErrorKind::BadRequest => Err(error.into()),
            _ => refuse(
                "a cluster of that name already exists".to_owned(),
                "omit `--create`, or pass another name with `--target`",
            ),
        };
    }
    let current = match current {
        Ok(current) if current.0.kind().is_dedicated() == kind.is_dedicated() => current,
        Err(error) if error.kind() != ErrorKind::BadRequest => return Err(error.into()),
        _ => {
            let family = if kind.is_dedicated() { "dedicated" } else { "flex" };
            return refuse(format!("it is not a {family} cluster like the source"), "pass another `--target`");
        }
    };
    if current.0.termination_protection_enabled() == Some(true) {
        return refuse(
            "termination protection is on, so it may be in use".to_owned(),
            "pass a scratch cluster, or turn termination protection off",
        );
    }
    if !current.is_idle() {
        return refuse(
            format!("its state is {}", current.0.state_word().unwrap_or("unknown")),
            "wait until it is IDLE, or pass another `--target`",
        );
    }
    if current.0.kind() != kind {
        return refuse(
            "its kind differs from the source".to_owned(),
            "restore a sharded cluster into a sharded cluster",
        );
    }
    Ok(Destination::Existing { target })
}

/// The document of a project, for names in the record. The drill does not fail if it cannot be read.
async fn described(project: &Project) -> Option<ProjectDocument> {
    project
        .get()
        .await
        .inspect_err(|error| messages::note(format_args!("cannot read the project's name: {error}")))
        .ok()
}

fn is_project(error: &atlas_backup::Error) -> bool {
    error.code() == Some(&atlas_backup::ErrorCode::GroupNotFound)
}
