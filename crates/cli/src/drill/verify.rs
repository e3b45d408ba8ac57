//! Verifies the restored data.
//!
//! The service lists the contents of a snapshot by name, an archive shows every document, and a program of the user can
//! check anything else. A mismatch is a failed check, not an error.

use std::{collections::BTreeSet, io, path::Path};

use secrecy::ExposeSecret as _;

use crate::{
    drill::{
        contents::Contents, context::Drill, login::Login, program, record::Method, scratch::ClusterStatus,
        summary::format_seconds,
    },
    ui::{
        exit::{Failure, Outcome},
        messages,
    },
};

/// Verifies data restored into a cluster.
pub(super) async fn cluster(drill: &Drill<'_>, current: &ClusterStatus, login: Option<&Login>) -> Outcome {
    drill.log.begin_step("verify");
    check_names(drill).await?;
    if let Some(command) = &drill.command.verify_command {
        let target = drill.plan.into.target();
        let (name, project) = target.map_or(("", ""), |target| (target.name(), target.project()));
        let address = current.0.connection_string().unwrap_or_default();
        let standard = current.0.standard_connection_string().unwrap_or_default();
        let place = [("CLUSTER", name), ("PROJECT", project)];
        match login {
            None => {
                let place = [place.as_slice(), &[("URI", address), ("STANDARD_URI", standard)]].concat();
                program::verify(drill, command, &place).await?;
            }
            Some(login) => {
                let (address, standard) = (login.uri(address), login.uri(standard));
                let login = [
                    ("URI", address.expose_secret()),
                    ("STANDARD_URI", standard.expose_secret()),
                    ("USER", login.user.as_str()),
                    ("PASSWORD", login.password.expose_secret()),
                ];
                program::verify(drill, command, &[place.as_slice(), &login].concat()).await?;
            }
        }
    }
    finish(drill);
    Ok(())
}

/// Verifies data extracted into `folder`.
pub(super) async fn archive(drill: &Drill<'_>, folder: &Path) -> Outcome {
    drill.log.begin_step("verify");
    let within = folder.to_owned();
    let read = drill.started.work.on_thread(move |cancelled| Ok(Contents::read(&within, &cancelled))).await;
    let read = read.and_then(|read| match read {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Err(error)),
        other => other.map(Ok),
    });
    let read = read.map_err(|source| Failure::local("cannot read the extracted data", source))?;
    let every = "every document can be read";
    match read {
        Err(broken) => drill.check(Method::Documents, every, broken.to_string(), false),
        Ok(contents) if contents.data_files && contents.collections().is_empty() => {
            messages::note(format_args!(
                "the archive holds MongoDB data files, which only a server can read; checked names only"
            ));
            check_names(drill).await?;
        }
        Ok(contents) => {
            let counted = contents.collections();
            let documents: u64 = counted.iter().map(|one| one.documents).sum();
            let (collections, some) = (counted.len(), !counted.is_empty());
            let found = format!("{documents} documents of {collections} collections");
            drill.check(Method::Documents, every, found, some);
            let databases: BTreeSet<&str> = counted.iter().map(|one| one.database.as_str()).collect();
            for name in &drill.command.expected.databases {
                check_present(drill, format!("database {name}"), databases.contains(name.as_str()));
            }
            for (database, name) in &drill.command.expected.collections {
                let found = counted.iter().any(|one| one.database == *database && one.collection == *name);
                check_present(drill, format!("collection {database}.{name}"), found);
            }
            drill.log.update(|evidence| evidence.collections = counted);
        }
    }
    if let Some(command) = &drill.command.verify_command {
        program::verify(drill, command, &[("FOLDER", &folder.display().to_string())]).await?;
    }
    finish(drill);
    Ok(())
}

/// Checks the expected names against the listed contents of the snapshot.
async fn check_names(drill: &Drill<'_>) -> Outcome {
    let expected = &drill.command.expected;
    if !expected.is_given() || !drill.plan.kind.is_dedicated() {
        return Ok(());
    }
    let databases = drill.plan.cluster.dedicated().snapshots().databases(drill.plan.snapshot.id.as_str())?;
    let listed = databases.list().all().await?;
    let has = |name: &str| listed.iter().any(|database| database.name.as_str() == name);
    for name in &expected.databases {
        check_present(drill, format!("database {name}"), has(name));
    }
    for (database, name) in &expected.collections {
        let collections = match has(database) {
            true => databases.collections(database.as_str())?.list().all().await?,
            false => Vec::new(),
        };
        let found = collections.iter().any(|collection| collection.name.as_str() == name);
        check_present(drill, format!("collection {database}.{name}"), found);
    }
    Ok(())
}

fn check_present(drill: &Drill<'_>, what: String, found: bool) {
    drill.check(
        Method::Names,
        format!("the snapshot has {what}"),
        if found { "it does" } else { "it does not" },
        found,
    );
}

fn finish(drill: &Drill<'_>) {
    let evidence = drill.log.snapshot();
    let failed: Vec<String> = evidence.failed_checks().map(|check| check.expected.clone()).collect();
    match failed.is_empty() {
        true => drill.finish_step("verify", Some(format!("{} checks", evidence.checks.len()))),
        false => {
            let took =
                drill.log.end_step(super::record::StepOutcome::Failed, Some(format!("failed: {}", failed.join("; "))));
            messages::note(format_args!("verify: failed after {}", format_seconds(Some(took.as_secs_f64()))));
        }
    }
}
