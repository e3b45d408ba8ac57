//! JUnit output: one suite per project, one case per cluster and rule. A warning or critical finding fails its case. An
//! info finding is the output of a passed case.

use std::{collections::BTreeMap, io};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use crate::audit::{
    finding::{AuditResult, Finding, Severity},
    rules::table::RULES,
};

/// Writes the document.
///
/// # Errors
/// Never: writing to memory does not fail.
pub(crate) fn document(audited: &[AuditResult]) -> io::Result<Vec<u8>> {
    let mut suites: BTreeMap<&str, BTreeMap<(&str, &str), Vec<&Finding>>> = BTreeMap::new();
    for one in audited {
        if let Some((project, cluster, _)) = &one.cluster {
            let cases = suites.entry(project).or_default();
            for rule in RULES.iter().filter(|rule| rule.is_of_clusters()) {
                cases.entry((cluster, rule.id)).or_default();
            }
        }
        for finding in &one.findings {
            let (project, cluster) = (finding.project.as_deref(), finding.cluster.as_deref());
            let cases = suites.entry(project.unwrap_or("fleet")).or_default();
            cases.entry((cluster.unwrap_or("-"), &finding.rule)).or_default().push(finding);
        }
    }
    let fails = |findings: &[&Finding]| findings.iter().any(|finding| finding.severity > Severity::Info);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element("testsuites").with_attribute(("name", "atlas-backup audit")).write_inner_content(
        |writer| {
            for (project, cases) in &suites {
                let failures = cases.values().filter(|findings| fails(findings)).count().to_string();
                let suite = writer.create_element("testsuite").with_attribute(("name", *project));
                let suite = suite.with_attribute(("tests", cases.len().to_string().as_str()));
                suite.with_attribute(("failures", failures.as_str())).write_inner_content(|writer| {
                    for ((cluster, rule), findings) in cases {
                        let case =
                            writer.create_element("testcase").with_attribute(("classname", clean(cluster).as_str()));
                        let case = case.with_attribute(("name", *rule));
                        let lines = findings.iter().map(|f| format!("{}\n{}", clean(&f.message), clean(&f.fix)));
                        let text = lines.collect::<Vec<_>>().join("\n");
                        match (findings.first(), fails(findings)) {
                            (None, _) => drop(case.write_empty()?),
                            (Some(_), false) => drop(case.write_inner_content(|writer| {
                                writer.create_element("system-out").write_text_content(BytesText::new(&text))?;
                                Ok(())
                            })?),
                            (Some(first), true) => drop(case.write_inner_content(|writer| {
                                let failure =
                                    writer.create_element("failure").with_attribute(("type", first.severity.as_str()));
                                let message = clean(&first.message);
                                failure
                                    .with_attribute(("message", message.as_str()))
                                    .write_text_content(BytesText::new(&text))?;
                                Ok(())
                            })?),
                        }
                    }
                    Ok(())
                })?;
            }
            Ok(())
        },
    )?;
    let mut text = writer.into_inner();
    text.push(b'\n');
    Ok(text)
}

/// XML cannot represent most control characters.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}
