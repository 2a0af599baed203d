//! The `breezeblock` program: arguments, settings, logs, and then the application.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use breezeblock::{
    app::{self, Application, Sources},
    settings::{Settings, Strategy},
    telemetry,
};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The Cinder v3 block-storage snapshot service.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and work on what it accepts.
    Serve(File),
    /// Bring the database's schema up to date, then end.
    Migrate(File),
    /// Say whether the settings fit, then end.
    CheckConfig(File),
}

#[derive(Debug, clap::Args)]
struct File {
    /// Settings that override the defaults; the environment (`BREEZEBLOCK__SECTION__KEY`) overrides both.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // Logs may not be set up yet, and this is for whoever typed the command.
            let _closed = writeln!(std::io::stderr(), "breezeblock: {reason}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), String> {
    let (Command::Serve(file) | Command::Migrate(file) | Command::CheckConfig(file)) = &command;
    // Texts that are not UTF-8 cannot be settings of ours.
    let environment =
        std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
    let settings = Settings::load(file.config.as_deref(), environment).map_err(|error| error.to_string())?;
    if let Command::CheckConfig(_) = command {
        let _closed = writeln!(std::io::stdout(), "the settings fit");
        return Ok(());
    }
    telemetry::init(&settings.log)?;
    match command {
        Command::Migrate(_) => {
            let store = app::open_store(&settings).await.map_err(|error| describe(&error))?;
            store.close().await;
            tracing::info!("the schema is up to date");
            Ok(())
        }
        Command::Serve(_) => serve(settings).await,
        Command::CheckConfig(_) => Ok(()),
    }
}

async fn serve(settings: Settings) -> Result<(), String> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let strategy = settings.auth.strategy;
    let application = Application::build(settings, Sources::default())
        .await
        .map_err(|error| describe(&error))?;
    let address = application.address().map_err(|error| error.to_string())?;
    let hint = match strategy {
        Strategy::NoAuth => format!(
            "try: OS_AUTH_TYPE=noauth OS_USER_ID=demo OS_PROJECT_ID=0123456789abcdef0123456789abcdef \
             CINDER_ENDPOINT=http://{address}/v3 cinder list"
        ),
        Strategy::Keystone => "callers are identified by keystone.auth_url".to_owned(),
    };
    tracing::info!("listening on http://{address}; {hint}");
    let signalled = async {
        tokio::select! {
            _signal = terminate.recv() => {}
            _signal = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        stop.cancel();
        // The application ends the wait.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = application.run(stop.clone()) => ended.map_err(|error| describe(&error)),
        () = signalled => Ok(()),
    }
}

/// An error with its causes, in one line.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
