//! An audit of a fleet, as a stream of what each cluster came to.

use std::{collections::HashSet, future::ready};

use chrono::DateTime;
use futures_util::{Stream, StreamExt, stream};

use crate::{
    audit::{
        demands::Standard,
        facts::{Facts, Heard},
        finding::Audited,
        gather::{self, Gathered},
        rules,
    },
    context::{fleet::Scope, session::Session},
    ui::exit::Outcome,
};

/// Reads a fleet and holds the rules against it. `seen` is shown the facts of each cluster.
///
/// # Errors
/// The projects could not be listed; so may the stream's items be.
pub(crate) async fn audited<'a>(
    session: &'a Session,
    scope: &Scope,
    standard: &'a Standard,
    mut seen: impl FnMut(&Facts) + 'a,
) -> Outcome<impl Stream<Item = Outcome<Audited>> + 'a> {
    let mut first = Audited::default();
    let policies = gather::policies(scope.fleet(session)?, |project, why| {
        first.findings.push(rules::missed(project, None, &why, &standard.context()));
    });
    let policies = policies.await?;
    let (mut projects, mut missed) = (HashSet::new(), policies.missed.clone());
    let fleet = scope.fleet(session)?;
    let clusters = gather::clusters(session.client(), fleet, scope.concurrency(), standard.now);
    let judged = clusters.filter_map(move |next| {
        let context = standard.context();
        ready(match next {
            Ok(Gathered::Cluster(facts)) => {
                seen(&facts);
                let compliance = policies.of.get(&facts.project);
                let mut findings = rules::of_cluster(&facts, compliance, &context);
                if projects.insert(facts.project.clone()) && !policies.missed.contains(&facts.project) {
                    findings.extend(rules::of_project(&facts.project, compliance, &context));
                }
                let last = facts.completed().last().map(DateTime::timestamp);
                Some(Ok(Audited { cluster: Some((facts.project, facts.cluster, last)), findings }))
            }
            // A project that refuses once refuses twice; it is told once.
            Ok(Gathered::Missed { project, cluster: None, .. }) if !missed.insert(project.clone()) => None,
            Ok(Gathered::Missed { project, cluster, why }) => {
                let finding = rules::missed(&project, cluster.as_deref(), &why, &context);
                Some(Ok(Audited { cluster: None, findings: vec![finding] }))
            }
            Err(failure) => Some(Err(failure)),
        })
    });
    // What the service says of its versions is known when it has answered everything.
    let last = stream::once(async move {
        let findings = rules::of_fleet(&Heard::by(session.client()), &standard.context());
        Ok(Audited { cluster: None, findings })
    });
    Ok(stream::iter([Ok(first)]).chain(judged).chain(last))
}
