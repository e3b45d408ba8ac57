//! The formats, and the flags that choose one.

use clap::{Args, ValueEnum};

use super::query::Query;
use crate::ui::exit::{Failure, Outcome};

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people: times relative, sizes rounded.
    Table,
    /// The same with every column, however narrow the terminal.
    Wide,
    /// The documents as the service sent them; a list is one array.
    Json,
    /// The documents as the service sent them, one a line.
    Ndjson,
    /// Columns with exact values and a heading, for spreadsheets and databases.
    Csv,
    /// Findings of `audit` as test cases, for build servers.
    Junit,
    /// Counts of `audit` as gauges, for Prometheus's textfile collector.
    Prometheus,
}

/// How to print.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct OutputFlags {
    /// How to print [default: table, with --query json; `api` prints the service's JSON].
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
    /// Prints what a jq filter makes of the JSON: of a list as one array, with `-o ndjson` of each document.
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) query: Option<Query>,
    /// Prints the strings that `--query` finds without quotes.
    #[arg(short, long, global = true)]
    pub(crate) raw: bool,
}

impl OutputFlags {
    /// The format: a query works on JSON.
    pub(crate) fn format(&self) -> Format {
        self.output.unwrap_or(if self.query.is_some() { Format::Json } else { Format::Table })
    }

    /// Refuses flags that contradict each other.
    ///
    /// # Errors
    /// A query over a format that is not JSON, or `--raw` without a query.
    pub(crate) fn check(&self) -> Outcome {
        if self.raw && self.query.is_none() {
            return Err(Failure::usage("--raw is about what `--query` finds", "add `--query FILTER`"));
        }
        match (self.format(), &self.query) {
            (Format::Table | Format::Wide | Format::Csv | Format::Junit | Format::Prometheus, Some(_)) => {
                Err(Failure::usage("--query works on JSON", "leave `-o` out, or use `-o json` or `-o ndjson`"))
            }
            _ => Ok(()),
        }
    }
}
