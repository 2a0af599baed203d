//! Logs: lines for people on a terminal, JSON for machines. Each line of a request carries its id.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt};

use crate::settings::{Log, LogFormat};

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
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let done = if human {
        builder
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .try_init()
    } else {
        builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init()
    };
    done.map_err(|error| format!("logs cannot be set up: {error}"))
}
