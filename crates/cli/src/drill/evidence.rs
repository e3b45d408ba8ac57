//! Writes the record of a drill: JSON for programs and an HTML page for people, each atomically.

use std::{
    fs,
    path::{Path, PathBuf},
};

use askama::Template;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use crate::{
    drill::{
        record::{DrillOutcome, Evidence, Objective, Verification},
        summary::format_seconds,
    },
    ui::{
        atomic_file,
        exit::{Failure, Outcome},
        page::{self, Page},
    },
};

/// The record as a page.
#[derive(Debug, Template)]
#[template(path = "drill.html")]
struct DrillPage<'e> {
    page: Page,
    drill: &'e Evidence,
    tone: &'static str,
    recovery_time: (String, String),
    recovery_point: (String, String),
    passed: usize,
}

/// Formats of values on the page.
#[allow(unreachable_pub, reason = "the macro makes public types of them")]
mod filters {
    use super::{DateTime, Utc, format_seconds};

    #[askama::filter_fn]
    pub(super) fn time(at: &DateTime<Utc>, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(at.format("%-d %B %Y, %H:%M:%S UTC").to_string())
    }

    #[askama::filter_fn]
    pub(super) fn clock(at: &DateTime<Utc>, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(at.format("%H:%M:%S").to_string())
    }

    #[askama::filter_fn]
    pub(super) fn span(took: &Option<f64>, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(format_seconds(*took))
    }
}

/// Creates the folder of the record and checks that it is writable.
///
/// # Errors
/// The folder is not writable.
pub(super) fn prepare(folder: &Path) -> Outcome {
    let no_place = |source| Failure::local(format!("cannot write a record to {}", folder.display()), source);
    fs::create_dir_all(folder).map_err(no_place)?;
    tempfile::NamedTempFile::new_in(folder).map(drop).map_err(no_place)
}

/// States what was verified, and adds the digest, so that the record is complete.
///
/// # Errors
/// The record cannot be converted to JSON.
pub(super) fn seal(evidence: Evidence) -> Outcome<Evidence> {
    let verification = Verification::of(&evidence);
    let unsigned = Evidence { verification, digest: String::new(), ..evidence };
    let digest = Sha256::digest(json(&unsigned)?);
    Ok(Evidence { digest: digest.iter().map(|byte| format!("{byte:02x}")).collect(), ..unsigned })
}

/// The text of the JSON file.
fn json(evidence: &Evidence) -> Outcome<String> {
    let text = serde_json::to_string_pretty(evidence)
        .map_err(|source| Failure::local("cannot convert the record to JSON", source))?;
    Ok(text + "\n")
}

/// Writes both files. Returns their paths.
///
/// # Errors
/// A file cannot be written.
pub(super) fn write(evidence: &Evidence, folder: &Path) -> Outcome<[PathBuf; 2]> {
    let stem = format!("drill-{}-{}", evidence.source.cluster, evidence.drill_id);
    let [record, html] = ["json", "html"].map(|extension| folder.join(format!("{stem}.{extension}")));
    atomic_file::write(&record, json(evidence)?.as_bytes())?;
    page::save(&page_of(evidence), &html)?;
    Ok([record, html])
}

fn page_of(evidence: &Evidence) -> DrillPage<'_> {
    let title = format!("Restore drill of {}", evidence.source.cluster);
    DrillPage {
        page: Page::new(title, evidence.ended_at.unwrap_or(evidence.started_at)),
        drill: evidence,
        tone: match evidence.outcome {
            DrillOutcome::Passed => "good",
            DrillOutcome::ObjectiveMissed | DrillOutcome::Interrupted => "warn",
            _ => "bad",
        },
        recovery_time: objective(&evidence.recovery_time),
        recovery_point: objective(&evidence.recovery_point),
        passed: evidence.checks.iter().filter(|check| check.passed).count(),
    }
}

fn objective(objective: &Objective) -> (String, String) {
    let objective_text = format_seconds(objective.objective_seconds);
    let result = match (objective.objective_seconds, objective.met) {
        (None, _) => "no objective".to_owned(),
        (_, Some(true)) => format!("within {objective_text}"),
        (_, Some(false)) => format!("not within {objective_text}"),
        (_, None) => format!("not measured, objective {objective_text}"),
    };
    (format_seconds(objective.achieved_seconds), result)
}
