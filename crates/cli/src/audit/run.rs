//! An audit of a fleet, as a stream of what each cluster came to.

use std::{collections::HashSet, future::ready};

use chrono::DateTime;
use futures_util::{Stream, StreamExt, stream};

use crate::{
    audit::{
        backups::{ClusterBackups, VersionNotice},
        finding::Audited,
        gather::{self, Gathered},
        rules::judge,
        standard::Standard,
    },
    context::{fleet::Scope, session::Session},
    ui::exit::Outcome,
};

/// Reads a fleet and holds the rules against it. `seen` is shown the backups of each cluster.
///
/// # Errors
/// The projects could not be listed; so may the stream's items be.
pub(crate) async fn audited<'a>(
    session: &'a Session,
    scope: &Scope,
    standard: &'a Standard,
    mut seen: impl FnMut(&ClusterBackups) + 'a,
) -> Outcome<impl Stream<Item = Outcome<Audited>> + 'a> {
    let mut first = Audited::default();
    let policies = gather::policies(scope.fleet(session)?, |project, why| {
        first.findings.push(judge::missed(project, None, &why, standard));
    });
    let policies = policies.await?;
    let (mut projects, mut missed) = (HashSet::new(), policies.missed.clone());
    let fleet = scope.fleet(session)?;
    let clusters = gather::clusters(session.client(), fleet, scope.concurrency(), standard.now);
    let judged = clusters.filter_map(move |next| {
        ready(match next {
            Ok(Gathered::Cluster(backups)) => {
                seen(&backups);
                let compliance = policies.of.get(&backups.project);
                let mut findings = judge::of_cluster(&backups, compliance, standard);
                if projects.insert(backups.project.clone()) && !policies.missed.contains(&backups.project) {
                    findings.extend(judge::of_project(&backups.project, compliance, standard));
                }
                let last = backups.completed().last().map(DateTime::timestamp);
                Some(Ok(Audited { cluster: Some((backups.project, backups.cluster, last)), findings }))
            }
            // A project that refuses once refuses twice; it is told once.
            Ok(Gathered::Missed { project, cluster: None, .. }) if !missed.insert(project.clone()) => None,
            Ok(Gathered::Missed { project, cluster, why }) => {
                let finding = judge::missed(&project, cluster.as_deref(), &why, standard);
                Some(Ok(Audited { cluster: None, findings: vec![finding] }))
            }
            Err(failure) => Some(Err(failure)),
        })
    });
    // What the service says of its versions is known when it has answered everything.
    let last = stream::once(async move {
        let findings = judge::of_fleet(&VersionNotice::by(session.client()), standard);
        Ok(Audited { cluster: None, findings })
    });
    Ok(stream::iter([Ok(first)]).chain(judged).chain(last))
}
