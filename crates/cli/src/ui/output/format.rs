//! Output formats and the flags that select them.

use clap::{Args, ValueEnum};

use super::query::Query;
use crate::ui::exit::{Failure, Outcome};

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people, with relative times and rounded sizes.
    Table,
    /// Like table, with all columns.
    Wide,
    /// Documents as the service sent them; a list is one array.
    Json,
    /// Documents as the service sent them, one per line.
    Ndjson,
    /// Columns with exact values and a heading.
    Csv,
    /// Findings of `audit` as JUnit test cases.
    Junit,
    /// Metrics of `audit` for the textfile collector of Prometheus.
    Prometheus,
}

/// Flags that select the output format.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct OutputFlags {
    /// Output format [default: table; json with --query; `api` always prints JSON].
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
    /// Apply a jq filter to the JSON: to the whole list, or with `-o ndjson` to each document.
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) query: Option<Query>,
    /// Print string results of `--query` without quotes.
    #[arg(short, long, global = true)]
    pub(crate) raw: bool,
    /// With `-o csv`: keep control characters, and texts that a spreadsheet takes for a formula.
    #[arg(long, global = true)]
    pub(crate) exact: bool,
}

impl OutputFlags {
    /// The selected format. A query implies JSON.
    pub(crate) fn format(&self) -> Format {
        self.output.unwrap_or(if self.query.is_some() { Format::Json } else { Format::Table })
    }

    /// Rejects flags that contradict each other.
    ///
    /// # Errors
    /// A query over a format that is not JSON, or `--raw` without a query.
    pub(crate) fn check(&self) -> Outcome {
        if self.raw && self.query.is_none() {
            return Err(Failure::usage("--raw requires --query", "pass `--query FILTER`"));
        }
        if self.exact && self.format() != Format::Csv {
            return Err(Failure::usage("--exact requires CSV output", "pass `-o csv`, or omit `--exact`"));
        }
        match (self.format(), &self.query) {
            (Format::Table | Format::Wide | Format::Csv | Format::Junit | Format::Prometheus, Some(_)) => {
                Err(Failure::usage("--query requires JSON output", "omit `-o`, or use `-o json` or `-o ndjson`"))
            }
            _ => Ok(()),
        }
    }
}
