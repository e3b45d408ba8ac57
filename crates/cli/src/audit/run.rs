//! Audits a fleet as a stream of results per cluster.

use std::{collections::HashSet, future::ready};

use chrono::DateTime;
use futures_util::{Stream, StreamExt, stream};

use crate::{
    audit::{
        backups::{ClusterBackups, VersionNotice},
        collect::{self, Collected},
        criteria::Criteria,
        finding::AuditResult,
        rules::evaluate,
    },
    context::{fleet::Scope, session::Session},
    ui::exit::Outcome,
};

/// Reads a fleet and evaluates the rules. `seen` is called with the backups of each cluster.
///
/// # Errors
/// The projects could not be listed; so may the stream's items be.
pub(crate) async fn audit_fleet<'a>(
    session: &'a Session,
    scope: &Scope,
    criteria: &'a Criteria,
    mut seen: impl FnMut(&ClusterBackups) + 'a,
) -> Outcome<impl Stream<Item = Outcome<AuditResult>> + 'a> {
    let mut first = AuditResult::default();
    let policies = collect::policies(scope.fleet(session)?, |project, why| {
        first.findings.push(evaluate::unreadable(project, None, &why, criteria));
    });
    let policies = policies.await?;
    let (mut projects, mut unreadable) = (HashSet::new(), policies.unreadable.clone());
    let fleet = scope.fleet(session)?;
    let clusters = collect::clusters(session.client(), fleet, scope.concurrency(), criteria.now);
    let evaluated = clusters.filter_map(move |next| {
        ready(match next {
            Ok(Collected::Cluster(backups)) => {
                seen(&backups);
                let compliance = policies.of.get(&backups.project);
                let mut findings = evaluate::cluster(&backups, compliance, criteria);
                if projects.insert(backups.project.clone()) && !policies.unreadable.contains(&backups.project) {
                    findings.extend(evaluate::project(&backups.project, compliance, criteria));
                }
                let last = backups.completed().last().map(DateTime::timestamp);
                Some(Ok(AuditResult { cluster: Some((backups.project, backups.cluster, last)), findings }))
            }
            // Report an unreadable project once, not per request.
            Ok(Collected::Unreadable { project, cluster: None, .. }) if !unreadable.insert(project.clone()) => None,
            Ok(Collected::Unreadable { project, cluster, why }) => {
                let finding = evaluate::unreadable(&project, cluster.as_deref(), &why, criteria);
                Some(Ok(AuditResult { cluster: None, findings: vec![finding] }))
            }
            Err(failure) => Some(Err(failure)),
        })
    });
    // Version notices are complete after the last response.
    let last = stream::once(async move {
        let findings = evaluate::fleet(&VersionNotice::by(session.client()), criteria);
        Ok(AuditResult { cluster: None, findings })
    });
    Ok(stream::iter([Ok(first)]).chain(evaluated).chain(last))
}
