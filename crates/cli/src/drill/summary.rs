//! The summary of a record that a drill prints.

use std::time::Duration;

use crate::{
    drill::record::{Evidence, Objective, Step, StepOutcome},
    ui::output::columns::{Cell, Column, Document},
};

/// Formats seconds, rounded by length.
pub(super) fn format_seconds(seconds: Option<f64>) -> String {
    match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        None => "-".to_owned(),
        Some(short) if short < Duration::from_millis(100) => format!("{}ms", short.as_millis()),
        Some(short) if short < Duration::from_secs(10) => format!("{:.1}s", short.as_secs_f64()),
        Some(long) => {
            let text = humantime::format_duration(Duration::from_secs(long.as_secs())).to_string();
            text.replace("days", "d").replace("day", "d")
        }
    }
}

impl Evidence {
    /// Descriptions of the missed objectives.
    pub(super) fn missed_objectives(&self) -> Vec<String> {
        let time = describe_miss(&self.recovery_time, "recovery took longer than allowed:", "recovery time");
        let point =
            describe_miss(&self.recovery_point, "the snapshot was older than allowed: age", "age of the snapshot");
        time.into_iter().chain(point).collect()
    }
}

/// Describes an objective that was not met, or whose value could not be measured: that proves nothing.
fn describe_miss(objective: &Objective, missed: &str, value: &str) -> Option<String> {
    let limit = format_seconds(Some(objective.objective_seconds?));
    match objective.met {
        Some(true) => None,
        Some(false) => Some(format!("{missed} {}, objective {limit}", format_seconds(objective.achieved_seconds))),
        None => Some(format!("the {value} could not be measured, objective {limit}")),
    }
}

impl Document for Evidence {
    const PLURAL: &'static str = "drills";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("OUTCOME", |drill, _| Cell::text(Some(drill.outcome.as_str()))),
        Column::new("SOURCE", |drill, _| Cell::text(Some(&drill.source.cluster))),
        Column::new("SNAPSHOT", |drill, _| Cell::text(Some(&drill.snapshot.id))),
        Column::new("RECOVERY TIME", |drill, _| Cell::text(Some(objective(&drill.recovery_time)))),
        Column::new("RECOVERY POINT", |drill, _| Cell::text(Some(objective(&drill.recovery_point)))),
        Column::new("TARGET", |drill, _| Cell::text(drill.target.as_ref().map(|target| &target.cluster))),
        Column::detail("CHECKS", |drill, _| {
            let failed = drill.failed_checks().count();
            Cell::text(Some(format!("{} passed, {failed} failed", drill.checks.len() - failed)))
        }),
        Column::detail("VERIFIED", |drill, _| Cell::text(Some(drill.verification.level.as_str()))),
        Column::detail("NOT VERIFIED", |drill, _| Cell::list(Some(&drill.verification.not_verified))),
        Column::detail("STEPS", |drill, _| {
            let describe = |step: &Step| match step.outcome {
                StepOutcome::Done => format!("{} {}", step.name, format_seconds(step.duration_seconds)),
                other => format!("{} {}", step.name, other.as_str()),
            };
            Cell::list(Some(drill.steps.iter().map(describe)))
        }),
        Column::detail("LEFT BEHIND", |drill, _| Cell::list(Some(drill.left.iter().map(|left| &left.what)))),
    ];
}

fn objective(objective: &Objective) -> String {
    let was = format_seconds(objective.achieved_seconds);
    match (objective.objective_seconds, objective.met) {
        (None, _) => was,
        (limit, Some(true)) => format!("{was}, within {}", format_seconds(limit)),
        (limit, Some(false)) => format!("{was}, not within {}", format_seconds(limit)),
        (limit, None) => format!("not measured, objective {}", format_seconds(limit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objective_without_measurement_is_missed() {
        let objective =
            |objective_seconds, achieved_seconds, met| Objective { objective_seconds, achieved_seconds, met };
        let text = |objective: Objective| describe_miss(&objective, "too long:", "recovery time");
        assert_eq!(text(objective(None, None, None)), None);
        assert_eq!(text(objective(Some(60.0), Some(30.0), Some(true))), None);
        assert_eq!(text(objective(Some(60.0), Some(90.0), Some(false))), Some("too long: 1m 30s, objective 1m".into()));
        let unmeasured = Some("the recovery time could not be measured, objective 1m".into());
        assert_eq!(text(objective(Some(60.0), None, None)), unmeasured);
    }

    #[test]
    fn duration_format_depends_on_length() {
        for (duration, expected) in [
            (0.0, "0ms"),
            (0.001, "1ms"),
            (0.25, "0.2s"),
            (9.96, "10.0s"),
            (75.4, "1m 15s"),
            (86_400.0, "1d"),
            (180_000.0, "2d 2h"),
        ] {
            assert_eq!(format_seconds(Some(duration)), expected);
        }
        assert_eq!(format_seconds(None), "-");
    }
}
