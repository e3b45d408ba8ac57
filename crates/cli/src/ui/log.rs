//! The log of the library on standard error, in the style of our messages.
//!
//! Warnings always show, because a version that is about to be switched off affects every run. With `--verbose`, each
//! call shows its status and duration. The library logs no secrets.

use std::{fmt, time::Instant};

use console::StyledObject;
use tracing::{
    Event, Level, Subscriber,
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::{DefaultFields, Writer},
    },
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use super::messages;

/// Starts printing log events.
pub(crate) fn to_stderr(verbose: bool) {
    let level = if verbose { Level::DEBUG } else { Level::WARN };
    let filter = Targets::new()
        .with_target("atlas_backup", level)
        // The log of the temporary emulator would repeat the same calls.
        .with_target("atlas_backup_emulator", Level::ERROR);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(messages::writer)
        .with_ansi(messages::is_terminal() && console::colors_enabled_stderr())
        .event_format(LogFormat);
    tracing_subscriber::registry().with(filter).with(lines).with(verbose.then_some(Calls)).init();
}

/// Prints a line when a call ends.
struct Calls;

/// The start of a call.
struct StartTime(Instant);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Calls {
    fn on_new_span(&self, _attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(StartTime(Instant::now()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id).filter(|span| span.name() == "atlas_call") else { return };
        let extensions = span.extensions();
        let fields = extensions.get::<FormattedFields<DefaultFields>>().map_or("", |fields| fields.as_str());
        let elapsed = extensions.get::<StartTime>().map_or(0, |start| start.0.elapsed().as_millis());
        messages::line(format_args!("{} atlas_call {fields} took {elapsed} ms", debug()));
    }
}

fn debug() -> StyledObject<&'static str> {
    console::style("debug:").for_stderr().dim()
}

/// Formats `warning: message fields`, followed by the fields of the enclosing call.
struct LogFormat;

impl<S, N> FormatEvent<S, N> for LogFormat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let label = match *event.metadata().level() {
            Level::ERROR => console::style("error:").for_stderr().red().bold(),
            Level::WARN => console::style("warning:").for_stderr().yellow().bold(),
            _ => debug(),
        };
        write!(out, "{label} ")?;
        context.format_fields(out.by_ref(), event)?;
        for span in context.event_scope().into_iter().flatten() {
            write!(out, " {}", span.name())?;
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>().filter(|fields| !fields.is_empty()) {
                write!(out, " {fields}")?;
            }
        }
        writeln!(out)
    }
}
