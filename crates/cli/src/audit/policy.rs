//! The policy file: requirements of an organization, and exceptions.
//!
//! The format is TOML. Unknown keys are errors with their line, because a typo must not silently disable a requirement.
//! An exception has a reason and an end date, after which it no longer applies.

use std::{collections::BTreeMap, path::Path};

use chrono::{DateTime, NaiveDate, Utc};
use globset::{Glob, GlobMatcher};
use serde::{Deserialize, Deserializer, de::Error as _};
use toml::Spanned;

use crate::{
    audit::{finding::Finding, schedule::FREQUENCIES},
    ui::{
        exit::{Failure, Outcome},
        hints::{Command, Hint},
        prompts,
    },
};

/// A policy file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    /// The recovery point objective, such as "24h".
    #[serde(default, deserialize_with = "duration")]
    pub(crate) rpo: Option<std::time::Duration>,
    /// Minimum retention in days by frequency.
    #[serde(default, deserialize_with = "retention")]
    pub(crate) retention_days: BTreeMap<String, i64>,
    /// Required copy regions of every dedicated cluster.
    #[serde(default)]
    pub(crate) copy_regions: Vec<String>,
    /// Minimum restore window in days.
    pub(crate) point_in_time_days: Option<i64>,
    #[serde(default)]
    pub(crate) exceptions: Vec<Exception>,
}

/// An exception to rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    #[serde(deserialize_with = "some_rules")]
    rules: Vec<Spanned<String>>,
    project: Option<String>,
    #[serde(default, deserialize_with = "glob")]
    cluster: Option<GlobMatcher>,
    #[serde(deserialize_with = "some_text")]
    pub(crate) reason: String,
    #[serde(deserialize_with = "day")]
    pub(crate) until: NaiveDate,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// The file cannot be read, is invalid (the error names the line), or names a rule that `is_rule` does not know.
    pub(crate) async fn load(path: &Path, is_rule: fn(&str) -> bool) -> Outcome<Self> {
        let text = prompts::text_file(path.to_owned()).await.map_err(|source| {
            Failure::usage(
                format!("cannot read policy file {}: {source}", path.display()),
                "pass another file with `--policy`",
            )
        })?;
        let refused = |problem: String, hint: Hint| {
            Failure::usage(format!("invalid policy file {}: {problem}", path.display()), hint)
        };
        let policy =
            Self::parse(&text).map_err(|problem| refused(problem, "see docs/audit.md for the format".into()))?;
        match policy.exceptions.iter().flat_map(|exception| &exception.rules).find(|rule| !is_rule(rule.get_ref())) {
            Some(rule) => Err(refused(
                located(&text, rule.span().start, &format!("unknown rule {:?}", rule.get_ref())),
                Command::new("audit --rules").hint(" lists the rules"),
            )),
            None => Ok(policy),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| located(text, error.span().map_or(0, |span| span.start), error.message()))
    }

    /// Whether to report a finding: no exception applies at `now`.
    pub(crate) fn reports(&self, finding: &Finding, now: DateTime<Utc>) -> bool {
        !self.exceptions.iter().any(|exception| exception.covers(finding) && exception.until >= now.date_naive())
    }
}

impl Exception {
    fn covers(&self, finding: &Finding) -> bool {
        let project = self.project.is_none() || self.project == finding.project;
        let cluster = match (&self.cluster, &finding.cluster) {
            (None, _) => true,
            (Some(glob), Some(name)) => glob.is_match(name),
            (Some(_), None) => false,
        };
        self.rules.iter().any(|rule| *rule.get_ref() == finding.rule) && project && cluster
    }
}

/// Adds number and text of the line at `start` to a message.
fn located(text: &str, start: usize, problem: &str) -> String {
    let number = text.bytes().take(start).filter(|byte| *byte == b'\n').count();
    let line = text.lines().nth(number).unwrap_or_default().trim();
    format!("line {}: {} in `{line}`", number + 1, problem.replace('\n', " "))
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<std::time::Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text).map(Some).map_err(|_| D::Error::custom("rpo: expected a duration such as \"24h\""))
}

fn retention<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, i64>, D::Error> {
    let days = BTreeMap::<String, i64>::deserialize(deserializer)?;
    match days.iter().find(|(name, days)| !FREQUENCIES.contains(&name.as_str()) || **days < 1) {
        Some((name, days)) => Err(D::Error::custom(format!(
            "retention_days.{name} = {days}: expected one of {} and a number above 0",
            FREQUENCIES.join(", ")
        ))),
        None => Ok(days),
    }
}

fn some_rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Spanned<String>>, D::Error> {
    let names = Vec::<Spanned<String>>::deserialize(deserializer)?;
    if names.is_empty() { Err(D::Error::custom("rules: expected at least one rule")) } else { Ok(names) }
}

fn glob<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<GlobMatcher>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Glob::new(&text)
        .map(|glob| Some(glob.compile_matcher()))
        .map_err(|error| D::Error::custom(format!("cluster: {error}")))
}

fn some_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() { Err(D::Error::custom("reason: expected a text")) } else { Ok(text) }
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let date = toml::value::Datetime::deserialize(deserializer)?.to_string();
    date.parse().map_err(|_| D::Error::custom("until: expected a date such as 2027-01-31"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::finding::Severity;

    const WHOLE: &str = r#"
rpo = "12h"
copy_regions = ["US_WEST_2"]
point_in_time_days = 7
[retention_days]
daily = 30
[[exceptions]]
rules = ["copy-region-missing"]
cluster = "dev-*"
reason = "rebuilt from fixtures"
until = 2027-01-31
"#;

    fn finding(rule: &str, cluster: &str) -> Finding {
        let (rule, cluster) = (rule.to_owned(), Some(cluster.to_owned()));
        let severity = Severity::Warning;
        Finding {
            severity,
            rule,
            project: Some("p".to_owned()),
            cluster,
            message: String::new(),
            fix: String::new(),
            read_at: None,
        }
    }

    #[test]
    fn exception_applies_to_its_rules_clusters_and_dates() {
        let policy = Policy::parse(WHOLE).expect("a policy");
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day").and_hms_opt(12, 0, 0).expect("noon").and_utc();
        for (rule, cluster, on, reported) in [
            ("copy-region-missing", "dev-1", "2027-01-31", false),
            ("copy-region-missing", "dev-1", "2027-02-01", true),
            ("copy-region-missing", "prod-1", "2027-01-01", true),
            ("snapshot-age", "dev-1", "2027-01-01", true),
        ] {
            assert_eq!(policy.reports(&finding(rule, cluster), day(on)), reported, "{rule} {cluster} {on}");
        }
    }

    #[test]
    fn policy_file_error_names_line_and_key() {
        for (from, to, line, expected) in [
            ("rpo = \"12h\"", "rpoo = \"12h\"", 2, "rpoo"),
            ("rpo = \"12h\"", "rpo = \"twelve\"", 2, "rpo"),
            ("daily = 30", "dayly = 30", 5, "dayly"),
            ("daily = 30", "daily = \"30\"", 6, "daily"),
            ("dev-*", "dev-[", 9, "cluster"),
            ("rebuilt from fixtures", " ", 10, "reason"),
            ("until = 2027-01-31", "until = \"soon\"", 11, "until"),
            ("until = 2027-01-31", "", 7, "until"),
        ] {
            let problem = Policy::parse(&WHOLE.replace(from, to)).expect_err(to);
            assert!(problem.starts_with(&format!("line {line}: ")) && problem.contains(expected), "{to}: {problem}");
        }
    }
}
