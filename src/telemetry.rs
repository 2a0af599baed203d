//! Logs: lines for people on a terminal, JSON for machines. Each line of a request carries its id.

use std::{fmt, io::IsTerminal};

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields, MakeWriter,
        format::{self, DefaultFields, JsonFields, Writer},
    },
    registry::LookupSpan,
};

use crate::{
    settings::{Log, LogFormat},
    trail,
};

/// Sends all logs of this process to standard error.
///
/// # Errors
/// A text when the filter cannot be read or logs are already set up.
pub fn init(settings: &Log) -> Result<(), String> {
    let filter = EnvFilter::try_new(&settings.filter).map_err(|error| format!("setting log.filter: {error}"))?;
    let human = match settings.format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    start(filter, human, std::io::stderr().is_terminal(), std::io::stderr)
}

/// Sends all logs of this process to a writer.
///
/// # Errors
/// A text when logs are already set up.
pub fn start(
    filter: EnvFilter,
    human: bool,
    colours: bool,
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
) -> Result<(), String> {
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let done = if human {
        let format = format::format().with_target(false).with_ansi(colours);
        let fields = DefaultFields::new();
        builder
            .with_ansi(colours)
            .fmt_fields(fields)
            .event_format(OfRequest(format))
            .try_init()
    } else {
        let format = format::json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false);
        builder
            .fmt_fields(JsonFields::new())
            .event_format(OfRequest(format))
            .try_init()
    };
    done.map_err(|error| format!("logs cannot be set up: {error}"))
}

/// Writes a line as within the span of the request that it belongs to.
struct OfRequest<F>(F);

impl<S, N, F> FormatEvent<S, N> for OfRequest<F>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let _until_written = trail::span().map(tracing::Span::entered);
        self.0.format_event(context, writer, event)
    }
}
