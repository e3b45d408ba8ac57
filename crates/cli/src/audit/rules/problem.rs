//! A problem found by a rule, and shared text helpers.

/// A message and the command that fixes the problem.
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) fix: String,
}

/// A single problem.
pub(super) fn one(message: impl Into<String>, fix: String) -> Vec<Problem> {
    vec![Problem { message: message.into(), fix }]
}

/// The flag that sets the retention of a frequency and keeps its interval.
pub(super) fn flag(frequency: &str, interval: Option<i64>, days: i64) -> String {
    let usual = match frequency {
        "hourly" | "weekly" => 6,
        "monthly" => 40,
        "yearly" => 12,
        _ => 1,
    };
    format!("--{frequency} {}:{days}d", interval.unwrap_or(usual))
}

/// A count and its noun.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
